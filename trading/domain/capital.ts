import type { BotConfig } from './bot.ts'
import type { Denial } from './denials.ts'
import type { Market } from './market.ts'
import { Decimal, decimal, minimum, percentOf, plain } from './money.ts'
import { reachesMinimum } from './position.ts'
import { isOnStep, roundBuyLimit } from './rounding.ts'

/** How far above the price it was decided at an entry may buy where the bot names no collar. Percent. */
const DEFAULT_COLLAR_PERC = decimal(1)

export type CollarRules = Pick<BotConfig, 'priceCollarPerc' | 'mode' | 'paperSlippagePerc'>

/** Percent. What PAPER is to lose by slippage comes on top of our own default; a collar that a person named holds as it is. */
export function collarPercOf(bot: CollarRules): Decimal {
  if (bot.priceCollarPerc !== null) return bot.priceCollarPerc
  return bot.mode === 'PAPER' ? DEFAULT_COLLAR_PERC.plus(bot.paperSlippagePerc) : DEFAULT_COLLAR_PERC
}

/**
 * The limit price of an entry: the collar, lowered until `amount` of it costs no more than maxOrderValue; on the tick. It may lie below
 * `reference` where maxOrderValue became smaller than the order.
 */
export function entryLimit(
  bot: Pick<BotConfig, 'maxOrderValue'> & CollarRules,
  amount: Decimal,
  reference: Decimal,
  market: Pick<Market, 'priceTick'>,
): Decimal {
  const collar = reference.plus(percentOf(reference, collarPercOf(bot)))
  const most = bot.maxOrderValue === null ? collar : minimum(collar, bot.maxOrderValue.div(amount))
  return roundBuyLimit(most, market)
}

/** Why an order may not be bought at up to `limit` on this market under these rules, or null: the tick's answer is some moments old by now. */
export function denyEntryOrder(
  bot: Pick<BotConfig, 'maxOrderValue'>,
  order: { amount: Decimal; referencePrice: Decimal; limit: Decimal },
  market: Pick<Market, 'amountStep' | 'priceTick' | 'minAmount' | 'minCost' | 'base' | 'quote'>,
): Denial | null {
  const { amount, referencePrice, limit } = order
  if (limit.lt(roundBuyLimit(referencePrice, market))) {
    const most = bot.maxOrderValue === null ? '' : `, above maxOrderValue ${plain(bot.maxOrderValue)}`
    return {
      code: 'ORDER_ABOVE_MAXIMUM',
      message: `${plain(amount)} ${market.base} is worth ${plain(amount.times(referencePrice))} ${market.quote}${most}.`,
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

/**
 * Whether an entry of `amount` at up to `limit` can be paid for. Where money is short the limit is lowered, never below `reference`: the
 * price is a bound, not a wish. While others hold reservations that may come back, a `patient` order waits for the whole.
 */
export function decideReservation(
  order: {
    amount: Decimal
    reference: Decimal
    limit: Decimal
    /** Charged in quote currency on top of the price; 0 where the venue takes its fee from what is received. Percent. */
    quoteFeePerc: Decimal
    patient: boolean
  },
  funds: Funds,
  market: Pick<Market, 'priceTick' | 'base'>,
): Decision {
  const { amount, reference, limit } = order
  const available = funds.free.minus(funds.reserved)
  const cost = (price: Decimal) => withFee(amount.times(price), order.quoteFeePerc)
  if (cost(limit).lte(available)) return { kind: 'RESERVE', limit, amount: cost(limit) }
  const mayFree = funds.reserved.gt(0)
  const message = shortage(order, cost(reference), funds, market)
  if (mayFree && order.patient) return { kind: 'WAIT', message }
  const least = roundBuyLimit(reference, market)
  const affordable = available.gt(0)
    ? roundBuyLimit(available.div(withFee(amount, order.quoteFeePerc)), market)
    : available
  // Divided and rounded down, so it fits; asked again all the same, for this is the line that keeps the promise.
  if (affordable.gte(least) && cost(affordable).lte(available))
    return { kind: 'RESERVE', limit: affordable, amount: cost(affordable) }
  return mayFree
    ? { kind: 'WAIT', message }
    : { kind: 'DENY', denial: { code: 'BALANCE_INSUFFICIENT', message } }
}

/** Rounded up to the 18 decimals that Postgres keeps: a reservation is never below what it is for. */
function withFee(value: Decimal, feePerc: Decimal): Decimal {
  return value.plus(percentOf(value, feePerc)).toDecimalPlaces(18, Decimal.ROUND_UP)
}

function shortage(
  order: { amount: Decimal; reference: Decimal },
  cost: Decimal,
  { asset, free, reserved }: Funds,
  market: Pick<Market, 'base'>,
): string {
  const held = reserved.gt(0)
    ? `${plain(free)} ${asset} is free, of which ${plain(reserved)} is reserved by other orders of this key`
    : `${plain(free)} ${asset} is free`
  return `${plain(order.amount)} ${market.base} at ${plain(order.reference)} costs ${plain(cost)} ${asset}, and ${held}.`
}
