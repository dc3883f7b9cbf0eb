import type { Candle } from '#trading/domain/market.ts'
import type { SignalStream } from '#trading/domain/strategies/candle-signals.ts'
import { type CandleSignal, strategyCandle } from '#trading/domain/strategies/strategy.ts'

/** Signals of one market, timeframe, strategy and parameters. */
export type SignalSeries = {
  /**
   * Takes what is new among the closed candles (oldest first) and answers the signals of the newest. Where they do not go on from what was
   * taken (a gap, a candle revised, older data) it starts anew on all of them.
   */
  follow(candles: readonly Candle[]): readonly CandleSignal[]
}

/** A tick looks at five; the rest is room for a loop that ran ahead of it. */
const SIGNALS_KEPT = 10
/** Candles compared for revisions; the market-data loop reads the last five again. */
const COMPARED = 10

/** Starts with no candle taken. */
export function followCandles(begin: () => SignalStream): SignalSeries {
  let stream = begin()
  let signals: readonly CandleSignal[] = []
  /** The newest candles that were taken, oldest first. */
  let taken: readonly Candle[] = []
  let beganAt: Date | null = null
  let seen: readonly Candle[] | null = null

  function take(candles: readonly Candle[]): void {
    const told: CandleSignal[] = []
    for (const [index, candle] of candles.entries()) {
      stream.next(strategyCandle(candle))
      if (index >= candles.length - SIGNALS_KEPT)
        told.push({ openTime: candle.openTime, signal: stream.signal() })
    }
    signals = [...signals, ...told].slice(-SIGNALS_KEPT)
    taken = [...taken, ...candles.slice(-COMPARED)].slice(-COMPARED)
  }

  function restart(candles: readonly Candle[]): void {
    stream = begin()
    signals = []
    taken = []
    beganAt = candles[0]?.openTime ?? null
    take(candles)
  }

  return {
    follow(candles) {
      // The cache is replaced, never changed: the same array has nothing new.
      if (candles === seen) return signals
      seen = candles
      const oldest = candles[0]
      const moreHistory =
        stream.taken() < stream.needed &&
        oldest !== undefined &&
        beganAt !== null &&
        oldest.openTime < beganAt
      const from = moreHistory ? null : continuation(taken, candles)
      if (from === null) restart(candles)
      else take(candles.slice(from))
      return signals
    },
  }
}

/** Where the candles go on after those taken; null when they do not fit together. */
function continuation(taken: readonly Candle[], candles: readonly Candle[]): number | null {
  const last = taken.at(-1)
  if (last === undefined) return null
  const at = candles.findLastIndex((candle) => candle.openTime <= last.openTime)
  for (let back = 0; back < taken.length && at - back >= 0; back++) {
    const [known, given] = [taken.at(-1 - back), candles[at - back]]
    if (known === undefined || given === undefined || !isSame(known, given)) return null
  }
  return at === -1 ? null : at + 1
}

function isSame(a: Candle, b: Candle): boolean {
  return (
    a === b ||
    (a.openTime.getTime() === b.openTime.getTime() &&
      a.close.eq(b.close) &&
      a.high.eq(b.high) &&
      a.low.eq(b.low) &&
      a.open.eq(b.open) &&
      a.volume.eq(b.volume))
  )
}
