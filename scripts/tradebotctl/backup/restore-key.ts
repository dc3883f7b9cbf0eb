import { existsSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { checkOut } from '../files/check-out.ts'
import { syncFolder } from '../files/write-atomically.ts'
import { keyFile, makeKeyFile, readKeyFile, retiredKeyFile } from '../keys/key-files.ts'
import type { Manifest } from './records.ts'
import type { RestoreResult } from './result-shape.ts'
import { keyInside } from './unlock.ts'

export type KeyPlan = {
  dataDir: string
  /** Of TRADEBOT_MASTER_KEY. */
  fromEnvironment: Buffer | undefined
  /** DATABASE_URL is set: TradeBot asks for the variable then, not for the file. */
  elsewhere: boolean
  out: string | undefined
  replace: boolean
}

export type KeyStep = {
  told: Pick<RestoreResult, 'masterKey' | 'masterKeyFile' | 'retiredKeyFile'>
  /** Before the books are there: what a kill leaves then is a key too many, never one too few. */
  prepare: () => void
  /** When they are. */
  finish: () => void
  /** They never came. */
  undo: () => void
}

const restoringFile = (dataDir: string) => path.join(dataDir, 'master.key.restoring')

/** What becomes of the master key in the backup. @throws RefusedError MASTER_KEY_OTHER, MASTER_KEY_UNSET */
export function planKey(manifest: Manifest, plan: KeyPlan): KeyStep {
  const { dataDir, fromEnvironment, out } = plan
  const text = manifest.masterKey
  const nothing = { prepare: () => undefined, finish: () => undefined, undo: () => undefined }
  const kept = { masterKey: 'KEPT', masterKeyFile: null, retiredKeyFile: null } as const
  if (text === null)
    return {
      ...nothing,
      told: { ...kept, masterKey: manifest.masterKeyFingerprint === null ? 'NONE' : 'KEPT' },
    }
  const key = keyInside(text)
  if (out !== undefined) {
    checkOut(out)
    if (existsSync(out))
      throw new CouldNotError('KEY_FILE_EXISTS', `${out} is there already, and is not overwritten.`)
    const step = {
      prepare: () => makeKeyFile(out, key),
      finish: () => undefined,
      undo: () => rmSync(out, { force: true }),
    }
    return { ...step, told: { masterKey: 'OUT', masterKeyFile: out, retiredKeyFile: null } }
  }
  if (fromEnvironment?.equals(key)) return { ...nothing, told: kept }
  if (fromEnvironment !== undefined) throw otherKey('TRADEBOT_MASTER_KEY is', key, fromEnvironment, OUT_HINT)
  if (plan.elsewhere)
    throw new RefusedError(
      'MASTER_KEY_UNSET',
      'With DATABASE_URL the master key is TRADEBOT_MASTER_KEY, and it is not set.',
      {
        hint: OUT_HINT,
      },
    )
  const file = keyFile(dataDir)
  const here = readKeyFile(file)
  if (here?.equals(key)) return { ...nothing, told: kept }
  if (here === undefined) {
    const step = {
      prepare: () => makeKeyFile(file, key),
      finish: () => undefined,
      undo: () => rmSync(file, { force: true }),
    }
    return { ...step, told: { masterKey: 'WRITTEN', masterKeyFile: file, retiredKeyFile: null } }
  }
  if (!plan.replace)
    throw otherKey(
      `${file} holds`,
      key,
      here,
      'With --replace it is kept beside, and the one of the backup takes its place.',
    )
  const [waiting, retired] = [restoringFile(dataDir), retiredKeyFile(dataDir, here)]
  return {
    told: { masterKey: 'REPLACED', masterKeyFile: file, retiredKeyFile: retired },
    prepare: () => {
      rmSync(waiting, { force: true })
      makeKeyFile(waiting, key)
      if (readKeyFile(retired) === undefined) makeKeyFile(retired, here)
    },
    finish: () => {
      renameSync(waiting, file)
      syncFolder(dataDir)
    },
    undo: () => rmSync(waiting, { force: true }),
  }
}

/**
 * A restore that was killed between the books and their key: the key that waits takes its place if the books are its own, and goes if not.
 * Answers whether it took it.
 */
export function finishKey(dataDir: string, fingerprint: string | null): boolean {
  const waiting = restoringFile(dataDir)
  const key = readKeyFile(waiting)
  if (key === undefined) return false
  const belongs = fingerprint === masterKeyFingerprint(key)
  if (belongs) renameSync(waiting, keyFile(dataDir))
  else rmSync(waiting)
  syncFolder(dataDir)
  return belongs
}

const OUT_HINT =
  'Say --master-key-out FILE: the key of the backup is written there (0600), and TRADEBOT_MASTER_KEY must be set to it before TradeBot starts.'

function otherKey(where: string, inside: Buffer, here: Buffer, hint: string): RefusedError {
  const [theirs, ours] = [inside, here].map((key) => `${masterKeyFingerprint(key).slice(0, 8)}…`)
  return new RefusedError(
    'MASTER_KEY_OTHER',
    `${where} another master key (${ours}) than the one of the backup (${theirs}), whose exchange secrets it could not read.`,
    { hint },
  )
}
