import type { Db, Pool } from './pool.ts'
import { inTransaction } from './pool.ts'

/** A sign of life of one job pool. `workerId` is graphile-worker's pool id, which stands in `locked_by` of the jobs that it runs. */
export type Beat = {
  workerId: string
  host: string
  pid: number
  /** Of the process's wall clock; for people to read. */
  startedAt: Date
  /** Milliseconds since the last finished job; null before the first. */
  lastJobAgeMs: number | null
  jobsDone: number
}

/**
 * Writes the pools' signs of life. Their clock is the database's own, unshifted: silence is time that really passes, and a test that shifts
 * `tradebot_now()` to the next day must not declare every worker dead.
 */
export async function writeBeats(db: Db, beats: Beat[]): Promise<void> {
  await db.query(
    `INSERT INTO worker_heartbeats (worker_id, host, pid, started_at, beat_at, last_job_at, jobs_done)
     SELECT b.worker_id, b.host, b.pid, b.started_at, clock_timestamp(),
            clock_timestamp() - b.last_job_age_ms * interval '1 millisecond', b.jobs_done
     FROM jsonb_to_recordset($1::jsonb) AS b(worker_id text, host text, pid int, started_at timestamptz, last_job_age_ms float8, jobs_done bigint)
     ON CONFLICT (worker_id) DO UPDATE
       SET beat_at = EXCLUDED.beat_at, last_job_at = EXCLUDED.last_job_at, jobs_done = EXCLUDED.jobs_done`,
    [
      JSON.stringify(
        beats.map((beat) => ({
          worker_id: beat.workerId,
          host: beat.host,
          pid: beat.pid,
          started_at: beat.startedAt,
          last_job_age_ms: beat.lastJobAgeMs,
          jobs_done: beat.jobsDone,
        })),
      ),
    ],
  )
}

/** What a sweep did; both empty in peace. */
export type Sweep = { deadWorkers: string[]; exhaustedJobs: { id: string; key: string | null }[] }

/**
 * Releases the jobs of workers that have been silent for `deadAfterMs`, and of holders that no heartbeat is known of; deletes jobs that no
 * attempt is left for (the tables that they came from know better when to try again). Null when another worker is sweeping just now.
 */
export async function sweepDeadWorkers(pool: Pool, deadAfterMs: number): Promise<Sweep | null> {
  return inTransaction(pool, async (tx) => {
    const lock = await tx.query<{ got: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS got', [sweepLock])
    if (lock.rows[0]?.got !== true) return null
    // The heartbeats go, and what was known of their workers stays for the alert.
    const silent = await tx.query<{ worker_id: string }>(
      `WITH silent AS (
         DELETE FROM worker_heartbeats WHERE beat_at < clock_timestamp() - $1 * interval '1 millisecond'
         RETURNING worker_id, host, pid, started_at, beat_at)
       INSERT INTO dead_workers (worker_id, host, pid, started_at, beat_at) SELECT * FROM silent
       ON CONFLICT (worker_id) DO UPDATE SET beat_at = EXCLUDED.beat_at
       RETURNING worker_id`,
      [deadAfterMs],
    )
    // A worker writes its heartbeat before its first job, so a lock as old as this without one has lost its holder.
    const unknown = await tx.query<{ locked_by: string }>(
      `SELECT DISTINCT locked_by FROM graphile_worker.jobs j
       WHERE locked_at < clock_timestamp() - $1 * interval '1 millisecond'
         AND NOT EXISTS (SELECT 1 FROM worker_heartbeats h WHERE h.worker_id = j.locked_by)`,
      [deadAfterMs],
    )
    const deadWorkers = [
      ...new Set([...silent.rows.map((row) => row.worker_id), ...unknown.rows.map((row) => row.locked_by)]),
    ]
    if (deadWorkers.length > 0)
      await tx.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [deadWorkers])
    // graphile-worker's own clean-up says nothing of what it deletes, and what is lost here is worth a line in the log.
    const exhausted = await tx.query<{ id: string; key: string | null }>(
      `DELETE FROM graphile_worker._private_jobs WHERE attempts >= max_attempts AND locked_at IS NULL RETURNING id, key`,
    )
    return { deadWorkers, exhaustedJobs: exhausted.rows }
  })
}

/** A worker that ends in order leaves no heartbeat, and no job locked that it could not finish. */
export async function retireWorkers(pool: Pool, workerIds: string[]): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [workerIds])
    await tx.query('DELETE FROM worker_heartbeats WHERE worker_id = ANY($1)', [workerIds])
  })
}

/** The age of the youngest heartbeat and of the last finished job of any worker, in milliseconds; null when there is none. */
export async function readWorkerHealth(
  db: Db,
): Promise<{ workers: number; beatAgeMs: number | null; lastJobAgeMs: number | null }> {
  const { rows } = await db.query<{ workers: number; beat_age: number | null; job_age: number | null }>(
    `SELECT count(DISTINCT (host, pid))::int AS workers,
            (extract(epoch FROM clock_timestamp() - max(beat_at)) * 1000)::float8 AS beat_age,
            (extract(epoch FROM clock_timestamp() - max(last_job_at)) * 1000)::float8 AS job_age
     FROM worker_heartbeats`,
  )
  const row = rows[0]
  return { workers: row?.workers ?? 0, beatAgeMs: row?.beat_age ?? null, lastJobAgeMs: row?.job_age ?? null }
}

/** One sweeper at a time in the whole cluster ("TBsw" in ASCII). */
const sweepLock = 0x54427377
