import type { BotConfig, OrderSide } from './bot.ts'
import type { Denial } from './denials.ts'
import type { Market } from './market.ts'
import { Decimal, decimal, minimum, percentOf, plain } from './money.ts'
import { reachesMinimum } from './position.ts'
import { isOnStep, roundBuyLimit, roundSellLimit } from './rounding.ts'

/** How far from the price it was decided at an entry may buy, or sell short, where the bot names no collar. Percent. */
const DEFAULT_COLLAR_PERC = decimal(1)

export type CollarRules = Pick<BotConfig, 'priceCollarPerc' | 'mode' | 'paperSlippagePerc'>

/** Percent. What PAPER is to lose by slippage comes on top of our own default; a collar that a person named holds as it is. */
export function collarPercOf(bot: CollarRules): Decimal {
  if (bot.priceCollarPerc !== null) return bot.priceCollarPerc
  return bot.mode === 'PAPER' ? DEFAULT_COLLAR_PERC.plus(bot.paperSlippagePerc) : DEFAULT_COLLAR_PERC
}

/**
 * The limit price of an entry, on the tick: the collar on the far side. A buyer's is lowered until `amount` of it costs no more than
 * maxOrderValue, and may so lie below `reference` where maxOrderValue became smaller than the order; a seller's is the least he takes.
 */
export function entryLimit(
  bot: Pick<BotConfig, 'maxOrderValue'> & CollarRules,
  side: OrderSide,
  amount: Decimal,
  reference: Decimal,
  market: Pick<Market, 'priceTick'>,
): Decimal {
  if (side === 'SELL') return roundSellLimit(reference.minus(percentOf(reference, collarPercOf(bot))), market)
  const collar = reference.plus(percentOf(reference, collarPercOf(bot)))
  const most = bot.maxOrderValue === null ? collar : minimum(collar, bot.maxOrderValue.div(amount))
  return roundBuyLimit(most, market)
}

/** The price at which an entry binds most: a buyer's limit; a seller may get more than he asks, as far as the collar lets the price run. */
export function dearestPrice(bot: CollarRules, side: OrderSide, reference: Decimal, limit: Decimal): Decimal {
  return side === 'BUY' ? limit : reference.plus(percentOf(reference, collarPercOf(bot)))
}

/** Why an order may not go out at `limit` on this market under these rules, or null: the tick's answer is some moments old by now. */
export function denyEntryOrder(
  bot: Pick<BotConfig, 'maxOrderValue'>,
  order: { side: OrderSide; amount: Decimal; referencePrice: Decimal; limit: Decimal },
  market: Pick<Market, 'amountStep' | 'priceTick' | 'minAmount' | 'minCost' | 'base' | 'quote'>,
): Denial | null {
  const { side, amount, referencePrice, limit } = order
  const value = amount.times(referencePrice)
  const exceeds =
    side === 'BUY'
      ? limit.lt(roundBuyLimit(referencePrice, market))
      : bot.maxOrderValue !== null && value.gt(bot.maxOrderValue)
  if (exceeds) {
    const most = bot.maxOrderValue === null ? '' : `, above maxOrderValue ${plain(bot.maxOrderValue)}`
    return {
      code: 'ORDER_ABOVE_MAXIMUM',
      message: `${plain(amount)} ${market.base} is worth ${plain(value)} ${market.quote}${most}.`,
    }
  }
  if (!isOnStep(amount, market) || !reachesMinimum(amount, referencePrice, market)) {
    return {
      code: 'ORDER_BELOW_MINIMUM',
      message: `${plain(amount)} ${market.base} at ${plain(referencePrice)} is below the market's minimum order, or off its step.`,
    }
  }
  return null
}

/** What an account's asset offers: free when it was last read, less what other orders may still spend of it. */
export type Funds = {
  asset: string
  free: Decimal
  /** Reservations that the figure of `free` may not show yet: of open orders, and of those that were settled after it was read. */
  reserved: Decimal
}

export type Decision =
  /** `amount`: of the quote asset; the order at `limit` cannot spend more. */
  | { kind: 'RESERVE'; limit: Decimal; amount: Decimal }
  /** Money may come back in a moment. */
  | { kind: 'WAIT'; message: string }
  | { kind: 'DENY'; denial: Denial }

/** Percent of the notional that is kept for a taker's fees of FUTURES, on the way in and out: they come out of the same wallet. */
export const FUTURES_FEE_PERC = decimal('0.2')

/** What an entry needs of the account. */
export type Need = {
  side: OrderSide
  amount: Decimal
  reference: Decimal
  limit: Decimal
  /** Where it binds most, see dearestPrice. */
  dearest: Decimal
  /** The margin is the notional divided by this; 1 for SPOT. */
  leverage: number
  /** Charged in quote currency on top of the price; 0 where the venue takes its fee from what is received. Percent. */
  quoteFeePerc: Decimal
  patient: boolean
}

/**
 * Whether an entry of `amount` can be paid for. Where money is short a buyer's limit is lowered, never below `reference`: the price is a
 * bound, not a wish. A seller's limit bounds the other side, so what is there is reserved if it pays for `reference`. While others hold
 * reservations that may come back, a `patient` order waits for the whole.
 */
export function decideReservation(
  order: Need,
  funds: Funds,
  market: Pick<Market, 'priceTick' | 'base'>,
): Decision {
  const { side, amount, reference, limit, dearest } = order
  const available = funds.free.minus(funds.reserved)
  const cost = (price: Decimal) => bound(amount.times(price), order)
  if (cost(dearest).lte(available)) return { kind: 'RESERVE', limit, amount: cost(dearest) }
  const mayFree = funds.reserved.gt(0)
  const message = shortage(order, cost(reference), funds, market)
  if (mayFree && order.patient) return { kind: 'WAIT', message }
  if (side === 'SELL' && cost(reference).lte(available)) return { kind: 'RESERVE', limit, amount: available }
  if (side === 'BUY') {
    const least = roundBuyLimit(reference, market)
    const affordable = available.gt(0)
      ? roundBuyLimit(available.div(bound(amount, order)), market)
      : available
    // Divided and rounded down, so it fits; asked again all the same, for this is the line that keeps the promise.
    for (const price of [affordable, least])
      if (price.gte(least) && cost(price).lte(available))
        return { kind: 'RESERVE', limit: price, amount: cost(price) }
  }
  return mayFree
    ? { kind: 'WAIT', message }
    : { kind: 'DENY', denial: { code: 'BALANCE_INSUFFICIENT', message } }
}

/** Margin and fees of a notional, rounded up to the 18 decimals that Postgres keeps: a reservation is never below what it is for. */
function bound(
  notional: Decimal,
  { leverage, quoteFeePerc }: Pick<Need, 'leverage' | 'quoteFeePerc'>,
): Decimal {
  const margin = leverage === 1 ? notional : notional.div(leverage)
  return margin.plus(percentOf(notional, quoteFeePerc)).toDecimalPlaces(18, Decimal.ROUND_UP)
}

function shortage(
  order: Need,
  cost: Decimal,
  { asset, free, reserved }: Funds,
  market: Pick<Market, 'base'>,
): string {
  const held = reserved.gt(0)
    ? `${plain(free)} ${asset} is free, of which ${plain(reserved)} is reserved by other orders of this key`
    : `${plain(free)} ${asset} is free`
  const what = `${plain(order.amount)} ${market.base} at ${plain(order.reference)}`
  if (order.leverage === 1) {
    const fees = order.quoteFeePerc.isZero() ? '' : ' with its fee'
    return `${what} costs ${plain(cost)} ${asset}${fees}, and ${held}.`
  }
  return `${what} takes ${plain(cost)} ${asset} at ${order.leverage}x leverage, fees included, and ${held}.`
}
