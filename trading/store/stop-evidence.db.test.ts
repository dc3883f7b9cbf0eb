import { beforeEach, expect, test } from 'vitest'
import { aMarket } from '../domain/bot.fixture.ts'
import { decimal } from '../domain/money.ts'
import { anOrder, aPosition, aSavedBot, aUser, lead } from './bot.fixture.ts'
import { bookEvidence, type Evidence } from './booking.ts'
import { lockBot } from './bots.ts'
import { lockOrder } from './orders.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
let botId: string
beforeEach(async () => {
  botId = await aSavedBot(db.pool, await aUser(db.pool))
  await lead(db.pool, botId, 'RUNNING')
  await aPosition(db.pool, botId)
})

async function book(orderId: string, status: Evidence['status'], sold?: string): Promise<void> {
  const exchangeOrderId = `x${orderId}`
  const fills = sold === undefined ? [] : [{ ...SALE, exchangeOrderId, amount: decimal(sold) }]
  await inTransaction(db.pool, async (tx) => {
    const locked = await lockBot(tx, botId, {})
    await bookEvidence(tx, locked, await lockOrder(tx, orderId), aMarket(), {
      status,
      exchangeOrderId,
      fills,
    })
  })
}
const SALE = {
  tradeId: '1',
  side: 'SELL',
  price: decimal(50_000),
  fee: decimal(0),
  feeCurrency: 'USDT',
  executedAt: new Date(),
} as const
const aStop = (status = 'OPEN') =>
  anOrder(db.pool, botId, { status, purpose: 'PROTECTIVE_STOP', side: 'SELL' })
const order = async (id: string) =>
  (await db.pool.query(`SELECT * FROM orders WHERE id = $1`, [id])).rows[0] as Record<string, unknown>
const state = async () =>
  (await db.pool.query(`SELECT * FROM bot_states WHERE bot_id = $1`, [botId])).rows[0] as Record<
    string,
    unknown
  >
const told = async (type: string) =>
  (await db.pool.query(`SELECT 1 FROM bot_events WHERE bot_id = $1 AND type = $2`, [botId, type])).rows.length

test('a position that another order closed takes its stop along: it is cancelled, or never sent', async () => {
  for (const status of ['OPEN', 'UNKNOWN', 'INTENDED']) {
    botId = await aSavedBot(db.pool, await aUser(db.pool))
    await lead(db.pool, botId, 'RUNNING')
    await aPosition(db.pool, botId)
    const stop = await aStop(status)
    const exit = await anOrder(db.pool, botId, { status: 'NOT_PLACED', purpose: 'EXIT', side: 'SELL' })
    await book(exit, 'FILLED', '0.001')
    if (status === 'INTENDED') expect(await order(stop)).toMatchObject({ status: 'NOT_PLACED' })
    else expect(await order(stop)).toMatchObject({ status, cancel_requested: true })
    if (status !== 'INTENDED') expect((await order(stop))['next_settle_at']).not.toBeNull()
  }
})

test('the stop’s own fill cancels nothing and forgets the wish to leave', async () => {
  await db.pool.query(
    `UPDATE bot_states SET exit_purpose = 'EXIT', exit_reason = 'a test', stop_failures = 3, stop_notice = 'x' WHERE bot_id = $1`,
    [botId],
  )
  await book(await aStop(), 'FILLED', '0.001')
  expect(await state()).toMatchObject({
    exit_purpose: null,
    exit_reason: null,
    stop_failures: 0,
    stop_notice: null,
  })
  expect(await told('PROTECTIVE_STOP_FILLED')).toBe(1)
})

test('ended without our asking: told once for each way it ends, ever longer pauses; asked for, it is no failure', async () => {
  await book(await aStop(), 'EXPIRED')
  await book(await aStop(), 'EXPIRED')
  expect(await told('PROTECTIVE_STOP_FAILED')).toBe(1)
  expect(await state()).toMatchObject({ stop_failures: 2 })
  const asked = await aStop()
  await db.pool.query(`UPDATE orders SET cancel_requested = true WHERE id = $1`, [asked])
  await book(asked, 'CANCELED')
  expect(await state()).toMatchObject({ stop_failures: 2 })
  expect(await told('PROTECTIVE_STOP_FAILED')).toBe(1)
})

test('a look that finds it resting as before writes no event, no version and no tick', async () => {
  const stop = await aStop('UNKNOWN')
  await book(stop, 'OPEN')
  const before = await state()
  await book(stop, 'OPEN')
  expect(await state()).toEqual(before)
  expect(await told('ORDER_OPEN')).toBe(1)
  expect((await order(stop))['next_settle_at']).not.toBeNull()
})

test('one that was to be cancelled and is found resting is cancelled now, not at its next turn', async () => {
  const stop = await aStop('UNKNOWN')
  await db.pool.query(`UPDATE orders SET cancel_requested = true WHERE id = $1`, [stop])
  await book(stop, 'OPEN')
  const { rows } = await db.pool.query(
    `SELECT next_settle_at <= tradebot_now() AS due FROM orders WHERE id = $1`,
    [stop],
  )
  expect(rows).toEqual([{ due: true }])
})

test('cancelled unfilled while the position is worth too little to be sold: it is no dust yet', async () => {
  await db.pool.query(`UPDATE bot_states SET last_price = 4000 WHERE bot_id = $1`, [botId])
  const stop = await aStop()
  await db.pool.query(`UPDATE orders SET cancel_requested = true WHERE id = $1`, [stop])
  await book(stop, 'CANCELED')
  const { rows } = await db.pool.query(`SELECT closed_at FROM positions WHERE bot_id = $1`, [botId])
  expect(rows).toEqual([{ closed_at: null }])
})
