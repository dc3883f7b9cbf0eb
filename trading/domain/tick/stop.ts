import type { BotState } from '../bot.ts'
import { type Decimal, plain } from '../money.ts'
import { guardsAt, protectiveStop, TOUCHED_PATIENCE_MS } from '../protective-stop.ts'
import type { TickInput, TickPlan } from './types.ts'

/** A stop that has rested for so long was placed well: the next failure is the first again. */
const PLACED_WELL_MS = 60_000

/**
 * Whether the stop at the exchange guards the position at this price, so that the software's own stands by. OVERTAKEN: the price is beyond
 * its limit, or it was touched and has not filled. While it is touched its order is looked at with each tick.
 */
export function watchStop(
  input: TickInput,
  plan: TickPlan,
  price: Decimal,
): 'NONE' | 'STANDS_BY' | 'OVERTAKEN' {
  const { stop, now } = input
  const { state } = plan
  if (stop === null || stop.status === 'INTENDED' || stop.price === null || stop.stopPrice === null) {
    // Once it is gone, what overtook it is still to be told with the sale.
    if (state.exitPurpose === null) state.stopTouchedAt = null
    return 'NONE'
  }
  const stopLossPrice = plan.positionPrices?.stopLossPrice ?? stop.stopPrice
  const guards = guardsAt(stop, stopLossPrice)
  if (state.exitPurpose !== null) return guards ? 'STANDS_BY' : 'NONE'
  if (price.gt(stop.stopPrice) || !guards) {
    state.stopTouchedAt = null
    return guards ? 'STANDS_BY' : 'NONE'
  }
  state.stopTouchedAt ??= now
  plan.lookAtStop = true
  const waited = now.getTime() - state.stopTouchedAt.getTime()
  return price.lt(stop.price) || waited >= TOUCHED_PATIENCE_MS ? 'OVERTAKEN' : 'STANDS_BY'
}

/** Places the protective stop, or has it cancelled to be moved, where nothing else is planned. */
export function planProtectiveStop(input: TickInput, plan: TickPlan, fresh: boolean): void {
  const { position, market, data, stop, now } = input
  const { state } = plan
  if (stop !== null && now.getTime() - stop.createdAt.getTime() > PLACED_WELL_MS) state.stopFailures = 0
  if (position === null || input.unsettled !== null || plan.intent !== null || plan.dustAt !== null) return
  if (!fresh || data === null || market === null || plan.positionPrices === null) return
  if (state.closing || state.deleting || state.exitPurpose !== null || plan.cancelStop !== null) return
  const action = protectiveStop({
    now,
    mode: input.bot.mode,
    status: state.status,
    position,
    stopLossPrice: plan.positionPrices.stopLossPrice,
    market,
    lastPrice: data.lastPrice,
    stop,
    retryAt: state.stopRetryAt,
  })
  switch (action.kind) {
    case 'NONE':
      if (action.why !== null && state.stopNotice !== action.why)
        plan.events.push({ type: 'PROTECTIVE_STOP_FAILED', message: action.why })
      if (action.why !== null) state.stopNotice = action.why
      return
    case 'CANCEL':
      plan.cancelStop = action.reason
      return
    case 'PLACE':
      plan.intent = {
        purpose: 'PROTECTIVE_STOP',
        side: 'SELL',
        type: 'STOP_LIMIT',
        amount: action.amount,
        price: action.price,
        stopPrice: action.stopPrice,
        referencePrice: data.lastPrice,
        reduceOnly: false,
        reason: `Stop at ${plain(action.stopPrice)}, limit ${plain(action.price)}, to rest at the exchange`,
        signalCandleAt: null,
      }
  }
}

/** Nothing is left to leave, or nobody wants to any more. */
export function forgetExit(state: BotState): void {
  state.exitPurpose = null
  state.exitReason = null
  state.stopTouchedAt = null
}

/** The position is gone: what was known of its protective stop as well. */
export function forgetStop(state: BotState): void {
  forgetExit(state)
  state.stopFailures = 0
  state.stopRetryAt = null
  state.stopNotice = null
}
