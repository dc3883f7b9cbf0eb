import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { ProcessIdentity } from '#trading/config/run-file.ts'

/**
 * When a process started, as text that only that process has: the system gives a pid out again, also to strangers. Undefined when there is
 * no such process, or only its zombie.
 */
export function startTimeOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid)
}

/** Who this process, or another live one, is. */
export function identify(pid: number): ProcessIdentity {
  const identity = identityOf(pid)
  if (identity === undefined) throw new Error(`There is no process ${pid}.`)
  return identity
}

/** As identify; undefined where the process may have ended already, as a child can that was just started. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid)
  return startTime === undefined ? undefined : { pid, startTime }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startTime
}

/** Sends a signal to exactly this process; false when it is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    return process.kill(identity.pid, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** Waits until the process is gone; false when it still lives after `timeoutMs`. */
export async function waitForExit(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return true
}

/** The command line of a process, or undefined when it is gone or hidden from us. */
export function commandLineOf(pid: number): string | undefined {
  if (process.platform === 'linux') return readProc(pid, 'cmdline')?.replaceAll('\0', ' ')
  return ps(pid, 'command=')
}

function startTimeFromProc(pid: number): string | undefined {
  const stat = readProc(pid, 'stat')
  if (stat === undefined) return undefined
  // The command's name, in brackets, may hold blanks and brackets itself: count the fields after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields[0], fields[19]]
  // Ticks count from the machine's start, so they name a process together with which start that was.
  return state === 'Z' || state === 'X' ? undefined : `${bootId()}:${startTicks}`
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return undefined // ENOENT or ESRCH: the process has ended.
  }
}

function startTimeFromPs(pid: number): string | undefined {
  const state = ps(pid, 'state=')
  return state === undefined || state.startsWith('Z') ? undefined : ps(pid, 'lstart=')
}

function ps(pid: number, column: string): string | undefined {
  const result = spawnSync('ps', ['-o', column, '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  })
  return result.stdout.trim() || undefined
}
