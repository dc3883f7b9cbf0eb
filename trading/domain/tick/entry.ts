import { floorToStep, minimum, plain } from '../money.ts'
import { reachesMinimum } from '../position.ts'
import type { FoundSignal } from './signals.ts'
import type { TickInput, TickPlan } from './types.ts'

/** Plans an entry for the signal, or says once why there is none. */
export function planEntry(input: TickInput, plan: TickPlan, found: FoundSignal | null): void {
  if (found === null || found.signal.long !== 'ENTER' || input.position !== null) return
  const denial = deny(input, plan)
  if (denial !== null) {
    if (plan.state.notice !== denial.code) {
      plan.events.push({
        type: 'ENTRY_DENIED',
        message: `${found.signal.reason}, but no entry (${denial.code}): ${denial.message}`,
      })
    }
    plan.state.notice = denial.code
    return
  }
  const { data, market, bot } = input
  if (data === null || market === null) return
  const notional = minimum(bot.positionSizeFixed, plan.state.equity).times(bot.leverage)
  const amount = floorToStep(notional.div(data.lastPrice), market.amountStep)
  plan.state.notice = null
  plan.intent = {
    purpose: 'ENTRY',
    side: 'BUY',
    type: 'MARKET',
    amount,
    price: null,
    stopPrice: null,
    referencePrice: data.lastPrice,
    reason: found.signal.reason,
    signalCandleAt: found.candle.openTime,
  }
}

function deny(input: TickInput, plan: TickPlan): { code: string; message: string } | null {
  const { bot, market, data, now } = input
  const { state } = plan
  if (state.status !== 'RUNNING') return { code: 'BOT_STATUS', message: `the bot is ${state.status}.` }
  if (input.halted) return { code: 'TRADING_HALTED', message: 'trading is halted.' }
  if (state.closing) return { code: 'POSITION_CLOSING', message: 'a position is being closed.' }
  if (input.unsettled !== null)
    return { code: 'ORDER_UNSETTLED', message: `order ${input.unsettled.id} is not settled.` }
  if (market === null || !market.active || data === null)
    return { code: 'MARKET_GONE', message: `${bot.symbol} is not traded now.` }
  if (state.cooldownUntil !== null && state.cooldownUntil > now) {
    return {
      code: 'COOLDOWN_ACTIVE',
      message: `the cooldown after a stop loss lasts until ${state.cooldownUntil.toISOString()}.`,
    }
  }
  if (bot.maxOrdersPerMinute !== null && input.ordersLastMinute >= bot.maxOrdersPerMinute) {
    return { code: 'RATE_ORDERS_PER_MINUTE', message: `${input.ordersLastMinute} orders in the last minute.` }
  }
  const notional = minimum(bot.positionSizeFixed, state.equity).times(bot.leverage)
  if (!notional.gt(0)) return { code: 'BALANCE_NONE', message: `the bot's equity is ${plain(state.equity)}.` }
  if (bot.maxOrderValue !== null && notional.gt(bot.maxOrderValue)) {
    return {
      code: 'ORDER_ABOVE_MAXIMUM',
      message: `${plain(notional)} is above maxOrderValue ${plain(bot.maxOrderValue)}.`,
    }
  }
  const amount = floorToStep(notional.div(data.lastPrice), market.amountStep)
  if (!reachesMinimum(amount, data.lastPrice, market)) {
    return {
      code: 'ORDER_BELOW_MINIMUM',
      message: `${plain(amount)} ${market.base} is below the market's minimum order.`,
    }
  }
  return null
}
