import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { readRunFile } from '#trading/config/run-file.ts'
import { identify, isAlive, signal, waitForExit } from '../../process-identity.ts'
import { takeLockFile, type Lock } from '../../supervisor/lock.ts'
import type { Context } from '../frame/context.ts'
import { CouldNotError, RefusedError } from '../frame/errors.ts'
import { currentTree, type Installation } from '../place/find-place.ts'
import { readJournal } from './journal.ts'
import { recoverBeforeRun } from './recover.ts'
import { readRunnerNote, writeRunnerNote, type RunnerNote } from './runner-note.ts'
import { sayRecovery } from './say-recovery.ts'
import { serviceState } from './service.ts'
import { startRelease, type Running } from './start-release.ts'
import { listenForWishes, type Wishes } from './wishes.ts'

/**
 * Runs the release that `current` names until told to stop. It outlives its releases: told to restart, it stops the one that runs, looks anew
 * where `current` leads, and starts that.
 * @throws RefusedError ALREADY_RUNNING; CouldNotError RELEASE_ENDED when TradeBot ends by itself
 */
export async function runInForeground(
  installation: Installation,
  context: Context,
): Promise<{ url: string; version: string }> {
  const { root, dataDir } = installation
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = takeRunnerLock(dataDir)
  const wishes = listenForWishes()
  try {
    await endLeftOver(installation, context)
    const work = { root, context }
    sayRecovery(work, await recoverBeforeRun(work))
    return await keepRunning(installation, context, wishes)
  } finally {
    wishes.close()
    rmSync(path.join(dataDir, 'runner.json'), { force: true })
    lock.release()
  }
}

/** @throws RefusedError ALREADY_RUNNING */
export function refuseIfRunning(installation: Installation): void {
  const state = serviceState(installation)
  if (state.by === 'nobody') return
  const url = state.by === 'runner' ? state.note.url : state.run.url
  throw alreadyRunning(`at ${url} (process ${state.process.pid})`)
}

async function keepRunning(
  { root, dataDir }: Installation,
  context: Context,
  wishes: Wishes,
): Promise<{ url: string; version: string }> {
  const self = identify(process.pid)
  for (let starts = 1; ; starts++) {
    const { tree, version } = currentRelease(root)
    const running = startRelease(root, tree)
    const { url, child } = running
    const note: RunnerNote = {
      ...{ ...self, version, url, starts, startedAt: new Date().toISOString() },
      ...{ child: child ?? null, ended: null },
    }
    writeRunnerNote(dataDir, note)
    const wish = await Promise.race([wishes.next(), running.gone])
    if (wish === 'stop' || wish === 'restart') {
      await endRelease(running, wishes)
      if (wish === 'stop') return { url, version }
      context.note('Restarting …')
      continue
    }
    // Ended by itself, and not by a fault: somebody told the supervisor to stop.
    if (wish.code === 0) return { url, version }
    writeRunnerNote(dataDir, { ...note, child: null, ended: wish.how })
    context.note(`TradeBot ${version} ended by itself: ${wish.how}.`)
    const next = await waitForUpdate(root, wishes)
    if (next === 'stop') return { url, version }
    if (next === undefined)
      throw new CouldNotError('RELEASE_ENDED', `TradeBot ${version} ended by itself: ${wish.how}.`, {
        hint: `See ${path.join(dataDir, 'logs')}.`,
      })
  }
}

/** A release that does not start while an update tries it: the update leads `current` back, and has us start that. */
async function waitForUpdate(root: string, wishes: Wishes): Promise<'stop' | 'restart' | undefined> {
  while (readJournal(root) !== undefined) {
    const tick = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 250))
    const wish = await Promise.race([wishes.next(), tick])
    if (wish !== undefined) return wish
    if (!isUpdateAtWork(root)) return undefined
  }
  return undefined
}

function isUpdateAtWork(root: string): boolean {
  const file = path.join(root, 'update.lock')
  try {
    return isAlive(processSchema.parse(JSON.parse(readFileSync(file, 'utf8'))))
  } catch {
    return false // No lock, or one that is no lock: nobody is at it.
  }
}

const processSchema = z.object({ pid: z.number(), startTime: z.string() })

async function endRelease(running: Running, wishes: Wishes): Promise<void> {
  running.signal('SIGTERM')
  // A second Ctrl-C means: hurry.
  wishes.onHurry(() => running.signal('SIGINT'))
  const patience = setTimeout(() => running.signal('SIGKILL'), 30_000)
  await running.gone
  clearTimeout(patience)
}

function currentRelease(root: string): { tree: string; version: string } {
  const tree = currentTree(root)
  if (tree === undefined)
    throw new CouldNotError('CURRENT_MISSING', `${path.join(root, 'current')} is missing.`, {
      hint: 'tradebotctl repair with the package of the release that was current puts it back.',
    })
  return { tree, version: path.basename(tree) }
}

function takeRunnerLock(dataDir: string): Lock {
  const taken = takeLockFile(path.join(dataDir, 'runner.lock'))
  if ('release' in taken) return taken
  throw alreadyRunning(`(process ${taken.holder.pid})`)
}

/** A runner that was killed leaves its supervisor at work; one that somebody started by hand is none of ours. */
async function endLeftOver({ dataDir }: Installation, context: Context): Promise<void> {
  const run = readRunFile(dataDir)
  if (run === undefined || !isAlive(run.supervisor)) return
  const left = readRunnerNote(dataDir)?.child
  if (left?.pid !== run.supervisor.pid) throw alreadyRunning(`at ${run.url} (process ${run.supervisor.pid})`)
  context.note('Stopping what a runner that was killed has left …')
  signal(run.supervisor, 'SIGTERM')
  if (await waitForExit(run.supervisor, 30_000)) return
  signal(run.supervisor, 'SIGKILL')
}

function alreadyRunning(where: string): RefusedError {
  return new RefusedError('ALREADY_RUNNING', `TradeBot runs here already ${where}.`, {
    hint: 'tradebotctl stop ends it.',
  })
}
