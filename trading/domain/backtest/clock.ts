import type { Decimal } from '../money.ts'
import type { Position } from '../position.ts'

/**
 * The clock of a backtest: at which moments a bot ticks, and at what price.
 *
 * - At each candle's close, at its close: the closed candle's signal counts, and an order fills at that price (with slippage and fee), at
 *   that time. A fill makes the bot due at once, as it does in a worker: it ticks again at the same time and price.
 * - While a position is held, once inside the candle where its low reaches the stop or its high the take profit, at that price, in the
 *   middle of the candle. Where both are reached it is the stop that counts: which came first, a candle does not tell. Where the candle
 *   opens beyond one of them (a gap), the tick comes at the open and at its price.
 *
 * So a trailing stop follows closes, not highs, and daily limits and the drawdown limit are looked at when candles close and when a stop
 * or a take profit is reached, not in between. A bot's own checkIntervalSeconds plays no part.
 */
export type Touch = { at: 'OPEN' | 'INSIDE'; price: Decimal }

export type CandlePrices = { open: Decimal; high: Decimal; low: Decimal }

/** Where inside this candle the position's stop or take profit is reached; null: nowhere. */
export function touchOf(
  candle: CandlePrices,
  { stopLossPrice, takeProfitPrice }: Pick<Position, 'stopLossPrice' | 'takeProfitPrice'>,
): Touch | null {
  if (stopLossPrice !== null) {
    if (candle.open.lte(stopLossPrice)) return { at: 'OPEN', price: candle.open }
    if (candle.low.lte(stopLossPrice)) return { at: 'INSIDE', price: stopLossPrice }
  }
  if (takeProfitPrice !== null) {
    if (candle.open.gte(takeProfitPrice)) return { at: 'OPEN', price: candle.open }
    if (candle.high.gte(takeProfitPrice)) return { at: 'INSIDE', price: takeProfitPrice }
  }
  return null
}

/** When the touch's tick comes, in milliseconds. */
export function touchTime({ at }: Touch, openTimeMs: number, lengthMs: number): number {
  return at === 'OPEN' ? openTimeMs : openTimeMs + Math.floor(lengthMs / 2)
}
