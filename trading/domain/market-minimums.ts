import type { BotConfig } from './bot.ts'
import type { ValidationIssue } from './errors.ts'
import type { Market } from './market.ts'
import { Decimal, percentOf, plain } from './money.ts'
import { reachesMinimum } from './position.ts'
import { roundAmount } from './rounding.ts'

type Sized = Pick<
  BotConfig,
  'symbol' | 'exchange' | 'positionSizeFixed' | 'leverage' | 'stopLossPerc' | 'paperFeePerc'
>
type Rules = Pick<Market, 'base' | 'quote' | 'type' | 'amountStep' | 'minAmount' | 'minCost'>

/**
 * Why a bot of this size could not trade on this market: its entry would be below the market's minimum, or what it bought could not be sold
 * any more at its stop loss and would stay as dust (SPOT: of FUTURES all can be left, for no minimum holds for an order that can only reduce).
 * With leverage the entry is worth that many times positionSizeFixed. `price`: the last one known, null where none is; then only minCost can be held against
 * it. The fee, taken from what is received, is `paperFeePerc`, which is a venue's usual one for LIVE bots too.
 */
export function minimumIssues(config: Sized, market: Rules, price: Decimal | null): ValidationIssue[] {
  const size = config.positionSizeFixed.times(config.leverage)
  if (!size.gt(0)) return []
  const { minCost, quote, base } = market
  const smallest = `the smallest order of ${config.symbol} on ${config.exchange}`
  if (minCost !== null && size.lt(minCost)) {
    const least = minCost.div(config.leverage).toDecimalPlaces(8, Decimal.ROUND_UP)
    const why = config.leverage === 1 ? '' : `: ${config.leverage} times that is ${plain(minCost)} ${quote}`
    return [issue(`positionSizeFixed must be at least ${plain(least)} ${quote}${why}, ${smallest}.`)]
  }
  const amount = price === null ? null : roundAmount(size.div(price), market)
  if (price !== null && amount !== null && !reachesMinimum(amount, price, market)) {
    const times = config.leverage === 1 ? '' : `, ${config.leverage} times,`
    const bought = `at ${plain(price)} ${quote} it buys${times} ${plain(amount)} ${base}`
    return [issue(`positionSizeFixed is too small: ${bought}, which is less than ${smallest}.`)]
  }
  return market.type === 'FUTURES' ? [] : sellableIssues(config, market, price, amount)
}

/** positionSizeFixed × (1 − stopLossPerc) − fees, rounded to the step where a price is known, is still an order that the market takes. */
function sellableIssues(
  { stopLossPerc, paperFeePerc, positionSizeFixed, leverage }: Sized,
  market: Rules,
  price: Decimal | null,
  bought: Decimal | null,
): ValidationIssue[] {
  const left = (value: Decimal) => value.minus(percentOf(value, paperFeePerc))
  const atStop = (value: Decimal) => value.minus(percentOf(value, stopLossPerc))
  const unsold = (worth: Decimal) => [
    issue(
      `positionSizeFixed is too small for stopLossPerc ${plain(stopLossPerc)}: at its stop loss the position would be worth ${plain(worth.toDecimalPlaces(8))} ${market.quote} after fees, less than the market's smallest order, and could not be sold.`,
    ),
  ]
  if (price === null || bought === null) {
    const worth = atStop(left(positionSizeFixed.times(leverage)))
    return market.minCost !== null && worth.lt(market.minCost) ? unsold(worth) : []
  }
  const sold = roundAmount(left(bought), market)
  return reachesMinimum(sold, atStop(price), market) ? [] : unsold(sold.times(atStop(price)))
}

function issue(message: string): ValidationIssue {
  return { path: ['positionSizeFixed'], message }
}
