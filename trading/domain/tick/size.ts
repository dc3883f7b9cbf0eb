import type { BotConfig, BotState } from '../bot.ts'
import type { Market } from '../market.ts'
import { type Decimal, floorToStep, minimum } from '../money.ts'

/** What an entry at `price` would buy: quote currency and, on the market's step, base currency. Never more than the bot's equity. */
export function entrySize(
  bot: Pick<BotConfig, 'positionSizeFixed' | 'leverage'>,
  state: Pick<BotState, 'equity'>,
  market: Pick<Market, 'amountStep'>,
  price: Decimal,
): { notional: Decimal; amount: Decimal } {
  const notional = minimum(bot.positionSizeFixed, state.equity).times(bot.leverage)
  return { notional, amount: floorToStep(notional.div(price), market.amountStep) }
}
