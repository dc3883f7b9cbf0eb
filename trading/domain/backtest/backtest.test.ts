import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aConfig, aMarket } from '../bot.fixture.ts'
import type { BotConfig } from '../bot.ts'
import { timeframeMs } from '../market.ts'
import { decimal } from '../money.ts'
import { startBacktest } from './backtest.ts'
import { type CandleColumns, makeCandleWriter } from './candle-columns.ts'
import { randomWalk } from './random-walk.ts'
import type { BacktestResult } from './result.ts'

function run(config: BotConfig, candles: CandleColumns, shortcuts = true): BacktestResult {
  const backtest = startBacktest({ config, market: aMarket(), candles, fromMs: null, shortcuts })
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
  const seen = { trips: 0, limits: 0, stops: 0, days: 0 }
  fc.assert(
    fc.property(configs, walks, (rules, walk) => {
      const config = aConfig({ ...rules, timeframe: walk.timeframe })
      const candles = candlesOf(walk)
      const [short, whole] = [run(config, candles), run(config, candles, false)]
      expect(JSON.stringify(short)).toBe(JSON.stringify(whole))
      seen.trips += short.trips.length
      seen.days += short.days.length
      seen.limits += short.figures.notes.length
      seen.stops += short.fills.filter(({ purpose }) => purpose === 'STOP_LOSS').length
    }),
    { numRuns: 40 },
  )
  // The property says nothing of bots that never trade.
  expect(seen.trips).toBeGreaterThan(300)
  expect(seen.stops).toBeGreaterThan(50)
  expect(seen.limits).toBeGreaterThan(15)
  expect(seen.days).toBeGreaterThan(200)
})

test('what comes later changes nothing that came before', { timeout: 60_000 }, () => {
  let fills = 0
  fc.assert(
    fc.property(
      configs,
      walks,
      fc.integer({ min: 100, max: 450 }),
      fc.integer({ min: 1, max: 1e9 }),
      (rules, walk, from, seed) => {
        const config = aConfig({ ...rules, timeframe: walk.timeframe })
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
      fc.property(configs, walks, (rules, walk) => {
        const candles = candlesOf(walk)
        const { figures, trips, fills } = run(aConfig({ ...rules, timeframe: walk.timeframe }), candles)
        const closed = trips.reduce((sum, { exit }) => sum.plus(exit?.profit ?? 0), decimal(0))
        if (figures.openTrades === 0) expect(figures.finalEquity).toEqual(figures.initialCapital.plus(closed))
        // From the fills alone: money spent and got, and what is left at the last price (dust is booked at the price of its own time).
        let cash = figures.initialCapital
        let held = decimal(0)
        for (const { side, amount, price, fee } of fills) {
          const bought = side === 'BUY'
          cash = cash.plus(bought ? amount.times(price).neg() : amount.times(price).minus(fee))
          held = held.plus(bought ? amount.minus(fee) : amount.neg())
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
