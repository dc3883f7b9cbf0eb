import { EMA, RSI } from 'technicalindicators'
import { describe, expect, test } from 'vitest'
import { klinesOf } from './klines.ts'
import type { Listing } from './market.ts'
import { mergeBar } from './price-source.ts'
import { LISTED } from './symbols.ts'
import { makeSyntheticSource } from './synthetic.ts'

const listingOf = (seed: number, symbol = 'BTCUSDT'): Listing => {
  const spec = LISTED.find((one) => one.symbol === symbol)
  if (!spec) throw new Error(symbol)
  return { spec, source: makeSyntheticSource(seed, spec), holds: [] }
}
const START = Date.UTC(2026, 4, 1, 12)

describe('the synthetic market', () => {
  test('is a function of seed, symbol and time alone', async () => {
    const query = { interval: '1s', startTime: START, limit: 200 }
    const now = START + 1_000_000
    const first = await klinesOf(listingOf(7), query, now)
    const walked = listingOf(7)
    await klinesOf(walked, { interval: '1m', limit: 50 }, now)
    expect(await klinesOf(walked, query, now)).toEqual(first)
    expect(await klinesOf(walked, query, now + 86_400_000)).toEqual(first)
    expect(await klinesOf(listingOf(8), query, now)).not.toEqual(first)
    expect(await klinesOf(listingOf(7, 'ETHUSDT'), query, now)).not.toEqual(first)
  })

  test('opens each bar where the one before closed, extremes around both', () => {
    const { source } = listingOf(1)
    const from = START / 1000 - 90
    for (let i = from; i < from + 400; i++) {
      const bar = source.bar(i)
      expect(source.bar(i + 1).open).toBe(bar.close)
      expect(bar.high).toBeGreaterThanOrEqual(Math.max(bar.open, bar.close))
      expect(bar.low).toBeLessThanOrEqual(Math.min(bar.open, bar.close))
      expect(bar.volume).toBeGreaterThan(0)
    }
  })

  test.each([
    ['1m', '1s', 60],
    ['1h', '1m', 60],
    ['1d', '1h', 24],
  ])('a %s candle is exactly its %s candles', async (long, short, count) => {
    const listing = listingOf(3)
    const now = START + 400_000_000
    const day = Math.floor(START / 86_400_000) * 86_400_000
    const [row] = await klinesOf(listing, { interval: long, startTime: day, limit: 1 }, now)
    const parts = await klinesOf(listing, { interval: short, startTime: day, limit: count }, now)
    const bars = [row, ...parts].map((r) => {
      const [open = 0, high = 0, low = 0, close = 0, volume = 0] = (r ?? []).slice(1, 6).map(Number)
      return { open, high, low, close, volume: Math.round(volume * 1e5) }
    })
    const whole = bars
      .slice(1)
      .reduce<ReturnType<typeof mergeBar> | undefined>((all, bar) => mergeBar(all, bar), undefined)
    expect(bars[0]).toEqual(whole)
  })

  test.each([1, 2, 3, 4, 5])('crosses EMA 12 over 26 often, with RSI below 70 (seed %i)', async (seed) => {
    const now = START + seed * 7_777_777
    const rows = await klinesOf(listingOf(seed), { interval: '1s', limit: 1000 }, now)
    const values = rows.map((row) => Number(row[4]))
    const fast = EMA.calculate({ values, period: 12 })
    const slow = EMA.calculate({ values, period: 26 })
    const rsi = RSI.calculate({ values, period: 14 })
    const above = (i: number) => (fast[i - 11] ?? 0) > (slow[i - 25] ?? 0)
    const ups = values.map((_, i) => i).filter((i) => i >= 400 && above(i) && !above(i - 1))
    expect(ups.length).toBeGreaterThanOrEqual(5)
    expect(ups.filter((i) => (rsi[i - 14] ?? 100) < 70).length).toBeGreaterThanOrEqual(4)
    // Nobody waits long for the next one.
    const waits = ups.slice(1).map((i, k) => i - (ups[k] ?? 0))
    expect(Math.max(...waits)).toBeLessThan(240)
  })
})
