import { type CandleColumns, openTimeAt } from '../domain/backtest/candle-columns.ts'

/** The distance that most neighbours have, milliseconds; of several the shortest. Null: fewer than two candles. */
export function usualDistance(candles: CandleColumns): number | null {
  const counts = new Map<number, number>()
  for (let index = 1; index < candles.length; index++) {
    const distance = openTimeAt(candles, index) - openTimeAt(candles, index - 1)
    counts.set(distance, (counts.get(distance) ?? 0) + 1)
  }
  let usual: number | null = null
  let most = 0
  for (const [distance, count] of counts) {
    if (count < most || (count === most && usual !== null && distance > usual)) continue
    usual = distance
    most = count
  }
  return usual
}
