import type { StrategyCandle } from './strategy.ts'

/** A walk of `length` candles made from one number: steps of one size, give or take, of at most 1 %, with wicks beyond open and close. */
export function walk(seed: number, length: number, begin = 1_000): StrategyCandle[] {
  let state = seed
  // Park and Miller's minimal standard generator.
  const random = () => (state = (state * 48_271) % (2 ** 31 - 1)) / (2 ** 31 - 1)
  let close = begin
  return Array.from({ length }, () => {
    const open = close
    close *= 1 + (random() - 0.5) / 50
    const reach = 1 + random() / 300
    return { open, close, high: Math.max(open, close) * reach, low: Math.min(open, close) / reach, volume: 1 }
  })
}
