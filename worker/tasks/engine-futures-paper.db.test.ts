import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { BotConfig } from '#trading/domain/bot.ts'
import { decimal } from '#trading/domain/money.ts'
import type { MarkView } from '#trading/domain/tick/types.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { afterHints, type Engine, knowMarkets, knowPerpetual, makeEngine } from './engine.fixture.ts'

const db = withTestDatabase()
let engine: Engine
beforeAll(async () => {
  engine = makeEngine(db.pool, db.url)
  await knowMarkets(db.pool)
  await knowPerpetual(db.pool)
})
afterAll(() => afterHints(db.pool))
beforeEach(() => delete engine.feed.mark)

/** As Postgres gives numerics: 18 decimals. */
const d = (value: string) => decimal(value).toFixed(18)
const FUTURES = { positionType: 'FUTURES', symbol: 'BTC/USDT:USDT', leverage: 10 } as const
const mark = (price: number | string, more: Partial<MarkView> = {}): MarkView => ({
  markPrice: decimal(price),
  ageMs: 0,
  fundings: [],
  ...more,
})

/** 100 of its own at 10x and 50,000: 0.02 BTC, a long at 50,025 and a short at 49,975 (0.05 % slippage). */
async function entered(direction: 'LONG' | 'SHORT', more: Partial<BotConfig> = {}): Promise<string> {
  const { botId } = await engine.running({ ...FUTURES, direction, ...more })
  await (direction === 'LONG' ? engine.crossUp(50_000) : engine.crossDown(50_000))
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  return botId
}

test('a long round trip at 10x: each figure as computed by hand', async () => {
  const botId = await entered('LONG')
  expect(await engine.lastOrder(botId)).toMatchObject({
    side: 'BUY',
    amount: d('0.02'),
    price: d('50525'),
    reduce_only: false,
  })
  // 0.02 × 50,025 = 1,000.50; fee 1.0005; liquidated where 100.05 of margin have gone but for 0.4 %
  expect(await engine.openPosition(botId)).toMatchObject({
    side: 'BUY',
    amount: d('0.02'),
    average_price: d('50025'),
    cost: d('1001.5005'),
    leverage: 10,
    margin: d('100.05'),
    stop_loss_price: d('49024.5'),
    liquidation_price: decimal('45022.5').div('0.996').toFixed(18),
  })
  await engine.show([49_000, 49_000], 49_024.5)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.lastOrder(botId)).toMatchObject({ side: 'SELL', type: 'MARKET', reduce_only: true })
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  // Sells at floor(49,024.5 × 0.9995, 0.1) = 48,999.9: 979.998, fee 0.979998 → 979.998 - 0.979998 - 1,001.5005
  expect(await engine.state(botId)).toMatchObject({
    realized_pnl: d('-22.482498'),
    equity: d('977.517502'),
    dust_amount: d('0'),
  })
  expect(await engine.openPosition(botId)).toBeNull()
})

test('a short round trip at 10x: sold high, bought back low, the profit net of both fees', async () => {
  const botId = await entered('SHORT')
  expect(await engine.lastOrder(botId)).toMatchObject({ side: 'SELL', price: d('49475') })
  // 0.02 × 49,975 = 999.50, less the fee of 0.9995
  expect(await engine.openPosition(botId)).toMatchObject({
    side: 'SELL',
    cost: d('998.5005'),
    margin: d('99.95'),
    stop_loss_price: d('50974.5'),
    liquidation_price: decimal('54972.5').div('1.004').toFixed(18),
  })
  // The mark values it: 998.5005 - 0.02 × 49,500
  engine.feed.mark = mark(49_500)
  await engine.show([49_900, 49_900], 49_900)
  await engine.tick(botId)
  expect(await engine.state(botId)).toMatchObject({ mark_price: d('49500'), equity: d('1008.5005') })
  delete engine.feed.mark
  await engine.show([48_000, 48_000], 47_976)
  expect(await engine.tick(botId)).toBe('Ticked, TAKE_PROFIT intended')
  expect(await engine.lastOrder(botId)).toMatchObject({ side: 'BUY', reduce_only: true })
  await engine.send(botId)
  // Buys at ceil(47,976 × 1.0005, 0.1) = 48,000: 960, fee 0.96 → 998.5005 - 960.96
  expect(await engine.state(botId)).toMatchObject({ realized_pnl: d('37.5405') })
})

test('a bot for both goes from long to short and back on the very signals that leave, each entered once', async () => {
  const botId = await entered('LONG', { direction: 'BOTH' })
  for (const [cross, side] of [
    [engine.crossDown, 'SELL'],
    [engine.crossUp, 'BUY'],
  ] as const) {
    await cross(50_000)
    expect(await engine.tick(botId)).toBe('Ticked, EXIT intended')
    expect(await engine.tick(botId), 'the exit is on its way').toBe('Ticked')
    expect(await engine.send(botId)).toEqual(['Filled (paper)'])
    expect(await engine.openPosition(botId)).toBeNull()
    expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
    expect(await engine.lastOrder(botId)).toMatchObject({ side, reduce_only: false })
    expect(await engine.send(botId)).toEqual(['Filled (paper)'])
    expect(await engine.openPosition(botId)).toMatchObject({ side })
    expect(await engine.tick(botId)).toBe('Ticked')
  }
  expect((await engine.orders(botId)).map(({ purpose, side }) => `${purpose} ${side}`)).toEqual([
    'ENTRY BUY',
    'EXIT SELL',
    'ENTRY SELL',
    'EXIT BUY',
    'ENTRY BUY',
  ])
})

test('a stop loss on the candle that also says EXIT does not reverse', async () => {
  const botId = await entered('LONG', { direction: 'BOTH' })
  await engine.crossDown(49_000)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  expect(await engine.tick(botId)).toBe('Ticked')
  expect(await engine.openPosition(botId)).toBeNull()
})

test('the stop is hit by the mark price alone, and the data need not be fresh for its value', async () => {
  const botId = await entered('SHORT')
  engine.feed.mark = mark(50_974.5)
  await engine.show([50_000, 50_000], 50_000)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.messages(botId)).toContainEqual(
    expect.stringContaining('Mark price 50974.5 is at or above the stop at 50974.5'),
  )
})

test('funding is booked once for each instant, to profit, position and day', async () => {
  const botId = await entered('SHORT')
  const { rows } = await db.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
  const at = rows[0]?.now ?? new Date()
  const fundings = [{ at, rate: decimal('0.0001'), markPrice: decimal(50_000) }]
  await new Promise((resolve) => setTimeout(resolve, 5))
  engine.feed.mark = mark(50_000, { fundings })
  await engine.show([50_000, 50_000], 50_000)
  for (let count = 0; count < 3; count++) await engine.tick(botId)
  // 0.02 × 50,000 × 0.01 %, received by a short; 99.95 of margin before
  expect(await engine.openPosition(botId)).toMatchObject({ funding: d('0.1'), margin: d('100.05') })
  expect(await engine.state(botId)).toMatchObject({ realized_pnl: d('0.1') })
  expect((await engine.days(botId)).at(-1)).toMatchObject({ funding: d('0.1'), realized_pnl: d('0.1') })
  expect((await engine.eventTypes(botId)).filter((type) => type === 'FUNDING')).toHaveLength(1)
})

test.each(['LONG', 'SHORT'] as const)(
  'a %s whose margin is used up is liquidated as the venue would, and the bot stops with what to do',
  async (direction) => {
    const botId = await entered(direction, { stopLossPerc: decimal(9) })
    const at = direction === 'LONG' ? 45_200 : 54_755
    engine.feed.mark = mark(at)
    await engine.show([50_000, 50_000], 50_000)
    await engine.tick(botId)
    const state = await engine.state(botId)
    expect(state).toMatchObject({ status: 'ERROR', error_code: 'LIQUIDATED' })
    expect(state.error_message).toContain('choose a leverage lower than 10')
    expect(await engine.lastOrder(botId)).toMatchObject({
      origin: 'LIQUIDATION',
      status: 'FILLED',
      reduce_only: true,
      side: direction === 'LONG' ? 'SELL' : 'BUY',
    })
    expect(await engine.openPosition(botId)).toBeNull()
    // All of the margin and the entry's fee, and no more: what the mark left of it is the fee of the liquidation.
    const [margin, fee] = direction === 'LONG' ? ['100.05', '1.0005'] : ['99.95', '0.9995']
    expect(state.realized_pnl).toBe(decimal(margin).plus(fee).neg().toFixed(18))
    expect(await engine.eventTypes(botId)).toContain('POSITION_LIQUIDATED')
  },
)

test('a mark price that is not known stops nothing: the last price decides, and it is said once', async () => {
  const botId = await entered('LONG')
  await db.pool.query(
    `UPDATE bot_states SET started_at = started_at - interval '2 minutes' WHERE bot_id = $1`,
    [botId],
  )
  engine.feed.mark = null
  await engine.show([50_000, 50_000], 50_000)
  for (let count = 0; count < 3; count++) await engine.tick(botId)
  expect((await engine.eventTypes(botId)).filter((type) => type === 'MARK_MISSING')).toHaveLength(1)
  await engine.show([49_000, 49_000], 49_000)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
})

test('a funding that is shown only after the position was left is booked all the same, once', async () => {
  const botId = await entered('LONG')
  await new Promise((resolve) => setTimeout(resolve, 5))
  const { rows } = await db.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
  const at = rows[0]?.now ?? new Date()
  // The candle that ends at that instant says EXIT.
  await engine.crossDown(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, EXIT intended')
  await engine.send(botId)
  const before = decimal((await engine.state(botId)).realized_pnl)
  const fundings = [{ at, rate: decimal('0.0001'), markPrice: decimal(50_000) }]
  engine.feed.mark = mark(50_000, { fundings })
  for (let count = 0; count < 3; count++) await engine.tick(botId)
  // 0.02 × 50,000 × 0.01 %, paid by a long
  expect(
    decimal((await engine.state(botId)).realized_pnl)
      .minus(before)
      .toFixed(),
  ).toBe('-0.1')
  expect((await engine.days(botId)).at(-1)).toMatchObject({ funding: d('-0.1') })
  const [left] = await engine.positions(botId)
  expect(left).toMatchObject({ funding: d('-0.1'), realized_pnl: (await engine.state(botId)).realized_pnl })
  expect((await engine.eventTypes(botId)).filter((type) => type === 'FUNDING')).toHaveLength(1)
})
