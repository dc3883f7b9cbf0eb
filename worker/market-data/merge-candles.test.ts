import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Candle } from '#trading/domain/market.ts'
import { decimal } from '#trading/domain/money.ts'
import { EMPTY_CACHE, mergeCandles, overlaps, type CandleCache } from './merge-candles.ts'

function candle(second: number, close: number, closed = true): Candle {
  const price = decimal(close)
  return {
    openTime: new Date(second * 1000),
    closed,
    open: decimal(1),
    high: price,
    low: price,
    close: price,
    volume: decimal(1),
  }
}

const times = (cache: CandleCache) => cache.closed.map((entry) => entry.openTime.getTime() / 1000)

test('polls of any raggedness give what one look at the end gives', () => {
  // The venue at second n has the candles 0 … n, the last one forming; each poll shows the newest few.
  const polls = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 6, max: 9 })), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(polls, (steps) => {
      let now = 30
      const at = (end: number, count: number) =>
        Array.from({ length: count }, (_, i) => end - count + 1 + i).map((second) =>
          candle(second, second === end ? second + 0.5 : second, second !== end),
        )
      let cache = mergeCandles(EMPTY_CACHE, at(now, 21), 20).cache
      for (const [gone, count] of steps) {
        now += gone
        const fetched = at(now, count)
        expect(overlaps(cache, fetched)).toBe(true)
        cache = mergeCandles(cache, fetched, 20).cache
      }
      expect(times(cache)).toEqual(Array.from({ length: 20 }, (_, i) => now - 20 + i))
      expect(cache.forming?.openTime.getTime()).toBe(now * 1000)
    }),
  )
})

test('only what is new or different counts as changed', () => {
  const first = mergeCandles(EMPTY_CACHE, [candle(1, 10), candle(2, 11), candle(3, 12, false)], 10)
  expect(first.changed.length).toBe(3)
  expect(mergeCandles(first.cache, [candle(2, 11), candle(3, 12, false)], 10).changed).toEqual([])
  const moved = mergeCandles(first.cache, [candle(2, 11), candle(3, 13, false)], 10)
  expect(moved.changed).toEqual([candle(3, 13, false)])
  const closed = mergeCandles(moved.cache, [candle(2, 11.5), candle(3, 13), candle(4, 13, false)], 10)
  expect(closed.changed).toEqual([candle(2, 11.5), candle(3, 13), candle(4, 13, false)])
  expect(times(closed.cache)).toEqual([1, 2, 3])
})

test('a candle once closed stays closed as it was', () => {
  const { cache } = mergeCandles(EMPTY_CACHE, [candle(1, 10), candle(2, 11)], 10)
  const after = mergeCandles(cache, [candle(1, 10), candle(2, 9, false)], 10)
  expect(after.cache).toEqual(cache)
  expect(after.changed).toEqual([])
})

test('a gap between what is known and what came is noticed; one of the venue itself stays', () => {
  const { cache } = mergeCandles(EMPTY_CACHE, [candle(1, 10), candle(2, 11)], 10)
  expect(overlaps(cache, [candle(3, 1), candle(4, 1)])).toBe(false)
  expect(overlaps(EMPTY_CACHE, [candle(3, 1)])).toBe(false)
  expect(overlaps(cache, [])).toBe(false)
  expect(times(mergeCandles(cache, [candle(2, 11), candle(9, 12)], 10).cache)).toEqual([1, 2, 9])
})

test('an empty answer changes nothing', () => {
  const { cache } = mergeCandles(EMPTY_CACHE, [candle(1, 10)], 10)
  expect(mergeCandles(cache, [], 10)).toEqual({ cache, changed: [] })
})
