import { expect, test } from 'vitest'
import { mergeCandle, niceTicks, scaleChart } from './chart-scale.ts'

const candle = (openTime: string, open: string, high: string, low: string, close: string) => ({
  openTime,
  open,
  high,
  low,
  close,
})
const two = [
  candle('2026-01-01T00:00:00.000Z', '10', '20', '10', '15'),
  candle('2026-01-01T00:01:00.000Z', '15', '16', '5', '6'),
]

test('the highest price is at the top and the lowest at the bottom', () => {
  const scale = scaleChart(two, [], 100, 60)
  expect(scale.bars[0]).toMatchObject({ x: 25, wickTop: 0, rises: true })
  expect(scale.bars[1]).toMatchObject({ x: 75, wickBottom: 60, rises: false })
})

test('a stop below the candles is kept in view', () => {
  expect(scaleChart(two, [0], 100, 60).y(0)).toBe(60)
})

test('a fill stands over the candle in which it happened', () => {
  const scale = scaleChart(two, [], 100, 60)
  expect(scale.x('2026-01-01T00:00:59.000Z')).toBe(25)
  expect(scale.x('2025-12-31T23:59:59.000Z')).toBeUndefined()
})

test('a flat market has a scale too', () => {
  expect(
    Number.isFinite(scaleChart([candle('2026-01-01T00:00:00.000Z', '1', '1', '1', '1')], [], 10, 10).y(1)),
  ).toBe(true)
})

test('ticks are round and inside', () => {
  expect(niceTicks(61_234, 61_890, 4)).toEqual([61_400, 61_600, 61_800])
  expect(niceTicks(5, 5, 4)).toEqual([5])
})

test('a moving candle replaces itself, a new one is appended, an old one ignored', () => {
  const moved = candle('2026-01-01T00:01:00.000Z', '15', '16', '5', '7')
  expect(mergeCandle(two, moved, 9).at(-1)?.close).toBe('7')
  expect(mergeCandle(two, candle('2026-01-01T00:02:00.000Z', '1', '1', '1', '1'), 2)).toHaveLength(2)
  expect(mergeCandle(two, candle('2025-01-01T00:00:00.000Z', '1', '1', '1', '1'), 9)).toEqual(two)
})
