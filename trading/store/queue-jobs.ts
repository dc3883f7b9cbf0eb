import type { Db, Tx } from './pool.ts'

/**
 * WAITING: to be taken now. SCHEDULED: later. RUNNING: a living worker has it. ABANDONED: its worker is dead. FAILED: no attempt is left.
 */
export const JOB_STATES = ['WAITING', 'SCHEDULED', 'RUNNING', 'ABANDONED', 'FAILED'] as const
export type JobState = (typeof JOB_STATES)[number]

/** A job of the queue, and what it is about. */
export type QueueJob = {
  id: string
  task: string
  key: string | null
  payload: unknown
  state: JobState
  /** Waits, overdue, for longer than any living worker would let it; or ABANDONED, or FAILED. */
  stuck: boolean
  botId: string | null
  botName: string | null
  runAt: Date
  attempts: number
  maxAttempts: number
  lockedBy: string | null
  lockedAt: Date | null
  lastError: string | null
}

/** A waiting job that is this late is taken by nobody. Seconds. */
const OVERDUE_S = 60

/**
 * The holder of job `j` lives: it gave a sign of life lately. One that is just starting may have a job before its first sign is written, so a
 * young lock is no proof of death. `$1`: after how many milliseconds of silence a worker counts as dead.
 */
const HOLDER_LIVES = `(j.locked_at > clock_timestamp() - $1 * interval '1 millisecond' AND NOT EXISTS (SELECT FROM dead_workers d WHERE d.worker_id = j.locked_by)
  OR EXISTS (SELECT FROM worker_heartbeats h WHERE h.worker_id = j.locked_by AND h.beat_at > clock_timestamp() - $1 * interval '1 millisecond'))`

/** Every job that is in the queue now, oldest first. */
export async function readJobs(db: Db, deadAfterMs: number): Promise<QueueJob[]> {
  const { rows } = await db.query<QueueJob>(
    `WITH told AS (
       SELECT j.*, t.identifier AS task,
         CASE WHEN j.locked_at IS NOT NULL THEN CASE WHEN ${HOLDER_LIVES} THEN 'RUNNING' ELSE 'ABANDONED' END
              WHEN j.attempts >= j.max_attempts THEN 'FAILED'
              WHEN j.run_at > clock_timestamp() THEN 'SCHEDULED' ELSE 'WAITING' END AS state,
         CASE WHEN j.payload->>'botId' ~ '^\\d{1,18}$' THEN (j.payload->>'botId')::bigint
              WHEN j.payload->>'orderId' ~ '^\\d{1,18}$' THEN (SELECT o.bot_id FROM orders o WHERE o.id = (j.payload->>'orderId')::bigint)
              WHEN j.payload->>'transferId' ~ '^\\d{1,18}$' THEN (SELECT m.bot_id FROM transfers m WHERE m.id = (j.payload->>'transferId')::bigint)
         END AS bot_id
       FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id)
     SELECT j.id::text, j.task, j.key, j.payload, j.state,
       j.state IN ('ABANDONED', 'FAILED') OR (j.state = 'WAITING' AND j.run_at < clock_timestamp() - ${OVERDUE_S} * interval '1 second') AS stuck,
       j.bot_id::text AS "botId", c.name AS "botName", j.run_at AS "runAt", j.attempts::int, j.max_attempts::int AS "maxAttempts",
       j.locked_by AS "lockedBy", j.locked_at AS "lockedAt", j.last_error AS "lastError"
     FROM told j LEFT JOIN bot_configs c ON c.id = j.bot_id ORDER BY j.run_at, j.id`,
    [deadAfterMs],
  )
  return rows
}

/** Lets these jobs run now, with all of their attempts. Those that a worker has are passed over. Answers the ids of those that will run. */
export async function rescheduleJobs(db: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id::text FROM graphile_worker.reschedule_jobs($1::bigint[], run_at := clock_timestamp(), attempts := 0)`,
    [ids],
  )
  return rows.map(({ id }) => id)
}

export type JobHolder = { workerId: string; alive: boolean; jobs: number; lockedAt: Date }

/** Who has jobs. */
export async function readHolders(db: Db, deadAfterMs: number): Promise<JobHolder[]> {
  const { rows } = await db.query<JobHolder>(
    `SELECT j.locked_by AS "workerId", bool_or(${HOLDER_LIVES}) AS alive, count(*)::int AS jobs, min(j.locked_at) AS "lockedAt"
     FROM graphile_worker._private_jobs j WHERE j.locked_by IS NOT NULL GROUP BY j.locked_by ORDER BY min(j.locked_at)`,
    [deadAfterMs],
  )
  return rows
}

/** Releases what these workers hold, for others to take. */
export async function releaseJobsOf(tx: Tx, workerIds: readonly string[]): Promise<void> {
  await tx.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [workerIds])
}

/** The queue's tables exist as soon as a worker has run. */
export async function hasQueue(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    `SELECT to_regclass('graphile_worker._private_jobs') IS NOT NULL AS there`,
  )
  return rows[0]?.there === true
}
