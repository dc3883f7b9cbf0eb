import type { OrderSide } from '../bot.ts'
import type { VenueFill } from '../exchange.ts'
import type { Market } from '../market.ts'
import { ceilToStep, Decimal, floorToStep, percentOf } from '../money.ts'

/** What PAPER takes off every fill, both in per cent. */
export type PaperCosts = { paperSlippagePerc: Decimal; paperFeePerc: Decimal }

export type PaperOrder = {
  exchangeOrderId: string
  side: OrderSide
  /** Base currency. */
  amount: Decimal
}

/** The price that a PAPER order gets: the current one, worsened by the slippage and rounded to the tick against the bot. */
export function paperPrice(
  side: OrderSide,
  lastPrice: Decimal,
  slippagePerc: Decimal,
  priceTick: Decimal | null,
): Decimal {
  const slippage = percentOf(lastPrice, slippagePerc)
  return side === 'BUY'
    ? ceilToStep(lastPrice.plus(slippage), priceTick)
    : Decimal.max(floorToStep(lastPrice.minus(slippage), priceTick), priceTick ?? new Decimal('1e-18'))
}

/** The fee in quote currency: price × amount × feePerc / 100, rounded up to 18 decimals. */
export function paperFee(price: Decimal, amount: Decimal, feePerc: Decimal): Decimal {
  return percentOf(price.times(amount), feePerc).toDecimalPlaces(18, Decimal.ROUND_UP)
}

/** A PAPER order fills whole and at once, in one fill of the same shape as a venue's. */
export function paperFill(
  order: PaperOrder,
  costs: PaperCosts,
  market: Pick<Market, 'priceTick' | 'quote'>,
  lastPrice: Decimal,
  now: Date,
): VenueFill {
  const price = paperPrice(order.side, lastPrice, costs.paperSlippagePerc, market.priceTick)
  return {
    tradeId: '1',
    exchangeOrderId: order.exchangeOrderId,
    side: order.side,
    amount: order.amount,
    price,
    fee: paperFee(price, order.amount, costs.paperFeePerc),
    feeCurrency: market.quote,
    executedAt: now,
  }
}
