import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import { aMarket } from '../domain/bot.fixture.ts'
import type { VenueFill } from '../domain/exchange.ts'
import { decimal } from '../domain/money.ts'
import { anOrder, aSavedBot, aUser, lead } from './bot.fixture.ts'
import { bookEvidence, type Evidence } from './booking.ts'
import { lockBot } from './bots.ts'
import { lockOrder, markOrder } from './orders.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
let actor: Actor
let botId: string
beforeEach(async () => {
  actor = await aUser(db.pool)
  botId = await aSavedBot(db.pool, actor)
  await lead(db.pool, botId, 'RUNNING')
})

let nextNumber = 1
const fill = (
  exchangeOrderId: string,
  side: 'BUY' | 'SELL',
  amount: string,
  price = '50000',
  tradeId = String(nextNumber++),
): VenueFill => ({
  tradeId,
  exchangeOrderId,
  side,
  amount: decimal(amount),
  price: decimal(price),
  fee: decimal(0),
  feeCurrency: 'USDT',
  executedAt: new Date(),
})
const evidence = (status: Evidence['status'], fills: VenueFill[]): Evidence => ({
  status,
  exchangeOrderId: fills[0]?.exchangeOrderId ?? 'none',
  fills,
})

async function book(orderId: string, given: Evidence): Promise<void> {
  await inTransaction(db.pool, async (tx) => {
    const locked = await lockBot(tx, botId, {})
    await bookEvidence(tx, locked, await lockOrder(tx, orderId), aMarket(), given)
  })
}

test('the same evidence given eight times at once is booked once', async () => {
  const orderId = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  const given = evidence('FILLED', [fill('a1', 'BUY', '0.0004'), fill('a1', 'BUY', '0.0006', '50100')])
  await Promise.all(Array.from({ length: 8 }, () => book(orderId, given)))
  expect(await sums()).toEqual({ fills: 2, held: '0.001', trades: 1, filled: '0.001', status: 'FILLED' })
})

test('fills that come in pieces, out of order and again, add up', async () => {
  const orderId = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  const [one, two, three] = [
    fill('b1', 'BUY', '0.0002'),
    fill('b1', 'BUY', '0.0003'),
    fill('b1', 'BUY', '0.0005'),
  ] as const
  await book(orderId, evidence('PARTIALLY_FILLED', [two]))
  await book(orderId, evidence('PARTIALLY_FILLED', [one, two]))
  expect(await sums()).toMatchObject({ fills: 2, held: '0.0005', trades: 1, status: 'PARTIALLY_FILLED' })
  await book(orderId, evidence('FILLED', [three, two, one]))
  expect(await sums()).toMatchObject({ fills: 3, held: '0.001', status: 'FILLED' })
  // An answer that was under way all the time: its status is past, its fills are known.
  await book(orderId, evidence('PARTIALLY_FILLED', [one]))
  await book(orderId, evidence('OPEN', []))
  expect(await sums()).toEqual({ fills: 3, held: '0.001', trades: 1, filled: '0.001', status: 'FILLED' })
})

test.each(['NOT_PLACED', 'REJECTED'] as const)(
  'evidence of an order that was %s reopens it',
  async (status) => {
    const orderId = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
    await inTransaction(db.pool, (tx) =>
      markOrder(tx, orderId, { status, code: 'X', message: 'x', settleInMs: null }),
    )
    await book(orderId, evidence('FILLED', [fill(`c-${status}`, 'BUY', '0.001')]))
    expect(await sums()).toMatchObject({ fills: 1, held: '0.001', status: 'FILLED' })
    expect(await lastEvent('ORDER_FOUND_LATE')).toContain('thought not to be placed')
  },
)

test('found late while a position is open: both are held, the bot pauses for a person to look', async () => {
  const late = await anOrder(db.pool, botId, { status: 'NOT_PLACED' })
  const entry = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  await book(entry, evidence('FILLED', [fill('d1', 'BUY', '0.001')]))
  await book(late, evidence('FILLED', [fill('d2', 'BUY', '0.001', '52000')]))
  expect(await sums()).toMatchObject({ fills: 2, held: '0.002', trades: 2 })
  expect(await state()).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
  expect(await lastEvent('STATUS')).toContain('holds more than it meant to')
})

test('found late while paused for the day: midnight does not wake a bot whose books a person should look at', async () => {
  const late = await anOrder(db.pool, botId, { status: 'NOT_PLACED' })
  const entry = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  await book(entry, evidence('FILLED', [fill('g1', 'BUY', '0.001')]))
  await db.pool.query(
    `UPDATE bot_states SET status = 'PAUSED', pause_reason = 'DAILY_TRADES', pause_day = tradebot_today() WHERE bot_id = $1`,
    [botId],
  )
  await book(late, evidence('FILLED', [fill('g2', 'BUY', '0.001')]))
  expect(await state()).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION', pause_day: null })
})

test('a sell without a position: its fills are kept, no profit is invented, the bot pauses', async () => {
  const late = await anOrder(db.pool, botId, { status: 'NOT_PLACED', purpose: 'EXIT', side: 'SELL' })
  await book(late, evidence('FILLED', [fill('e1', 'SELL', '0.001')]))
  expect(await sums()).toMatchObject({ fills: 1, held: null })
  expect(await state()).toMatchObject({
    status: 'PAUSED',
    pause_reason: 'RECONCILIATION',
    realized_pnl: '0.000000000000000000',
  })
})

test('Postgres itself holds what books promise', async () => {
  const orderId = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  await book(orderId, evidence('FILLED', [fill('f1', 'BUY', '0.001')]))
  const sql = (text: string) => db.pool.query(text, [orderId])
  await expect(sql(`UPDATE orders SET filled = 0 WHERE id = $1`)).rejects.toMatchObject({
    constraint: 'order_evidence',
  })
  await expect(sql(`UPDATE orders SET status = 'UNKNOWN' WHERE id = $1`)).rejects.toMatchObject({
    constraint: 'order_evidence',
  })
  await expect(sql(`UPDATE orders SET status = 'INTENDED' WHERE id = $1`)).rejects.toMatchObject({
    constraint: 'order_once',
  })
  await expect(sql(`UPDATE orders SET status = 'SUBMITTING' WHERE id = $1`)).rejects.toMatchObject({
    constraint: 'order_once',
  })
  await anOrder(db.pool, botId, { status: 'UNKNOWN', purpose: 'EXIT', side: 'SELL' })
  await expect(
    anOrder(db.pool, botId, { status: 'INTENDED', purpose: 'STOP_LOSS', side: 'SELL' }),
  ).rejects.toMatchObject({
    constraint: 'orders_one_unsettled',
  })
  await anOrder(db.pool, botId, { status: 'OPEN', purpose: 'PROTECTIVE_STOP', side: 'SELL' })
})

async function sums() {
  const { rows } = await db.pool.query<{
    fills: number
    held: string | null
    trades: number
    filled: string
    status: string
  }>(
    `SELECT (SELECT count(*)::int FROM fills WHERE bot_id = $1) AS fills,
       (SELECT trim_scale(amount)::text FROM positions WHERE bot_id = $1 AND closed_at IS NULL) AS held,
       (SELECT trade_count FROM bot_days WHERE bot_id = $1) AS trades, trim_scale(o.filled)::text AS filled, o.status
     FROM orders o WHERE o.bot_id = $1 ORDER BY o.id LIMIT 1`,
    [botId],
  )
  return rows[0]
}

async function state() {
  return (await db.pool.query<Record<string, unknown>>(`SELECT * FROM bot_states WHERE bot_id = $1`, [botId]))
    .rows[0]
}

async function lastEvent(type: string): Promise<string> {
  const { rows } = await db.pool.query<{ message: string }>(
    `SELECT message FROM bot_events WHERE bot_id = $1 AND type = $2 ORDER BY seq DESC LIMIT 1`,
    [botId, type],
  )
  return rows[0]?.message ?? ''
}
