import type { BotConfig, BotState } from '../bot.ts'
import { type CollarRules, collarPercOf } from '../capital.ts'
import type { Market } from '../market.ts'
import { type Decimal, minimum, percentOf } from '../money.ts'
import { roundAmount } from '../rounding.ts'

/**
 * What an entry at `price` is worth and buys: quote currency and, on the market's step, base currency. Never more than the bot's equity; and
 * small enough to stay within maxOrderValue up to the collar.
 */
export function entrySize(
  bot: Pick<BotConfig, 'positionSizeFixed' | 'leverage' | 'maxOrderValue'> & CollarRules,
  state: Pick<BotState, 'equity'>,
  market: Pick<Market, 'amountStep'>,
  price: Decimal,
): { notional: Decimal; amount: Decimal } {
  const notional = minimum(bot.positionSizeFixed, state.equity).times(bot.leverage)
  const wanted = notional.div(price)
  const collar = price.plus(percentOf(price, collarPercOf(bot)))
  const most = bot.maxOrderValue === null ? wanted : minimum(wanted, bot.maxOrderValue.div(collar))
  return { notional, amount: roundAmount(most, market) }
}
