import { parseMasterKey } from '#trading/config/variables.ts'
import type { Context } from '../frame/context.ts'
import { RefusedError, UsageError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import { keyFile, readKeyFile } from '../keys/key-files.ts'
import type { Envelope, Unlock } from './envelope.ts'

const SHORTEST = 12

/** A new passphrase; at a terminal it is asked twice. @throws UsageError when it is too short */
export async function newPassphrase(context: Context, file: string | undefined): Promise<string> {
  const passphrase = await readPassphrase(context, file)
  if (passphrase.length < SHORTEST)
    throw new UsageError(
      `The passphrase must have at least ${SHORTEST} characters: whoever has the file may try as many as they like.`,
    )
  if (file === undefined && (await readSecret(context, file, '', 'The same again')) !== passphrase)
    throw new UsageError('The two passphrases are not the same.')
  return passphrase
}

function readPassphrase(context: Context, file: string | undefined): Promise<string> {
  return readSecret(context, file, '--passphrase-file', 'The passphrase of the backup')
}

/** What opens this backup: the passphrase, or the master key of this place. */
export async function unlockFor(
  context: Context,
  { recipient }: Envelope,
  place: { masterKey: Buffer | undefined; dataDir: string },
  passphraseFile: string | undefined,
): Promise<Unlock> {
  if (recipient.kind === 'passphrase') {
    return { kind: 'passphrase', passphrase: await readPassphrase(context, passphraseFile) }
  }
  const masterKey = masterKeyHere(place)
  if (masterKey !== undefined) return { kind: 'masterKey', masterKey }
  throw new RefusedError(
    'MASTER_KEY_MISSING',
    `The backup is encrypted under the master key ${recipient.fingerprint.slice(0, 8)}…, and there is none here.`,
    { hint: `Put it back at ${keyFile(place.dataDir)}, or set TRADEBOT_MASTER_KEY.` },
  )
}

/** Of the variable, or of the data dir's file; never made. */
export function masterKeyHere(place: { masterKey: Buffer | undefined; dataDir: string }): Buffer | undefined {
  return place.masterKey ?? readKeyFile(keyFile(place.dataDir))
}

/** @throws RefusedError when the backup's own field holds no key */
export function keyInside(text: string): Buffer {
  const key = parseMasterKey(text)
  if (key !== undefined) return key
  throw new RefusedError('BACKUP_UNREADABLE', 'The master key in the backup is none.')
}
