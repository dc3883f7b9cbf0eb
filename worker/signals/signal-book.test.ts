import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aConfig } from '#trading/domain/bot.fixture.ts'
import type { Candle } from '#trading/domain/market.ts'
import { decimal } from '#trading/domain/money.ts'
import { type SignalStream, startSignals } from '#trading/domain/strategies/candle-signals.ts'
import { STRATEGIES, strategyById } from '#trading/domain/strategies/index.ts'
import { type CandleSignal, paramsOf, strategyCandle } from '#trading/domain/strategies/strategy.ts'
import { walk } from '#trading/domain/strategies/walk.fixture.ts'
import { makeSignalBook } from './signal-book.ts'
import { followCandles } from './signal-series.ts'

const MINUTE = 60_000
const BEGIN = Date.UTC(2026, 0, 1)
const bot = aConfig({ emaFast: 2, emaSlow: 5, rsiPeriod: 4 })
const needed = 50

/** Closed candles as the market-data loop holds them. */
function candlesOf(seed: number, length: number): Candle[] {
  return walk(seed, length).map((candle, index) => ({
    openTime: new Date(BEGIN + index * MINUTE),
    closed: true,
    open: decimal(candle.open),
    high: decimal(candle.high),
    low: decimal(candle.low),
    close: decimal(candle.close),
    volume: decimal(1),
  }))
}

/** What the strategy says of each candle, taken in one go from the first. */
function allSignals(candles: readonly Candle[], config = bot): CandleSignal[] {
  const strategy = strategyById(config.strategy)
  if (strategy === null) throw new Error('no such strategy')
  const stream = startSignals(strategy, paramsOf(strategy, config))
  return candles.map((candle) => {
    stream.next(strategyCandle(candle))
    return { openTime: candle.openTime, signal: stream.signal() }
  })
}

const seed = fc.integer({ min: 1, max: 2 ** 31 - 2 })
/** A loop that wakes after 1 to 12 candles. */
const chunks = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 })

describe('the newest signals', () => {
  test('are the same however the candles came, for each strategy', () => {
    for (const { id, parameters } of STRATEGIES) {
      const least = { fastPeriod: '2', slowPeriod: '4', signalPeriod: '2', exitPeriod: '3' }
      const strategyParams = parameters.map(({ name, range }) => ({
        name,
        value: decimal(Object.entries(least).find(([known]) => known === name)?.[1] ?? range.min ?? '4'),
      }))
      const config = { ...bot, strategy: id, strategyParams }
      fc.assert(
        fc.property(seed, chunks, (from, sizes) => {
          const candles = candlesOf(from, 120)
          const expected = allSignals(candles, config)
          const book = makeSignalBook()
          let end = 0
          for (const size of sizes) {
            end = Math.min(end + size, candles.length)
            expect(book.newest(config, candles.slice(0, end))).toEqual(
              expected.slice(Math.max(0, end - 10), end),
            )
          }
        }),
        { numRuns: 10 },
      )
    }
  })

  test('are the same where the cache forgets its oldest candles: the indicators remember them', () => {
    fc.assert(
      fc.property(seed, chunks, (from, sizes) => {
        const candles = candlesOf(from, 400)
        const expected = allSignals(candles)
        const book = makeSignalBook()
        let end = 0
        for (const size of sizes) {
          end = Math.min(end + size, candles.length)
          const cached = candles.slice(Math.max(0, end - needed), end)
          expect(book.newest(bot, cached)).toEqual(expected.slice(Math.max(0, end - 10), end))
        }
      }),
      { numRuns: 10 },
    )
  })

  test('are those of the cached candles alone after a restart, which is the same where nothing is older', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: needed + 10, max: 200 }), (from, end) => {
        const candles = candlesOf(from, 200)
        expect(makeSignalBook().newest(bot, candles.slice(0, end))).toEqual(
          allSignals(candles).slice(end - 10, end),
        )
        // Donchian's channel knows nothing but its window: there a restart changes nothing at all.
        const params = { entryPeriod: 5, exitPeriod: 3 }
        const strategyParams = Object.entries(params).map(([name, value]) => ({
          name,
          value: decimal(value),
        }))
        const config = { ...bot, strategy: 'DONCHIAN', strategyParams }
        expect(makeSignalBook().newest(config, candles.slice(end - needed - 10, end))).toEqual(
          allSignals(candles, config).slice(end - 10, end),
        )
      }),
      { numRuns: 20 },
    )
  })

  test('while warming up say how far it is', () => {
    const candles = candlesOf(1, 60)
    const book = makeSignalBook()
    const last = (count: number) => book.newest(bot, candles.slice(0, count)).at(-1)
    expect(last(12)).toEqual({
      openTime: candles[11]?.openTime,
      signal: { long: null, short: null, reason: 'Warming up: 12 of 50 closed candles' },
    })
    expect(last(49)?.signal.reason).toBe('Warming up: 49 of 50 closed candles')
    expect(last(50)?.signal.reason).toMatch(/EMA 2 .* EMA 5/)
    expect(book.newest(bot, [])).toEqual([])
  })

  test('of a strategy that this worker does not know are none, and say so', () => {
    const [candle] = candlesOf(1, 1)
    if (candle === undefined) throw new Error('there is one candle')
    expect(makeSignalBook().newest({ ...bot, strategy: 'NOPE' }, [candle])).toEqual([
      {
        openTime: candle.openTime,
        signal: { long: null, short: null, reason: 'The strategy NOPE is not known to this worker' },
      },
    ])
  })
})

describe('starts anew on all of the cached candles', () => {
  const candles = candlesOf(7, 300)
  /** A book that has followed the first hundred candles, and what it says of these now. */
  const thenSays = (given: readonly Candle[]) => {
    const book = makeSignalBook()
    book.newest(bot, candles.slice(0, 100))
    return book.newest(bot, given)
  }
  const price = decimal('1234.5')

  test('after a gap: what was taken last is not among them', () => {
    const later = candles.slice(150)
    expect(thenSays(later)).toEqual(allSignals(later).slice(-10))
    const oneMissing = [...candles.slice(0, 99), ...candles.slice(100, 130)]
    expect(thenSays(oneMissing)).toEqual(allSignals(oneMissing).slice(-10))
  })

  test('when one of the last ten was revised, or came late', () => {
    for (let back = 1; back <= 10; back++) {
      for (const change of [
        { close: price },
        { high: price },
        { low: price },
        { open: price },
        { volume: price },
      ]) {
        const revised = candles
          .slice(0, 101)
          .map((candle, at) => (at === 100 - back ? { ...candle, ...change } : candle))
        expect(thenSays(revised), `${back} back`).toEqual(allSignals(revised).slice(-10))
      }
    }
    const early = candles.slice(0, 100).filter((_, index) => index !== 95)
    const book = makeSignalBook()
    book.newest(bot, early)
    expect(book.newest(bot, candles.slice(0, 101))).toEqual(allSignals(candles.slice(0, 101)).slice(-10))
  })

  test('when they are older than what was taken', () => {
    expect(thenSays(candles.slice(0, 90))).toEqual(allSignals(candles.slice(0, 90)).slice(-10))
  })

  test('when more history came while it was still warming up', () => {
    const book = makeSignalBook()
    expect(book.newest(bot, candles.slice(80, 100)).at(-1)?.signal.reason).toContain('20 of 50')
    expect(book.newest(bot, candles.slice(0, 100))).toEqual(allSignals(candles.slice(0, 100)).slice(-10))
  })

  test('but not when the same candles come as other objects', () => {
    const counted = counting()
    const series = followCandles(counted.begin)
    series.follow(candles.slice(0, 100))
    series.follow(
      candles.slice(50, 110).map((candle) => ({ ...candle, close: decimal(candle.close.toFixed()) })),
    )
    expect(counted).toMatchObject({ begun: 2, taken: 110 })
  })
})

describe('what it costs', () => {
  const candles = candlesOf(3, 200)

  test('each candle is taken once, however often and by however many bots it is asked for', () => {
    const counted = counting()
    const series = followCandles(counted.begin)
    for (let end = 60; end <= 200; end++) {
      const cached = candles.slice(0, end)
      for (let ask = 0; ask < 5; ask++) series.follow(cached)
    }
    expect(counted.taken).toBe(200)
  })

  test('bots of one market, timeframe, strategy and parameters share one series; others do not', () => {
    const book = makeSignalBook()
    book.newest(bot, candles)
    book.newest({ ...bot, ...aConfig({ name: 'Other', stopLossPerc: decimal(9) }), ...periods }, candles)
    expect(book.size()).toBe(1)
    const others = [
      { exchange: 'binance' },
      { symbol: 'ETH/USDT' },
      { timeframe: '5m' },
      { emaSlow: 6 },
      { rsiOverbought: decimal(80) },
      { strategy: 'EMA_CROSS' },
    ]
    for (const other of others) book.newest({ ...bot, ...other }, candles)
    expect(book.size()).toBe(1 + others.length)
  })

  test('what a strategy does not read does not part its bots', () => {
    const book = makeSignalBook()
    for (const rsiPeriod of [5, 6, 7]) book.newest({ ...bot, strategy: 'EMA_CROSS', rsiPeriod }, candles)
    expect(book.size()).toBe(1)
  })

  test('no more series than are allowed: the one unused for longest goes, and says the same when it is back', () => {
    const book = makeSignalBook({ most: 2 })
    const says = (emaSlow: number) => book.newest({ ...bot, emaSlow }, candles)
    const [five, six] = [says(5), says(6)]
    says(5)
    says(7)
    expect(book.size()).toBe(2)
    expect(says(5)).toBe(five)
    expect(says(6)).toEqual(six)
    expect(says(6)).not.toBe(six)
  })

  test('a series that nobody asked for is dropped', () => {
    let now = 0
    const book = makeSignalBook({ idleMs: 1_000, now: () => now })
    book.newest(bot, candles)
    now = 1_000
    book.newest({ ...bot, emaSlow: 6 }, candles)
    expect(book.size()).toBe(2)
    now = 1_001
    book.newest({ ...bot, emaSlow: 6 }, candles)
    expect(book.size()).toBe(1)
  })
})

const periods = { emaFast: bot.emaFast, emaSlow: bot.emaSlow, rsiPeriod: bot.rsiPeriod }

/** Streams that count how often one was begun, the empty one included, and the candles that they took. */
function counting() {
  const strategy = strategyById(bot.strategy)
  if (strategy === null) throw new Error('no such strategy')
  const counted = {
    begun: 0,
    taken: 0,
    begin(): SignalStream {
      const stream = startSignals(strategy, paramsOf(strategy, bot))
      counted.begun++
      return {
        ...stream,
        next(candle) {
          counted.taken++
          return stream.next(candle)
        },
      }
    },
  }
  return counted
}
