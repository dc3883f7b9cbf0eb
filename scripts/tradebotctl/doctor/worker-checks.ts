import type { Pool } from '#trading/store/pool.ts'
import { missingAdvice } from './advice.ts'
import { ago, bad, ok, warning, type Check } from './check.ts'
import type { Told } from './told.ts'

const WORKER_LOG = 'logs/worker.log'

export type Workers = { checks: Check[]; alive: number }

/** Worker processes by their signs of life; one that was silent for long has lost its jobs to the others. */
export async function checkWorkers(told: Told, pool: Pool): Promise<Workers> {
  const { rows } = await pool.query<{
    host: string
    pid: number
    age: number
    job_age: number | null
    jobs: string
  }>(
    `SELECT host, pid, (extract(epoch FROM clock_timestamp() - max(beat_at)) * 1000)::float8 AS age,
            (extract(epoch FROM clock_timestamp() - max(last_job_at)) * 1000)::float8 AS job_age, sum(jobs_done)::text AS jobs
     FROM worker_heartbeats GROUP BY host, pid ORDER BY host, pid`,
  )
  const { deadAfterMs } = told.settings.timing
  const alive = rows.filter(({ age }) => age < deadAfterMs)
  const silent = rows.filter(({ age }) => age >= deadAfterMs)
  const dead = await pool.query<{ host: string; pid: number; beat_at: Date }>(
    'SELECT DISTINCT ON (host, pid) host, pid, beat_at FROM dead_workers ORDER BY host, pid, beat_at DESC',
  )
  const checks: Check[] = [
    alive.length === 0
      ? bad('workers', 'none is alive: no bot is looked after', missingAdvice(told, WORKER_LOG))
      : ok('workers', `${alive.length} alive`),
    ...alive.map(({ host, pid, age, job_age, jobs }) =>
      ok(
        'worker',
        `process ${pid} on ${host}, last sign of life ${ago(age)} ago, ${jobs} jobs done, the last ${job_age === null ? 'never' : `${ago(job_age)} ago`}`,
      ),
    ),
    ...silent.map(({ host, pid, age }) =>
      warning(
        'worker',
        `process ${pid} on ${host} is dead: silent for ${ago(age)}`,
        alive.length === 0
          ? 'Its jobs are freed as soon as a worker runs.'
          : 'Its jobs are freed by the others; see its log, and start another one if it is missed.',
      ),
    ),
    ...dead.rows.map(({ host, pid, beat_at }) =>
      warning(
        'worker',
        `process ${pid} on ${host} died; its last sign of life came at ${beat_at.toISOString()}`,
        'Its jobs were freed; see its log, and start another one if it is missed.',
      ),
    ),
  ]
  return { checks, alive: alive.length }
}

/** Jobs that no worker comes to, and those that nobody tries again. */
export async function checkJobs(told: Told, pool: Pool, workersAlive: number): Promise<Check[]> {
  const { rows } = await pool.query<{
    waiting: number
    exhausted: number
    stuck: number
    longest: number | null
  }>(
    `SELECT count(*) FILTER (WHERE late AND locked_at IS NULL AND attempts < max_attempts)::int AS waiting,
            count(*) FILTER (WHERE attempts >= max_attempts AND locked_at IS NULL)::int AS exhausted,
            count(*) FILTER (WHERE locked_at < now() - $1 * interval '1 millisecond' AND NOT held)::int AS stuck,
            (extract(epoch FROM now() - min(run_at) FILTER (WHERE late AND locked_at IS NULL AND attempts < max_attempts)) * 1000)::float8 AS longest
     FROM (SELECT j.*, run_at < now() - interval '1 minute' AS late,
                  EXISTS (SELECT FROM worker_heartbeats h WHERE h.worker_id = j.locked_by) AS held
           FROM graphile_worker.jobs j) jobs`,
    [told.settings.timing.deadAfterMs],
  )
  const { waiting = 0, exhausted = 0, stuck = 0, longest = null } = rows[0] ?? {}
  const checks = [
    ...(stuck === 0
      ? []
      : [
          warning(
            'jobs-stuck',
            `${stuck} held by workers that are gone`,
            workersAlive > 0
              ? 'A worker frees them within seconds; else: tradebotctl jobs unlock.'
              : missingAdvice(told, WORKER_LOG),
          ),
        ]),
    ...(exhausted === 0
      ? []
      : [
          warning(
            'jobs-exhausted',
            `${exhausted} that no attempt is left for`,
            'See them with tradebotctl jobs list; tradebotctl jobs retry tries them again.',
          ),
        ]),
    ...(waiting === 0
      ? []
      : [
          warning(
            'jobs-waiting',
            `${waiting} wait for more than a minute, the longest ${ago(longest ?? 0)}`,
            workersAlive > 0
              ? 'The workers do not keep up: start another one.'
              : missingAdvice(told, WORKER_LOG),
          ),
        ]),
  ]
  return checks.length > 0 ? checks : [ok('jobs', 'none is stuck')]
}
