import { beforeEach, expect, test } from 'vitest'
import { enqueue } from '../jobs/enqueue.ts'
import { JOBS } from '../jobs/jobs.ts'
import { dispatchDue, postponeSettle, postponeTick } from './dispatch.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
let userId: string

beforeEach(async () => {
  await db.pool.query('DELETE FROM users')
  await db.pool.query('DELETE FROM bot_configs')
  await db.pool.query('DELETE FROM graphile_worker._private_jobs')
  userId = await one(
    `INSERT INTO users (email, username, username_key, password_hash) VALUES ('a@b.c', 'abc', 'abc', 'x') RETURNING id`,
  )
})

test('a due bot gets one tick, however often and by however many workers it is looked for', async () => {
  const due = await addBot({ nextTick: '-1 second' })
  await addBot({ nextTick: '1 hour' })
  await addBot({ nextTick: null })
  const added = await Promise.all(Array.from({ length: 8 }, () => dispatchDue(db.pool, 100)))
  for (let i = 0; i < 5; i++) added.push(await dispatchDue(db.pool, 100))
  expect(added.reduce((sum, each) => sum + each.ticks, 0)).toBeGreaterThanOrEqual(1)
  expect(await jobs()).toEqual([{ key: JOBS.run_bot.key({ botId: due }), task: 'run_bot', locked: false }])
})

test('the clock that decides is tradebot_now()', async () => {
  await addBot({ nextTick: '1 hour' })
  expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 0 })
  await db.pool.query('UPDATE clock_shift SET seconds = 7200')
  try {
    expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 1 })
  } finally {
    await db.pool.query('UPDATE clock_shift SET seconds = 0')
  }
})

test('a bot that a command or another dispatcher holds is passed over, not waited for', async () => {
  const held = await addBot({ nextTick: '-1 second' })
  const free = await addBot({ nextTick: '-1 second' })
  await inTransaction(db.pool, async (tx) => {
    await tx.query('SELECT 1 FROM bot_configs WHERE id = $1 FOR UPDATE', [held])
    expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 1 })
  })
  expect((await jobs()).map((job) => job.key)).toEqual([`run_bot:${free}`])
})

test('a bot whose state is held is dispatched all the same: its tick meets the lock and says so', async () => {
  const held = await addBot({ nextTick: '-1 second' })
  await inTransaction(db.pool, async (tx) => {
    await tx.query('SELECT 1 FROM bot_states WHERE bot_id = $1 FOR UPDATE', [held])
    expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 1 })
  })
})

test('a job under way keeps its bot from a second one, unless it has hung for a minute', async () => {
  const botId = await addBot({ nextTick: '-1 second' })
  await enqueue(db.pool, 'run_bot', { botId })
  await lockJobs('10 seconds')
  expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 0 })
  await lockJobs('61 seconds')
  expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 1 })
})

test('a job that no attempt is left for, or that waits for its next, does not stand in the way', async () => {
  const botId = await addBot({ nextTick: '-1 second' })
  await enqueue(db.pool, 'run_bot', { botId })
  await db.pool.query('UPDATE graphile_worker._private_jobs SET attempts = max_attempts')
  expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 1 })
  await db.pool.query(`UPDATE graphile_worker._private_jobs SET run_at = now() + interval '20 seconds'`)
  expect(await dispatchDue(db.pool, 100)).toMatchObject({ ticks: 1 })
  const { rows } = await db.pool.query(
    `SELECT 1 FROM graphile_worker.jobs WHERE key IS NOT NULL AND run_at <= now() AND attempts = 0`,
  )
  expect(rows).toHaveLength(1)
})

test('an order that is to be settled gets its job, and an intent that lost its own gets another with its flag', async () => {
  const settling = await addOrder({ status: 'UNKNOWN', age: '0 s', nextSettle: '-1 second' })
  await addOrder({ status: 'UNKNOWN', age: '0 s', nextSettle: '30 seconds' })
  const lost = await addOrder({ status: 'INTENDED', age: '3 seconds', nextSettle: null })
  await addOrder({ status: 'INTENDED', age: '0 s', nextSettle: null })
  expect(await dispatchDue(db.pool, 100)).toEqual({ ticks: 0, settles: 1, intents: 1, accounts: 0 })
  expect(await dispatchDue(db.pool, 100)).toEqual({ ticks: 0, settles: 0, intents: 0, accounts: 0 })
  expect((await jobs()).map((job) => job.key)).toEqual([`execute_order:${lost}`, `settle_order:${settling}`])
  const { rows } = await db.pool.query(`SELECT flags FROM graphile_worker.jobs WHERE key LIKE 'execute%'`)
  expect(rows).toEqual([{ flags: { entry: true } }])
})

test('what failed is put off, and what a later moment was set for keeps it', async () => {
  const soon = await addBot({ nextTick: '-1 second' })
  const late = await addBot({ nextTick: '1 hour' })
  const order = await addOrder({ status: 'UNKNOWN', age: '0 s', nextSettle: '-1 second' })
  await postponeTick(db.pool, soon, 5_000)
  await postponeTick(db.pool, late, 5_000)
  await postponeSettle(db.pool, order, 5_000)
  expect(await dispatchDue(db.pool, 100)).toEqual({ ticks: 0, settles: 0, intents: 0, accounts: 0 })
  const { rows } = await db.pool.query<{ wait: string }>(
    `SELECT round(extract(epoch FROM next_tick_at - tradebot_now())) AS wait FROM bot_states WHERE next_tick_at IS NOT NULL ORDER BY bot_id`,
  )
  expect(rows.map((row) => Number(row.wait))).toEqual([5, 3600])
})

test('many due bots are dispatched in batches, none twice and none left', async () => {
  const config = await addBot({ nextTick: null })
  await db.pool.query(
    `WITH c AS (INSERT INTO bot_configs (user_id, name, exchange, symbol, timeframe, initial_capital, position_size_fixed, stop_loss_perc, take_profit_perc)
       SELECT user_id, 'b' || n, exchange, symbol, timeframe, initial_capital, position_size_fixed, stop_loss_perc, take_profit_perc
       FROM bot_configs, generate_series(1, 1000) n WHERE id = $1 RETURNING id)
     INSERT INTO bot_states (bot_id, equity, peak_equity, next_tick_at) SELECT id, 1, 1, tradebot_now() - interval '1 second' FROM c`,
    [config],
  )
  const added = []
  for (let i = 0; i < 4; i++) added.push((await dispatchDue(db.pool, 400)).ticks)
  expect(added).toEqual([400, 400, 200, 0])
})

async function addBot({ nextTick }: { nextTick: string | null }): Promise<string> {
  const id = await one(
    `INSERT INTO bot_configs (user_id, name, exchange, symbol, timeframe, initial_capital, position_size_fixed, stop_loss_perc, take_profit_perc)
     VALUES ($1, gen_random_uuid()::text, 'sandbox', 'BTC/USDT', '1s', 1000, 100, 2, 4) RETURNING id`,
    [userId],
  )
  await db.pool.query(
    `INSERT INTO bot_states (bot_id, equity, peak_equity, next_tick_at) VALUES ($1, 1000, 1000, tradebot_now() + $2::interval)`,
    [id, nextTick],
  )
  return id
}

async function addOrder(order: { status: string; age: string; nextSettle: string | null }): Promise<string> {
  const botId = await addBot({ nextTick: null })
  return one(
    `INSERT INTO orders (bot_id, user_id, exchange, symbol, mode, revision, client_order_id, side, purpose, signal_candle_at, status, amount, reference_price, reason, updated_at, next_settle_at)
     VALUES ($1, $2, 'sandbox', 'BTC/USDT', 'PAPER', 1, gen_random_uuid()::text, 'BUY', 'ENTRY', now(), $3::"OrderStatus", 1, 1, 'test',
       tradebot_now() - $4::interval, tradebot_now() + $5::interval) RETURNING id`,
    [botId, userId, order.status, order.age, order.nextSettle],
  )
}

async function one(sql: string, values: unknown[] = []): Promise<string> {
  const { rows } = await db.pool.query<{ id: string }>(sql, values)
  return rows[0]?.id ?? ''
}

async function lockJobs(age: string): Promise<void> {
  await db.pool.query(
    `UPDATE graphile_worker._private_jobs SET locked_by = 'someone', locked_at = clock_timestamp() - $1::interval`,
    [age],
  )
}

async function jobs() {
  const { rows } = await db.pool.query<{ key: string; task: string; locked: boolean }>(
    `SELECT key, task_identifier AS task, locked_at IS NOT NULL AS locked FROM graphile_worker.jobs ORDER BY key`,
  )
  return rows
}
