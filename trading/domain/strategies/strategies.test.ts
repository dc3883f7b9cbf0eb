import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aConfig } from '../bot.fixture.ts'
import { inRange } from '../bot-config.ts'
import { decimal } from '../money.ts'
import { startSignals } from './candle-signals.ts'
import { STRATEGIES, strategyById } from './index.ts'
import type { Signal, Strategy, StrategyCandle, StrategyParams } from './strategy.ts'
import { paramsOf } from './strategy.ts'
import { TEXTBOOK } from './textbook-moves.fixture.ts'
import { walk } from './walk.fixture.ts'

/** Short periods, so that series of a test's length hold many signals. */
const SMALL: Record<string, StrategyParams> = {
  EMA_RSI: { emaFast: 3, emaSlow: 7, rsiPeriod: 5, rsiOverbought: 75, rsiOversold: 25 },
  EMA_CROSS: { emaFast: 3, emaSlow: 7 },
  RSI_REVERSION: { rsiPeriod: 5, rsiOverbought: 70, rsiOversold: 30 },
  MACD: { fastPeriod: 3, slowPeriod: 6, signalPeriod: 4 },
  BOLLINGER: { period: 8, deviations: 1.5 },
  DONCHIAN: { entryPeriod: 6, exitPeriod: 3 },
}
const smallOf = (strategy: Strategy) => SMALL[strategy.id] ?? {}
const LENGTH = 260

/** Numbers a series is made from; the series itself would be an unreadable counterexample. */
const seed = fc.integer({ min: 1, max: 2 ** 31 - 2 })

function signals(strategy: Strategy, params: StrategyParams, candles: readonly StrategyCandle[]): Signal[] {
  const stream = startSignals(strategy, params)
  return candles.map((candle) => {
    stream.next(candle)
    return stream.signal()
  })
}

const NONE = { long: null, short: null }
const moves = ({ long, short }: Pick<Signal, 'long' | 'short'>) => ({ long, short })

describe.each(STRATEGIES.map((strategy) => [strategy.id, strategy] as const))('%s', (id, strategy) => {
  const params = smallOf(strategy)
  const needed = strategy.warmUp(params)
  const rule = TEXTBOOK[id] ?? (() => [])
  // Tolerance: what a warm-up of ten periods has not forgotten. Of an EMA's seed (1 - 2 / (n + 1)) to the 9 n is left, 2e-8; of Wilder's
  // averages (1 - 1 / n) to the 9 n, 1e-4, which moves RSI by a tenth of a point at most on a walk of even steps.
  const tolerance = { RSI_REVERSION: 0.1 }[id] ?? 1e-7

  test('each move is the textbook’s, computed from all closes at once', () => {
    const seen = new Set<string>()
    let compared = 0
    fc.assert(
      fc.property(seed, (from) => {
        const candles = walk(from, LENGTH)
        const expected = rule(candles, params)
        for (const [index, signal] of signals(strategy, params, candles).entries()) {
          const textbook = expected[index]
          // RSI is rounded to 0.005, so nearer to a threshold than that the rounding decides; of prices it is a ten-millionth.
          const near = id === 'RSI_REVERSION' ? 0.006 : 1e-7
          if (index < needed - 1 || textbook === undefined || !(textbook.margin > near)) continue
          compared++
          seen.add(`${signal.long} ${signal.short}`)
          expect(moves(signal), `candle ${index}`).toEqual(moves(textbook))
        }
      }),
      { numRuns: 15 },
    )
    expect(compared).toBeGreaterThan(0.9 * 15 * (LENGTH - needed))
    for (const wanted of ['ENTER EXIT', 'EXIT ENTER', 'null null']) expect(seen).toContain(wanted)
  })

  test('streaming from long ago says what recomputing over the warm-up alone says', () => {
    let compared = 0
    fc.assert(
      fc.property(
        seed,
        fc.array(fc.integer({ min: needed, max: LENGTH }), { minLength: 12, maxLength: 12 }),
        (from, ends) => {
          const candles = walk(from, LENGTH)
          const streamed = signals(strategy, params, candles)
          const margins = rule(candles, params)
          for (const end of ends) {
            if (!((margins[end - 1]?.margin ?? 0) > tolerance)) continue
            const recomputed = signals(strategy, params, candles.slice(end - needed, end)).at(-1)
            const told = streamed[end - 1]
            compared++
            expect(recomputed && moves(recomputed)).toEqual(told && moves(told))
          }
        },
      ),
      { numRuns: 15 },
    )
    expect(compared).toBeGreaterThan(0.8 * 15 * 12)
  })

  test('the past does not depend on the future', () => {
    fc.assert(
      fc.property(seed, seed, fc.integer({ min: 1, max: LENGTH - 1 }), (from, other, at) => {
        const [candles, others] = [walk(from, LENGTH), walk(other, LENGTH)]
        const before = signals(strategy, params, candles).slice(0, at)
        const changed = [...candles.slice(0, at), ...others.slice(at)]
        expect(signals(strategy, params, changed).slice(0, at)).toEqual(before)
        expect(signals(strategy, params, candles.slice(0, at))).toEqual(before)
      }),
      { numRuns: 8 },
    )
  })

  test('the sentence of a candle does not change what comes after, and names the numbers', () => {
    fc.assert(
      fc.property(seed, (from) => {
        const candles = walk(from, LENGTH)
        const [asked, silent] = [startSignals(strategy, params), startSignals(strategy, params)]
        for (const [index, candle] of candles.entries()) {
          const told = asked.next(candle)
          const { reason } = asked.signal()
          expect(asked.signal().reason).toBe(reason)
          expect(silent.next(candle)).toEqual(told)
          if (index < needed - 1) expect(reason).toBe(`Warming up: ${index + 1} of ${needed} closed candles`)
          else expect(reason).toMatch(/^[A-Z].*\d.*\d[^.]*$/s)
          expect(reason).not.toMatch(/NaN|undefined|e-\d|\.$/)
        }
      }),
      { numRuns: 8 },
    )
  })

  test('says nothing before its warm-up is over, which is ten times its slowest period at least', () => {
    const periods = Object.entries(params).filter(([name]) => /period|ema/i.test(name))
    expect(periods.length).toBeGreaterThan(0)
    expect(needed).toBeGreaterThanOrEqual(10 * Math.max(...periods.map(([, period]) => period)))
    // Warm by its own account long before: all that a signal needs is there when the warm-up ends.
    const stream = strategy.start(params)
    const flat = { open: 7, high: 7, low: 7, close: 7, volume: 1 }
    const warm = Array.from({ length: needed }, () => stream.next(flat).warm)
    expect(warm.at(0)).toBe(false)
    expect(warm.at(-1)).toBe(true)
  })

  test('a market that stands still gives no signal, and forgets what was before', () => {
    fc.assert(
      fc.property(seed, seed, (from, other) => {
        const before = walk(from, LENGTH)
        const close = before.at(-1)?.close ?? NaN
        const still = Array.from({ length: needed }, () => ({
          open: close,
          high: close,
          low: close,
          close,
          volume: 1,
        }))
        const after = walk(other, 60, close)
        const knowing = signals(strategy, params, [...before, ...still, ...after]).slice(LENGTH)
        const fresh = signals(strategy, params, [...still, ...after])
        const margins = rule([...still, ...after], params)
        expect(knowing[needed - 1]).toMatchObject({ long: null, short: null })
        expect(fresh[needed - 1]).toMatchObject({ long: null, short: null })
        for (let index = needed; index < fresh.length; index++) {
          if (index > needed && !((margins[index]?.margin ?? 0) > tolerance)) continue
          expect(moves(knowing[index] ?? NONE), `candle ${index}`).toEqual(moves(fresh[index] ?? NONE))
        }
      }),
      { numRuns: 8 },
    )
  })

  test('its parameters are declared with a range that holds their default, and no others are read', () => {
    const defaults = paramsOf(strategy, aConfig())
    expect(Object.keys(SMALL[id] ?? {}).toSorted()).toEqual(Object.keys(defaults).toSorted())
    expect(strategy.check?.(defaults) ?? []).toEqual([])
    for (const { label, help, range, default: fallback } of strategy.parameters) {
      expect(inRange(decimal(fallback), range)).toBe(true)
      expect([label, help].every((text) => text.length > 0)).toBe(true)
    }
    expect(() => strategy.start({})).toThrow('does not declare')
  })
})

test('strategies are found by their id, which is theirs alone', () => {
  expect(STRATEGIES.map(({ id }) => id)).toEqual([
    'EMA_RSI',
    'EMA_CROSS',
    'RSI_REVERSION',
    'MACD',
    'BOLLINGER',
    'DONCHIAN',
  ])
  for (const strategy of STRATEGIES) expect(strategyById(strategy.id)).toBe(strategy)
  expect(strategyById('nope')).toBeNull()
})
