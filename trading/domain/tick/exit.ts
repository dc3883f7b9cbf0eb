import { plain } from '../money.ts'
import type { OrderPurpose } from '../order.ts'
import { exitPrices, sellableAmount } from '../position.ts'
import type { CandleSignal } from '../strategies/strategy.ts'
import type { TickInput, TickPlan } from './types.ts'

/** Plans how the open position is left now, if it is: a wanted close first, then stop loss, take profit and the strategy's signal. */
export function planExit(
  input: TickInput,
  plan: TickPlan,
  signal: CandleSignal | null,
  fresh: boolean,
): void {
  const { position, bot, data } = input
  const { state } = plan
  if (position === null || input.unsettled !== null) return
  const price = fresh && data !== null ? data.lastPrice : null
  if (price !== null) {
    const bestPrice = price.gt(position.bestPrice) ? price : position.bestPrice
    const { stopLoss, takeProfit } = exitPrices({ averagePrice: position.averagePrice, bestPrice }, bot)
    plan.positionPrices = { bestPrice, stopLossPrice: stopLoss, takeProfitPrice: takeProfit }
  }
  if (state.exitRetryAt !== null && state.exitRetryAt > input.now) return
  const wanted = state.closing
    ? { purpose: 'CLOSE' as const, reason: closeReason(plan) }
    : guardedExit(input, plan, signal)
  if (wanted === null) return
  sell(input, plan, wanted.purpose, wanted.reason)
}

function guardedExit(
  input: TickInput,
  plan: TickPlan,
  signal: CandleSignal | null,
): { purpose: OrderPurpose; reason: string } | null {
  const { status } = plan.state
  if (status !== 'RUNNING' && status !== 'PAUSED' && status !== 'ERROR') return null
  const price = input.data?.lastPrice
  const prices = plan.positionPrices
  if (price === undefined || prices === null) return null
  if (price.lte(prices.stopLossPrice)) {
    return {
      purpose: 'STOP_LOSS',
      reason: `Price ${plain(price)} is at or below the stop at ${plain(prices.stopLossPrice)}`,
    }
  }
  if (prices.takeProfitPrice !== null && price.gte(prices.takeProfitPrice)) {
    return {
      purpose: 'TAKE_PROFIT',
      reason: `Price ${plain(price)} is at or above the take profit at ${plain(prices.takeProfitPrice)}`,
    }
  }
  if (status !== 'ERROR' && signal?.signal.long === 'EXIT')
    return { purpose: 'EXIT', reason: signal.signal.reason }
  return null
}

function sell(input: TickInput, plan: TickPlan, purpose: OrderPurpose, reason: string): void {
  const { position, market } = input
  const price = input.data?.lastPrice ?? plan.state.lastPrice
  if (position === null || market === null || price === null) return
  const amount = sellableAmount(position.amount, price, market)
  if (amount === null) {
    plan.dustAt = price
    plan.events.push({
      type: 'POSITION_DUST',
      message: `${plain(position.amount)} ${market.base} is below the market's minimum order: it is kept as dust and sold with the next position.`,
    })
    return
  }
  plan.intent = {
    purpose,
    side: 'SELL',
    type: 'MARKET',
    amount,
    price: null,
    stopPrice: null,
    referencePrice: price,
    reason,
    signalCandleAt: null,
  }
}

function closeReason(plan: TickPlan): string {
  return plan.state.status === 'STOPPED'
    ? 'The position is closed because the bot was stopped'
    : 'The position is closed as was chosen'
}
