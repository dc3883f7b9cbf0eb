import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aConfig, aMarket, aPerpetual, CROSSING_DOWN } from '../bot.fixture.ts'
import type { BotConfig } from '../bot.ts'
import { timeframeMs } from '../market.ts'
import { decimal } from '../money.ts'
import { startBacktest } from './backtest.ts'
import { type CandleColumns, makeCandleWriter } from './candle-columns.ts'
import { randomWalk } from './random-walk.ts'
import type { BacktestResult } from './result.ts'

function run(config: BotConfig, candles: CandleColumns, shortcuts = true): BacktestResult {
  const market = config.positionType === 'SPOT' ? aMarket() : aPerpetual({ amountStep: decimal('0.00001') })
  const backtest = startBacktest({ config, market, candles, fromMs: null, shortcuts })
  while (backtest.advance(500));
  return backtest.result()
}

const percent = (min: number, max: number) =>
  fc.integer({ min: min * 100, max: max * 100 }).map((value) => decimal(value).div(100))
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 2 })

/** Bots with limits so near that most of them act. */
const configs = fc.record({
  maxDailyLossPerc: optional(percent(0.2, 3)),
  dailyTargetPerc: optional(percent(0.2, 3)),
  maxDailyTrades: optional(fc.integer({ min: 1, max: 6 })),
  maxDrawdownPerc: optional(percent(3, 20)),
  trailingStopPerc: optional(percent(0.2, 2)),
  stopLossPerc: percent(0.3, 3),
  takeProfitPerc: fc.oneof(fc.constant(decimal(0)), percent(0.3, 3)),
  onDailyLimit: fc.constantFrom('KEEP' as const, 'CLOSE' as const),
  resumeNextDay: fc.boolean(),
  cooldownSeconds: optional(fc.integer({ min: 0, max: 7_200 })),
  maxOrdersPerMinute: optional(fc.constant(1)),
  positionSizeFixed: fc.integer({ min: 100, max: 1_000 }).map((value) => decimal(value)),
})
const spot = fc.constant({ positionType: 'SPOT' as const, direction: 'LONG' as const, leverage: 1 })
const futures = fc.record({
  positionType: fc.constant('FUTURES' as const),
  direction: fc.constantFrom('LONG' as const, 'SHORT' as const, 'BOTH' as const),
  // The stops of many bots lie beyond the liquidation of the highest.
  leverage: fc.constantFrom(1, 20, 100, 125),
})
const kinds = fc.oneof(spot, futures, futures)
/** Days of candles of five minutes or an hour, with gaps; as a recipe, so that a counterexample is short. */
const walks = fc.record({
  seed: fc.integer({ min: 0, max: 1e9 }),
  timeframe: fc.constantFrom('5m', '1h'),
  gapEvery: fc.constantFrom(0, 3, 50),
})
type Walk = { seed: number; timeframe: string; gapEvery: number }
const candlesOf = ({ seed, timeframe, gapEvery }: Walk) =>
  randomWalk({ seed, count: 500, lengthMs: timeframeMs(timeframe) ?? 0, gapEvery, movePerc: 1.5 })

test('ticks that are left out change no trade, no day and no equity', { timeout: 60_000 }, () => {
  const seen = { trips: 0, limits: 0, stops: 0, days: 0, shorts: 0, liquidated: 0 }
  fc.assert(
    fc.property(configs, kinds, walks, (rules, kind, walk) => {
      const config = aConfig({ ...rules, ...kind, timeframe: walk.timeframe })
      const candles = candlesOf(walk)
      const [short, whole] = [run(config, candles), run(config, candles, false)]
      expect(JSON.stringify(short)).toBe(JSON.stringify(whole))
      seen.trips += short.trips.length
      seen.days += short.days.length
      seen.limits += short.figures.notes.length
      seen.stops += short.fills.filter(({ purpose }) => purpose === 'STOP_LOSS').length
      seen.shorts += short.trips.filter(({ side }) => side === 'SELL').length
      if (short.figures.finalStatus === 'ERROR') seen.liquidated += 1
    }),
    { numRuns: 100 },
  )
  // The property says nothing of bots that never trade.
  expect(seen.trips).toBeGreaterThan(300)
  expect(seen.stops).toBeGreaterThan(50)
  expect(seen.limits).toBeGreaterThan(15)
  expect(seen.days).toBeGreaterThan(200)
  expect(seen.shorts).toBeGreaterThan(100)
  expect(seen.liquidated).toBeGreaterThan(5)
})

test('what comes later changes nothing that came before', { timeout: 60_000 }, () => {
  let fills = 0
  fc.assert(
    fc.property(
      configs,
      kinds,
      walks,
      fc.integer({ min: 100, max: 450 }),
      fc.integer({ min: 1, max: 1e9 }),
      (rules, kind, walk, from, seed) => {
        const config = aConfig({ ...rules, ...kind, timeframe: walk.timeframe })
        const candles = candlesOf(walk)
        const other = withOtherFuture(candles, from, seed)
        const until = candles.openTime[from] ?? 0
        const past = (result: BacktestResult) =>
          JSON.stringify({
            // At the moment itself the new candle's open is known, and may be a stop's.
            fills: result.fills.filter(({ at }) => at.getTime() < until),
            // A day is over when its midnight has come.
            days: result.days.filter(({ day }) => Date.parse(day) + 86_400_000 <= until),
            curve: result.curve.filter(({ at }) => at <= until),
          })
        const [one, two] = [past(run(config, candles)), past(run(config, other))]
        expect(two).toBe(one)
        fills += JSON.parse(one).fills.length
      },
    ),
    { numRuns: 40 },
  )
  expect(fills).toBeGreaterThan(200)
})

test(
  'equity is the capital and what the trades made of it, and cash and position at the last close',
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(configs, kinds, walks, (rules, kind, walk) => {
        const candles = candlesOf(walk)
        const config = aConfig({ ...rules, ...kind, timeframe: walk.timeframe })
        const { figures, trips, fills } = run(config, candles)
        const closed = trips.reduce((sum, { exit }) => sum.plus(exit?.profit ?? 0), decimal(0))
        if (figures.openTrades === 0) expect(figures.finalEquity).toEqual(figures.initialCapital.plus(closed))
        // From the fills alone: money spent and got, and what is left at the last price (dust is booked at the price of its own time).
        let cash = figures.initialCapital
        let held = decimal(0)
        for (const { side, amount, price, fee, feeCurrency } of fills) {
          const bought = side === 'BUY'
          const inBase = feeCurrency === 'BTC'
          expect(inBase).toBe(bought && config.positionType === 'SPOT')
          cash = cash.plus(bought ? amount.times(price).neg() : amount.times(price))
          held = held.plus(bought ? amount : amount.neg())
          if (inBase) held = held.minus(fee)
          else cash = cash.minus(fee)
          if (config.positionType === 'FUTURES' && config.direction === 'LONG') expect(held.gte(0)).toBe(true)
          if (config.positionType === 'FUTURES' && config.direction === 'SHORT')
            expect(held.lte(0)).toBe(true)
        }
        const last = decimal(candles.close.at(-1) ?? 0)
        const dust = decimal('0.00001').times(last)
        expect(Number(figures.finalEquity.minus(cash).minus(held.times(last)).abs())).toBeLessThanOrEqual(
          Number(dust),
        )
      }),
      { numRuns: 30 },
    )
  },
)

test('a short makes what a falling market loses, and is liquidated by a rising one before its stop', () => {
  const config = aConfig({
    positionType: 'FUTURES',
    direction: 'SHORT',
    timeframe: '1m',
    paperFeePerc: decimal(0),
    paperSlippagePerc: decimal(0),
    stopLossPerc: decimal(50),
    takeProfitPerc: decimal(0),
    leverage: 10,
    emaFast: 2,
    emaSlow: 3,
    rsiPeriod: 2,
  })
  const writer = makeCandleWriter(60)
  // Rises until the strategy is warm, falls once, so that it sells at 970, and stays down.
  const closes = [...CROSSING_DOWN, 970, 960, 950]
  const push = (at: number, open: number, high: number, low: number, close: number) =>
    writer.push(at * 60_000, {
      open: String(open),
      high: String(high),
      low: String(low),
      close: String(close),
      volume: '1',
    })
  closes.forEach((close, index) => push(index, close, close, close, close))
  // Sold at 980; margin 1/10, maintenance 0.4 %: liquidated at 980 × 1.1 / 1.004 = 1073.7…, reached inside this candle.
  push(closes.length, 950, 1_200, 950, 1_150)
  push(closes.length + 1, 1_150, 1_150, 1_150, 1_150)
  const { fills, trips, figures } = run(config, writer.done())
  expect(fills.map(({ side, purpose }) => `${side} ${purpose}`)).toEqual(['SELL ENTRY', 'BUY CLOSE'])
  const [sold, bought] = fills
  expect(sold?.price.toFixed()).toBe('980')
  const liquidatedAt = decimal(980).times('1.1').div('1.004').toDecimalPlaces(18)
  expect(bought?.price.toFixed()).toBe(liquidatedAt.toFixed())
  // 0.4 % of the notional is left of the margin, less than the fee of 1.25 %.
  expect(trips[0]).toMatchObject({ side: 'SELL', exit: { purpose: 'CLOSE' } })
  // A tenth of what was sold at 980 is lost, all of its margin, and no more.
  const margin = decimal(980)
    .times(sold?.amount ?? 0)
    .div(10)
  expect(figures.finalEquity.toDecimalPlaces(12).toFixed()).toBe(decimal(1_000).minus(margin).toFixed())
  expect(figures.finalStatus).toBe('ERROR')
  expect(figures.notes.join(' ')).toMatch(/Funding is not simulated.*liquidated/)
})

test('a bot for both goes over to the other side at the close of the candle that leaves, at its price', () => {
  const config = aConfig({
    positionType: 'FUTURES',
    direction: 'BOTH',
    timeframe: '1m',
    stopLossPerc: decimal(50),
    takeProfitPerc: decimal(0),
    emaFast: 2,
    emaSlow: 3,
  })
  const writer = makeCandleWriter(60)
  // Crosses below, above, and below again; each candle opens and closes at the same price.
  const closes = [...CROSSING_DOWN, 970, 960, 1_000, 1_010, 950]
  closes.forEach((price, index) => {
    const text = String(price)
    writer.push(index * 60_000, { open: text, high: text, low: text, close: text, volume: '1' })
  })
  const [left, ticked] = [true, false].map((shortcuts) => run(config, writer.done(), shortcuts))
  expect(JSON.stringify(left)).toBe(JSON.stringify(ticked))
  expect(
    left?.fills.map(
      ({ side, purpose, at }) => `${side} ${purpose} ${at.getTime() / 60_000 - CROSSING_DOWN.length}`,
    ),
  ).toEqual(['SELL ENTRY 0', 'BUY EXIT 3', 'BUY ENTRY 3', 'SELL EXIT 5', 'SELL ENTRY 5'])
})

test('too few candles are refused with what is needed', () => {
  expect(() =>
    startBacktest({
      config: aConfig(),
      market: aMarket(),
      candles: randomWalk({ seed: 1, count: 5 }),
      fromMs: null,
    }),
  ).toThrow(/needs 30 candles to warm up .* and there are 5/)
})

/** The same until candle `from`, then anything. */
function withOtherFuture(candles: CandleColumns, from: number, seed: number): CandleColumns {
  const other = randomWalk({ seed, count: candles.length, movePerc: 3, start: 700 })
  const writer = makeCandleWriter(candles.length)
  for (let index = 0; index < candles.length; index++) {
    const source = index < from ? candles : other
    const text = (field: 'open' | 'high' | 'low' | 'close' | 'volume') => String(source[field][index])
    writer.push(candles.openTime[index] ?? 0, {
      open: text('open'),
      high: text('high'),
      low: text('low'),
      close: text('close'),
      volume: text('volume'),
    })
  }
  return writer.done()
}
