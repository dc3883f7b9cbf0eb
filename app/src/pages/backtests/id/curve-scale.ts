import { niceTicks } from '../../bots/id/chart-scale.ts'

export type Point = { at: string; equity: number; buyAndHold: number }
export type CurveScale = {
  /** SVG paths of the two curves. */
  bot: string
  hold: string
  y: (value: number) => number
  ticks: number[]
}

/** Two curves on one scale, time from left to right; points need not be evenly spaced. */
export function scaleCurve(points: readonly Point[], width: number, height: number): CurveScale {
  const values = points.flatMap(({ equity, buyAndHold }) => [equity, buyAndHold])
  const low = Math.min(...values)
  const high = Math.max(...values)
  const span = high - low || Math.abs(high) * 0.001 || 1
  const times = points.map(({ at }) => Date.parse(at))
  const begin = times[0] ?? 0
  const length = (times.at(-1) ?? 0) - begin || 1
  const x = (time: number) => ((time - begin) / length) * width
  const y = (value: number) => height - ((value - low) / span) * height
  const path = (of: (point: Point) => number) =>
    points
      .map(
        (point, index) =>
          `${index === 0 ? 'M' : 'L'}${x(times[index] ?? 0).toFixed(1)} ${y(of(point)).toFixed(1)}`,
      )
      .join('')
  return {
    bot: path(({ equity }) => equity),
    hold: path(({ buyAndHold }) => buyAndHold),
    y,
    ticks: niceTicks(low, high, 4),
  }
}
