import { readWorkerHealth } from '#trading/store/heartbeats.ts'
import type { Services } from './context.ts'
import { version } from './version.ts'

export type Health = {
  status: 'ok' | 'degraded'
  instance: string | null
  version: string
  database: { ok: boolean }
  /** `alive`: worker processes with a sign of life lately, or 0. */
  worker: { ok: boolean; heartbeatAgeSeconds: number | null; alive: number }
  listen: { ok: boolean }
  jobs: { lastFinishedAgeSeconds: number | null }
}

/** What is healthy and what is not. "ok" only when all of it is: without a worker no bot is guarded, whatever this process can serve. */
export async function readHealth({ env, pool, feeds, logger }: Services): Promise<Health> {
  const workers = await readWorkers(pool).catch((error: unknown) => {
    logger.warn({ err: error }, 'the database does not answer')
    return null
  })
  const fresh = workers?.beatAgeMs != null && workers.beatAgeMs < env.timing.deadAfterMs
  const listening = feeds.listening()
  return {
    status: workers !== null && fresh && listening ? 'ok' : 'degraded',
    instance: env.instanceId,
    version,
    database: { ok: workers !== null },
    worker: {
      ok: fresh,
      heartbeatAgeSeconds: inSeconds(workers?.beatAgeMs),
      alive: fresh ? (workers?.workers ?? 0) : 0,
    },
    listen: { ok: listening },
    jobs: { lastFinishedAgeSeconds: inSeconds(workers?.lastJobAgeMs) },
  }
}

/** A health check must answer while the database does not. */
async function readWorkers(pool: Services['pool']) {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('No answer within 3 seconds.')), 3_000)
  })
  try {
    return await Promise.race([readWorkerHealth(pool), late])
  } finally {
    clearTimeout(timer)
  }
}

function inSeconds(ms: number | null | undefined): number | null {
  return ms == null ? null : Math.round(ms / 100) / 10
}
