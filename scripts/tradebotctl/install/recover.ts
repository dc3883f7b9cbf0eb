import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { syncFolder } from '../files/write-atomically.ts'
import { LAYOUT } from '../place/layout.ts'
import { endLeftOverNpm } from './dependencies.ts'
import { isFolder, releaseFolders, statAt } from './folders.ts'
import { readJournal, removeJournal, writeJournal, type Journal } from './journal.ts'
import { sweepDrafts, sweepReleases, tryUpdateLock } from './lock.ts'
import { mendAfterRepair } from './packages.ts'
import { restartHealthy } from './restart.ts'
import { settle } from './settle.ts'
import { currentVersion, nextLink, switchTo } from './switch.ts'
import { undoInstall } from './undo-install.ts'
import type { Work } from './work.ts'

/** What was left by a command that was killed or failed, and what has become of it. */
export type Recovery =
  | { outcome: 'nothing' }
  /** The old release is the current one, and was all along. */
  | { outcome: 'undone'; journal: Journal }
  /** The new release is the current one, and healthy if TradeBot runs. */
  | { outcome: 'finished'; journal: Journal; removed: string[] }
  /** The new release was tried and did not get healthy: the old one is the current one again. */
  | { outcome: 'returned'; journal: Journal; why: unknown; oldFails: unknown }
  /** Nobody saw whether the new release gets healthy: the old one, which was, is the current one again. */
  | { outcome: 'unproven'; journal: Journal }

/**
 * Finishes or undoes what the journal says (see there), under the lock. A command that fails half way ends by this too, so that a crash and a
 * failure are the same path. Each step may have been done already, in part or whole, when it comes.
 */
export async function recover(work: Work): Promise<Recovery> {
  const journal = readJournal(work.root)
  const recovery = journal === undefined ? { outcome: 'nothing' as const } : await carryOut(work, journal)
  sweepDrafts(work.root)
  sweepReleases(work.root)
  return recovery
}

/**
 * For `run`, before it starts the current release: an update that was killed is undone or finished first. One that is at work, perhaps the one
 * that has us started, is left alone. A new release that was to prove healthy and has not is not taken for good: nobody may look at this start.
 */
export async function recoverBeforeRun(work: Work): Promise<Recovery> {
  const lock = readJournal(work.root) === undefined ? undefined : tryUpdateLock(work.root)
  if (lock === undefined) return { outcome: 'nothing' }
  try {
    const journal = readJournal(work.root)
    if (journal === undefined) return { outcome: 'nothing' }
    const still = { ...journal, running: false }
    if (!isUnproven(work, journal)) return await carryOut(work, still)
    await endLeftOverNpm(path.join(work.root, LAYOUT.cache))
    writeJournal(work.root, { ...journal, phase: 'returning' })
    await comeBack(work, still, new Error('it was interrupted'))
    return { outcome: 'unproven', journal }
  } finally {
    lock.release()
  }
}

function isUnproven({ root }: Work, { kind, phase, running, from, to }: Journal): boolean {
  const wasTried = kind === 'update' && phase === 'switching' && running && currentVersion(root) === to
  return wasTried && from !== null && isFolder(releaseFolders(root, from).release)
}

async function carryOut(work: Work, journal: Journal): Promise<Recovery> {
  await endLeftOverNpm(path.join(work.root, LAYOUT.cache))
  const isSwitched = currentVersion(work.root) === journal.to
  switch (journal.phase) {
    case 'staging':
      return undo(work, journal)
    case 'switching':
      return isSwitched ? prove(work, journal) : undo(work, journal)
    case 'returning':
      return comeBack(work, journal, new Error('it was not healthy'))
    case 'confirmed':
      return { outcome: 'finished', journal, removed: settle(work.root, journal) }
    case 'repairing':
      mendAfterRepair(releaseFolders(work.root, journal.to))
      removeJournal(work.root)
      return { outcome: 'undone', journal }
  }
}

/** From the switch to the end: the new release is the current one; is it healthy? */
export async function prove(work: Work, journal: Journal): Promise<Recovery> {
  if (journal.running) {
    try {
      await restartHealthy(work, journal.to)
    } catch (error) {
      const returning: Journal = { ...journal, phase: 'returning' }
      writeJournal(work.root, returning)
      return comeBack(work, returning, error)
    }
  }
  const confirmed: Journal = { ...journal, phase: 'confirmed' }
  writeJournal(work.root, confirmed)
  return { outcome: 'finished', journal: confirmed, removed: settle(work.root, confirmed) }
}

async function comeBack(work: Work, journal: Journal, why: unknown): Promise<Recovery> {
  const { from } = journal
  if (from === null) throw new Error('an installation that never ran has nothing to go back to')
  if (currentVersion(work.root) !== from) switchTo(work.root, from)
  let oldFails: unknown
  if (journal.running) {
    try {
      await restartHealthy(work, from)
    } catch (error) {
      // Nothing is left to go back to. The next update must not be held up by it: it may be the cure.
      oldFails = error
    }
  }
  await undo(work, journal)
  return { outcome: 'returned', journal, why, oldFails }
}

/** Before the switch, or after it was taken back: what was made for the new release is removed. */
async function undo({ root }: Work, journal: Journal): Promise<Recovery> {
  if (journal.kind === 'install') undoInstall(root)
  else {
    rmSync(nextLink(root), { recursive: true, force: true })
    if (journal.kind === 'update') removeStaged(root, journal)
    removeJournal(root)
  }
  return { outcome: 'undone', journal }
}

function removeStaged(root: string, { to, replaces }: Journal): void {
  const { release, partial, replaced } = releaseFolders(root, to)
  // Under its own name it is the new one, but where an older copy had that name and has not been moved aside, or is back already.
  const isNew = statAt(release) !== undefined && (!replaces || statAt(replaced) !== undefined)
  if (isNew) {
    rmSync(partial, { recursive: true, force: true })
    renameSync(release, partial)
  }
  if (statAt(replaced) !== undefined) renameSync(replaced, release)
  rmSync(partial, { recursive: true, force: true })
  syncFolder(path.join(root, LAYOUT.releases))
}
