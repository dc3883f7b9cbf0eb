import fc from 'fast-check'
import { EMA, RSI } from 'technicalindicators'
import { expect, test } from 'vitest'
import { aConfig, CROSSING_DOWN, CROSSING_UP, signalsOf } from '../bot.fixture.ts'
import { decimal } from '../money.ts'
import { emaRsi } from './ema-rsi.ts'
import { strategyById } from './index.ts'
import { type Move, paramsOf } from './strategy.ts'

const at = new Date('2026-01-01T00:00:00Z')
const config = aConfig({ emaFast: 2, emaSlow: 3, rsiPeriod: 2 })
const evaluate = (closes: readonly number[], more = {}) =>
  signalsOf(closes, at, { ...config, ...more }).at(-1)?.signal

const closes = fc
  .array(fc.integer({ min: 100, max: 9_999_999 }), { minLength: 60, maxLength: 120 })
  .map((cents) => cents.map((each) => each / 100))

test('EMA is the textbook’s: seeded by the mean of the first period, then moved by 2 / (period + 1)', () => {
  // By hand, period 3: mean(1, 2, 3) = 2; then 2 + (7 - 2) / 2 = 4.5; then 4.5 + (4.5 - 4.5) / 2 = 4.5
  expect(EMA.calculate({ period: 3, values: [1, 2, 3, 7, 4.5] })).toEqual([2, 4.5, 4.5])
  fc.assert(
    fc.property(closes, fc.integer({ min: 2, max: 30 }), (values, period) => {
      const theirs = EMA.calculate({ period, values })
      const ours = textbookEma(values, period)
      expect(theirs).toHaveLength(ours.length)
      // Floating point alone tells them apart: a billionth of the price.
      for (const [index, value] of ours.entries())
        expect(Math.abs((theirs[index] ?? NaN) - value)).toBeLessThan(1e-9 * 99_999)
    }),
  )
})

test('RSI is Wilder’s, rounded to two decimals', () => {
  // Changes +1, +1, -1, +2 by hand, period 2: averages 1 and 0, so 100; then 0.5 and 0.5, so 50; then 1.25 and 0.25, so 83.33.
  expect(RSI.calculate({ period: 2, values: [10, 11, 12, 11, 13] })).toEqual([100, 50, 83.33])
  fc.assert(
    fc.property(closes, fc.integer({ min: 2, max: 30 }), (values, period) => {
      const theirs = RSI.calculate({ period, values })
      const ours = wilderRsi(values, period)
      expect(theirs).toHaveLength(ours.length)
      for (const [index, value] of ours.entries())
        expect(Math.abs((theirs[index] ?? NaN) - value)).toBeLessThan(0.00501)
    }),
  )
})

test('each signal is the textbook’s crossover', () => {
  const seen = new Set<Move>()
  fc.assert(
    fc.property(closes, (values) => {
      const [fast, slow] = [textbookEma(values, 2).slice(-2), textbookEma(values, 3).slice(-2)]
      const gaps = [(fast[0] ?? 0) - (slow[0] ?? 0), (fast[1] ?? 0) - (slow[1] ?? 0)] as const
      // So near that floating point decides: nothing to compare.
      fc.pre(gaps.every((gap) => Math.abs(gap) > 1e-6))
      const expected = gaps[0] < 0 && gaps[1] > 0 ? 'ENTER' : gaps[0] > 0 && gaps[1] < 0 ? 'EXIT' : null
      const rsi = wilderRsi(values, 2).at(-1) ?? 50
      fc.pre(rsi > 0.01 && rsi < 99.99)
      seen.add(expected)
      expect(evaluate(values)?.long).toBe(expected)
    }),
  )
  expect(seen).toEqual(new Set(['ENTER', 'EXIT', null]))
})

test('the sentence says what crossed, and what RSI made of it', () => {
  // The last close rises by 19 after falls of 1: Wilder's average gain over all is 9.5 (halved once), loss 0.5.
  expect(evaluate(CROSSING_UP)).toEqual({
    long: 'ENTER',
    short: 'EXIT',
    reason: 'EMA 2 crossed above EMA 3, RSI 95.00 < 100',
  })
  expect(evaluate(CROSSING_UP, { rsiOverbought: decimal(95) })).toEqual({
    long: null,
    short: null,
    reason: 'EMA 2 crossed above EMA 3, but RSI 95.00 is overbought (≥ 95)',
  })
  expect(evaluate(CROSSING_DOWN)).toEqual({
    long: 'EXIT',
    short: 'ENTER',
    reason: 'EMA 2 crossed below EMA 3, RSI 5.00 > 0',
  })
  expect(evaluate(CROSSING_DOWN, { rsiOversold: decimal(5) })).toEqual({
    long: null,
    short: null,
    reason: 'EMA 2 crossed below EMA 3, but RSI 5.00 is oversold (≤ 5)',
  })
  expect(evaluate(CROSSING_UP.slice(0, -1))).toEqual({
    long: null,
    short: null,
    reason: 'No crossover: EMA 2 is below EMA 3, RSI 0.00',
  })
})

test('too few candles are no signal', () => {
  const told = signalsOf(CROSSING_UP, at, config).map(({ signal }) => signal.reason)
  expect(told[28]).toBe('Warming up: 29 of 30 closed candles')
  expect(told[29]).toBe('No crossover: EMA 2 is below EMA 3, RSI 0.00')
})

test('the warm-up is ten times the slowest period, by which the seed is forgotten', () => {
  expect(emaRsi.warmUp(paramsOf(emaRsi, aConfig({ emaFast: 12, emaSlow: 26, rsiPeriod: 14 })))).toBe(260)
  expect(emaRsi.warmUp(paramsOf(emaRsi, aConfig({ emaFast: 2, emaSlow: 3, rsiPeriod: 50 })))).toBe(500)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 320, maxLength: 320 }), (values) => {
      const [short, long] = [
        textbookEma(values.slice(-260), 26).at(-1) ?? 0,
        textbookEma(values, 26).at(-1) ?? 0,
      ]
      expect(Math.abs(short - long)).toBeLessThan(1e-4)
    }),
    { numRuns: 20 },
  )
})

test('strategies are found by their id', () => {
  expect(strategyById('EMA_RSI')).toBe(emaRsi)
  expect(strategyById('nope')).toBeNull()
})

/** Computed here on its own, from the definition. */
function textbookEma(values: readonly number[], period: number): number[] {
  const seed = values.slice(0, period).reduce((sum, value) => sum + value, 0) / period
  const series = [seed]
  for (const value of values.slice(period)) {
    const before = series.at(-1) ?? seed
    series.push((value * 2) / (period + 1) + before * (1 - 2 / (period + 1)))
  }
  return series
}

/** J. Welles Wilder, New Concepts in Technical Trading Systems (1978): means of gains and losses, then smoothed by 1 / period. */
function wilderRsi(values: readonly number[], period: number): number[] {
  const changes = values.slice(1).map((value, index) => value - (values[index] ?? 0))
  const mean = (of: (change: number) => number) =>
    changes.slice(0, period).reduce((sum, change) => sum + of(change), 0) / period
  let [gain, loss] = [mean((change) => Math.max(change, 0)), mean((change) => Math.max(-change, 0))]
  const index = () => (loss === 0 ? 100 : 100 - 100 / (1 + gain / loss))
  const series = [index()]
  for (const change of changes.slice(period)) {
    gain = (gain * (period - 1) + Math.max(change, 0)) / period
    loss = (loss * (period - 1) + Math.max(-change, 0)) / period
    series.push(index())
  }
  return series
}
