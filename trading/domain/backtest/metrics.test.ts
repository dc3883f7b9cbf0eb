import { expect, test } from 'vitest'
import { decimal } from '../money.ts'
import { sampleCurve } from './equity-curve.ts'
import { dailyReturns, maxDrawdownPerc, profitFactor, sharpeRatio, winRatePerc } from './metrics.ts'
import { exposurePerc } from './result.ts'

const HOUR = 3_600_000
const at = (day: number, hour: number) => Date.UTC(2026, 0, day, hour)
const curve = (points: [number, number][]) => ({
  closeTime: Float64Array.from(points.map(([time]) => time)),
  equity: Float64Array.from(points.map(([, equity]) => equity)),
})

test('the drawdown is the deepest fall from an earlier height, the capital being the first', () => {
  // By hand: 100 → 120 → 90 is 25 % of 120; 150 → 120 is 20 % of 150.
  expect(maxDrawdownPerc(100, Float64Array.from([110, 120, 90, 150, 120]))).toBe(25)
  expect(maxDrawdownPerc(100, Float64Array.from([80, 200]))).toBeCloseTo(20, 12)
  expect(maxDrawdownPerc(100, Float64Array.from([100, 101]))).toBe(0)
})

test('a day ends with what closed at its midnight, and a day without candles is a return of 0', () => {
  const points: [number, number][] = [
    [at(1, 12), 105],
    // Closed at midnight: of the first day.
    [at(2, 0), 110],
    [at(2, 6), 99],
    // Nothing on the third.
    [at(4, 6), 198],
  ]
  const returns = dailyReturns(100, curve(points))
  expect(returns).toHaveLength(4)
  expect(returns[0]).toBeCloseTo(0.1, 12)
  expect(returns[1]).toBeCloseTo(-0.1, 12)
  expect(returns[2]).toBe(0)
  expect(returns[3]).toBeCloseTo(1, 12)
})

test('Sharpe is mean over sample deviation of daily returns, times √365', () => {
  // Returns of 1 %, −1 % and 3 % by hand: mean 0.01, deviations 0, −0.02 and 0.02, variance 0.0008 / 2, so 0.01 / 0.02 × √365.
  const days: [number, number][] = [
    [at(1, 12), 101],
    [at(2, 12), 101 * 0.99],
    [at(3, 12), 101 * 0.99 * 1.03],
  ]
  expect(sharpeRatio(100, curve(days))).toBeCloseTo(0.5 * Math.sqrt(365), 10)
  expect(sharpeRatio(100, curve(days.slice(0, 1)))).toBeNull()
  expect(sharpeRatio(100, curve(days.map(([time]) => [time, 100])))).toBeNull()
})

test('win rate and profit factor are of closed trades', () => {
  const trades = [{ profit: 30 }, { profit: -10 }, { profit: 10 }, { profit: 0 }]
  expect(winRatePerc(trades)).toBe(50)
  expect(profitFactor(trades)).toBe(4)
  expect(winRatePerc([])).toBeNull()
  expect(profitFactor([{ profit: 1 }])).toBeNull()
})

test('exposure is the share of the time in which a position was held', () => {
  const trip = (from: number, to: number | null) => ({
    side: 'BUY' as const,
    entryAt: new Date(from),
    entryPrice: decimal(1),
    entryReason: '',
    amount: decimal(1),
    fees: decimal(0),
    exit:
      to === null
        ? null
        : { at: new Date(to), price: decimal(1), purpose: 'EXIT' as const, reason: '', profit: decimal(0) },
  })
  // One hour, then the last two, of ten.
  expect(exposurePerc([trip(0, HOUR), trip(8 * HOUR, null)], 0, 10 * HOUR)).toBe(30)
  expect(exposurePerc([], 0, 0)).toBe(0)
})

test('a long curve keeps its lowest and highest points and its last', () => {
  const equity = Float64Array.from({ length: 10_000 }, (_, index) => 100 + Math.sin(index / 700) * 5)
  equity[4_321] = 1
  equity[7_654] = 999
  const closeTime = equity.map((_, index) => index)
  const points = sampleCurve({ closeTime, equity }, equity)
  expect(points.length).toBeLessThanOrEqual(1_000)
  expect(points.length).toBeGreaterThan(600)
  expect(points.map((point) => point.equity)).toEqual(expect.arrayContaining([1, 999, equity[9_999]]))
  expect(points.map((point) => point.at)).toEqual(points.map((point) => point.at).toSorted((a, b) => a - b))
})
