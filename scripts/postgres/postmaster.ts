import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { readIfThere } from '#trading/config/read-file.ts'
import type { ProcessIdentity } from '#trading/config/run-file.ts'
import { commandLineOf, identify, signal, startTimeOf, waitForExit } from '../process-identity.ts'

export type Postmaster = ProcessIdentity & { port: number }

/** The live PostgreSQL over this data folder, whoever started it; undefined when there is none. */
export function findPostmaster(folder: string): Postmaster | undefined {
  const lines = readPidFile(folder)
  const [pid, port] = [Number(lines?.[0]), Number(lines?.[3])]
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port)) return undefined
  if (startTimeOf(pid) === undefined || !isPostgresOf(pid, folder)) return undefined
  return { ...identify(pid), port }
}

/**
 * After a crash, postmaster.pid may name a pid that a stranger has by now, and PostgreSQL refuses to start while that one lives. The file
 * must not go, for its shared memory key is what keeps a second postmaster away from surviving backends of the first. So it gets our own
 * pid: PostgreSQL disregards its parent's.
 */
export function disownStalePidFile(folder: string): void {
  const lines = readPidFile(folder)
  const pid = Number(lines?.[0])
  // A zombie, which a container without an init keeps, counts as alive for PostgreSQL too.
  if (!lines || isPostgresOf(pid, folder)) return
  writeFileSync(path.join(folder, 'postmaster.pid'), [String(process.pid), ...lines.slice(1)].join('\n'))
}

/** Stops it fast (open transactions roll back), harder if it does not go. Resolves when it is gone. */
export async function stopPostmaster(postmaster: ProcessIdentity): Promise<void> {
  // SIGINT is PostgreSQL's "fast", SIGQUIT its "immediate", from which the next start recovers.
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', 3_000],
    ['SIGQUIT', 2_000],
    ['SIGKILL', 2_000],
  ]
  for (const [name, patienceMs] of steps) {
    if (!signal(postmaster, name) || (await waitForExit(postmaster, patienceMs))) return
  }
  throw new Error(`PostgreSQL (pid ${postmaster.pid}) does not end, even when killed.`)
}

function isPostgresOf(pid: number, folder: string): boolean {
  const command = commandLineOf(pid)
  return command !== undefined && command.includes('postgres') && command.includes(folder)
}

function readPidFile(folder: string): string[] | undefined {
  return readIfThere(path.join(folder, 'postmaster.pid'))?.split('\n')
}
