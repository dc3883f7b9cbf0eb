import type { BotState, OrderSide } from './bot.ts'
import type { FuturesRules, Market } from './market.ts'
import { Decimal, ZERO, maximum, minimum, percentOf, scale18 } from './money.ts'
import type { Position } from './position.ts'

/**
 * Margin, liquidation and funding of linear perpetuals, in isolated margin and one-way mode, at the market's first tier of maintenance
 * margin. Prices and money in quote currency (which the margin is in too), amounts in base currency, `side` BUY long and SELL short.
 * Everything is rounded to 18 decimals, as Postgres keeps it. Source of the formulas: Binance Support, "Leverage and Margin of USDⓈ-M
 * Futures" and "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" (isolated, one-way, maintenance amount 0), "Introduction to
 * Binance Futures Funding Rates".
 */

/** What must be held to be closed: the side, amount and average entry price of what is left, and its isolated margin. */
export type Backed = { side: OrderSide; amount: Decimal; averagePrice: Decimal; margin: Decimal }

/** The margin that an entry worth `notional` binds: notional / leverage. */
export function initialMargin(notional: Decimal, leverage: number): Decimal {
  return leverage === 1 ? scale18(notional) : scale18(notional.div(leverage))
}

/**
 * The mark price at which what is left of the margin is the maintenance margin: long (average × amount − margin) / (amount × (1 − mmr)),
 * short (average × amount + margin) / (amount × (1 + mmr)). Null where that is not above 0: no price liquidates it.
 */
export function liquidationPrice(
  { side, amount, averagePrice, margin }: Backed,
  rules: Pick<FuturesRules, 'maintenanceMarginPerc'>,
): Decimal | null {
  const notional = averagePrice.times(amount)
  const rate = percentOf(ONE, rules.maintenanceMarginPerc)
  const price =
    side === 'BUY'
      ? notional.minus(margin).div(amount.times(ONE.minus(rate)))
      : notional.plus(margin).div(amount.times(ONE.plus(rate)))
  return price.gt(0) ? scale18(price) : null
}

/**
 * How far the price may go against a new position before it is liquidated, in percent of the entry price, rounded down to 18 decimals: long
 * (1/leverage − mmr) / (1 − mmr), short (1/leverage − mmr) / (1 + mmr). 100 or more of a long: no price liquidates it. Not above 0: it would
 * be liquidated at once.
 */
export function liquidationDistancePerc(
  side: OrderSide,
  leverage: number,
  rules: Pick<FuturesRules, 'maintenanceMarginPerc'>,
): Decimal {
  const rate = percentOf(ONE, rules.maintenanceMarginPerc)
  const cushion = ONE.div(leverage).minus(rate)
  const distance = cushion.div(side === 'BUY' ? ONE.minus(rate) : ONE.plus(rate))
  return distance.times(100).toDecimalPlaces(18, Decimal.ROUND_FLOOR)
}

/** The price at which the loss has eaten the whole margin: long average − margin / amount, short average + margin / amount; 0 at least. */
export function bankruptcyPrice({ side, amount, averagePrice, margin }: Backed): Decimal {
  const cushion = margin.div(amount)
  return maximum(scale18(side === 'BUY' ? averagePrice.minus(cushion) : averagePrice.plus(cushion)), ZERO)
}

/** Has the mark price reached the liquidation price? */
export function isLiquidated(side: OrderSide, markPrice: Decimal, liquidation: Decimal | null): boolean {
  if (liquidation === null) return false
  return side === 'BUY' ? markPrice.lte(liquidation) : markPrice.gte(liquidation)
}

/**
 * How a position that is liquidated at this mark price is closed: at the mark, but never worse than the bankruptcy price (beyond it the
 * venue's insurance fund stands in, not the account); the fee, in quote currency, is the market's percentage of the notional, but no more
 * than what is left of the margin.
 * @throws RangeError for a SPOT position or market
 */
export function liquidationFill(
  position: Pick<Position, 'side' | 'amount' | 'averagePrice' | 'futures'>,
  markPrice: Decimal,
  market: Pick<Market, 'futures'>,
): { price: Decimal; fee: Decimal } {
  const { side, amount, averagePrice, futures } = position
  if (futures === undefined || market.futures === undefined) throw new RangeError('a spot position')
  const worst = bankruptcyPrice({ side, amount, averagePrice, margin: futures.margin })
  const price = side === 'BUY' ? maximum(markPrice, worst) : minimum(markPrice, worst)
  const moved = side === 'BUY' ? price.minus(averagePrice) : averagePrice.minus(price)
  const left = maximum(futures.margin.plus(amount.times(moved)), ZERO)
  const asked = percentOf(amount.times(price), market.futures.liquidationFeePerc)
  return { price, fee: minimum(asked, left).toDecimalPlaces(18, Decimal.ROUND_DOWN) }
}

/** Funding of a position at one instant, received positive: amount × mark price × rate, paid by longs to shorts where the rate is above 0. */
export function fundingAmount(side: OrderSide, amount: Decimal, markPrice: Decimal, rate: Decimal): Decimal {
  const paid = scale18(amount.times(markPrice).times(rate))
  return side === 'BUY' ? paid.neg() : paid
}

/** What a position is valued at: the mark price of a perpetual, the last price of a spot market. */
export function valuationPrice(state: Pick<BotState, 'markPrice' | 'lastPrice'>): Decimal | null {
  return state.markPrice ?? state.lastPrice
}

const ONE = new Decimal(1)
