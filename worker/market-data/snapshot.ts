import type { Candle } from '#trading/domain/market.ts'
import type { Decimal } from '#trading/domain/money.ts'
import type { MarkView } from '#trading/domain/tick/types.ts'

/** What the market-data loop last learned of one market and timeframe. */
export type MarketSnapshot = {
  /** Closed, oldest first, without the venue's own gaps filled. */
  candles: readonly Candle[]
  /** The candle that is still moving; null where the venue shows none. */
  forming: Candle | null
  /** Close of the forming candle, else of the last closed one: what stop loss and take profit look at. */
  lastPrice: Decimal
  /** Since the fetch was begun, by a monotonic clock: no clock correction makes old data young. Milliseconds. */
  ageMs: number
  /** Why the newest try failed; null when it did not. */
  error: string | null
  /** Of a perpetual: what values it, with an age of its own; null until it has been read once. Absent for SPOT. */
  mark?: MarkView | null
}

/** The loop that talks to the exchanges, so that no tick has to. */
export type MarketData = {
  /** Null until the series has been fetched once. */
  snapshot(exchange: string, symbol: string, timeframe: string): MarketSnapshot | null
  /** Something new may be wanted: look now instead of at the next turn. */
  nudge(): void
  stop(): Promise<void>
}
