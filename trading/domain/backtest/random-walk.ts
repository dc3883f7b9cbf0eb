import { makeCandleWriter, type CandleColumns } from './candle-columns.ts'

export type WalkOptions = {
  seed: number
  count: number
  start?: number
  /** Largest move of one candle, in percent. */
  movePerc?: number
  lengthMs?: number
  firstMs?: number
  /** One candle in so many is missing; 0: none. */
  gapEvery?: number
}

/** A seeded random walk, always the same for the same seed: what the benchmark and the property tests trade on. */
export function randomWalk({
  seed,
  count,
  start = 1_000,
  movePerc = 0.5,
  lengthMs = 60_000,
  firstMs = Date.UTC(2026, 0, 1),
  gapEvery = 0,
}: WalkOptions): CandleColumns {
  const random = lcg(seed)
  const writer = makeCandleWriter(count)
  let close = start
  let at = firstMs
  for (let index = 0; index < count; index++) {
    const open = close * (1 + ((random() - 0.5) * movePerc) / 500)
    close = Math.max(start / 100, open * (1 + ((random() - 0.5) * 2 * movePerc) / 100))
    const high = Math.max(open, close) * (1 + (random() * movePerc) / 300)
    const low = Math.min(open, close) * (1 - (random() * movePerc) / 300)
    writer.push(at, {
      open: open.toFixed(2),
      high: high.toFixed(2),
      low: low.toFixed(2),
      close: close.toFixed(2),
      volume: (random() * 10).toFixed(3),
    })
    close = Number(close.toFixed(2))
    at += lengthMs
    while (gapEvery > 0 && random() < 1 / gapEvery) at += lengthMs
  }
  return writer.done()
}

/** Numerical Recipes' linear congruential generator: 0 ≤ x < 1. */
export function lcg(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}
