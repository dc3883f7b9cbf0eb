import { randomBytes } from 'node:crypto'
import { chmodSync, renameSync, rmSync } from 'node:fs'
import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { parseMasterKey } from '#trading/config/variables.ts'
import type { MasterKeyState } from '#trading/store/master-key.ts'
import type { Context } from '../frame/context.ts'
import { RefusedError, UsageError } from '../frame/errors.ts'
import { readSecret } from '../frame/secrets.ts'
import { syncFolder } from '../files/write-atomically.ts'
import {
  keyFile,
  makeKeyFile,
  nextKeyFile,
  readKeyFile,
  readRetiredKeys,
  retiredKeyFile,
} from './key-files.ts'

/** Where the two keys come from, and where the new one goes: files of the data dir, or a variable that people set. */
export type KeySource = {
  /** The key in use, as far as this place knows. */
  current: Buffer
  /** The key of this fingerprint; undefined when it is not here. */
  find: (fingerprint: string) => Buffer | undefined
  /** The new key; it is on disk when this returns. */
  makeNew: () => Buffer
  /** Puts the new key into use; every secret is under it. Can be done twice. */
  putInUse: (from: Buffer, to: Buffer) => void
  /** No secret is under the new key any more. */
  forgetNew: () => void
  /** What is to be done, and where the keys are, once it is finished. */
  says: (from: Buffer) => { oldKey: string; newKey: string; next: string }
}

export type KeyInput = { newKeyFile?: string | undefined; generateTo?: string | undefined }

/** The embedded database's key, a file of the data dir. */
export function keysInFolder(dataDir: string, input: KeyInput): KeySource {
  if (input.newKeyFile !== undefined || input.generateTo !== undefined)
    throw new UsageError(
      `The master key is the file ${keyFile(dataDir)} here, and its successor is made by itself: leave --new-key-file and --generate-to away.`,
    )
  const current = readKeyFile(keyFile(dataDir))
  if (current === undefined)
    throw new RefusedError('MASTER_KEY_MISSING', `There is no master key at ${keyFile(dataDir)}.`, {
      hint: 'Put it back; tradebotctl restore brings it back from a backup.',
    })
  const next = nextKeyFile(dataDir)
  return {
    current,
    find: (fingerprint) =>
      [current, readKeyFile(next), ...readRetiredKeys(dataDir)].find(
        (key) => key !== undefined && masterKeyFingerprint(key) === fingerprint,
      ),
    makeNew() {
      // One that a killed run left has the same worth as another: no secret is under it yet.
      const left = readKeyFile(next)
      if (left !== undefined) return left
      const key = randomBytes(32)
      makeKeyFile(next, key)
      return key
    },
    putInUse(from, to) {
      const waiting = readKeyFile(next)
      if (waiting === undefined || !waiting.equals(to)) return
      const retired = retiredKeyFile(dataDir, from)
      if (readKeyFile(retired) === undefined) makeKeyFile(retired, from)
      chmodSync(next, 0o600)
      renameSync(next, keyFile(dataDir))
      syncFolder(dataDir)
    },
    forgetNew() {
      rmSync(next, { force: true })
      syncFolder(dataDir)
    },
    says: (from) => ({
      oldKey: `${retiredKeyFile(dataDir, from)}: ${WHO_NEEDS_IT}`,
      newKey: keyFile(dataDir),
      next: 'Start TradeBot again, and make a backup: older ones have secrets under the old key.',
    }),
  }
}

/** The key that TRADEBOT_MASTER_KEY gives on each machine. */
export async function keysOfVariable(context: Context, current: Buffer, input: KeyInput): Promise<KeySource> {
  const { newKeyFile, generateTo } = input
  if ((newKeyFile === undefined) === (generateTo === undefined))
    throw new UsageError(
      'The master key is TRADEBOT_MASTER_KEY here, so the new one has to be given: --new-key-file FILE (- for standard input), or --generate-to FILE, which makes one.',
    )
  const given = newKeyFile === undefined ? undefined : await readNewKey(context, newKeyFile)
  if (given?.equals(current)) throw new UsageError('The new master key is the present one.')
  const keys = [current, ...(given === undefined ? [] : [given])]
  return {
    current,
    find: (fingerprint) => keys.find((key) => masterKeyFingerprint(key) === fingerprint),
    makeNew() {
      if (given !== undefined) return given
      const key = randomBytes(32)
      if (generateTo !== undefined) makeKeyFile(generateTo, key)
      return key
    },
    putInUse: () => undefined,
    forgetNew: () => undefined,
    says: () => ({
      oldKey: `what TRADEBOT_MASTER_KEY is now: ${WHO_NEEDS_IT}`,
      newKey: generateTo ?? (newKeyFile === '-' ? 'as given' : (newKeyFile ?? '')),
      next: 'Set TRADEBOT_MASTER_KEY to the new key on every machine, then start TradeBot again, and make a backup.',
    }),
  }
}

/** One under a passphrase brings its key along. */
const WHO_NEEDS_IT =
  'keep it, for backups made before now with --under-master-key cannot be read without it (those under a passphrase can)'

async function readNewKey(context: Context, file: string): Promise<Buffer> {
  const key = parseMasterKey((await readSecret(context, file, '--new-key-file', 'The new master key')).trim())
  if (key !== undefined) return key
  throw new UsageError(
    '--new-key-file: the new master key must be 32 bytes in base64 (make one with --generate-to FILE).',
  )
}

/** Which two keys it is about: those of a change that was interrupted, or the present one and a new one. */
export type Choice =
  /** Nothing is under a new key. */
  | { stage: 'BEGIN'; from: Buffer }
  | { stage: 'RESUME'; from: Buffer; to: Buffer }
  /** Every secret is under the new key, which is not in use yet. */
  | { stage: 'PUT_IN_USE'; from: Buffer; to: Buffer }
  /** The new key of the change is not here. */
  | { stage: 'LOST'; from: Buffer; to: string }

/** @throws RefusedError when the keys here are not those of the database */
export function chooseKeys(source: KeySource, { fingerprint, rotation }: MasterKeyState): Choice {
  const current = masterKeyFingerprint(source.current)
  if (rotation?.finishedAt === null) {
    const from = source.find(rotation.from)
    const to = source.find(rotation.to)
    if (from === undefined) throw notHere('old', rotation.from)
    return to === undefined ? { stage: 'LOST', from, to: rotation.to } : { stage: 'RESUME', from, to }
  }
  if (fingerprint === null || fingerprint === current) return { stage: 'BEGIN', from: source.current }
  const to = source.find(fingerprint)
  if (rotation?.from === current && rotation.to === fingerprint && to !== undefined)
    return { stage: 'PUT_IN_USE', from: source.current, to }
  throw new RefusedError(
    'MASTER_KEY_WRONG',
    `The master key here (fingerprint ${current.slice(0, 8)}) is not the one of the database (${fingerprint.slice(0, 8)}).`,
    { hint: 'Give the right master key back first.' },
  )
}

export function notHere(which: 'old' | 'new', fingerprint: string): RefusedError {
  return new RefusedError(
    'ROTATION_KEY_MISSING',
    `A change of the master key was interrupted, and its ${which} key (fingerprint ${fingerprint.slice(0, 8)}) is not here.`,
    {
      hint: 'Put the key file back into the data dir (master.key, master.key.next), or give the same TRADEBOT_MASTER_KEY and --new-key-file as before.',
    },
  )
}
