import { describe, expect, test } from 'vitest'
import { resolveOrder } from '#trading/store/resolve-order.ts'
import { executeOrder } from './execute-order.ts'
import { withLiveEngine } from './live.fixture.ts'

const live = withLiveEngine()
const tick = (botId: string) => live.engine.tick(botId)
const send = (botId: string) => live.engine.send(botId)
const retryNow = (botId: string) =>
  live.db.pool.query(`UPDATE bot_states SET stop_retry_at = tradebot_now() WHERE bot_id = $1`, [botId])
/** As a process leaves it that was killed between its claim and the answer. */
const claimed = (botId: string) =>
  live.db.pool.query(
    `UPDATE orders SET status = 'SUBMITTING', submitted_at = tradebot_now(), submit_deadline = tradebot_now(), next_settle_at = tradebot_now()
     WHERE bot_id = $1 AND status = 'INTENDED'`,
    [botId],
  )
const breakKey = () =>
  live.db.pool.query(
    `UPDATE api_keys SET encrypted_key = 'v1:AAAA', updated_at = tradebot_now() WHERE id = $1`,
    [live.apiKeyId],
  )

describe('refused by the exchange', () => {
  test('told once for each reason, tried again with a growing pause, guarded by software meanwhile', async () => {
    const botId = await live.holding()
    await live.fault('reject', {
      count: 3,
      code: -2010,
      msg: 'Stop orders are not supported for this symbol.',
    })
    for (const failures of [1, 2]) {
      expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
      expect(await send(botId)).toEqual(['Refused (ORDER_INVALID)'])
      const { stop_failures, exit_failures, stop_notice } = await live.engine.state(botId)
      expect([stop_failures, exit_failures], 'an exit does not wait for it').toEqual([failures, 0])
      expect(stop_notice).toContain('not supported')
      expect(await tick(botId), 'not before the pause is over').toBe('Ticked')
      await retryNow(botId)
    }
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED')).toBe(1)
    await live.noFaults()
    await live.fault('reject', { code: -2010, msg: 'Stop price would trigger immediately.' })
    await tick(botId)
    await send(botId)
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED'), 'another reason').toBe(2)
    await live.move(48_000)
    expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await live.expectFlat(botId)
    expect(await live.engine.state(botId)).toMatchObject({ stop_failures: 0, stop_notice: null })
  })

  test('the key is refused: ERROR, and an alert that the position is unprotected; with a stop resting it is not', async () => {
    const bare = await live.holding()
    const safe = await live.guarded()
    await breakKey()
    expect(await tick(bare)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(bare)).toEqual(['Denied (VENUE_KEY_REFUSED)'])
    expect(await live.engine.state(bare)).toMatchObject({ status: 'ERROR', error_code: 'KEY_REFUSED' })
    expect(await live.count(bare, 'POSITION_UNPROTECTED')).toBe(1)
    expect(await live.look(safe)).toEqual(['Could not look (KEY_REFUSED)'])
    expect(await live.engine.state(safe)).toMatchObject({
      status: 'ERROR',
      error_message: expect.stringContaining('rests at the exchange'),
    })
    expect(await live.count(safe, 'POSITION_UNPROTECTED')).toBe(0)
  })

  test('the exchange cannot be reached: the intent waits, and after 10 s it is told that no stop rests', async () => {
    const botId = await live.holding()
    await tick(botId)
    const { id } = await live.lastStop(botId)
    await live.fault('reset', { endpoint: '*', count: 500, account: undefined })
    const elsewhere = live.engine.makeDeps()
    expect(await executeOrder({ orderId: id }, elsewhere)).toBe('Waits (UNREACHABLE)')
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED')).toBe(0)
    await live.db.pool.query(
      `UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE id = $1`,
      [id],
    )
    for (let turn = 0; turn < 2; turn++) await executeOrder({ orderId: id }, live.engine.makeDeps())
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED')).toBe(1)
    await live.noFaults()
    expect(await send(botId)).toEqual(['Placed (OPEN)'])
  })
})

describe('its outcome is not known', () => {
  test('the answer is lost: UNKNOWN, no exit before it is settled, found resting, and then it guards', async () => {
    const botId = await live.holding()
    await tick(botId)
    await live.fault('drop')
    expect(await send(botId)).toEqual(['Unknown'])
    await live.engine.crossDown(50_100)
    expect(await tick(botId), 'the exit waits').toBe('Ticked')
    expect(await live.engine.state(botId)).toMatchObject({ exit_purpose: 'EXIT' })
    expect(await live.look(botId), 'found, and cancelled at once as was asked').toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, EXIT intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await live.expectFlat(botId)
    expect((await live.books.venueOrders()).length, 'none was sent twice').toBe(3)
  })

  test('killed between claim and send: three looks, NOT_PLACED, and placed anew', async () => {
    const botId = await live.holding()
    await tick(botId)
    await claimed(botId)
    await live.move(48_000)
    expect(await tick(botId), 'no sale while it may still arrive').toBe('Ticked')
    await live.move(50_000)
    const outcomes = await live.settled(botId)
    expect(outcomes.slice(-3)).toEqual(['Not found (1 of 3)', 'Not found (2 of 3)', 'Not placed'])
    // The price had been below: that wish stands, and is done once it is known that nothing rests.
    expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await live.expectFlat(botId)
  })

  test('killed between the exchange’s acceptance and the record: one order on both sides', async () => {
    const botId = await live.holding()
    await tick(botId)
    const { id, client_order_id: clientOrderId } = await live.lastStop(botId)
    await (await live.account()).prepare('BTC/USDT')
    await live.fault('drop')
    await executeOrder({ orderId: id }, live.engine.deps)
    await live.db.pool.query(
      `UPDATE orders SET status = 'UNKNOWN', next_settle_at = tradebot_now() WHERE client_order_id = $1`,
      [clientOrderId],
    )
    expect(await executeOrder({ orderId: id }, live.engine.makeDeps())).toBe('Skipped (not intended)')
    expect(await live.look(botId)).toEqual(['Found (OPEN)'])
    expect(await tick(botId)).toBe('Ticked')
    expect((await live.books.venueOrders()).map((order) => order.status)).toEqual(['FILLED', 'NEW'])
  })

  test('thought not placed, found resting late: cancelled, for another one guards by now', async () => {
    const botId = await live.holding()
    await tick(botId)
    await live.fault('drop')
    await send(botId)
    const { id } = await live.lastStop(botId)
    await live.engine.in((tx) =>
      resolveOrder(tx, live.actor, { id, outcome: 'NOT_PLACED', exchangeOrderId: null }),
    )
    await live.look(botId)
    expect((await live.lastStop(botId)).status).toBe('CANCELED')
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED')).toBe(0)
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(botId)).toEqual(['Placed (OPEN)'])
    expect(await (await live.account()).fetchOpenOrders('BTC/USDT')).toHaveLength(1)
  })

  test('found filled after NOT_PLACED: the evidence wins, and the position is closed', async () => {
    const botId = await live.holding()
    await tick(botId)
    await live.fault('drop')
    await send(botId)
    const { id } = await live.lastStop(botId)
    await live.engine.in((tx) =>
      resolveOrder(tx, live.actor, { id, outcome: 'NOT_PLACED', exchangeOrderId: null }),
    )
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.expectFlat(botId)
    expect(await live.count(botId, 'ORDER_FOUND_LATE')).toBe(1)
  })
})
