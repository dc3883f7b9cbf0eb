import { describe, expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { haltTrading } from '#trading/store/halt.ts'
import { withLiveEngine } from './live.fixture.ts'

const live = withLiveEngine()
const tick = (botId: string) => live.engine.tick(botId)
const send = (botId: string) => live.engine.send(botId)

describe('a stop rests at the exchange', () => {
  test('placed once, over the whole position, its trigger where the position is to be left', async () => {
    const botId = await live.guarded()
    expect(await tick(botId), 'it rests: nothing to do').toBe('Ticked')
    const position = await live.engine.openPosition(botId)
    const stop = await live.lastStop(botId)
    expect(stop).toMatchObject({ status: 'OPEN', side: 'SELL', amount: '0.001990000000000000' })
    const [resting, ...others] = await (await live.account()).fetchOpenOrders('BTC/USDT')
    expect(others).toEqual([])
    const trigger = decimal(position?.stop_loss_price ?? 0)
    expect(resting?.clientOrderId).toBe(stop.client_order_id)
    expect(resting?.stopPrice?.minus(trigger).abs().lt('0.01'), 'to the tick').toBe(true)
    expect(resting?.price?.lt(trigger.times('0.9901'))).toBe(true)
    expect(await live.look(botId)).toEqual(['Found (OPEN)'])
    expect(await live.count(botId, 'ORDER_OPEN')).toBe(1)
  })

  test('filled by the exchange: the position is closed, the cooldown runs, and the event says what did it', async () => {
    const botId = await live.guarded({ cooldownSeconds: 60 })
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.expectFlat(botId)
    expect(await live.count(botId, 'PROTECTIVE_STOP_FILLED')).toBe(1)
    await live.engine.crossUp(48_900)
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.engine.state(botId)).toMatchObject({ notice: 'COOLDOWN_ACTIVE' })
    await live.books.expectMoneyToAddUp(botId)
  })

  test('moved with the trailing stop: one at a time, the old one gone before the new one is placed', async () => {
    const botId = await live.guarded({ trailingStopPerc: decimal(1), takeProfitPerc: decimal(0) })
    await live.db.pool.query(
      `UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE bot_id = $1`,
      [botId],
    )
    await live.move(52_000)
    expect(await tick(botId)).toBe('Ticked')
    expect(await tick(botId), 'not beside the old one').toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(botId)).toEqual(['Placed (OPEN)'])
    expect((await live.stops(botId)).map((stop) => stop.status)).toEqual(['CANCELED', 'OPEN'])
    const [resting, ...others] = await (await live.account()).fetchOpenOrders('BTC/USDT')
    expect([resting?.stopPrice, others]).toEqual([decimal(51_480), []])
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED'), 'it was our own cancel').toBe(0)
  })

  test('cancelled by a person at the exchange: told, and placed anew', async () => {
    const botId = await live.guarded()
    const { client_order_id: clientOrderId } = await live.lastStop(botId)
    await (await live.account()).cancelOrder({ symbol: 'BTC/USDT', clientOrderId, exchangeOrderId: null })
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED')).toBe(1)
    expect(await tick(botId), 'not in a circle with whoever cancels').toBe('Ticked')
    await live.db.pool.query(`UPDATE bot_states SET stop_retry_at = tradebot_now() WHERE bot_id = $1`, [
      botId,
    ])
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(botId)).toEqual(['Placed (OPEN)'])
  })

  test('none where the position is below the exchange’s minimum, and one event says so', async () => {
    // 0.0001 BTC are 5 USDT, the least; at the stop's limit they are less.
    const botId = await live.holding({ positionSizeFixed: decimal('5.5') })
    for (let turn = 0; turn < 3; turn++) expect(await tick(botId)).toBe('Ticked')
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED')).toBe(1)
  })
})

describe('an exit while it rests', () => {
  test('cancels it first, and sells what is left once that is seen', async () => {
    const botId = await live.guarded()
    await live.engine.crossDown(50_100)
    expect(await tick(botId)).toBe('Ticked')
    await live.see(50_100)
    expect(await tick(botId), 'it waits for the stop, its signal is past').toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, EXIT intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await live.expectFlat(botId)
    expect((await live.engine.state(botId)).exit_purpose).toBeNull()
    expect(await live.count(botId, 'EXIT_WAITS')).toBe(1)
  })

  test('the stop fills during its cancel: the wish is dropped, nothing is sold twice', async () => {
    const botId = await live.guarded()
    await live.engine.crossDown(50_100)
    expect(await tick(botId)).toBe('Ticked')
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    expect(await tick(botId)).toBe('Ticked')
    expect((await live.books.venueOrders()).map((order) => order.side)).toEqual(['BUY', 'SELL'])
    expect((await live.engine.state(botId)).exit_purpose).toBeNull()
    await live.expectFlat(botId)
  })

  test('the stop fills in part before its cancel: the remainder is sold, to the last step', async () => {
    const botId = await live.holding()
    await live.fault('partial', { ms: 60_000, pieces: 2 })
    await tick(botId)
    expect(await send(botId)).toEqual(['Placed (OPEN)'])
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (PARTIALLY_FILLED)'])
    await live.engine.in((tx) => haltTrading(tx, live.actor, true))
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, CLOSE intended')
    expect((await live.engine.lastOrder(botId)).amount, 'half of 199 steps').toMatch(
      /^0\.0009[89]0*$|^0\.0010*$/,
    )
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await live.expectFlat(botId)
  })

  test('a price that jumps over its limit: cancelled, seen terminal, sold at market, and told', async () => {
    const botId = await live.guarded()
    await live.move(40_000)
    expect(await live.look(botId), 'triggered, and no buyer at its limit').toEqual(['Found (OPEN)'])
    expect(await tick(botId)).toBe('Ticked')
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await live.expectFlat(botId)
    expect(await live.count(botId, 'STOP_OVERTAKEN')).toBe(1)
  })

  test('touched and unfilled: 10 s are waited, in which it may fill', async () => {
    const botId = await live.guarded()
    // The feed is ahead of the exchange: there the stop is not touched.
    await live.see(48_900)
    expect(await tick(botId)).toBe('Ticked')
    expect(await tick(botId)).toBe('Ticked')
    expect((await live.lastStop(botId)).status).toBe('OPEN')
    expect(await live.look(botId)).toEqual(['Found (OPEN)'])
    await live.db.pool.query(
      `UPDATE bot_states SET stop_touched_at = stop_touched_at - interval '10 seconds' WHERE bot_id = $1`,
      [botId],
    )
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect(await live.count(botId, 'STOP_OVERTAKEN')).toBe(1)
  })

  test('halted: the stop goes to the exchange all the same, and fills; an entry does not go out', async () => {
    const botId = await live.holding()
    await live.engine.in((tx) => haltTrading(tx, live.actor, false))
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(botId)).toEqual(['Placed (OPEN)'])
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.engine.crossUp(48_900)
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.engine.state(botId)).toMatchObject({ notice: 'TRADING_HALTED' })
  })

  test('a claim passes no exit while a stop is unsettled, and no stop beside another order', async () => {
    const botId = await live.guarded()
    const intend = (purpose: string) =>
      live.db.pool.query(
        `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id, side, purpose, status, amount,
           reference_price, reason, type, price, stop_price, created_at)
         SELECT bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id || $2, 'SELL', $2::"OrderPurpose", 'INTENDED',
           amount, 50000, 'a test', CASE WHEN $2 = 'PROTECTIVE_STOP' THEN 'STOP_LIMIT' ELSE 'MARKET' END, price, stop_price, tradebot_now()
         FROM orders WHERE bot_id = $1 AND purpose = 'PROTECTIVE_STOP' LIMIT 1`,
        [botId, purpose],
      )
    await intend('EXIT')
    expect(await send(botId)).toEqual(['Denied (ORDER_UNSETTLED)'])
    await expect(intend('PROTECTIVE_STOP'), 'Postgres: one stop').rejects.toThrow(
      'orders_one_protective_stop',
    )
    await live.db.pool.query(`UPDATE orders SET status = 'CANCELED' WHERE bot_id = $1 AND status = 'OPEN'`, [
      botId,
    ])
    await live.db.pool.query(
      `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id, side, purpose, status, amount,
         reference_price, reason, created_at)
       SELECT bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id || 'x', 'SELL', 'TAKE_PROFIT', 'UNKNOWN', amount,
         50000, 'a test', tradebot_now() FROM orders WHERE bot_id = $1 AND purpose = 'PROTECTIVE_STOP' LIMIT 1`,
      [botId],
    )
    await intend('PROTECTIVE_STOP')
    expect(await send(botId)).toEqual(['Denied (ORDER_UNSETTLED)'])
  })
})
