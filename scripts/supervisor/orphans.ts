import { readdirSync, readFileSync } from 'node:fs'
import type { ProcessIdentity, RunFile } from '#trading/config/run-file.ts'
import { identify, isAlive, signal, startTimeOf, waitForExit } from '../process-identity.ts'

/**
 * Ends what a killed supervisor left running, workers first. Its processes are known by pid and start time from run.json, and on Linux also
 * by the instance id in their environment: one may have been started just before the note of it. Nothing else is touched, and neither is
 * PostgreSQL, which is adopted. Answers the names of what it ended.
 */
export async function endOrphans(run: RunFile): Promise<string[]> {
  const orphans = new Map<string, ProcessIdentity>()
  for (const [name, child] of Object.entries(run.children)) if (isAlive(child)) orphans.set(name, child)
  for (const stray of processesOfInstance(run.instanceId))
    if (![...orphans.values()].some(({ pid }) => pid === stray.pid))
      orphans.set(`process ${stray.pid}`, stray)
  await Promise.all([...orphans.values()].map((orphan) => endProcess(orphan, 3_000)))
  return [...orphans.keys()]
}

/** SIGTERM, which means: drain and exit; SIGKILL when it takes longer than `patienceMs`. Resolves when the process is gone. */
export async function endProcess(identity: ProcessIdentity, patienceMs: number): Promise<void> {
  if (!signal(identity, 'SIGTERM') || (await waitForExit(identity, patienceMs))) return
  signal(identity, 'SIGKILL')
  if (!(await waitForExit(identity, 2_000)))
    throw new Error(`Process ${identity.pid} does not end, even when killed.`)
}

function processesOfInstance(instanceId: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return []
  const mark = `TRADEBOT_INSTANCE_ID=${instanceId}\0`
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && environmentOf(pid).includes(mark))
    .filter((pid) => startTimeOf(pid) !== undefined)
    .map(identify)
}

function environmentOf(pid: number): string {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`
  } catch {
    return '' // Gone meanwhile, or another user's.
  }
}
