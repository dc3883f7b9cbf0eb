import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barOn, cornersOn, priceOn } from './path.ts'
import { makeReplaySource } from './replay.ts'

const bar = fc
  .tuple(fc.integer({ min: 50, max: 90 }), fc.integer({ min: 50, max: 90 }), fc.nat(9), fc.nat(9))
  .map(([open, close, up, down]) => ({
    open,
    close,
    high: Math.max(open, close) + up,
    low: Math.min(open, close) - down,
    volume: 1,
  }))
const source = fc.array(bar, { minLength: 2, maxLength: 6 }).map((bars) => makeReplaySource(bars, 900, 300))
const stretch = fc
  .tuple(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: 1, max: 9000 }))
  .map(([from, length]): [number, number] => [from, from + length])

test('every price of a stretch lies within its extremes', () => {
  fc.assert(
    fc.property(source, stretch, fc.double({ min: 0, max: 0.999, noNaN: true }), (from, [a, b], at) => {
      const candle = barOn(from, a, b)
      const price = priceOn(from, a + (b - a) * at)
      expect(price).toBeLessThanOrEqual(candle.high + 1e-9)
      expect(price).toBeGreaterThanOrEqual(candle.low - 1e-9)
    }),
  )
})

test('the corners of a stretch reach its extremes: no order is passed over', () => {
  fc.assert(
    fc.property(source, stretch, (from, [a, b]) => {
      const candle = barOn(from, a, b)
      const prices = [priceOn(from, a), ...cornersOn(from, a, b).map((corner) => corner.price)]
      expect(Math.max(...prices)).toBeGreaterThanOrEqual(candle.high - 1e-9)
      expect(Math.min(...prices)).toBeLessThanOrEqual(candle.low + 1e-9)
    }),
  )
})

test('two halves make the whole', () => {
  fc.assert(
    fc.property(source, stretch, fc.integer({ min: 1, max: 8999 }), (from, [a, b], cut) => {
      const middle = a + 1 + (cut % Math.max(b - a - 1, 1))
      fc.pre(middle < b)
      const [left, right, whole] = [barOn(from, a, middle), barOn(from, middle, b), barOn(from, a, b)]
      expect(Math.max(left.high, right.high)).toBeCloseTo(whole.high, 9)
      expect(Math.min(left.low, right.low)).toBeCloseTo(whole.low, 9)
      expect(left.volume + right.volume).toBeCloseTo(whole.volume, 9)
    }),
  )
})
