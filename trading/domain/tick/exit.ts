import { plain } from '../money.ts'
import type { OrderPurpose } from '../order.ts'
import { exitPrices, sellableAmount } from '../position.ts'
import type { CandleSignal } from '../strategies/strategy.ts'
import { forgetExit, watchStop } from './stop.ts'
import type { TickInput, TickPlan } from './types.ts'

type Wish = { purpose: OrderPurpose; reason: string }

/**
 * Plans how the open position is left now, if it is: a wanted close first, then stop loss, take profit and the strategy's signal. While a
 * protective stop is on its way or rests, it is cancelled first and the wish remembered; what it leaves of the position is sold then.
 */
export function planExit(
  input: TickInput,
  plan: TickPlan,
  signal: CandleSignal | null,
  fresh: boolean,
): void {
  const { position, bot, data } = input
  const { state } = plan
  if (position === null) {
    forgetExit(state)
    cancelStop(input, plan, 'there is no position left for it')
    return
  }
  if (input.unsettled !== null) return
  const price = fresh && data !== null ? data.lastPrice : null
  if (price !== null) {
    const bestPrice = price.gt(position.bestPrice) ? price : position.bestPrice
    const { stopLoss, takeProfit } = exitPrices(
      { side: position.side, averagePrice: position.averagePrice, bestPrice },
      bot,
    )
    plan.positionPrices = { bestPrice, stopLossPrice: stopLoss, takeProfitPrice: takeProfit }
  }
  const guard = price === null ? 'NONE' : watchStop(input, plan, price)
  if (state.exitRetryAt !== null && state.exitRetryAt > input.now) return
  const wish = state.closing
    ? { purpose: 'CLOSE' as const, reason: closeReason(plan) }
    : (remembered(plan) ?? guardedExit(input, plan, signal, guard))
  if (wish === null) return
  if (wish.purpose !== 'CLOSE' && (wish.purpose === 'EXIT' || input.stop !== null)) {
    // A signal is on one candle only, and once the stop is cancelled there is no way back.
    state.exitPurpose = wish.purpose
    state.exitReason = wish.reason
  }
  if (input.stop !== null) {
    if (!input.stop.cancelRequested && input.stop.status !== 'INTENDED') {
      plan.events.push({
        type: 'EXIT_WAITS',
        message: `${wish.purpose}: ${wish.reason}. The stop at the exchange (order ${input.stop.id}) is cancelled first.`,
      })
    }
    cancelStop(input, plan, `the position is left (${wish.purpose})`)
    // One that nobody has claimed is gone with this very plan.
    if (input.stop.status !== 'INTENDED') return
  }
  if (state.exitPurpose === 'STOP_LOSS' && state.stopTouchedAt !== null) {
    plan.events.push({ type: 'STOP_OVERTAKEN', message: wish.reason })
    state.stopTouchedAt = null
  }
  sell(input, plan, wish.purpose, wish.reason)
}

function remembered({ state }: TickPlan): Wish | null {
  if (state.exitPurpose === null || !isGuarded(state.status)) return null
  return { purpose: state.exitPurpose, reason: state.exitReason ?? 'An exit that was decided before' }
}

function guardedExit(
  input: TickInput,
  plan: TickPlan,
  signal: CandleSignal | null,
  guard: ReturnType<typeof watchStop>,
): Wish | null {
  const { status } = plan.state
  if (!isGuarded(status)) return null
  const price = input.data?.lastPrice
  const prices = plan.positionPrices
  if (price === undefined || prices === null) return null
  if (price.lte(prices.stopLossPrice) && guard !== 'STANDS_BY') {
    const overtaken =
      guard === 'OVERTAKEN'
        ? ', and the stop at the exchange did not fill: what it left is sold at market'
        : ''
    return {
      purpose: 'STOP_LOSS',
      reason: `Price ${plain(price)} is at or below the stop at ${plain(prices.stopLossPrice)}${overtaken}`,
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

function isGuarded(status: TickPlan['state']['status']): boolean {
  return status === 'RUNNING' || status === 'PAUSED' || status === 'ERROR'
}

function cancelStop(input: TickInput, plan: TickPlan, why: string): void {
  if (input.stop !== null && !input.stop.cancelRequested) plan.cancelStop = why
}

function sell(input: TickInput, plan: TickPlan, purpose: OrderPurpose, reason: string): void {
  const { position, market } = input
  const price = input.data?.lastPrice ?? plan.state.lastPrice
  if (position === null || market === null || price === null) return
  const amount = sellableAmount(position.amount, price, market)
  if (amount === null) {
    plan.dustAt = price
    forgetExit(plan.state)
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
    reduceOnly: false,
    reason,
    signalCandleAt: null,
  }
}

function closeReason(plan: TickPlan): string {
  return plan.state.status === 'STOPPED'
    ? 'The position is closed because the bot was stopped'
    : 'The position is closed as was chosen'
}
