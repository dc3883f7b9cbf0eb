import type { Db } from '#trading/store/pool.ts'
import { JOBS, type JobName, type JobPayload } from './jobs.ts'

/** `entry`: sends an order that opens a position; the slots kept for exits and settling refuse it. */
export type JobFlag = 'entry'

/**
 * Adds a job in the transaction of `tx`, so that it exists exactly when the rest is committed. One waiting job per key: a second
 * one replaces the first. A job that is running right now is not touched; the new one follows it.
 */
export async function enqueue<Name extends JobName>(
  tx: Db,
  name: Name,
  payload: JobPayload<Name>,
  flags: readonly JobFlag[] = [],
): Promise<void> {
  const job = JOBS[name]
  const key = (job.key as (payload: JobPayload<Name>) => string)(payload)
  await tx.query(
    `SELECT graphile_worker.add_job($1, payload := $2::json, job_key := $3, max_attempts := 3, priority := $4, job_key_mode := 'replace', flags := $5::text[])`,
    [name, JSON.stringify(payload), key, job.priority, flags.length === 0 ? null : flags],
  )
}

/** Adds many jobs of one name in one statement. */
export async function enqueueMany<Name extends JobName>(
  tx: Db,
  name: Name,
  payloads: JobPayload<Name>[],
): Promise<void> {
  if (payloads.length === 0) return
  const job = JOBS[name]
  const key = job.key as (payload: JobPayload<Name>) => string
  const specs = payloads.map((payload) => ({ payload, job_key: key(payload) }))
  await tx.query(
    `SELECT graphile_worker.add_jobs(ARRAY(
       SELECT ROW($1::text, (spec->'payload')::json, NULL::text, NULL::timestamptz, 3::smallint, spec->>'job_key', $3::smallint, NULL::text[])::graphile_worker.job_spec
       FROM jsonb_array_elements($2::jsonb) AS spec))`,
    [name, JSON.stringify(specs), job.priority],
  )
}
