import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { readRunFile, type ProcessIdentity, type RunFile } from '#trading/config/run-file.ts'
import { isAlive, signal, waitForExit } from '../../process-identity.ts'
import { CouldNotError } from '../frame/errors.ts'
import type { Installation } from '../place/find-place.ts'
import { lastWords } from './last-words.ts'
import { readRunnerNote, type RunnerNote } from './runner-note.ts'

/** Who runs an installation: a runner (`tradebotctl run`), a supervisor that somebody started by hand, or nobody. */
export type ServiceState =
  | { by: 'nobody' }
  | { by: 'runner'; process: ProcessIdentity; note: RunnerNote }
  | { by: 'supervisor'; process: ProcessIdentity; run: RunFile }

/** Stopping drains workers (6 s) and ends PostgreSQL (7 s at most). */
const stopWithinMs = 40_000

export function serviceState(installation: Installation): ServiceState {
  const note = readRunnerNote(installation.dataDir)
  if (note && isAlive(note)) return { by: 'runner', process: identityOf(note), note }
  const run = readRunFile(installation.dataDir)
  if (run && isAlive(run.supervisor)) return { by: 'supervisor', process: run.supervisor, run }
  return { by: 'nobody' }
}

/**
 * Starts a runner in the background, over the release that `current` names. Resolves when it has begun; whether TradeBot gets healthy is
 * waitHealthy's matter. @throws CouldNotError START_FAILED when it ends at once
 */
export async function startService(installation: Installation): Promise<void> {
  const logs = path.join(installation.dataDir, 'logs')
  mkdirSync(logs, { recursive: true, mode: 0o700 })
  const log = openSync(path.join(logs, 'runner.log'), 'a', 0o600)
  const began = new Date()
  const program = process.argv[1]
  if (program === undefined) throw new Error('Node always says which program runs.')
  const child = spawn(process.execPath, [program, 'run', '--root', installation.root], {
    cwd: installation.root,
    // No terminal's signal reaches it, and it outlives this process.
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let ended: string | undefined
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code, signalName) => (ended = `it ended with ${signalName ?? code}`))
  child.unref()
  for (;;) {
    const state = serviceState(installation)
    if (state.by === 'runner' && state.process.pid === child.pid && state.note.starts > 0) return
    if (ended !== undefined)
      throw new CouldNotError('START_FAILED', `TradeBot cannot be started: ${ended}.`, {
        hint: lastWords(installation.dataDir, began),
      })
    await pause(100)
  }
}

/** Stops it in order; false when nothing ran. @throws CouldNotError STOP_FAILED when it does not end */
export async function stopService(installation: Installation): Promise<boolean> {
  const state = serviceState(installation)
  if (state.by === 'nobody') return false
  signal(state.process, 'SIGTERM')
  if (await waitForExit(state.process, stopWithinMs)) return true
  throw new CouldNotError(
    'STOP_FAILED',
    `TradeBot (process ${state.process.pid}) has not ended in ${stopWithinMs / 1000} s.`,
    {
      hint: `See its logs in ${path.join(installation.dataDir, 'logs')}; kill ${state.process.pid} ends it by hand.`,
    },
  )
}

/**
 * Has the release that `current` names by now run instead of the one that runs; resolves when it has begun. A runner stays and changes what
 * it runs; a supervisor that somebody started by hand is stopped, and a runner takes its place. Where nobody ran it, it is started.
 */
export async function restartService(installation: Installation): Promise<void> {
  const state = serviceState(installation)
  if (state.by !== 'runner') {
    await stopService(installation)
    return startService(installation)
  }
  const { starts } = state.note
  signal(state.process, 'SIGHUP')
  const deadline = performance.now() + stopWithinMs + 10_000
  while (isAlive(state.process)) {
    if ((readRunnerNote(installation.dataDir)?.starts ?? starts) > starts) return
    if (performance.now() > deadline)
      throw new CouldNotError(
        'RESTART_FAILED',
        `The runner (process ${state.process.pid}) does not restart TradeBot.`,
        {
          hint: `See ${path.join(installation.dataDir, 'logs', 'runner.log')}; tradebotctl stop ends it.`,
        },
      )
    await pause(50)
  }
  // It has ended instead, or was just about to: a new one takes over.
  return startService(installation)
}

function identityOf({ pid, startTime }: ProcessIdentity): ProcessIdentity {
  return { pid, startTime }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
