import type { Equities } from './metrics.ts'

export type CurvePoint = { at: number; equity: number; buyAndHold: number }

/** Points of a stored curve at most: more than a screen has pixels for. */
const MOST_POINTS = 1_000

/**
 * A long curve in at most `most` points: it is cut into even parts, and of each the lowest, the highest and the last equity stay, in their
 * order, so that no peak and no fall is lost to the eye.
 */
export function sampleCurve(curve: Equities, buyAndHold: Float64Array, most = MOST_POINTS): CurvePoint[] {
  const { length } = curve.equity
  const point = (index: number): CurvePoint => ({
    at: curve.closeTime[index] ?? 0,
    equity: curve.equity[index] ?? 0,
    buyAndHold: buyAndHold[index] ?? 0,
  })
  if (length <= most) return Array.from({ length }, (_, index) => point(index))
  const parts = Math.floor(most / 3)
  const points: CurvePoint[] = []
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * length) / parts)
    const to = Math.floor(((part + 1) * length) / parts)
    let [low, high] = [from, from]
    for (let index = from; index < to; index++) {
      const value = curve.equity[index] ?? 0
      if (value < (curve.equity[low] ?? 0)) low = index
      if (value > (curve.equity[high] ?? 0)) high = index
    }
    const kept = new Set([low, high, to - 1])
    for (const index of [...kept].toSorted((a, b) => a - b)) points.push(point(index))
  }
  return points
}
