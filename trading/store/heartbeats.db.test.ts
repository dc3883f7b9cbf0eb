import { beforeEach, expect, test } from 'vitest'
import { enqueue } from '../jobs/enqueue.ts'
import { readWorkerHealth, retireWorkers, sweepDeadWorkers, writeBeats, type Beat } from './heartbeats.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
const deadAfterMs = 10_000

beforeEach(async () => {
  await db.pool.query('DELETE FROM worker_heartbeats')
  await db.pool.query('DELETE FROM graphile_worker._private_jobs')
})

test('the jobs of a silent worker are freed, those of one that speaks are not', async () => {
  await writeBeats(db.pool, [beat('alive'), beat('silent')])
  await age('silent', '11 seconds')
  await lockedJob('1', 'silent', '11 seconds')
  await lockedJob('2', 'alive', '11 seconds')
  expect(await sweepDeadWorkers(db.pool, deadAfterMs)).toEqual({ deadWorkers: ['silent'], exhaustedJobs: [] })
  expect(await holders()).toEqual({ 'run_bot:1': null, 'run_bot:2': 'alive' })
  expect(await sweepDeadWorkers(db.pool, deadAfterMs)).toEqual({ deadWorkers: [], exhaustedJobs: [] })
})

test('a holder without any heartbeat loses its jobs too, but not while it may be just starting', async () => {
  await lockedJob('1', 'stranger', '11 seconds')
  await lockedJob('2', 'newcomer', '1 second')
  expect(await sweepDeadWorkers(db.pool, deadAfterMs)).toMatchObject({ deadWorkers: ['stranger'] })
  expect(await holders()).toEqual({ 'run_bot:1': null, 'run_bot:2': 'newcomer' })
})

test('a worker that was frozen and swept comes back by its next heartbeat', async () => {
  await writeBeats(db.pool, [beat('frozen')])
  await age('frozen', '1 minute')
  expect(await sweepDeadWorkers(db.pool, deadAfterMs)).toMatchObject({ deadWorkers: ['frozen'] })
  await writeBeats(db.pool, [{ ...beat('frozen'), jobsDone: 7 }])
  await lockedJob('1', 'frozen', '1 second')
  expect(await sweepDeadWorkers(db.pool, deadAfterMs)).toEqual({ deadWorkers: [], exhaustedJobs: [] })
  expect(await holders()).toEqual({ 'run_bot:1': 'frozen' })
})

test('rows that no attempt is left for are deleted, once nobody runs them', async () => {
  await writeBeats(db.pool, [beat('alive')])
  await lockedJob('1', 'alive', '1 second')
  await lockedJob('2', 'dead', '1 hour')
  await db.pool.query('UPDATE graphile_worker._private_jobs SET attempts = max_attempts')
  const sweep = await sweepDeadWorkers(db.pool, deadAfterMs)
  expect(sweep?.exhaustedJobs.map((job) => job.key)).toEqual(['run_bot:2'])
  expect(await holders()).toEqual({ 'run_bot:1': 'alive' })
})

test('one worker sweeps at a time; the others go on without waiting', async () => {
  await lockedJob('1', 'stranger', '11 seconds')
  const sweeps = await inTransaction(db.pool, async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(x) FROM (SELECT 1413641079 AS x) lock')
    return Promise.all([sweepDeadWorkers(db.pool, deadAfterMs), sweepDeadWorkers(db.pool, deadAfterMs)])
  })
  expect(sweeps).toEqual([null, null])
})

test('a shifted clock declares nobody dead', async () => {
  await writeBeats(db.pool, [beat('alive')])
  await db.pool.query('UPDATE clock_shift SET seconds = 86400')
  try {
    expect(await sweepDeadWorkers(db.pool, deadAfterMs)).toMatchObject({ deadWorkers: [] })
    expect(await readWorkerHealth(db.pool)).toMatchObject({ workers: 1 })
  } finally {
    await db.pool.query('UPDATE clock_shift SET seconds = 0')
  }
})

test('a worker that ends in order leaves neither heartbeat nor locked jobs', async () => {
  await writeBeats(db.pool, [beat('leaving'), beat('staying')])
  await lockedJob('1', 'leaving', '1 second')
  await retireWorkers(db.pool, ['leaving'])
  expect(await holders()).toEqual({ 'run_bot:1': null })
  const { rows } = await db.pool.query('SELECT worker_id FROM worker_heartbeats')
  expect(rows).toEqual([{ worker_id: 'staying' }])
})

test('health is the age of the youngest heartbeat and of the last finished job, by process', async () => {
  expect(await readWorkerHealth(db.pool)).toEqual({ workers: 0, beatAgeMs: null, lastJobAgeMs: null })
  await writeBeats(db.pool, [beat('a'), { ...beat('b'), lastJobAgeMs: 30_000 }])
  await age('a', '5 seconds')
  const health = await readWorkerHealth(db.pool)
  expect(health.workers).toBe(1)
  expect(health.beatAgeMs).toBeLessThan(4_000)
  expect(health.lastJobAgeMs).toBeGreaterThanOrEqual(30_000)
  expect(health.lastJobAgeMs).toBeLessThan(34_000)
})

function beat(workerId: string): Beat {
  return { workerId, host: 'here', pid: 1, startedAt: new Date(), lastJobAgeMs: null, jobsDone: 0 }
}

async function age(workerId: string, by: string): Promise<void> {
  await db.pool.query('UPDATE worker_heartbeats SET beat_at = beat_at - $2::interval WHERE worker_id = $1', [
    workerId,
    by,
  ])
}

async function lockedJob(botId: string, holder: string, since: string): Promise<void> {
  await enqueue(db.pool, 'run_bot', { botId })
  await db.pool.query(
    `UPDATE graphile_worker._private_jobs SET locked_by = $2, locked_at = clock_timestamp() - $3::interval, attempts = 1 WHERE key = $1`,
    [`run_bot:${botId}`, holder, since],
  )
}

async function holders(): Promise<Record<string, string | null>> {
  const { rows } = await db.pool.query<{ key: string; locked_by: string | null }>(
    'SELECT key, locked_by FROM graphile_worker.jobs',
  )
  return Object.fromEntries(rows.map((row) => [row.key, row.locked_by]))
}
