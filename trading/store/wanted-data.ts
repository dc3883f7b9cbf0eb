import { enqueue } from '../jobs/enqueue.ts'
import { JOBS, type JobName, type JobPayload } from '../jobs/jobs.ts'
import { readWorkerHealth } from './heartbeats.ts'
import type { Pool } from './pool.ts'

/** What only a worker can know could not be had; the message says why, for people. */
export class DataUnavailableError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DataUnavailableError'
  }
}

export type WaitOptions = { deadAfterMs: number; waitMs?: number; signal?: AbortSignal }

/** False when no worker has given a sign of life lately: a job would wait for nobody. */
async function workerAlive(pool: Pool, deadAfterMs: number): Promise<boolean> {
  const { beatAgeMs } = await readWorkerHealth(pool)
  return beatAgeMs !== null && beatAgeMs < deadAfterMs
}

/**
 * Asks a worker by a job, and waits until `done` answers true or the job is gone, at most 10 s. Answers whether it came to an end in time.
 * @throws DataUnavailableError when no worker is alive
 */
export async function askWorker<Name extends JobName>(
  pool: Pool,
  name: Name,
  payload: JobPayload<Name>,
  done: () => Promise<boolean>,
  { deadAfterMs, waitMs = 10_000, signal }: WaitOptions,
): Promise<boolean> {
  if (!(await workerAlive(pool, deadAfterMs))) {
    throw new DataUnavailableError(
      'No worker is running, and only a worker asks the exchange: start one (npm run worker).',
    )
  }
  await enqueue(pool, name, payload)
  const key = (JOBS[name].key as (payload: JobPayload<Name>) => string)(payload)
  const deadline = performance.now() + waitMs
  while (performance.now() < deadline && signal?.aborted !== true) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    // In this order: a job that ends between the two questions has written its rows before the second.
    const gone = !(await jobWaits(pool, key))
    if ((await done()) || gone) return true
  }
  return false
}

async function jobWaits(pool: Pool, key: string): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM graphile_worker.jobs WHERE key = $1 AND (attempts < max_attempts OR locked_at IS NOT NULL)) AS found`,
    [key],
  )
  return rows[0]?.found === true
}
