import type { BotConfig, BotState } from '../bot.ts'
import { type CollarRules, collarPercOf } from '../capital.ts'
import type { Market } from '../market.ts'
import { type Decimal, minimum, percentOf } from '../money.ts'
import { amountFor } from '../rounding.ts'

export type EntrySize = { notional: Decimal; amount: Decimal }

/**
 * What an entry at `price` is worth and buys or sells: quote currency and, on the market's step, base currency. Never more than the bot's
 * equity, times the leverage; and small enough to stay within maxOrderValue up to the collar, which is above the price for a seller too: he
 * may get more than he asks.
 */
export function entrySize(
  bot: Pick<BotConfig, 'positionSizeFixed' | 'leverage' | 'maxOrderValue'> & CollarRules,
  state: Pick<BotState, 'equity'>,
  market: Pick<Market, 'amountStep'>,
  price: Decimal,
): EntrySize {
  const own = minimum(bot.positionSizeFixed, state.equity)
  const notional = bot.leverage === 1 ? own : own.times(bot.leverage)
  const wanted = amountFor(notional, price, market)
  if (bot.maxOrderValue === null) return { notional, amount: wanted }
  const collar = price.plus(percentOf(price, collarPercOf(bot)))
  return { notional, amount: minimum(wanted, amountFor(bot.maxOrderValue, collar, market)) }
}
