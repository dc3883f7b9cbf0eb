import { EventEmitter } from 'node:events'
import {
  Logger as QueueLogger,
  run,
  type ParsedCronItem,
  type Runner,
  type TaskList,
  type WorkerEvents,
} from 'graphile-worker'
import type { Logger } from '#trading/config/logger.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { Heartbeat } from './heartbeat.ts'

export type JobRunner = {
  /** What stands in `locked_by` of its jobs. */
  poolId: string
  /** Settles when the runner has ended; rejects when it ended by a fault. */
  ended: Promise<void>
  /** Takes no more jobs, waits for those under way at most so long, then leaves them to others. */
  stop(patienceMs: number): Promise<void>
}

export type RunnerOptions = {
  pool: Pool
  tasks: TaskList
  concurrency: number
  /** Jobs with one of these flags are left to other runners. */
  forbiddenFlags?: string[]
  cron?: ParsedCronItem[]
  heartbeat: Heartbeat
  logger: Logger
}

/**
 * A graphile-worker pool of `concurrency` slots. It takes each job when a slot is free and prefetches none, so that a process that dies
 * holds no more jobs than it runs.
 */
export async function startRunner(options: RunnerOptions): Promise<JobRunner> {
  const { pool, heartbeat, logger } = options
  hearBrokenClients(pool, logger)
  const events: WorkerEvents = new EventEmitter()
  const created = new Promise<string>((resolve) => {
    events.once('pool:create', ({ workerPool }) => resolve(workerPool.id))
  })
  events.once('pool:create', ({ workerPool }) => heartbeat.add(workerPool.id))
  events.on('job:complete', ({ worker }) => heartbeat.jobDone(worker.workerPool.id))
  const runner: Runner = await run({
    pgPool: pool,
    taskList: options.tasks,
    parsedCronItems: options.cron ?? [],
    noHandleSignals: true,
    pollInterval: 1_000,
    forbiddenFlags: options.forbiddenFlags ?? null,
    events,
    logger: queueLogger(logger),
    preset: {
      worker: {
        concurrentJobs: options.concurrency,
        // Completions in batches of one turn of the event loop; unlike single ones, their failure ends the runner and not the process.
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  })
  const poolId = await created
  // Awaited by main; without this line a fault before that would be an unhandled rejection.
  runner.promise.catch(() => undefined)
  return { poolId, ended: runner.promise, stop: (patienceMs) => stopRunner(runner, patienceMs, logger) }
}

async function stopRunner(runner: Runner, patienceMs: number, logger: Logger): Promise<void> {
  const stopped = runner
    .stop()
    .catch((error: unknown) => logger.warn({ err: error }, 'the runner had stopped'))
  const patience = new AbortController()
  const impatient = new Promise<'impatient'>((resolve) => {
    const timer = setTimeout(() => resolve('impatient'), patienceMs)
    patience.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  const how = await Promise.race([stopped, impatient])
  patience.abort()
  if (how === 'impatient')
    logger.warn('jobs were still running after the patience for them; others take them over')
}

const heard = new WeakSet<Pool>()

/** A connection that breaks while it is checked out says so by an event, too; the query under way rejects, which is what is acted on. */
function hearBrokenClients(pool: Pool, logger: Logger): void {
  if (heard.has(pool)) return
  heard.add(pool)
  pool.on('connect', (client) => {
    client.on('error', (error) => logger.warn({ err: error }, 'a database connection in use broke'))
  })
}

/** graphile-worker's words in our log; what it tells of each job, ours tells better. */
function queueLogger(logger: Logger): QueueLogger {
  const levels = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const
  return new QueueLogger(() => (level, message, meta) => {
    logger[levels[level]](meta['error'] instanceof Error ? { err: meta['error'] } : {}, message)
  })
}
