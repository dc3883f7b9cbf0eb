import { beforeEach, expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import { withLiveEngine } from './live.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'
import { makeVenueFutures } from './venue-futures.fixture.ts'

const live = withLiveEngine({ futures: true })
const compare = () => reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.deps)
let venue: ReturnType<typeof makeVenueFutures>
let hands = 0
beforeEach(() => {
  venue = makeVenueFutures(live.engine, live.sandboxUrl, live.venueKey)
})

/** What a person does with the same account. */
async function byHand(side: 'BUY' | 'SELL', amount: string): Promise<void> {
  const placed = await (
    await live.account()
  ).placeOrder({
    terms: { type: 'MARKET' },
    symbol: 'BTC/USDT:USDT',
    side,
    amount: decimal(amount),
    clientOrderId: `hand${(hands += 1)}-${Date.now()}`,
    signedAt: Date.now(),
    recvWindowMs: 5_000,
    timeoutMs: 5_000,
  })
  expect(placed.kind).toBe('ACCEPTED')
}

const fund = (rate: string) =>
  control(live.sandboxUrl, 'POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate })
const markAt = (price: number) =>
  control(live.sandboxUrl, 'POST', '/sandbox/price', {
    symbol: 'BTCUSDT',
    price: String(price),
    market: 'mark',
  })
const fundings = async (botId: string) =>
  (
    await live.db.pool.query<{ amount: string; kind: string }>(
      `SELECT amount::float8::text AS amount, left(venue_id, 9) AS kind FROM funding_payments WHERE bot_id = $1 ORDER BY id`,
      [botId],
    )
  ).rows
/** Funding is asked for when it can be news: not with each comparison. */
const askedLongAgo = (botId: string) =>
  live.db.pool.query(
    `UPDATE bot_states SET funded_until = tradebot_now() - interval '20 minutes' WHERE bot_id = $1`,
    [botId],
  )
const madeByIncome = async () =>
  (await venue.incomes())
    .filter(({ incomeType }) => incomeType !== 'TRANSFER')
    .reduce((sum, { income }) => sum.plus(income), decimal(0))
const realized = async (botId: string) => decimal((await live.engine.state(botId)).realized_pnl)

// Long and short in turn: all of both would use up what the venue allows in a minute.
const OTHER: Record<Direction, 'BUY' | 'SELL'> = { LONG: 'SELL', SHORT: 'BUY' }
type Direction = 'LONG' | 'SHORT'

test.each<Direction>(['LONG'])(
  '%s: what is as it should be says nothing; funding is booked once, however often it is asked for',
  async (direction) => {
    const botId = await live.holding({ direction })
    expect(await compare()).toBe('Agrees')
    await fund('0.0001')
    await fund('-0.0003')
    await askedLongAgo(botId)
    expect(await compare()).toBe('Agrees')
    await askedLongAgo(botId)
    expect(await compare()).toBe('Agrees')
    // 0.02 BTC at a mark price of 50,000 are 1,000: longs pay 0.1 and get 0.3.
    const expected = direction === 'LONG' ? ['-0.1', '0.3'] : ['0.1', '-0.3']
    expect((await fundings(botId)).map(({ amount }) => amount)).toEqual(expected)
    expect(await live.count(botId, 'FUNDING')).toBe(2)
    expect((await realized(botId)).toFixed()).toBe(direction === 'LONG' ? '0.2' : '-0.2')
    const { rows } = await live.db.pool.query(
      `SELECT d.funding::float8 AS day, p.funding::float8 AS position FROM bot_days d JOIN positions p ON p.bot_id = d.bot_id WHERE d.bot_id = $1`,
      [botId],
    )
    expect(rows).toEqual([direction === 'LONG' ? { day: 0.2, position: 0.2 } : { day: -0.2, position: -0.2 }])
  },
)

test.each<Direction>(['SHORT'])(
  '%s: closed by hand, a part and then the rest: booked as what it was, to the last digit',
  async (direction) => {
    const botId = await live.holding({ direction })
    await byHand(OTHER[direction], '0.005')
    expect(await compare()).toBe('MANUAL_CLOSE')
    expect(await live.engine.openPosition(botId)).toMatchObject({ amount: '0.015000000000000000' })
    await byHand(OTHER[direction], '0.015')
    expect(await compare()).toBe('MANUAL_CLOSE')
    expect(await live.engine.openPosition(botId)).toBeNull()
    expect((await realized(botId)).toFixed()).toBe((await madeByIncome()).toFixed())
    expect((await live.engine.state(botId)).status).toBe('RUNNING')
    expect((await live.engine.messages(botId)).join()).toContain(
      `were ${OTHER[direction] === 'SELL' ? 'sold' : 'bought'} by order`,
    )
    expect(await compare()).toBe('Agrees')
  },
)

test.each<Direction>(['LONG', 'SHORT'])(
  '%s: liquidated by the exchange: booked with its fee, and the bot stops with what to change',
  async (direction) => {
    const botId = await live.holding({ direction })
    await markAt(direction === 'LONG' ? 45_100 : 54_900)
    await expect.poll(() => venue.position()).toBeNull()
    expect(await compare()).toBe('MANUAL_CLOSE')
    expect(await live.engine.openPosition(botId)).toBeNull()
    expect(await live.engine.state(botId)).toMatchObject({ status: 'ERROR', error_code: 'LIQUIDATED' })
    expect((await live.engine.state(botId)).error_message).toMatch(/liquidated at .* leverage lower than 10/)
    expect(await live.engine.eventTypes(botId)).toContain('POSITION_LIQUIDATED')
    expect((await fundings(botId)).map(({ kind }) => kind)).toEqual(['INSURANCE'])
    expect((await realized(botId)).toFixed(), 'not a digit more or less than the account').toBe(
      (await madeByIncome()).toFixed(),
    )
    const { rows } = await live.db.pool.query(
      `SELECT origin FROM orders WHERE bot_id = $1 ORDER BY id DESC LIMIT 1`,
      [botId],
    )
    expect(rows).toEqual([{ origin: 'LIQUIDATION' }])
  },
)

test.each<Direction>(['SHORT'])(
  '%s: turned round by a person: the bot pauses, says both sides, and books nothing that it did not do',
  async (direction) => {
    const botId = await live.holding({ direction })
    await byHand(OTHER[direction], '0.03')
    expect(await compare()).toBe('PAUSE')
    expect(await live.engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
    const message = (await live.engine.messages(botId)).at(-1)
    const [is, was] = direction === 'LONG' ? ['short', 'long'] : ['long', 'short']
    expect(message).toContain(`is ${is} 0.01 on BTC/USDT:USDT`)
    expect(message).toContain(`should hold 0.02 ${was} by the books`)
    expect(await live.engine.openPosition(botId)).toMatchObject({ amount: '0.020000000000000000' })
    expect(await compare(), 'told once').toBe('Agrees')
  },
)
