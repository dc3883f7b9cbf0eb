import { expect, test } from 'vitest'
import { scaleCurve } from './curve-scale.ts'

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString()

test('both curves share one scale, and time runs evenly whatever the points', () => {
  const points = [
    { at: at(0), equity: 100, buyAndHold: 100 },
    { at: at(1), equity: 110, buyAndHold: 90 },
    { at: at(4), equity: 100, buyAndHold: 95 },
  ]
  const { bot, hold, y } = scaleCurve(points, 400, 200)
  expect(bot).toBe('M0.0 100.0L100.0 0.0L400.0 100.0')
  expect(hold).toBe('M0.0 100.0L100.0 200.0L400.0 150.0')
  expect(y(110)).toBe(0)
})

test('a curve that never moves is a line inside the plot', () => {
  const flat = [0, 1].map((hour) => ({ at: at(hour), equity: 0, buyAndHold: 0 }))
  expect(scaleCurve(flat, 100, 50).bot).toBe('M0.0 50.0L100.0 50.0')
})
