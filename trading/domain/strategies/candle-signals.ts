import { COLD, type Moves } from './moves.ts'
import type { Signal, Strategy, StrategyCandle, StrategyParams } from './strategy.ts'

/** A strategy's stream that says nothing before its warm-up is over. */
export type SignalStream = {
  /** Takes the next closed candle; moves are null while warming up. */
  next(candle: StrategyCandle): Moves
  /** What is said of the candle that came last, with its sentence: costs strings, so only where somebody reads it. */
  signal(): Signal
  /** Closed candles that were taken. */
  taken(): number
  /** Closed candles that the warm-up takes; the last of them is the first that may give a signal. */
  needed: number
}

/** Starts a strategy on an empty series. */
export function startSignals(strategy: Strategy, params: StrategyParams): SignalStream {
  const needed = strategy.warmUp(params)
  const stream = strategy.start(params)
  let taken = 0
  let moves = COLD
  return {
    needed,
    taken: () => taken,
    next(candle) {
      moves = stream.next(candle)
      taken++
      if (taken < needed) moves = COLD
      return moves
    },
    signal() {
      if (moves.warm) return { long: moves.long, short: moves.short, reason: stream.explain() }
      return { long: null, short: null, reason: `Warming up: ${taken} of ${needed} closed candles` }
    },
  }
}
