import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { makeLogger } from '#trading/config/logger.ts'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { makePool } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { startHeartbeat } from './heartbeat.ts'
import { startRunner } from './runner.ts'

const db = withTestDatabase()
const logger = makeLogger('test', 'silent')
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

test('the job of a worker killed with SIGKILL is done by another within the time of a dead heartbeat', async () => {
  await enqueue(db.pool, 'run_bot', { botId: '1' })
  const victim = spawn(
    process.execPath,
    [fileURLToPath(new URL('hanging-worker.fixture.ts', import.meta.url))],
    {
      env: { ...process.env, DATABASE_URL: db.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  cleanups.push(async () => victim.kill('SIGKILL'))
  const [words] = (await once(victim.stdout, 'data')) as [Buffer]
  const victimPool = /holding (\S+)/.exec(words.toString())?.[1]
  expect(await holder('run_bot:1')).toBe(victimPool)

  const done: unknown[] = []
  await startSurvivor((payload) => done.push(payload), { deadAfterMs: 1_500 })
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(done).toEqual([]) // the victim lives and speaks

  victim.kill('SIGKILL')
  const killedAt = performance.now()
  await vi.waitFor(() => expect(done).toEqual([{ botId: '1' }]), { timeout: 8_000, interval: 50 })
  expect(performance.now() - killedAt).toBeLessThan(4_000)
})

test('a worker frozen beyond its death loses its job, and comes back without harm', async () => {
  await enqueue(db.pool, 'run_bot', { botId: '2' })
  const frozen = spawn(
    process.execPath,
    [fileURLToPath(new URL('hanging-worker.fixture.ts', import.meta.url))],
    {
      env: { ...process.env, DATABASE_URL: db.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  cleanups.push(async () => frozen.kill('SIGKILL'))
  const [words] = (await once(frozen.stdout, 'data')) as [Buffer]
  const frozenPool = /holding (\S+)/.exec(words.toString())?.[1]
  frozen.kill('SIGSTOP')
  const done: unknown[] = []
  await startSurvivor((payload) => done.push(payload), { deadAfterMs: 1_500 })
  await vi.waitFor(() => expect(done).toEqual([{ botId: '2' }]), { timeout: 8_000, interval: 50 })
  expect(await heartbeats()).not.toContain(frozenPool)
  frozen.kill('SIGCONT')
  await vi.waitFor(async () => expect(await heartbeats()).toContain(frozenPool), { timeout: 5_000 })
})

test('stopping waits for the job under way, and no longer than it is told to', async () => {
  const gate = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const survivor = await startSurvivor(
    async () => {
      started.resolve()
      await gate.promise
    },
    { deadAfterMs: 60_000 },
  )
  await enqueue(db.pool, 'run_bot', { botId: '3' })
  await started.promise
  const began = performance.now()
  await survivor.stop(300)
  expect(performance.now() - began).toBeGreaterThanOrEqual(290)
  expect(performance.now() - began).toBeLessThan(2_000)
  expect(await holder('run_bot:3')).toBe(survivor.poolId)
  gate.resolve()
  await survivor.ended
  expect(await holder('run_bot:3')).toBeUndefined()
})

test('jobs with a forbidden flag are left to other runners', async () => {
  const done: unknown[] = []
  await startSurvivor((payload) => done.push(payload), { deadAfterMs: 60_000, forbiddenFlags: ['entry'] })
  await db.pool.query(
    `SELECT graphile_worker.add_job('run_bot', payload := '{"botId":"4"}', job_key := 'run_bot:4', flags := ARRAY['entry'])`,
  )
  await enqueue(db.pool, 'run_bot', { botId: '5' })
  await vi.waitFor(() => expect(done).toEqual([{ botId: '5' }]), { timeout: 5_000 })
  expect(await holder('run_bot:4')).toBeNull()
})

async function startSurvivor(
  task: (payload: unknown) => unknown,
  options: { deadAfterMs: number; forbiddenFlags?: string[] },
) {
  const pool = makePool(db.url, { max: 6, applicationName: 'survivor', logger })
  const heartbeat = startHeartbeat(pool, { heartbeatMs: 200, deadAfterMs: options.deadAfterMs }, logger)
  const tasks = { run_bot: async (payload: unknown) => void (await task(payload)) }
  const { forbiddenFlags } = options
  const runner = await startRunner({
    pool,
    heartbeat,
    logger,
    concurrency: 2,
    tasks,
    ...(forbiddenFlags ? { forbiddenFlags } : {}),
  })
  cleanups.push(async () => {
    await runner.stop(1_000)
    await heartbeat.stop()
    await pool.end()
  })
  return runner
}

async function holder(key: string): Promise<string | null | undefined> {
  const { rows } = await db.pool.query<{ locked_by: string | null }>(
    'SELECT locked_by FROM graphile_worker.jobs WHERE key = $1',
    [key],
  )
  return rows[0]?.locked_by
}

async function heartbeats(): Promise<string[]> {
  const { rows } = await db.pool.query<{ worker_id: string }>('SELECT worker_id FROM worker_heartbeats')
  return rows.map((row) => row.worker_id)
}
