import path from 'node:path'
import packageJson from '../../../package.json' with { type: 'json' }
import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { readMasterKeyState } from '#trading/store/master-key.ts'
import type { Tx } from '#trading/store/pool.ts'
import { withDatabase } from '../database/open-database.ts'
import { settingsOf } from '../place/settings.ts'
import type { Context } from '../frame/context.ts'
import { InterruptedError, RefusedError, UsageError } from '../frame/errors.ts'
import { openSession } from './copy-settings.ts'
import { dumpDatabase } from './dump.ts'
import { makeEnvelope, type Unlock } from './envelope.ts'
import { withBackup } from './read-backup.ts'
import type { BackupResult } from './result-shape.ts'
import { masterKeyHere, newPassphrase, unlockFor } from './unlock.ts'
import { refuseExisting, writeBackupFile } from './write-backup-file.ts'

export type BackupInput = {
  out?: string | undefined
  check?: string | undefined
  passphraseFile?: string | undefined
  underMasterKey?: boolean | undefined
  force?: boolean | undefined
}

/** `tradebotctl backup`: database and master key into one encrypted file; with --check, whether such a file is whole. */
export async function runBackup(
  input: BackupInput,
  context: Context,
): Promise<{ exitCode: 0; result: BackupResult; text: string }> {
  if ((input.out === undefined) === (input.check === undefined))
    throw new UsageError('Say either --out FILE, to make a backup, or --check FILE, to check one.')
  if (input.underMasterKey === true && input.passphraseFile !== undefined)
    throw new UsageError('--under-master-key and --passphrase-file exclude each other.')
  try {
    const result =
      input.check === undefined
        ? await makeBackup(input, path.resolve(input.out ?? ''), context)
        : await checkBackup(input, path.resolve(input.check), context)
    return { exitCode: 0, result, text: textOf(result) }
  } catch (error) {
    // What was under way broke off because it was told to.
    if (context.signal.aborted) throw new InterruptedError()
    throw error
  }
}

async function makeBackup(input: BackupInput, file: string, context: Context): Promise<BackupResult> {
  const force = input.force === true
  refuseExisting(file, force)
  const settings = settingsOf(context)
  const masterKey = masterKeyHere(settings)
  const passphrase = input.underMasterKey ? null : await newPassphrase(context, input.passphraseFile)
  const unlock = unlockBy(passphrase, masterKey)
  return withDatabase(context, async ({ url }) => {
    const session = openSession(url)
    const client = await session.connect()
    try {
      const createdAt = new Date().toISOString()
      const counts = { tables: 0, rows: 0 }
      const inside = unlock.kind === 'masterKey' ? null : (masterKey ?? null)
      const dumped = dumpDatabase(
        client,
        { inside, createdAt, counts, approve: (tx) => refuseOtherKey(tx, masterKey) },
        (table, done, total) => context.progress.show(`Backing up ${table}`, done, Math.max(done, total)),
      )
      const options = { force, signal: context.signal }
      const written = await writeBackupFile(file, await makeEnvelope(unlock), dumped, options)
      return {
        path: file,
        checked: false,
        createdAt,
        tradebotVersion: packageJson.version,
        encryptedFor: unlock.kind,
        masterKeyInside: inside !== null,
        ...written,
        ...counts,
      }
    } finally {
      client.release(true)
      await session.end()
    }
  })
}

function unlockBy(passphrase: string | null, masterKey: Buffer | undefined): Unlock {
  if (passphrase !== null) return { kind: 'passphrase', passphrase }
  if (masterKey !== undefined) return { kind: 'masterKey', masterKey }
  throw new RefusedError(
    'MASTER_KEY_MISSING',
    'There is no master key here that the backup could be under.',
    {
      hint: 'Leave --under-master-key away and give a passphrase.',
    },
  )
}

/** A backup whose key does not read its secrets would be found out when it is needed. */
async function refuseOtherKey(tx: Tx, masterKey: Buffer | undefined): Promise<void> {
  const { fingerprint, rotation } = await readMasterKeyState(tx)
  if (rotation?.finishedAt === null)
    throw new RefusedError(
      'ROTATION_UNFINISHED',
      'A change of the master key was interrupted: secrets are under two keys, and a backup holds one.',
      { hint: 'Finish it with tradebotctl keys rotate, then make the backup.' },
    )
  if (fingerprint === null || (masterKey !== undefined && masterKeyFingerprint(masterKey) === fingerprint))
    return
  throw new RefusedError(
    masterKey === undefined ? 'MASTER_KEY_MISSING' : 'MASTER_KEY_OTHER',
    `The exchange secrets in this database are under the master key ${fingerprint.slice(0, 8)}…, and that one is not here.`,
    { hint: 'Put it back (master.key in the data dir, or TRADEBOT_MASTER_KEY), then make the backup.' },
  )
}

async function checkBackup(input: BackupInput, file: string, context: Context): Promise<BackupResult> {
  return withBackup(file, async (backup) => {
    const { recipient } = backup.envelope
    const place = recipient.kind === 'masterKey' ? settingsOf(context) : { masterKey: undefined, dataDir: '' }
    const unlock = await unlockFor(context, backup.envelope, place, input.passphraseFile)
    const { manifest, tables, rows, sha256 } = await backup.read(unlock, async () => undefined, {
      signal: context.signal,
      onProgress: (done) => context.progress.show('Checking', done, backup.bytes),
    })
    return {
      path: file,
      checked: true,
      createdAt: manifest.createdAt,
      tradebotVersion: manifest.tradebotVersion,
      encryptedFor: recipient.kind,
      masterKeyInside: manifest.masterKey !== null,
      bytes: backup.bytes,
      sha256,
      tables,
      rows,
    }
  })
}

function textOf(result: BackupResult): string {
  const opens = result.encryptedFor === 'passphrase' ? 'its passphrase' : "this installation's master key"
  return [
    result.checked ? `The backup is whole: ${result.path}` : `Backed up to ${result.path}`,
    `  made at         ${result.createdAt}, by TradeBot ${result.tradebotVersion}`,
    `  holds           ${result.rows} rows of ${result.tables} tables${result.masterKeyInside ? ', and the master key' : ', without the master key'}`,
    `  size            ${result.bytes} bytes, SHA-256 ${result.sha256}`,
    `  is opened by    ${opens}; without it nobody can read it, nor can you`,
    ...(result.checked ? [] : [`Check it where it is kept with: tradebotctl backup --check ${result.path}`]),
  ].join('\n')
}
