import { hostname } from 'node:os'
import type { Logger } from '#trading/config/logger.ts'
import { sweepDeadWorkers, writeBeats } from '#trading/store/heartbeats.ts'
import type { Pool } from '#trading/store/pool.ts'
import { startLoop, type Loop } from './loop.ts'

export type Heartbeat = {
  /** A job pool of this process; its first sign of life is written at once. */
  add(poolId: string): void
  jobDone(poolId: string): void
  poolIds(): string[]
  stop(): Promise<void>
}

/**
 * Says every `heartbeatMs` that this process's job pools live, and each time looks for others that do not, so that a worker that was frozen
 * speaks for itself before it judges others.
 */
export function startHeartbeat(
  pool: Pool,
  timing: { heartbeatMs: number; deadAfterMs: number },
  logger: Logger,
): Heartbeat {
  const startedAt = new Date(Date.now() - performance.now())
  const pools = new Map<string, { jobsDone: number; lastJobAt: number | null }>()

  const beat = (ids: Iterable<string>) =>
    writeBeats(
      pool,
      [...ids].map((workerId) => {
        const { jobsDone, lastJobAt } = pools.get(workerId) ?? { jobsDone: 0, lastJobAt: null }
        const lastJobAgeMs = lastJobAt === null ? null : performance.now() - lastJobAt
        return { workerId, host: hostname(), pid: process.pid, startedAt, lastJobAgeMs, jobsDone }
      }),
    )

  const turn = async () => {
    await beat(pools.keys())
    const sweep = await sweepDeadWorkers(pool, timing.deadAfterMs)
    if (sweep && sweep.deadWorkers.length > 0)
      logger.warn({ workers: sweep.deadWorkers }, 'freed the jobs of dead workers')
    for (const job of sweep?.exhaustedJobs ?? [])
      logger.warn({ jobId: job.id, key: job.key }, 'deleted a job that had no attempt left')
  }
  const loop: Loop = startLoop('heartbeat', timing.heartbeatMs, turn, logger)

  return {
    add(poolId) {
      pools.set(poolId, { jobsDone: 0, lastJobAt: null })
      beat([poolId]).catch((error: unknown) =>
        logger.warn({ err: error }, 'the first heartbeat failed; the next one is near'),
      )
    },
    jobDone(poolId) {
      const counts = pools.get(poolId)
      if (counts) pools.set(poolId, { jobsDone: counts.jobsDone + 1, lastJobAt: performance.now() })
    },
    poolIds: () => [...pools.keys()],
    stop: loop.stop,
  }
}
