import type { Market } from '../market.ts'
import { type Decimal, plain } from '../money.ts'
import type { OrderPurpose } from '../order.ts'
import { betterPrice, exitPrices, type Position, sellableAmount, withinOneOrder } from '../position.ts'
import { atOrBetter, atOrWorse, isAtOrBetter, isAtOrWorse, opposite } from '../sides.ts'
import { worstPrice } from './marks.ts'
import { type FoundSignal, keepForReversal, moveOf, reverses } from './signals.ts'
import { forgetExit, watchStop } from './stop.ts'
import type { TickInput, TickPlan } from './types.ts'

type Wish = { purpose: OrderPurpose; reason: string }

/**
 * Plans how the open position is left now, if it is: a wanted close first, then stop loss, take profit and the strategy's signal. While a
 * protective stop is on its way or rests, it is cancelled first and the wish remembered; what it leaves of the position is sold then.
 */
export function planExit(input: TickInput, plan: TickPlan, signal: FoundSignal | null, fresh: boolean): void {
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
    const bestPrice = betterPrice(position.side, price, position.bestPrice)
    const { stopLoss, takeProfit } = exitPrices({ ...position, bestPrice }, bot)
    plan.positionPrices = { bestPrice, stopLossPrice: stopLoss, takeProfitPrice: takeProfit }
  }
  const worst = fresh ? worstPrice(position.side, input) : null
  const guard = worst === null ? 'NONE' : watchStop(input, plan, worst.price)
  if (state.exitRetryAt !== null && state.exitRetryAt > input.now) return
  const decided = remembered(plan)
  const wish = state.closing
    ? { purpose: 'CLOSE' as const, reason: closeReason(plan) }
    : (decided ?? guardedExit(input, plan, position, signal, guard))
  if (wish === null) return
  if (wish.purpose === 'EXIT' && decided === null && signal !== null && reverses(input, signal))
    keepForReversal(state, signal)
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
  leave(input, plan, wish.purpose, wish.reason)
}

function remembered({ state }: TickPlan): Wish | null {
  if (state.exitPurpose === null || !isGuarded(state.status)) return null
  return { purpose: state.exitPurpose, reason: state.exitReason ?? 'An exit that was decided before' }
}

function guardedExit(
  input: TickInput,
  plan: TickPlan,
  { side }: Position,
  signal: FoundSignal | null,
  guard: ReturnType<typeof watchStop>,
): Wish | null {
  const { status } = plan.state
  if (!isGuarded(status)) return null
  const price = input.data?.lastPrice
  const prices = plan.positionPrices
  if (price === undefined || prices === null) return null
  const worst = worstPrice(side, input)
  if (worst !== null && isAtOrWorse(side, worst.price, prices.stopLossPrice) && guard !== 'STANDS_BY') {
    const overtaken =
      guard === 'OVERTAKEN'
        ? ', and the stop at the exchange did not fill: what it left is closed at market'
        : ''
    return {
      purpose: 'STOP_LOSS',
      reason: `${worst.isMark ? 'Mark price' : 'Price'} ${plain(worst.price)} is ${atOrWorse(side)} the stop at ${plain(prices.stopLossPrice)}${overtaken}`,
    }
  }
  if (prices.takeProfitPrice !== null && isAtOrBetter(side, price, prices.takeProfitPrice)) {
    return {
      purpose: 'TAKE_PROFIT',
      reason: `Price ${plain(price)} is ${atOrBetter(side)} the take profit at ${plain(prices.takeProfitPrice)}`,
    }
  }
  if (status !== 'ERROR' && signal?.side === side && moveOf(signal, side) === 'EXIT')
    return { purpose: 'EXIT', reason: signal.signal.reason }
  return null
}

function isGuarded(status: TickPlan['state']['status']): boolean {
  return status === 'RUNNING' || status === 'PAUSED' || status === 'ERROR'
}

function cancelStop(input: TickInput, plan: TickPlan, why: string): void {
  if (input.stop !== null && !input.stop.cancelRequested) plan.cancelStop = why
}

function leave(input: TickInput, plan: TickPlan, purpose: OrderPurpose, reason: string): void {
  const { position, market } = input
  const price = input.data?.lastPrice ?? plan.state.lastPrice
  if (position === null || market === null || price === null) return
  const amount = leavableAmount(position.amount, price, market)
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
    side: opposite(position.side),
    type: 'MARKET',
    amount,
    price: null,
    stopPrice: null,
    referencePrice: price,
    reduceOnly: market.type === 'FUTURES',
    reason,
    signalCandleAt: null,
  }
}

/** SPOT: what the market takes as an order. Of FUTURES all that is held: no minimum holds for an order that can only reduce. */
function leavableAmount(amount: Decimal, price: Decimal, market: Market): Decimal | null {
  if (market.type === 'SPOT') return sellableAmount(amount, price, market)
  const rounded = withinOneOrder(amount, market)
  return rounded.gt(0) ? rounded : amount
}

function closeReason(plan: TickPlan): string {
  return plan.state.status === 'STOPPED'
    ? 'The position is closed because the bot was stopped'
    : 'The position is closed as was chosen'
}
