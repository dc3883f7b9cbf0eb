import { type Decimal, maximum, minimum } from '../money.ts'
import type { Position } from '../position.ts'

/**
 * The clock of a backtest: at which moments a bot ticks, and at what price.
 *
 * - At each candle's close, at its close: the closed candle's signal counts, and an order fills at that price (with slippage and fee), at
 *   that time. A fill makes the bot due at once, as it does in a worker: it ticks again at the same time and price.
 * - While a position is held, once inside the candle where its low reaches the stop or its high the take profit, at that price, in the
 *   middle of the candle (of a short: its high the stop, its low the take profit). Where both are reached it is the stop that counts: which
 *   came first, a candle does not tell. Where the candle opens beyond one of them (a gap), the tick comes at the open and at its price. A
 *   liquidation price that lies nearer than the stop stands in its place; last prices stand for mark prices.
 *
 * So a trailing stop follows closes, not highs, and daily limits and the drawdown limit are looked at when candles close and when a stop
 * or a take profit is reached, not in between. A bot's own checkIntervalSeconds plays no part.
 */
export type Touch = { at: 'OPEN' | 'INSIDE'; price: Decimal }

export type CandlePrices = { open: Decimal; high: Decimal; low: Decimal }

type Watched = Pick<Position, 'side' | 'stopLossPrice' | 'takeProfitPrice' | 'futures'>

/** Where inside this candle the position's stop (or liquidation) or take profit is reached; null: nowhere. */
export function touchOf(candle: CandlePrices, position: Watched): Touch | null {
  const stop = adversePrice(position)
  const { takeProfitPrice: take } = position
  return position.side === 'BUY'
    ? (below(candle, stop) ?? above(candle, take))
    : (above(candle, stop) ?? below(candle, take))
}

/** The price against the position that is reached first: its stop's, or its liquidation price where that lies nearer; null: none. */
export function adversePrice({
  side,
  stopLossPrice,
  futures,
}: Omit<Watched, 'takeProfitPrice'>): Decimal | null {
  const liquidation = futures?.liquidationPrice ?? null
  if (stopLossPrice === null || liquidation === null) return stopLossPrice ?? liquidation
  return side === 'BUY' ? maximum(stopLossPrice, liquidation) : minimum(stopLossPrice, liquidation)
}

function below({ open, low }: CandlePrices, price: Decimal | null): Touch | null {
  if (price === null) return null
  if (open.lte(price)) return { at: 'OPEN', price: open }
  return low.lte(price) ? { at: 'INSIDE', price } : null
}

function above({ open, high }: CandlePrices, price: Decimal | null): Touch | null {
  if (price === null) return null
  if (open.gte(price)) return { at: 'OPEN', price: open }
  return high.gte(price) ? { at: 'INSIDE', price } : null
}

/** When the touch's tick comes, in milliseconds. */
export function touchTime({ at }: Touch, openTimeMs: number, lengthMs: number): number {
  return at === 'OPEN' ? openTimeMs : openTimeMs + Math.floor(lengthMs / 2)
}
