import type { Market } from '../market.ts'
import { plain } from '../money.ts'
import { isOnStep } from '../rounding.ts'
import { type CandleColumns, decimalAt } from './candle-columns.ts'

/** Enough of a long series to tell another market's candles from the market's own. */
const SAMPLES = 1_000

/** A sentence where closes lie off the market's price tick: candles of another market, or of other rules. Null: they fit. */
export function unfitPrices(candles: CandleColumns, first: number, market: Market): string | null {
  const { priceTick } = market
  if (priceTick === null || priceTick.isZero()) return null
  const step = Math.max(1, Math.floor((candles.length - first) / SAMPLES))
  for (let index = first; index < candles.length; index += step) {
    const close = decimalAt(candles, index, 'close')
    if (isOnStep(close, { amountStep: priceTick })) continue
    return `Prices of the candles do not fit ${market.symbol}, whose price tick is ${plain(priceTick)}: ${plain(close)}, for one. What the bot pays and gets is rounded to the tick. Are they candles of that market?`
  }
  return null
}
