import { lstatSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { startTimeOf } from '../../process-identity.ts'
import { takeLockFile, type Lock } from '../../supervisor/lock.ts'
import { CouldNotError } from '../frame/errors.ts'
import { LAYOUT } from '../place/layout.ts'
import { isBesideRelease } from './folders.ts'

/** At most one update, rollback, repair or install at a time. @throws CouldNotError UPDATE_RUNNING */
export async function underLock<Value>(
  root: string,
  work: () => Promise<Value>,
  name: string = LAYOUT.lock,
): Promise<Value> {
  const lock = takeUpdateLock(root, name)
  try {
    return await work()
  } finally {
    lock.release()
  }
}

function takeUpdateLock(root: string, name: string): Lock {
  const taken = tryLock(root, name)
  if ('holder' in taken)
    throw new CouldNotError(
      'UPDATE_RUNNING',
      `Another tradebotctl is changing ${root} just now (process ${taken.holder.pid}).`,
      { hint: 'Wait for it to end, then run this again.' },
    )
  return taken
}

/** @throws CouldNotError LOCK_FOREIGN: whoever reads a FIFO waits for ever */
function tryLock(root: string, name: string): ReturnType<typeof takeLockFile> {
  const file = path.join(root, name)
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new CouldNotError('LOCK_FOREIGN', `${file} is no lock of TradeBot's: it is not even a file.`, {
      hint: 'Move it away, then run this again.',
    })
  return takeLockFile(file)
}

/** Whether somebody is at it, without waiting or taking over anything for longer than this call. */
export function tryUpdateLock(root: string): Lock | undefined {
  const taken = tryLock(root, LAYOUT.lock)
  return 'holder' in taken ? undefined : taken
}

/** Removes the drafts of files that processes left which were killed just then: `<name>.<pid>.next`, `update.lock.<pid>`. Under the lock. */
export function sweepDrafts(root: string): void {
  for (const folder of [root, path.join(root, LAYOUT.bin), path.join(root, LAYOUT.trusted)])
    for (const name of entriesOf(folder)) {
      const pid = draftOf(name)
      const file = path.join(folder, name)
      if (pid === undefined || startTimeOf(pid) !== undefined) continue
      if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(file, { force: true })
    }
}

/** Removes what stands beside the releases and is none, when nothing is being made. Under the lock. */
export function sweepReleases(root: string): void {
  const releases = path.join(root, LAYOUT.releases)
  for (const name of entriesOf(releases))
    if (isBesideRelease(name)) rmSync(path.join(releases, name), { recursive: true, force: true })
}

/** The process whose draft a file of this name is. */
export function draftOf(name: string): number | undefined {
  const match = /^(?:.+\.(?<of>\d+)\.next|update\.lock\.(?:stale\.)?(?<lock>\d+))$/.exec(name)
  const pid = match?.groups?.['of'] ?? match?.groups?.['lock']
  return pid === undefined ? undefined : Number(pid)
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
