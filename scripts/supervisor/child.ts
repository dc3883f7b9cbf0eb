import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import type { ProcessIdentity } from '#trading/config/run-file.ts'
import { identify, signal } from '../process-identity.ts'
import { followLog, tailOf } from './log-file.ts'
import { endProcess } from './orphans.ts'

export type ChildPlan = {
  name: string
  /** Arguments of Node. */
  args: string[]
  env: NodeJS.ProcessEnv
  logFile: string
  /** How long it may drain after SIGTERM. */
  drainMs: number
}

export type Child = {
  name: string
  /** SIGTERM, then SIGKILL after `drainMs`. It is not restarted. */
  stop: () => Promise<void>
  /** SIGKILL at once. */
  kill: () => void
}

export type ChildEvents = {
  onLine: (name: string, line: string) => void
  /** A new process of this child runs, or none does. */
  onProcess: (name: string, identity: ProcessIdentity | undefined) => void
  /** It ended by itself; `failures` counts quick ends in a row, `words` are its last lines. */
  onExit: (name: string, how: string, failures: number, words: string[]) => void
}

const root = path.join(import.meta.dirname, '..', '..')
const longestBackoffMs = 10_000
/** A process that lived this long was not a failed start. */
const steadyAfterMs = 20_000

/** A process that is restarted whenever it ends, ever later when it keeps ending at once. */
export function startChild(plan: ChildPlan, events: ChildEvents): Child {
  let stopping = false
  let failures = 0
  let current: { identity: ProcessIdentity; gone: Promise<void> } | undefined
  let restart: NodeJS.Timeout | undefined
  mkdirSync(path.dirname(plan.logFile), { recursive: true, mode: 0o700 })
  const log = followLog(plan.logFile, (line) => events.onLine(plan.name, line))

  const launch = () => {
    const started = performance.now()
    const descriptor = openSync(plan.logFile, 'a', 0o600)
    const offset = fstatSync(descriptor).size
    const child = spawn(process.execPath, plan.args, {
      cwd: root,
      env: plan.env,
      // A session of its own: Ctrl-C reaches the supervisor alone, and the order of stopping is kept.
      detached: true,
      stdio: ['ignore', descriptor, descriptor],
    })
    closeSync(descriptor)
    const gone = new Promise<void>((resolve) => {
      const ended = (how: string) => {
        current = undefined
        resolve()
        if (stopping) return
        failures = performance.now() - started > steadyAfterMs ? 1 : failures + 1
        events.onProcess(plan.name, undefined)
        events.onExit(plan.name, how, failures, tailOf(plan.logFile, offset, 40))
        restart = setTimeout(launch, Math.min(250 * 2 ** (failures - 1), longestBackoffMs))
      }
      child.once('error', (error) => child.pid === undefined && ended(error.message))
      child.once('exit', (code, signalName) => ended(signalName ? `signal ${signalName}` : `code ${code}`))
    })
    if (child.pid === undefined) return
    current = { identity: identify(child.pid), gone }
    events.onProcess(plan.name, current.identity)
  }
  launch()

  return {
    name: plan.name,
    stop: async () => {
      stopping = true
      clearTimeout(restart)
      const last = current
      if (last) {
        await endProcess(last.identity, plan.drainMs)
        await last.gone
      }
      log.stop()
    },
    kill: () => {
      if (current) signal(current.identity, 'SIGKILL')
    },
  }
}
