import type { Denial } from '../denials.ts'
import { plain } from '../money.ts'
import { reachesMinimum } from '../position.ts'
import type { EntrySize } from './size.ts'
import type { TickInput, TickPlan } from './types.ts'

/** What denies the bot an entry now, whether or not there is a signal; null when nothing does. `size`: what it would buy, where market and price are known. The claim looks again, at balance and price. */
export function denyEntry(
  input: TickInput,
  plan: Pick<TickPlan, 'state'>,
  size: EntrySize | null,
): Denial | null {
  const { bot, market, data, now } = input
  const { state } = plan
  if (state.status !== 'RUNNING') return { code: 'BOT_STATUS', message: `the bot is ${state.status}.` }
  if (input.halted) return { code: 'TRADING_HALTED', message: 'trading is halted.' }
  if (state.closing) return { code: 'POSITION_CLOSING', message: 'a position is being closed.' }
  // While a position is held its stop is no news; one that outlives it is.
  const unsettled = input.unsettled ?? (input.position === null ? input.stop : null)
  if (unsettled !== null) return { code: 'ORDER_UNSETTLED', message: `order ${unsettled.id} is not settled.` }
  if (market === null || !market.active || data === null || size === null)
    return { code: 'MARKET_GONE', message: `${bot.symbol} is not traded now.` }
  if (state.cooldownUntil !== null && state.cooldownUntil > now) {
    return {
      code: 'COOLDOWN_ACTIVE',
      message: `the cooldown after a stop loss lasts until ${state.cooldownUntil.toISOString()}.`,
    }
  }
  if (bot.maxOrdersPerMinute !== null && input.ordersLastMinute >= bot.maxOrdersPerMinute) {
    return {
      code: 'RATE_ORDERS_PER_MINUTE',
      message: `${input.ordersLastMinute} orders in the last minute, and ${bot.maxOrdersPerMinute} are allowed.`,
    }
  }
  const { notional, amount } = size
  if (!notional.gt(0)) return { code: 'BALANCE_NONE', message: `the bot's equity is ${plain(state.equity)}.` }
  if (bot.maxOrderValue !== null && notional.gt(bot.maxOrderValue)) {
    return {
      code: 'ORDER_ABOVE_MAXIMUM',
      message: `${plain(notional)} is above maxOrderValue ${plain(bot.maxOrderValue)}.`,
    }
  }
  if (market.maxAmount !== undefined && amount.gt(market.maxAmount)) {
    return {
      code: 'ORDER_ABOVE_MAXIMUM',
      message: `${plain(amount)} ${market.base} is more than one order may be over here (${plain(market.maxAmount)} ${market.base}), and could not be left at once: lower positionSizeFixed${bot.leverage > 1 ? ' or leverage' : ''}.`,
    }
  }
  if (!reachesMinimum(amount, data.lastPrice, market)) {
    return {
      code: 'ORDER_BELOW_MINIMUM',
      message: `${plain(amount)} ${market.base} is below the market's minimum order.`,
    }
  }
  return null
}
