import { describe, expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { withLiveEngine } from './live.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'

const live = withLiveEngine()
const compare = () => reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.deps)
const cancelByHand = async (clientOrderId: string) =>
  (await live.account()).cancelOrder({ symbol: 'BTC/USDT', clientOrderId, exchangeOrderId: null })
const resting = async () => (await live.account()).fetchOpenOrders('BTC/USDT')

describe('protective stops against the exchange', () => {
  test('one that rests as the books say is left as it is', async () => {
    const botId = await live.guarded()
    const before = await live.engine.eventTypes(botId)
    expect(await compare()).toBe('Agrees')
    expect(await live.engine.eventTypes(botId)).toEqual(before)
  })

  test('cancelled by hand: noticed at once, not at its next turn', async () => {
    const botId = await live.guarded()
    const { id, client_order_id } = await live.lastStop(botId)
    await live.db.pool.query(
      `UPDATE orders SET next_settle_at = tradebot_now() + interval '1 hour' WHERE id = $1`,
      [id],
    )
    await cancelByHand(client_order_id)
    expect(await compare()).toBe('SETTLE')
    await live.settled(botId)
    expect((await live.lastStop(botId)).status).toBe('CANCELED')
    expect(await live.count(botId, 'PROTECTIVE_STOP_FAILED')).toBe(1)
  })

  test('cancelled by hand and the coins sold by hand: closed by hand, and the books equal the exchange', async () => {
    const botId = await live.guarded()
    const { client_order_id, amount } = await live.lastStop(botId)
    await cancelByHand(client_order_id)
    await live.hold(51_000)
    await sellByHand(amount)
    expect(await compare(), 'the stop first: while it is in doubt the balance proves nothing').toBe('SETTLE')
    await live.settled(botId)
    expect(await compare()).toBe('MANUAL_CLOSE')
    expect(await live.engine.openPosition(botId)).toBeNull()
    await live.books.expectMoneyToAddUp(botId)
    expect(await live.engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  })

  test('missing in restored books: taken over as the stop that it is, and guards on', async () => {
    const botId = await live.guarded()
    await live.db.pool.query(`DELETE FROM orders WHERE bot_id = $1 AND purpose = 'PROTECTIVE_STOP'`, [botId])
    expect(await compare()).toBe('TAKE_OVER')
    const stop = await live.lastStop(botId)
    expect(stop).toMatchObject({ status: 'OPEN', amount: '0.001990000000000000' })
    expect(await live.engine.tick(botId), 'no second one').toBe('Ticked')
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.expectFlat(botId)
  })

  test('called terminal by the books, and resting at the exchange: cancelled, and told', async () => {
    const botId = await live.guarded()
    const { id } = await live.lastStop(botId)
    await live.db.pool.query(
      `UPDATE orders SET status = 'CANCELED', next_settle_at = NULL, updated_at = tradebot_now() - interval '1 minute' WHERE id = $1`,
      [id],
    )
    expect(await compare()).toBe('CANCEL')
    expect(await resting()).toEqual([])
    expect(await live.count(botId, 'STRAY_ORDER_CANCELED')).toBe(1)
    await live.settled(botId)
    expect(await compare()).toBe('Agrees')
  })

  test('given up as never placed, and resting: cancelled before another is placed', async () => {
    const botId = await live.guarded()
    await live.db.pool.query(
      `UPDATE orders SET status = 'NOT_PLACED', exchange_order_id = NULL, updated_at = tradebot_now() - interval '1 minute',
         next_settle_at = tradebot_now() + interval '1 hour' WHERE bot_id = $1 AND purpose = 'PROTECTIVE_STOP'`,
      [botId],
    )
    expect(await compare()).toBe('SETTLE')
    await live.look(botId)
    expect((await live.lastStop(botId)).status).toBe('CANCELED')
    expect(await resting()).toEqual([])
  })

  test('filled while nobody looked: booked once it is looked up', async () => {
    const botId = await live.guarded()
    await live.hold(48_900)
    expect(await compare()).toBe('SETTLE')
    await live.settled(botId)
    await live.expectFlat(botId)
    expect(await compare()).toBe('Agrees')
  })
})

/** A person's own order, under an id of their client's. */
async function sellByHand(amount: string): Promise<void> {
  const sold = await (
    await live.account()
  ).placeOrder({
    terms: { type: 'MARKET' },
    symbol: 'BTC/USDT',
    side: 'SELL',
    amount: decimal(amount),
    clientOrderId: 'web_1',
    signedAt: Date.now(),
    recvWindowMs: 5_000,
    timeoutMs: 5_000,
  })
  expect(sold.kind).toBe('ACCEPTED')
}
