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

/**
 * The fee, taken from what is received, as Binance takes it: in base currency of a BUY, in quote currency of a SELL. feePerc of it, rounded
 * up to 18 decimals.
 */
export function paperFee(
  side: OrderSide,
  price: Decimal,
  amount: Decimal,
  feePerc: Decimal,
  market: Pick<Market, 'base' | 'quote'>,
): { fee: Decimal; feeCurrency: string } {
  const received = side === 'BUY' ? amount : price.times(amount)
  return {
    fee: percentOf(received, feePerc).toDecimalPlaces(18, Decimal.ROUND_UP),
    feeCurrency: side === 'BUY' ? market.base : market.quote,
  }
}

/** A PAPER order fills whole and at once, in one fill of the same shape as a venue's. */
export function paperFill(
  order: PaperOrder,
  costs: PaperCosts,
  market: Pick<Market, 'priceTick' | 'base' | 'quote'>,
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
    ...paperFee(order.side, price, order.amount, costs.paperFeePerc, market),
    executedAt: now,
  }
}
