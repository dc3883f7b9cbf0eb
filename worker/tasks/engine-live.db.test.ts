import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { Actor } from '#trading/domain/actor.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { aUser } from '#trading/store/bot.fixture.ts'
import { stopBot } from '#trading/store/bot-commands.ts'
import { haltTrading } from '#trading/store/halt.ts'
import { resolveOrder } from '#trading/store/resolve-order.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { afterHints, type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'
import { executeOrder } from './execute-order.ts'
import { settleOrder } from './settle-order.ts'
import { makeVenueBooks } from './venue-books.fixture.ts'

const ORDER = 'POST /api/v3/order'
const db = withTestDatabase()
let sandbox: Sandbox
let engine: Engine
let actor: Actor
let venueKey: string
let apiKeyId: string
let books: ReturnType<typeof makeVenueBooks>

beforeAll(async () => {
  sandbox = await startSandbox()
  // Four processes at once on a busy machine need more than the usual half second.
  engine = makeEngine(db.pool, db.url, sandbox.url, { sendBudgetMs: 1_500 })
  await knowMarkets(db.pool)
})
afterAll(async () => {
  await sandbox.close()
  await afterHints(db.pool)
})
beforeEach(async () => {
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
  await hold(50_000)
  actor = await aUser(db.pool)
  const { credentials } = await openSandboxAccount(sandbox.url)
  venueKey = credentials.apiKey
  apiKeyId = await engine.key(actor, credentials)
  books = makeVenueBooks(engine, sandbox.url, venueKey)
})

test('a LIVE round trip: orders, fills and balances are the exchange’s own to the last digit, and dust stops no entry', async () => {
  const botId = await running()
  for (let round = 1; round <= 3; round++) {
    await engine.crossUp(50_000)
    expect(await engine.tick(botId), `entry ${round}`).toBe('Ticked, ENTRY intended')
    expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
    await engine.crossDown(50_100)
    expect(await engine.tick(botId), `exit ${round}`).toBe('Ticked, EXIT intended')
    expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
    expect(
      await engine.openPosition(botId),
      'the fee in BTC leaves less than a step: dust, and flat',
    ).toBeNull()
    expect(Number((await engine.state(botId)).dust_amount)).toBeGreaterThan(0)
  }
  expect((await engine.state(botId)).daily_trade_count).toBe(3)
  await books.expectBooksToAgree(botId)
  await books.expectMoneyToAddUp(botId)
})

test('the answer to an order is lost: UNKNOWN, then settled by looking, one order on both sides', async () => {
  const botId = await intending()
  await fault('drop')
  expect(await engine.send(botId)).toEqual(['Unknown'])
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'UNKNOWN', error_code: 'OUTCOME_UNKNOWN' })
  expect(await engine.tick(botId), 'nothing else while an order is unsettled').toBe('Ticked')
  await settled(botId)
  expect((await engine.lastOrder(botId)).status).toBe('FILLED')
  expect(await engine.openPosition(botId)).not.toBeNull()
  await books.expectBooksToAgree(botId)
})

test('a 5xx after the order was accepted is UNKNOWN too, never failed', async () => {
  const botId = await intending()
  await fault('5xx_after')
  expect(await engine.send(botId)).toEqual(['Unknown'])
  await settled(botId)
  await books.expectBooksToAgree(botId)
})

test('execute_order four times at once, and again after: sent once', async () => {
  const botId = await intending()
  const { id } = await engine.lastOrder(botId)
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => executeOrder({ orderId: id }, engine.makeDeps())))
  outcomes.push(await executeOrder({ orderId: id }, engine.deps))
  expect(outcomes.filter((outcome) => outcome.startsWith('Placed'))).toHaveLength(1)
  expect(await books.venueOrders()).toHaveLength(1)
  await books.expectBooksToAgree(botId)
})

test('killed between claim and send: looked for three times after the deadline, then NOT_PLACED', async () => {
  const botId = await intending()
  // The claim as execute_order commits it, and then nothing: the process is gone.
  await db.pool.query(
    `UPDATE orders SET status = 'SUBMITTING', submitted_at = tradebot_now(), submit_deadline = tradebot_now() + interval '1 second',
       next_settle_at = tradebot_now() WHERE bot_id = $1`,
    [botId],
  )
  const outcomes = await settled(botId)
  expect(outcomes[0], 'a look before the deadline proves nothing').toBe('Not found yet')
  expect(outcomes.slice(-3)).toEqual(['Not found (1 of 3)', 'Not found (2 of 3)', 'Not placed'])
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'NOT_PLACED', error_code: 'NOT_FOUND' })
  expect(await books.venueOrders()).toEqual([])
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
})

test('accepted but hidden for a while, thought not placed, found late: the evidence wins', async () => {
  const botId = await intending()
  await fault('hide', { ms: 8_000 })
  await fault('drop')
  expect(await engine.send(botId)).toEqual(['Unknown'])
  await db.pool.query(`UPDATE orders SET submit_deadline = tradebot_now() WHERE bot_id = $1`, [botId])
  await settled(botId)
  expect((await engine.lastOrder(botId)).status).toBe('NOT_PLACED')
  await sleep(5_000)
  await db.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE bot_id = $1`, [botId])
  await engine.settleUntil(botId, async () => (await engine.lastOrder(botId)).status === 'FILLED')
  expect(await engine.eventTypes(botId)).toContain('ORDER_FOUND_LATE')
  expect((await engine.lastOrder(botId)).status).toBe('FILLED')
  expect(await engine.openPosition(botId)).not.toBeNull()
  await books.expectBooksToAgree(botId)
})

test('accepted, then not known to the exchange any more: UNKNOWN, never thought not placed, and a person is asked', async () => {
  const botId = await intending()
  await fault('partial', { ms: 60_000 })
  await fault('hide', { ms: 60_000 })
  await engine.send(botId)
  const { id, filled } = await engine.lastOrder(botId)
  await db.pool.query(`UPDATE orders SET submit_deadline = tradebot_now() WHERE id = $1`, [id])
  const look = async () => {
    await db.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE id = $1`, [id])
    return settleOrder({ orderId: id }, engine.deps)
  }
  expect(await look()).toBe('Not found (1 of 3)')
  expect(await look()).toBe('Not found (2 of 3)')
  expect(await look()).toBe('Unknown (ORDER_VANISHED)')
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'UNKNOWN', filled })
  await db.pool.query(`UPDATE orders SET unknown_since = tradebot_now() - interval '1 day' WHERE id = $1`, [
    id,
  ])
  expect(await look()).toBe('Unknown (asked a person)')
  expect(await engine.state(botId)).toMatchObject({ status: 'ERROR', error_code: 'ORDER_UNKNOWN' })
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
})

test('found late after a stop with CLOSE: what it bought is sold, both sides end flat', async () => {
  const botId = await intending()
  await fault('drop')
  await engine.send(botId)
  await engine.in((tx) => stopBot(tx, actor, botId, 'CLOSE'))
  // As three looks of a venue that does not show it would have concluded.
  await db.pool.query(`UPDATE orders SET status = 'NOT_PLACED', next_settle_at = NULL WHERE bot_id = $1`, [
    botId,
  ])
  await engine.tick(botId)
  expect(await engine.state(botId)).toMatchObject({ closing: false })
  await db.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE bot_id = $1`, [botId])
  await engine.settleUntil(botId, async () => (await engine.lastOrder(botId)).status === 'FILLED')
  expect(await engine.tick(botId)).toBe('Ticked, CLOSE intended')
  await engine.send(botId)
  await engine.tick(botId)
  await expectFlat(botId)
})

test('stopped with CLOSE while the entry’s answer is awaited: in the end flat on both sides', async () => {
  const botId = await intending()
  await fault('delay', { ms: 2_500 })
  const sending = engine.send(botId)
  await expect.poll(async () => (await engine.lastOrder(botId)).status).toBe('SUBMITTING')
  await engine.in((tx) => stopBot(tx, actor, botId, 'CLOSE'))
  expect(await engine.tick(botId)).toBe('Ticked')
  expect(await engine.state(botId)).toMatchObject({ status: 'STOPPED', closing: true })
  expect(await sending).toEqual(['Unknown'])
  await settled(botId)
  expect(await engine.tick(botId)).toBe('Ticked, CLOSE intended')
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
  await engine.tick(botId)
  await expectFlat(botId)
})

test('an order that fills in pieces over time is booked piece by piece, and stop with CLOSE waits for its end', async () => {
  const botId = await intending()
  await fault('partial', { ms: 3_000, pieces: 4 })
  expect(await engine.send(botId)).toEqual(['Placed (PARTIALLY_FILLED)'])
  const first = await engine.openPosition(botId)
  expect(first).not.toBeNull()
  expect(await engine.state(botId)).toMatchObject({ daily_trade_count: 1 })
  await engine.in((tx) => stopBot(tx, actor, botId, 'CLOSE'))
  expect(await engine.tick(botId), 'no close while the entry is unsettled').toBe('Ticked')
  await settled(botId)
  expect(['CANCELED', 'FILLED']).toContain((await engine.lastOrder(botId)).status)
  expect(await engine.tick(botId)).toBe('Ticked, CLOSE intended')
  await engine.send(botId)
  await engine.tick(botId)
  await expectFlat(botId)
})

test('a refused exit backs off and alerts, each time longer, and goes out in the end', async () => {
  const botId = await holding()
  await fault('reject', { count: 2 })
  await engine.show([40_000], 40_000)
  for (const failures of [1, 2]) {
    expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect((await engine.send(botId))[0]).toMatch(/^Refused/)
    const { exit_failures, exit_retry_at } = await engine.state(botId)
    expect(exit_failures).toBe(failures)
    expect(exit_retry_at?.getTime()).toBeGreaterThan(Date.now() + 2 ** failures * 1000 - 1_500)
    expect(await engine.tick(botId), 'not before the back-off is over').toBe('Ticked')
    await db.pool.query(`UPDATE bot_states SET exit_retry_at = tradebot_now() WHERE bot_id = $1`, [botId])
  }
  expect((await engine.eventTypes(botId)).filter((type) => type === 'EXIT_REFUSED')).toHaveLength(2)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
  expect(await engine.state(botId)).toMatchObject({ exit_failures: 0, exit_retry_at: null })
})

test('a refused entry spends its candle', async () => {
  const botId = await intending()
  await fault('reject')
  expect(await engine.send(botId)).toEqual(['Refused (BALANCE_INSUFFICIENT)'])
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'REJECTED', next_settle_at: null })
  for (let count = 0; count < 3; count++) expect(await engine.tick(botId)).toBe('Ticked')
  expect(await books.venueOrders()).toEqual([])
})

test('the bot says why the exchange refused its last entry, until the next one goes out', async () => {
  const botId = await intending()
  await fault('reject', { code: -1013, msg: 'Filter failure: MAX_POSITION' })
  expect(await engine.send(botId)).toEqual(['Refused (ORDER_INVALID)'])
  for (let count = 0; count < 2; count++) expect(await engine.tick(botId)).toBe('Ticked')
  expect(await engine.state(botId)).toMatchObject({
    notice: 'ORDER_REFUSED',
    notice_message: expect.stringMatching(/ refused ENTRY order \d+: Filter failure: MAX_POSITION/),
  })
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
  expect(await engine.state(botId)).toMatchObject({ notice: null, notice_message: null })
})

test('halted in position: the stop loss goes out at the exchange, an entry does not', async () => {
  const botId = await holding()
  await engine.in((tx) => haltTrading(tx, actor, false))
  await engine.crossUp(40_000)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked')
  expect((await books.venueOrders()).map((order) => order.side)).toEqual(['BUY', 'SELL'])
})

test('the exchange is away before the claim: nothing is claimed, the intent waits; an entry goes stale', async () => {
  const botId = await intending()
  const { id } = await engine.lastOrder(botId)
  await control(sandbox.url, 'POST', '/sandbox/faults', { endpoint: '*', kind: 'reset', count: 50 })
  // A worker that has just started: it has to load the markets first.
  expect(await executeOrder({ orderId: id }, engine.makeDeps())).toBe('Waits (UNREACHABLE)')
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'INTENDED' })
  await db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE id = $1`, [id])
  expect(await executeOrder({ orderId: id }, engine.makeDeps())).toBe('Denied (VENUE_UNREACHABLE)')
  expect(await books.venueOrders()).toEqual([])
})

test('an order that was never sent is not looked for as if it had been', async () => {
  const botId = await intending()
  const { id } = await engine.lastOrder(botId)
  await db.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE id = $1`, [id])
  expect(await settleOrder({ orderId: id }, engine.deps)).toBe('Skipped (not sent)')
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'INTENDED', next_settle_at: null })
})

test('not found, but a stranger’s trade since the send: UNKNOWN, then a person is asked, whose answer is checked', async () => {
  const other = await holding()
  const botId = await intending()
  await db.pool.query(
    `UPDATE orders SET status = 'UNKNOWN', submitted_at = tradebot_now() - interval '1 minute', submit_deadline = tradebot_now(),
       unknown_since = tradebot_now() - interval '1 minute', not_found_count = 2, next_settle_at = tradebot_now() WHERE bot_id = $1`,
    [botId],
  )
  // The other bot's order is not in the books under its number any more: its trade belongs to nobody.
  const known = (await engine.lastOrder(other)).exchange_order_id ?? ''
  await db.pool.query(`UPDATE orders SET exchange_order_id = NULL WHERE bot_id = $1`, [other])
  const { id } = await engine.lastOrder(botId)
  expect(await settleOrder({ orderId: id }, engine.deps)).toBe('Unknown (asked a person)')
  expect(await engine.state(botId)).toMatchObject({ status: 'ERROR', error_code: 'ORDER_UNKNOWN' })
  expect((await engine.state(botId)).error_message).toContain('resolveOrder')

  const answer = (outcome: 'PLACED' | 'NOT_PLACED', exchangeOrderId: string | null) =>
    engine.in((tx) => resolveOrder(tx, actor, { id, outcome, exchangeOrderId }))
  await expect(answer('PLACED', null)).rejects.toThrow('exchangeOrderId is needed')
  await db.pool.query(`UPDATE orders SET exchange_order_id = $2 WHERE bot_id = $1`, [other, known])
  await expect(answer('PLACED', known)).rejects.toThrow('belongs to another order')
  await expect(answer('NOT_PLACED', known)).rejects.toThrow('goes with PLACED only')
  await answer('NOT_PLACED', null)
  expect(await engine.lastOrder(botId)).toMatchObject({
    status: 'NOT_PLACED',
    error_code: 'RESOLVED_BY_PERSON',
  })
  await expect(answer('NOT_PLACED', null)).rejects.toThrow('only one in UNKNOWN')
  expect(await engine.fills(botId)).toEqual([])
})

test('a person who names the order’s own number gets its fills from the exchange, not from the answer', async () => {
  const botId = await intending()
  await fault('drop')
  await engine.send(botId)
  const { id } = await engine.lastOrder(botId)
  const [placed] = await books.venueOrders()
  await engine.in((tx) =>
    resolveOrder(tx, actor, { id, outcome: 'PLACED', exchangeOrderId: String(placed?.orderId) }),
  )
  await settled(botId)
  await books.expectBooksToAgree(botId)
})

test('an older look recorded after a newer one takes nothing back', async () => {
  const botId = await intending()
  await fault('partial', { ms: 1_500, pieces: 3 })
  await engine.send(botId)
  const { id } = await engine.lastOrder(botId)
  await db.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE id = $1`, [id])
  await Promise.all([1, 2, 3].map(() => settleOrder({ orderId: id }, engine.makeDeps())))
  await settled(botId)
  await books.expectBooksToAgree(botId)
})

const running = async (more: Partial<BotConfig> = {}) =>
  (await engine.running({ mode: 'LIVE', apiKeyId, ...more }, actor)).botId

/** A LIVE bot with an entry intended and not yet sent. */
async function intending(): Promise<string> {
  const botId = await running()
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
  return botId
}

async function holding(): Promise<string> {
  const botId = await intending()
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
  return botId
}

const settled = (botId: string) =>
  engine.settleUntil(botId, async () =>
    (await engine.orders(botId)).every((order) =>
      ['FILLED', 'CANCELED', 'REJECTED', 'NOT_PLACED', 'EXPIRED'].includes(order.status),
    ),
  )

const fault = (kind: string, more: object = {}) =>
  control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: ORDER,
    kind,
    count: 1,
    account: venueKey,
    ...more,
  })
const hold = (price: number) =>
  control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'BTCUSDT', price: String(price) })

async function expectFlat(botId: string): Promise<void> {
  expect(await engine.openPosition(botId)).toBeNull()
  expect(await engine.state(botId)).toMatchObject({ status: 'STOPPED', closing: false, next_tick_at: null })
  expect((await books.venueBalance('BTC')).lt('0.00001'), 'less than a step is left at the exchange').toBe(
    true,
  )
  await books.expectBooksToAgree(botId)
}
