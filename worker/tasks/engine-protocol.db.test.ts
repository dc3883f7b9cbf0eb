import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { pauseBot, stopBot } from '#trading/store/bot-commands.ts'
import { executeOrder } from './execute-order.ts'
import { withLiveEngine } from './live.fixture.ts'
import { settleOrder } from './settle-order.ts'

/** Rules of an order that no other file of engine tests holds. */
const live = withLiveEngine()

test('the answer comes after NOT_PLACED: the evidence wins, the fill is booked once', async () => {
  const { botId, id } = await live.intending()
  await live.fault('delay', { ms: 700 })
  const sending = executeOrder({ orderId: id }, live.engine.deps)
  await expect
    .poll(async () => (await live.engine.lastOrder(botId)).status, { interval: 20 })
    .toBe('SUBMITTING')
  await live.db.pool.query(`UPDATE orders SET status = 'NOT_PLACED', next_settle_at = NULL WHERE id = $1`, [
    id,
  ])
  expect(await sending).toBe('Placed (FILLED)')
  expect(await live.engine.lastOrder(botId)).toMatchObject({ status: 'FILLED' })
  expect(await live.engine.openPosition(botId)).not.toBeNull()
  expect(await live.count(botId, 'ORDER_FOUND_LATE')).toBe(1)
  await live.books.expectBooksToAgree(botId)
})

test('a look that fails is no look: it counts neither for nor against the order', async () => {
  const { botId, id } = await live.intending()
  await live.fault('drop')
  await live.engine.send(botId)
  await live.db.pool.query(`UPDATE orders SET submit_deadline = tradebot_now() WHERE id = $1`, [id])
  await live.fault('503', { endpoint: 'GET /api/v3/*', count: 50 })
  for (let turn = 0; turn < 4; turn++)
    expect(await live.look(botId)).toEqual(['Could not look (UNREACHABLE)'])
  expect(await live.engine.lastOrder(botId)).toMatchObject({ status: 'UNKNOWN', not_found_count: 0 })
  await live.noFaults()
  expect(await live.look(botId)).toEqual(['Found (FILLED)'])
})

test('the time to send is over when the claim is done: not sent, and NOT_PLACED at once', async () => {
  const { botId, id } = await live.intending()
  await (await live.account()).prepare('BTC/USDT')
  const client = await live.db.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT 1 FROM bot_states WHERE bot_id = $1 FOR UPDATE', [botId])
    const sending = executeOrder({ orderId: id }, live.engine.deps)
    await sleep(900)
    await client.query('ROLLBACK')
    expect(await sending).toBe('Not sent (NOT_SENT)')
  } finally {
    client.release()
  }
  expect(await live.engine.lastOrder(botId)).toMatchObject({
    status: 'NOT_PLACED',
    error_code: 'NOT_SENT',
    next_settle_at: null,
  })
  expect(await live.books.venueOrders()).toEqual([])
})

test('one unsettled order, of any purpose: while an entry is in doubt nothing is intended, and Postgres refuses a second', async () => {
  const { botId, id } = await live.intending()
  await live.fault('drop')
  await live.engine.send(botId)
  for (const show of [live.engine.crossUp, live.engine.crossDown]) {
    await show(50_000)
    expect(await live.engine.tick(botId)).toBe('Ticked')
  }
  for (const purpose of ['ENTRY', 'EXIT', 'STOP_LOSS', 'CLOSE']) {
    const second = live.db.pool.query(
      `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id, side, purpose, status, amount,
         reference_price, reason, signal_candle_at, created_at)
       SELECT bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id || 'x', side, $2::"OrderPurpose", 'INTENDED', amount,
         reference_price, reason, tradebot_now(), tradebot_now() FROM orders WHERE id = $1`,
      [id, purpose],
    )
    await expect(second, purpose).rejects.toThrow('orders_one_unsettled')
  }
})

test('stopped while an entry is UNKNOWN: KEEP keeps what it bought, CLOSE sells it, and neither before it is settled', async () => {
  for (const policy of ['KEEP', 'CLOSE'] as const) {
    const { botId } = await live.intending()
    await live.fault('drop')
    await live.engine.send(botId)
    const stop = (choice: typeof policy | null) =>
      live.engine.in((tx) => stopBot(tx, live.actor, botId, choice))
    await expect(stop(null)).rejects.toThrow('an order that is not settled')
    await stop(policy)
    await live.engine.tick(botId)
    expect(await live.engine.orders(botId), 'nothing beside it').toHaveLength(1)
    await live.look(botId)
    expect(await live.engine.openPosition(botId)).not.toBeNull()
    expect(await live.engine.tick(botId)).toBe(
      policy === 'CLOSE' ? 'Ticked, CLOSE intended' : 'Skipped (idle)',
    )
    await live.engine.send(botId)
    expect((await live.engine.openPosition(botId)) === null).toBe(policy === 'CLOSE')
  }
})

test('stopped while an entry has filled in part: the rest is cancelled and seen gone, the close is of what was bought', async () => {
  const { botId } = await live.intending()
  await live.fault('partial', { ms: 60_000, pieces: 2 })
  expect(await live.engine.send(botId)).toEqual(['Placed (PARTIALLY_FILLED)'])
  const bought = (await live.engine.openPosition(botId))?.amount
  expect(await live.engine.tick(botId), 'no stop beside it').toBe('Ticked')
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'CLOSE'))
  expect(await live.engine.tick(botId)).toBe('Ticked')
  expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
  expect(await live.engine.tick(botId)).toBe('Ticked, CLOSE intended')
  const close = await live.engine.lastOrder(botId)
  expect(Number(close.amount)).toBeGreaterThan(0.0009)
  expect(Number(close.amount)).toBeLessThanOrEqual(Number(bought))
  expect(await live.engine.send(botId)).toEqual(['Placed (FILLED)'])
  await live.expectFlat(botId)
})

test('paused before the claim: the entry is never sent; claimed before the pause, its fill is booked', async () => {
  const first = await live.intending()
  await live.engine.in((tx) => pauseBot(tx, live.actor, first.botId))
  expect(await executeOrder({ orderId: first.id }, live.engine.deps)).toBe('Skipped (not intended)')
  const second = await live.intending()
  await live.fault('delay', { ms: 700 })
  const sending = executeOrder({ orderId: second.id }, live.engine.deps)
  await expect
    .poll(async () => (await live.engine.lastOrder(second.botId)).status, { interval: 20 })
    .toBe('SUBMITTING')
  await live.engine.in((tx) => pauseBot(tx, live.actor, second.botId))
  expect(await sending).toBe('Placed (FILLED)')
  expect(await live.engine.openPosition(second.botId)).not.toBeNull()
  expect(await settleOrder({ orderId: second.id }, live.engine.deps)).toBe('Skipped (settled)')
})
