import { beforeEach, expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { deleteBot, stopBot } from '#trading/store/bot-commands.ts'
import { aSavedBot, lead } from '#trading/store/bot.fixture.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import { withLiveEngine } from './live.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'
import { makeVenueFutures } from './venue-futures.fixture.ts'

const live = withLiveEngine({ futures: true })
const compare = () => reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.deps)
let venue: ReturnType<typeof makeVenueFutures>
beforeEach(() => {
  venue = makeVenueFutures(live.engine, live.sandboxUrl, live.venueKey)
})
const realized = async (botId: string) => decimal((await live.engine.state(botId)).realized_pnl).toFixed()
const madeByIncome = async () =>
  (await venue.incomes())
    .filter(({ incomeType }) => incomeType !== 'TRANSFER')
    .reduce((sum, { income }) => sum.plus(income), decimal(0))
    .toFixed()

/** What a person does with the same account. */
async function byHand(side: 'BUY' | 'SELL', amount: string): Promise<void> {
  const account = await live.account()
  const placed = await account.placeOrder({
    terms: { type: 'MARKET' },
    symbol: 'BTC/USDT:USDT',
    side,
    amount: decimal(amount),
    clientOrderId: `hand${Math.random().toString(36).slice(2)}`,
    signedAt: Date.now(),
    recvWindowMs: 5_000,
    timeoutMs: 3_000,
  })
  expect(placed.kind).toBe('ACCEPTED')
}

/** Saved and started, without the comparison that comes with a start. */
async function aRunningBot(): Promise<string> {
  const botId = await aSavedBot(live.db.pool, live.actor, {
    mode: 'LIVE',
    apiKeyId: live.apiKeyId,
    positionType: 'FUTURES',
    symbol: 'BTC/USDT:USDT',
    leverage: 10,
    direction: 'LONG',
  })
  await live.db.pool.query(`UPDATE bot_configs SET is_active = true WHERE id = $1`, [botId])
  await lead(live.db.pool, botId, 'RUNNING')
  await live.db.pool.query(
    `UPDATE bot_states SET started_at = tradebot_now() - interval '1 hour', next_tick_at = tradebot_now() WHERE bot_id = $1`,
    [botId],
  )
  return botId
}

test('funding that was paid just before a bot was stopped and its position closed is booked all the same', async () => {
  const botId = await live.holding({ direction: 'SHORT' })
  expect(await compare()).toBe('Agrees')
  await control(live.sandboxUrl, 'POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate: '0.0001' })
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'CLOSE'))
  expect(await live.engine.tick(botId)).toBe('Ticked, CLOSE intended')
  await live.engine.send(botId)
  await live.look(botId)
  await live.engine.tick(botId)
  expect(await live.engine.openPosition(botId)).toBeNull()
  await compare()
  expect(await live.count(botId, 'FUNDING')).toBe(1)
  expect(await realized(botId)).toBe(await madeByIncome())
  const { rows } = await live.db.pool.query(
    `SELECT 1 FROM funding_payments WHERE bot_id = $1 AND position_id IS NOT NULL`,
    [botId],
  )
  expect(rows).toHaveLength(1)
})

test('liquidated while an exit is lost on its way: the fee is in the profit of the position too', async () => {
  const botId = await live.holding({ direction: 'LONG' })
  await live.engine.crossDown(50_000)
  expect(await live.engine.tick(botId)).toBe('Ticked, EXIT intended')
  await live.fault('reset')
  expect(await live.engine.send(botId)).toEqual(['Unknown'])
  const { id } = await live.engine.lastOrder(botId)
  await control(live.sandboxUrl, 'POST', '/sandbox/price', {
    symbol: 'BTCUSDT',
    price: '45100',
    market: 'mark',
  })
  await expect.poll(() => venue.position()).toBeNull()
  expect(await compare(), 'nothing is concluded beside an order in doubt').not.toContain('MANUAL_CLOSE')
  await live.db.pool.query(`UPDATE orders SET submit_deadline = tradebot_now() WHERE id = $1`, [id])
  for (let turn = 0; turn < 3; turn++) await live.look(botId)
  // The trade of the liquidation is not taken for one of the exit.
  expect(await live.engine.lastOrder(botId)).toMatchObject({ id, status: 'NOT_PLACED' })
  await live.db.pool.query(
    `UPDATE orders SET submitted_at = submitted_at - interval '3 minutes' WHERE id = $1`,
    [id],
  )
  expect(await compare()).toContain('MANUAL_CLOSE')
  expect(await live.engine.state(botId)).toMatchObject({ status: 'ERROR', error_code: 'LIQUIDATED' })
  expect(await realized(botId)).toBe(await madeByIncome())
  const [position] = await live.engine.positions(botId)
  expect(decimal(position?.realized_pnl ?? 0).toFixed()).toBe(await realized(botId))
})

test('a stop that a deleted bot left resting does not close what the next bot opens', async () => {
  const former = await live.guarded({ direction: 'LONG' })
  await live.engine.in((tx) => stopBot(tx, live.actor, former, 'KEEP'))
  await live.engine.in((tx) => deleteBot(tx, live.actor, former, 'KEEP'))
  await byHand('SELL', '0.02')
  expect((await venue.stops())[0]).toMatchObject({ algoStatus: 'NEW' })

  const { botId } = await live.intending({ direction: 'LONG' })
  expect(await live.engine.send(botId)).toEqual(['Denied (ORDER_UNSETTLED)'])
  expect((await live.engine.lastOrder(botId)).error_message).toContain('The stop that the deleted bot')
  await live.look(former)
  expect((await venue.stops())[0]).toMatchObject({ algoStatus: 'CANCELED' })
  await live.engine.crossUp(50_000)
  expect(await live.engine.tick(botId)).toBe('Ticked, ENTRY intended')
  expect(await live.engine.send(botId)).toEqual(['Placed (FILLED)'])
})

test('where the exchange liquidates elsewhere than the formula says, its own price is shown', async () => {
  const botId = await live.holding({ direction: 'SHORT' })
  const shown = async () => decimal((await live.engine.openPosition(botId))?.liquidation_price ?? 0)
  const computed = await shown()
  expect(await compare()).toBe('Agrees')
  expect((await shown()).eq(computed), 'rounding is no difference').toBe(true)
  const theirs = (await (await live.account()).fetchPosition('BTC/USDT:USDT'))?.liquidationPrice
  // As of a tier that asks for more maintenance margin.
  await live.db.pool.query(
    `UPDATE positions SET liquidation_price = liquidation_price * 1.01 WHERE bot_id = $1`,
    [botId],
  )
  expect(await compare()).toBe('Agrees')
  expect((await shown()).toFixed()).toBe(theirs?.toFixed())
})

test('the last funding of a deleted bot is its own, though its successor holds by then', async () => {
  const former = await live.holding({ direction: 'SHORT' })
  expect(await compare()).toBe('Agrees')
  await control(live.sandboxUrl, 'POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate: '0.0001' })
  await live.engine.in((tx) => stopBot(tx, live.actor, former, 'CLOSE'))
  await live.engine.in((tx) => deleteBot(tx, live.actor, former, 'CLOSE'))
  await live.engine.tick(former)
  await live.engine.send(former)
  await live.look(former)
  await live.engine.tick(former)
  const successor = await aRunningBot()
  await live.engine.crossUp(50_000)
  await live.engine.tick(successor)
  await live.engine.send(successor)
  await live.look(successor)
  expect(await live.engine.openPosition(successor)).not.toBeNull()
  await compare()
  expect([await live.count(former, 'FUNDING'), await live.count(successor, 'FUNDING')]).toEqual([1, 0])
})

test('a funding between the fill and its booking is the position’s', async () => {
  const { botId } = await live.intending({ direction: 'SHORT' })
  await live.fault('drop')
  expect(await live.engine.send(botId)).toEqual(['Unknown'])
  await control(live.sandboxUrl, 'POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate: '0.0001' })
  expect(await live.look(botId)).toEqual(['Found (FILLED)'])
  await compare()
  const [position] = await live.engine.positions(botId)
  expect(position).toMatchObject({ funding: (await live.engine.days(botId)).at(-1)?.funding })
  expect(Number(position?.funding)).toBeGreaterThan(0)
})
