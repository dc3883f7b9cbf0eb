import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import { insertApiKey } from './api-keys.ts'
import { aSavedBot, aUser, lead } from './bot.fixture.ts'
import { dispatchDue } from './dispatch.ts'
import { inTransaction } from './pool.ts'
import {
  noteReconciled,
  noteReconcileFailed,
  reconcileAllNow,
  reconcileWithin,
} from './reconcile-schedule.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
const masterKey = randomBytes(32)
const EVERY_MS = 180_000
let actor: Actor
let apiKeyId: string

beforeEach(async () => {
  await db.pool.query(`UPDATE api_keys SET deleted_at = tradebot_now(), next_reconcile_at = NULL`)
  actor = await aUser(db.pool)
  apiKeyId = await inTransaction(db.pool, (tx) =>
    insertApiKey(tx, masterKey, actor.userId, {
      exchange: 'sandbox',
      label: 'key',
      acceptWithdraw: true,
      credentials: { apiKey: 'k', secretKey: 's', passphrase: null },
    }),
  )
})

test('an account that concerns nobody is not compared again; one with an active LIVE bot is, at its time', async () => {
  await noteReconciled(db.pool, apiKeyId, new Date(), EVERY_MS)
  expect(await dueInMs()).toBeNull()
  const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId })
  await noteReconciled(db.pool, apiKeyId, new Date(), EVERY_MS)
  expect(await dueInMs(), 'it is stopped').toBeNull()
  await lead(db.pool, botId, 'RUNNING')
  await noteReconciled(db.pool, apiKeyId, new Date(), EVERY_MS)
  expect(await dueInMs()).toBeGreaterThan(EVERY_MS - 5_000)
})

test('a stopped bot that kept its position is still compared', async () => {
  const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId })
  await db.pool.query(
    `INSERT INTO positions (bot_id, side, amount, average_price, entry_amount, entry_notional, cost, best_price, opened_at)
     VALUES ($1, 'BUY', 1, 1, 1, 1, 1, 1, tradebot_now())`,
    [botId],
  )
  await noteReconciled(db.pool, apiKeyId, new Date(), EVERY_MS)
  expect(await dueInMs()).toBeGreaterThan(EVERY_MS - 5_000)
})

test('an order that was sent and thought never placed is looked for sooner, by and by less often', async () => {
  const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId })
  const { rows } = await db.pool.query<{ id: string }>(
    `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id, side, purpose, status, amount,
       reference_price, reason, submitted_at, next_settle_at)
     VALUES ($1, $2, $3, 'sandbox', 'BTC/USDT', 'LIVE', 1, 'tb-lost', 'SELL', 'EXIT', 'NOT_PLACED', 1, 1, 'a test', tradebot_now(),
       tradebot_now() + interval '1 hour') RETURNING id`,
    [botId, actor.userId, apiKeyId],
  )
  const next = async (ageSeconds: number) => {
    await db.pool.query(
      `UPDATE orders SET submitted_at = tradebot_now() - make_interval(secs => $2) WHERE id = $1`,
      [rows[0]?.id, ageSeconds],
    )
    await noteReconciled(db.pool, apiKeyId, new Date(), EVERY_MS)
    return Math.round(((await dueInMs()) ?? 0) / 1000)
  }
  expect(await next(10)).toBe(30)
  expect(await next(120)).toBe(60)
  expect(await next(3_600)).toBe(180)
})

test('a bot that waits for the comparison ticks at once after one that began later than its start, not after an older one', async () => {
  const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId })
  await lead(db.pool, botId, 'PENDING')
  const later = () =>
    db.pool.query(
      `UPDATE bot_states SET next_tick_at = tradebot_now() + interval '1 hour' WHERE bot_id = $1`,
      [botId],
    )
  const isDue = async () =>
    // The column keeps milliseconds, rounded: what is due now may lie a part of one ahead.
    (
      await db.pool.query<{ due: boolean }>(
        `SELECT next_tick_at <= tradebot_now() + interval '1 ms' AS due FROM bot_states WHERE bot_id = $1`,
        [botId],
      )
    ).rows[0]?.due
  await later()
  await noteReconciled(db.pool, apiKeyId, new Date(Date.now() - 60_000), EVERY_MS)
  expect(await isDue()).toBe(false)
  await noteReconciled(db.pool, apiKeyId, new Date(Date.now() + 1_000), EVERY_MS)
  expect(await isDue()).toBe(true)
})

test('what is due gets one job, however often it is asked for; a failed comparison is tried again', async () => {
  const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId })
  await lead(db.pool, botId, 'RUNNING')
  await reconcileAllNow(db.pool)
  await reconcileWithin(db.pool, apiKeyId, 0)
  expect((await dispatchDue(db.pool, 100)).accounts).toBe(1)
  expect((await dispatchDue(db.pool, 100)).accounts, 'it has a job').toBe(0)
  await noteReconcileFailed(db.pool, apiKeyId, 'away', 10_000)
  expect(await dueInMs()).toBeGreaterThan(8_000)
  expect(await dueInMs()).toBeLessThanOrEqual(10_000)
  await reconcileWithin(db.pool, apiKeyId, 60_000)
  expect(await dueInMs(), 'sooner stays').toBeLessThanOrEqual(10_000)
})

async function dueInMs(): Promise<number | null> {
  const { rows } = await db.pool.query<{ ms: string | null }>(
    `SELECT extract(epoch FROM next_reconcile_at - tradebot_now()) * 1000 AS ms FROM api_keys WHERE id = $1`,
    [apiKeyId],
  )
  const ms = rows[0]?.ms
  return ms === null || ms === undefined ? null : Number(ms)
}
