import { beforeEach, describe, expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import { withLiveEngine } from './live.fixture.ts'
import { makeVenueFutures } from './venue-futures.fixture.ts'

const live = withLiveEngine({ futures: true })
const tick = (botId: string) => live.engine.tick(botId)
const send = (botId: string) => live.engine.send(botId)
const SYMBOL = 'BTC/USDT:USDT'
let venue: ReturnType<typeof makeVenueFutures>
beforeEach(() => {
  venue = makeVenueFutures(live.engine, live.sandboxUrl, live.venueKey)
})

const holdMark = (price: number) =>
  control(live.sandboxUrl, 'POST', '/sandbox/price', {
    symbol: 'BTCUSDT',
    price: String(price),
    market: 'mark',
  })

/** What a person does with the same account. */
async function byHand(side: 'BUY' | 'SELL', amount = '0.02'): Promise<void> {
  const account = await live.account()
  const { timing } = live.engine.deps.env
  const placed = await account.placeOrder({
    terms: { type: 'MARKET' },
    symbol: SYMBOL,
    side,
    amount: decimal(amount),
    clientOrderId: `hand${Math.random().toString(36).slice(2)}`,
    signedAt: Date.now(),
    recvWindowMs: timing.recvWindowMs,
    timeoutMs: 3_000,
  })
  expect(placed.kind).toBe('ACCEPTED')
}

describe.each(['LONG', 'SHORT'] as const)('%s', (direction) => {
  const [entrySide, exitSide] = direction === 'LONG' ? ['BUY', 'SELL'] : ['SELL', 'BUY']
  const beyondStop = direction === 'LONG' ? 48_900 : 51_100

  test('a round trip: isolated at its leverage, guarded by a stop at market, left by the signal, reduce-only', async () => {
    const botId = await live.guarded({ direction })
    expect(await live.engine.orders(botId)).toMatchObject([
      { side: entrySide, type: 'LIMIT_IOC', status: 'FILLED', reduce_only: false },
      { side: exitSide, type: 'STOP_MARKET', status: 'OPEN', reduce_only: true, price: null },
    ])
    expect(await venue.position()).toMatchObject({ leverage: 10, isolated: true })
    const held = await live.engine.openPosition(botId)
    expect(held).toMatchObject({ side: entrySide, leverage: 10 })
    const [stop] = await venue.stops()
    expect(stop).toMatchObject({
      algoStatus: 'NEW',
      workingType: 'MARK_PRICE',
      reduceOnly: true,
      side: exitSide,
    })
    expect(
      decimal(stop?.triggerPrice ?? 0)
        .minus(held?.stop_loss_price ?? 0)
        .abs()
        .lt('0.1'),
    ).toBe(true)

    await (direction === 'LONG' ? live.engine.crossDown(50_000) : live.engine.crossUp(50_000))
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, EXIT intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    const { next_settle_at: look } = await live.engine.lastOrder(botId)
    expect(look?.getTime(), 'the fills are asked for at once').toBeLessThanOrEqual(Date.now())
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    expect(await live.engine.openPosition(botId)).toBeNull()
    await venue.expectToAgree(botId)
  })

  test('the stop is hit by the mark price alone: the exchange closes the position, the books follow', async () => {
    const botId = await live.guarded({ direction })
    await holdMark(beyondStop)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    expect(await live.engine.openPosition(botId)).toBeNull()
    expect(await live.count(botId, 'PROTECTIVE_STOP_FILLED')).toBe(1)
    await venue.expectToAgree(botId)
  })

  test('answers that are lost: entry and stop are looked up, sent once each', async () => {
    const { botId } = await live.intending({ direction })
    await live.fault('drop')
    expect(await send(botId)).toEqual(['Unknown'])
    expect(await tick(botId), 'nothing beside an order in doubt').toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.see(50_000)
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    await live.fault('drop', { endpoint: 'POST /fapi/v1/algoOrder' })
    expect(await send(botId)).toEqual(['Unknown'])
    expect(await live.look(botId)).toEqual(['Found (OPEN)'])
    expect(await venue.stops()).toHaveLength(1)
    await venue.expectToAgree(botId)
  })
})

describe('a bot for both', () => {
  test('enters the other side on the signal that leaves, once its stop is cancelled and the exit settled', async () => {
    const botId = await live.guarded({ direction: 'BOTH' })
    await live.engine.crossDown(50_000)
    expect(await tick(botId), 'the stop first').toBe('Ticked')
    expect(await tick(botId)).toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (CANCELED)'])
    expect(await tick(botId)).toBe('Ticked, EXIT intended')
    expect(await tick(botId)).toBe('Ticked')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    expect(await tick(botId), 'its fills are not known yet').toBe('Ticked')
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    expect(await tick(botId)).toBe('Ticked, ENTRY intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    await live.look(botId)
    expect(await live.engine.openPosition(botId)).toMatchObject({ side: 'SELL' })
    await venue.expectToAgree(botId)
  })

  test('whose stop fills before it can be cancelled stays flat: no signal has left it', async () => {
    const botId = await live.guarded({ direction: 'BOTH' })
    await live.engine.crossDown(50_000)
    await live.hold(48_900)
    expect(await tick(botId)).toBe('Ticked')
    await live.settled(botId)
    expect(await live.engine.openPosition(botId)).toBeNull()
    expect(await tick(botId)).toBe('Ticked')
    expect((await live.engine.orders(botId)).map(({ purpose }) => purpose)).toEqual([
      'ENTRY',
      'PROTECTIVE_STOP',
    ])
  })
})

test('an entry that never arrived is not placed, and the account stays flat', async () => {
  const { botId, id } = await live.intending({ direction: 'SHORT' })
  await live.fault('reset')
  expect(await send(botId)).toEqual(['Unknown'])
  await live.db.pool.query(`UPDATE orders SET submit_deadline = tradebot_now() WHERE id = $1`, [id])
  for (let turn = 0; turn < 3; turn++) await live.look(botId)
  expect(await live.engine.lastOrder(botId)).toMatchObject({ status: 'NOT_PLACED', error_code: 'NOT_FOUND' })
  expect(await venue.position()).toBeNull()
})

test('a stop hit while its answer was lost closes the position all the same', async () => {
  const botId = await live.holding({ direction: 'SHORT' })
  expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
  await live.fault('drop', { endpoint: 'POST /fapi/v1/algoOrder' })
  expect(await send(botId)).toEqual(['Unknown'])
  await live.hold(51_100)
  await live.see(51_100)
  expect(await tick(botId), 'nothing is bought before its outcome is known').toBe('Ticked')
  expect(await live.look(botId)).toEqual(['Found (FILLED)'])
  expect(await live.engine.openPosition(botId)).toBeNull()
  await venue.expectToAgree(botId)
})

test('a leverage that the exchange refuses: no entry, and the bot stops with what to change', async () => {
  const { botId } = await live.intending({ direction: 'LONG' })
  await live.fault('reject', {
    endpoint: 'POST /fapi/v1/leverage',
    code: -4028,
    msg: 'Leverage 10 is not valid',
  })
  expect(await send(botId)).toEqual(['Denied (LEVERAGE_REFUSED)'])
  const state = await live.engine.state(botId)
  expect(state).toMatchObject({ status: 'ERROR', error_code: 'LEVERAGE_REFUSED' })
  expect(state.error_message).toMatch(/leverage.*lower.*Stop the bot/i)
  expect(await live.engine.lastOrder(botId)).toMatchObject({
    status: 'NOT_PLACED',
    error_code: 'LEVERAGE_REFUSED',
  })
  expect(await venue.orders()).toEqual([])
})

test('a position that is not the bot’s: no entry beside it, said with what to do', async () => {
  const { botId } = await live.intending({ direction: 'LONG' })
  await byHand('SELL', '0.01')
  expect(await send(botId)).toEqual(['Denied (POSITION_FOREIGN)'])
  expect((await live.engine.lastOrder(botId)).error_message).toContain(
    'holds a short position of 0.01 BTC on BTC/USDT:USDT that is not the bot’s'.replace('’', "'"),
  )
  expect(await live.engine.state(botId)).toMatchObject({ status: 'RUNNING', notice: 'POSITION_FOREIGN' })
})

test('a position that a person closed: the exit is refused, and the account is compared at once', async () => {
  const botId = await live.holding({ direction: 'SHORT' })
  await byHand('BUY')
  await live.engine.crossUp(50_000)
  expect(await tick(botId)).toBe('Ticked, EXIT intended')
  expect(await send(botId)).toEqual(['Refused (ORDER_INVALID)'])
  expect(await live.engine.eventTypes(botId)).toContain('EXIT_REFUSED')
  const { rows } = await live.db.pool.query(
    `SELECT 1 FROM api_keys WHERE id = $1 AND next_reconcile_at <= tradebot_now()`,
    [live.apiKeyId],
  )
  expect(rows).toHaveLength(1)
})

test('margin and fees are asked of the futures wallet: what it cannot pay is refused with the figures', async () => {
  const more = { initialCapital: decimal(20_000), positionSizeFixed: decimal(9_900) }
  const { botId } = await live.intending({ direction: 'LONG', ...more })
  // 1.98 BTC are 99,000: 9,900 of margin and 198 for fees
  expect(await send(botId)).toEqual(['Denied (BALANCE_INSUFFICIENT)'])
  expect((await live.engine.lastOrder(botId)).error_message).toBe(
    '1.98 BTC at 50000 takes 10098 USDT at 10x leverage, fees included, and 10000 USDT is free.',
  )
  await live.db.pool.query(`UPDATE bot_configs SET position_size_fixed = 100 WHERE id = $1`, [botId])
  await live.engine.crossUp(50_000)
  expect(await tick(botId)).toBe('Ticked, ENTRY intended')
  expect(await send(botId)).toEqual(['Placed (FILLED)'])
  expect(await live.look(botId)).toEqual(['Found (FILLED)'])
  const { rows } = await live.db.pool.query(
    `SELECT wallet, amount, released_at IS NOT NULL AS released FROM reservations WHERE bot_id = $1`,
    [botId],
  )
  // Up to the collar: 0.02 × 50,500 = 1,010 → 101 and 2.02
  expect(rows).toEqual([{ wallet: 'FUTURES', amount: '103.020000000000000000', released: true }])
})
