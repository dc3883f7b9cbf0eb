import {
  chownSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { readIfThere } from '#trading/config/read-file.ts'
import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { parseMasterKey } from '#trading/config/variables.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { syncFolder } from '../files/write-atomically.ts'

/** Where the master key of an embedded installation is, and what a rotation puts beside it. */
export const keyFile = (dataDir: string) => path.join(dataDir, 'master.key')
export const nextKeyFile = (dataDir: string) => path.join(dataDir, 'master.key.next')
export const retiredKeyFile = (dataDir: string, key: Buffer) =>
  path.join(dataDir, `master.key.retired-${masterKeyFingerprint(key).slice(0, 8)}`)

/** Undefined when there is no such file. @throws RefusedError when it holds no key */
export function readKeyFile(file: string): Buffer | undefined {
  const text = readIfThere(file)
  if (text === undefined) return undefined
  const key = parseMasterKey(text.trim())
  if (key !== undefined) return key
  throw new RefusedError('KEY_FILE_WRONG', `${file} does not hold 32 bytes in base64.`, {
    hint: 'A key is made with: openssl rand -base64 32',
  })
}

/** The keys that earlier rotations retired. */
export function readRetiredKeys(dataDir: string): Buffer[] {
  const names = readdirSync(dataDir).filter((name) => /^master\.key\.retired-[0-9a-f]{8}$/.test(name))
  return names.flatMap((name) => readKeyFile(path.join(dataDir, name)) ?? [])
}

/**
 * Makes a file (0600) that holds the key; content and name are on disk when this returns, and it is never seen half written. It belongs to
 * whom the folder belongs to, for root may do this for the account that TradeBot runs as.
 * @throws CouldNotError KEY_FILE_EXISTS
 */
export function makeKeyFile(file: string, key: Buffer): void {
  const draft = `${file}.draft`
  // A draft that a killed run left: nothing was ever encrypted with it.
  rmSync(draft, { force: true })
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, `${key.toString('base64')}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    giveToOwnerOf(path.dirname(file), draft)
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new CouldNotError('KEY_FILE_EXISTS', `${file} is there already, and is not overwritten.`, {
      cause: error,
      hint: 'If it holds the new key of a rotation that was interrupted, give it with --new-key-file; otherwise name another file.',
    })
  } finally {
    rmSync(draft, { force: true })
  }
  syncFolder(path.dirname(file))
}

function giveToOwnerOf(folder: string, file: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(folder)
  chownSync(file, uid, gid)
}
