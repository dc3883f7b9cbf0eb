import { expect, test } from 'vitest'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { writeBeats } from '#trading/store/heartbeats.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { jobsList, type JobsListResult } from '../commands/jobs-list.ts'
import { tradebotctl } from '../testing/run.ts'

const db = withTestDatabase()
const run = (...args: string[]) =>
  tradebotctl(['jobs', ...args], {
    env: {
      DATABASE_URL: db.url,
      TRADEBOT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      // The sign of life that the test writes must last for it.
      TRADEBOT_DEAD_AFTER_MS: '300000',
    },
    timeoutMs: 120_000,
  })

test(
  'jobs are listed with their bots, retried without a copy, and released from dead workers alone',
  { timeout: 300_000 },
  async () => {
    const empty = await run('list')
    expect([empty.code, empty.stdout]).toEqual([
      0,
      'The queue is empty: nothing waits, runs or has failed.\n',
    ])

    const botId = await aSavedBot(db.pool, await aUser(db.pool), { name: 'Night owl' })
    await enqueue(db.pool, 'run_bot', { botId })
    for (const orderId of ['11', '12', '13']) await enqueue(db.pool, 'settle_order', { orderId })
    const ids = (
      await db.pool.query<{ id: string }>(`SELECT id FROM graphile_worker._private_jobs ORDER BY id`)
    ).rows
    const [waiting, failed, dead, held] = ids.map(({ id }) => id)
    const set = (sql: string, values: unknown[]) =>
      db.pool.query(`UPDATE graphile_worker._private_jobs SET ${sql} WHERE id = $1`, values)
    await set(`attempts = max_attempts, last_error = 'it broke'`, [failed])
    await set(`locked_at = now() - interval '10 minutes', locked_by = 'pool-dead'`, [dead])
    await set(`locked_at = now() - interval '10 minutes', locked_by = 'pool-live'`, [held])
    const beat = { host: 'here', pid: 1, startedAt: new Date(), lastJobAgeMs: null, jobsDone: 0 }
    await writeBeats(db.pool, [{ ...beat, workerId: 'pool-live' }])

    const listed = jobsList.result.parse((await run('list', '--json')).json().result) as JobsListResult
    expect(listed.jobs.map(({ id, state, stuck }) => [id, state, stuck]).toSorted()).toEqual(
      [
        [waiting, 'WAITING', false],
        [failed, 'FAILED', true],
        [dead, 'ABANDONED', true],
        [held, 'RUNNING', false],
      ].toSorted(),
    )
    expect(listed.jobs.find(({ id }) => id === waiting)).toMatchObject({
      task: 'run_bot',
      key: `run_bot:${botId}`,
      about: { botId },
      bot: { id: botId, name: 'Night owl' },
    })
    const human = await run('list', '--stuck')
    expect(human.stdout).toMatch(/ABANDONED +orderId 12[\s\S]*jobs unlock --dead[\s\S]*jobs retry --failed/)
    expect(human.stdout).toContain('it broke')
    expect(human.stdout).not.toContain('Night owl')
    expect((await run('list', '--task', 'run_bot')).stdout).toContain(`bot ${botId} "Night owl"`)

    expect((await run('retry')).code).toBe(2)
    const retried = await run('retry', '--failed', '--json')
    expect([retried.code, retried.json().result]).toEqual([0, { retried: [failed], running: [], gone: [] }])
    const mixed = await run('retry', held ?? '', '999999')
    expect([mixed.code, mixed.stdout]).toEqual([
      1,
      `No job was moved.\nA worker has ${held}: left as they are.\nNot in the queue: 999999.\n`,
    ])

    const refused = await run('unlock', '--worker', 'pool-live', '--json')
    expect([refused.code, refused.json().error?.code]).toEqual([4, 'WORKER_ALIVE'])
    expect((await run('unlock')).code).toBe(2)
    expect((await run('unlock', '--worker', 'nobody')).code).toBe(3)
    const released = await run('unlock', '--dead', '--json')
    expect([released.code, released.json().result]).toEqual([
      0,
      { released: [{ worker: 'pool-dead', alive: false, jobs: 1 }] },
    ])
    expect((await run('unlock', '--dead')).stdout).toBe('No dead worker holds a job.\n')
    const forced = await run('unlock', '--worker', 'pool-live', '--force')
    expect([forced.code, forced.stdout]).toEqual([0, 'Released 1 job of pool-live.\n'])

    const { rows } = await db.pool.query(
      `SELECT id::text, attempts::int, locked_by FROM graphile_worker._private_jobs ORDER BY id`,
    )
    expect(rows).toEqual([waiting, failed, dead, held].map((id) => ({ id, attempts: 0, locked_by: null })))
  },
)
