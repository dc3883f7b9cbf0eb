import type { OrderSide } from '../bot.ts'
import type { VenueFill } from '../exchange.ts'
import type { Market } from '../market.ts'
import { Decimal, percentOf } from '../money.ts'
import { roundBuyPrice, roundSellPrice } from '../rounding.ts'

/** What PAPER takes off every fill, both in per cent. */
export type PaperCosts = { paperSlippagePerc: Decimal; paperFeePerc: Decimal }

type PaperMarket = Pick<Market, 'priceTick' | 'base' | 'quote' | 'futures'>

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
    ? roundBuyPrice(lastPrice.plus(slippage), { priceTick })
    : roundSellPrice(lastPrice.minus(slippage), { priceTick })
}

/**
 * The fee, taken as Binance takes it: on a spot market from what is received, in base currency of a BUY and in quote currency of a SELL; on a
 * perpetual in quote currency of either. feePerc of it, rounded up to 18 decimals.
 */
function paperFee(
  side: OrderSide,
  price: Decimal,
  amount: Decimal,
  feePerc: Decimal,
  market: Pick<Market, 'base' | 'quote' | 'futures'>,
): { fee: Decimal; feeCurrency: string } {
  const inBase = side === 'BUY' && market.futures === undefined
  const received = inBase ? amount : price.times(amount)
  return {
    fee: percentOf(received, feePerc).toDecimalPlaces(18, Decimal.ROUND_UP),
    feeCurrency: inBase ? market.base : market.quote,
  }
}

/** A PAPER order fills whole and at once, in one fill of the same shape as a venue's. */
function paperFill(
  order: PaperOrder,
  costs: PaperCosts,
  market: PaperMarket,
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

/**
 * What becomes of a PAPER order: it fills whole and at once; or, where its limit forbids the price that it would get, it expires without a
 * fill, as a LIMIT_IOC order at a venue does.
 */
export function paperOutcome(
  order: PaperOrder & { price: Decimal | null },
  costs: PaperCosts,
  market: PaperMarket,
  lastPrice: Decimal,
  now: Date,
): { status: 'FILLED' | 'EXPIRED'; fills: VenueFill[] } {
  const fill = paperFill(order, costs, market, lastPrice, now)
  const beyond =
    order.price !== null && (order.side === 'BUY' ? fill.price.gt(order.price) : fill.price.lt(order.price))
  return beyond ? { status: 'EXPIRED', fills: [] } : { status: 'FILLED', fills: [fill] }
}
