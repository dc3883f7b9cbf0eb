import { randomUUID } from 'node:crypto'
import type { Env } from '#trading/config/env.ts'
import type { Logger } from '#trading/config/logger.ts'
import { retireWorkers } from '#trading/store/heartbeats.ts'
import { makePool } from '#trading/store/pool.ts'
import { reconcileAllNow } from '#trading/store/reconcile-schedule.ts'
import { startAlerts } from './alerts/alerts.ts'
import { cronItems } from './crontab.ts'
import type { WorkerDeps } from './deps.ts'
import { startDispatcher } from './dispatcher.ts'
import { makeAccounts } from './exchange/accounts.ts'
import { makeVenues } from './exchange/venues.ts'
import { startHeartbeat } from './heartbeat.ts'
import { makeTaskList, type Handlers } from './job.ts'
import { startMarketData } from './market-data/market-data.ts'
import { makeSignalBook } from './signals/signal-book.ts'
import { startRunner, type JobRunner } from './runner.ts'
import { backtestJobs, orderJobs, otherJobs } from './tasks.ts'

export type Worker = {
  workerId: string
  /** Resolves when a runner ends without having been asked to, with the fault. */
  ended: Promise<unknown>
  /** In order, within 5 s: no new jobs, those under way done or left to others, heartbeat withdrawn. */
  stop(): Promise<void>
}

/** Slots that entries cannot take: exits, protective work and settling go on while every other slot waits for a slow exchange. */
const exitSlots = 4

/** All that a worker process runs: four job runners, the dispatcher, the heartbeat, the market-data loop and the alerts. */
export async function startWorker(env: Env, handlers: Handlers, logger: Logger): Promise<Worker> {
  const workerId = randomUUID()
  const slots = env.workerConcurrency
  const pool = makePool(env.databaseUrl, {
    max: slots + exitSlots + 6,
    applicationName: 'tradebot-worker',
    logger,
  })
  // Taking and finishing jobs, heartbeat and dispatcher must not wait for connections that the jobs themselves hold.
  const queuePool = makePool(env.databaseUrl, { max: slots + 8, applicationName: 'tradebot-queue', logger })

  const venues = makeVenues({ env, shared: { pool, logger } })
  const accounts = makeAccounts({ pool, venues, env, logger })
  const marketData = startMarketData({ pool, venues, logger })
  const deps: WorkerDeps = {
    pool,
    env,
    logger,
    venues,
    marketData,
    signals: makeSignalBook(),
    accounts,
    workerId,
  }

  const heartbeat = startHeartbeat(queuePool, env.timing, logger)
  const orders = makeTaskList(handlers, deps, orderJobs)
  const common = { pool: queuePool, heartbeat, logger }
  const runners = [
    await startRunner({ ...common, tasks: orders, concurrency: exitSlots, forbiddenFlags: ['entry'] }),
    await startRunner({ ...common, tasks: orders, concurrency: slots }),
    await startRunner({
      ...common,
      tasks: makeTaskList(handlers, deps, otherJobs),
      concurrency: slots,
      cron: cronItems(),
    }),
    await startRunner({ ...common, tasks: makeTaskList(handlers, deps, backtestJobs), concurrency: 1 }),
  ]
  await reconcileAllNow(queuePool)
  const dispatcher = startDispatcher(queuePool, env.timing.dispatchMs, logger)
  const alerts = startAlerts(env, logger)

  const stop = async () => {
    await Promise.all([
      dispatcher.stop(),
      marketData.stop(),
      alerts.stop(),
      ...runners.map((runner) => runner.stop(jobPatienceMs)),
    ])
    await heartbeat.stop()
    await retireWorkers(queuePool, heartbeat.poolIds())
    await accounts.close()
    await Promise.all([pool.end(), queuePool.end()])
  }
  return { workerId, ended: firstToEnd(runners), stop: () => withinPatience(stop(), logger) }
}

const jobPatienceMs = 3_800
const stopPatienceMs = 5_000

function firstToEnd(runners: JobRunner[]): Promise<unknown> {
  return Promise.race(
    runners.map((runner) =>
      runner.ended.then(
        () => new Error('A job runner ended without having been asked to.'),
        (error: unknown) => error,
      ),
    ),
  )
}

/** A database that is away cannot be told good-bye: what is left undone, other workers do once the heartbeat is silent. */
async function withinPatience(stopped: Promise<void>, logger: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const impatient = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      logger.warn('stopping took too long; leaving the rest to other workers')
      resolve()
    }, stopPatienceMs)
  })
  try {
    await Promise.race([stopped, impatient])
  } catch (error) {
    logger.warn({ err: error }, 'stopping was not clean')
  } finally {
    clearTimeout(timer)
  }
}
