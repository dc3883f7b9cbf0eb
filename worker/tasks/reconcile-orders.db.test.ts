import { expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { readKey } from '../exchange/accounts.ts'
import { withReconciliation } from './reconcile.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'

const { live, compare, byHand, running, enter, sellByExit, forget } = withReconciliation()

test('orders of ours that a restored database misses are taken over, with each of their fills once', async () => {
  const botId = await held()
  await sellByExit(botId)
  await enter(botId)
  await forget(botId)
  expect(await live.engine.orders(botId)).toEqual([])
  expect(await compare()).toBe('TAKE_OVER, TAKE_OVER, TAKE_OVER')
  expect((await live.engine.orders(botId)).map(({ purpose, status }) => [purpose, status])).toEqual([
    ['ENTRY', 'FILLED'],
    ['EXIT', 'FILLED'],
    ['ENTRY', 'FILLED'],
  ])
  await live.books.expectBooksToAgree(botId)
  expect(await live.engine.state(botId)).toMatchObject({ status: 'RUNNING', daily_trade_count: 2 })
  const told = (await live.engine.eventTypes(botId)).filter((type) => type === 'ORDER_TAKEN_OVER')
  expect(told).toHaveLength(3)
  expect(await compare()).toBe('Agrees')
  await live.books.expectBooksToAgree(botId)
})

test('one of ours that two bots could have sent: both pause, and neither gets it', async () => {
  const [first, second] = [await running(), await running()]
  await enter(first)
  await forget(first)
  expect(await compare()).toBe('PAUSE')
  for (const botId of [first, second]) {
    expect(await live.engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
    expect((await live.engine.messages(botId)).at(-1)).toContain('it cannot be told whose it is')
    expect(await live.engine.orders(botId)).toEqual([])
  }
  expect(await compare(), 'told once').toBe('Agrees')
})

test('a foreign order is told once and left alone', async () => {
  const botId = await running()
  await byHand('BUY', '0.001', { type: 'STOP_LIMIT', stopPrice: decimal(55_000), price: decimal(55_100) })
  expect(await compare()).toBe('FOREIGN')
  expect(await compare()).toBe('Agrees')
  const told = (await live.engine.eventTypes(botId)).filter((type) => type === 'FOREIGN_ORDER')
  expect(told).toHaveLength(1)
  expect((await live.books.venueOrders()).map((order) => order.status)).toEqual(['NEW'])
  expect(await live.engine.orders(botId)).toEqual([])
})

test('many of them at once, by somebody’s own robot, are one event', async () => {
  const botId = await running()
  for (let n = 0; n < 5; n++) await byHand('BUY', '0.001', { type: 'MARKET' })
  expect(await compare()).toBe('FOREIGN')
  expect((await live.engine.messages(botId)).at(-1)).toContain('5 orders on BTC/USDT')
  expect(await compare()).toBe('Agrees')
})

test('an order of another key of the same account is that key’s', async () => {
  const botId = await running()
  const other = await live.engine.key(live.actor, await credentials())
  await enter(botId)
  const { botId: second } = await live.engine.running({ mode: 'LIVE', apiKeyId: other }, live.actor)
  const before = [await live.engine.eventTypes(botId), await live.engine.eventTypes(second)]
  expect(await reconcileAccount({ apiKeyId: other }, live.engine.deps)).toBe('Agrees')
  expect(await compare()).toBe('Agrees')
  expect([await live.engine.eventTypes(botId), await live.engine.eventTypes(second)]).toEqual(before)
})

test('an order thought never placed is found in bulk, by the list of all', async () => {
  const botId = await running()
  await live.engine.crossUp(50_000)
  await live.engine.tick(botId)
  await live.fault('drop')
  expect(await live.engine.send(botId)).toEqual(['Unknown'])
  // As three looks of a venue that did not show it would have concluded.
  await live.db.pool.query(
    `UPDATE orders SET status = 'NOT_PLACED', next_settle_at = tradebot_now() + interval '1 hour', updated_at = tradebot_now() - interval '1 minute'
     WHERE bot_id = $1`,
    [botId],
  )
  expect(await compare()).toBe('SETTLE')
  await live.engine.settleUntil(botId, async () => (await live.engine.lastOrder(botId)).status === 'FILLED')
  await live.books.expectBooksToAgree(botId)
  expect(await compare()).toBe('Agrees')
})

async function held(): Promise<string> {
  const botId = await running()
  await enter(botId)
  return botId
}

async function credentials() {
  const { pool, env } = live.engine.deps
  return (await readKey(pool, env.masterKey, live.apiKeyId)).credentials
}
