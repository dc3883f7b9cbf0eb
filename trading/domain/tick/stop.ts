import type { BotState } from '../bot.ts'
import { type Decimal, plain } from '../money.ts'
import { guardsAt, protectiveStop, TOUCHED_PATIENCE_MS } from '../protective-stop.ts'
import { isAtOrWorse, opposite } from '../sides.ts'
import { worstPrice } from './marks.ts'
import type { TickInput, TickPlan } from './types.ts'

/** A stop that has rested for so long was placed well: the next failure is the first again. */
const PLACED_WELL_MS = 60_000

/**
 * Whether the stop at the exchange guards the position at this price, so that the software's own stands by. OVERTAKEN: the price is beyond
 * its limit, where it has one, or it was touched and has not filled. While it is touched its order is looked at with each tick.
 */
export function watchStop(
  input: TickInput,
  plan: TickPlan,
  price: Decimal,
): 'NONE' | 'STANDS_BY' | 'OVERTAKEN' {
  const { stop, now } = input
  const { state } = plan
  if (stop === null || stop.status === 'INTENDED' || stop.stopPrice === null) {
    // Once it is gone, what overtook it is still to be told with the sale.
    if (state.exitPurpose === null) state.stopTouchedAt = null
    return 'NONE'
  }
  const stopLossPrice = plan.positionPrices?.stopLossPrice ?? stop.stopPrice
  const guards = guardsAt(stop, stopLossPrice)
  if (state.exitPurpose !== null) return guards ? 'STANDS_BY' : 'NONE'
  const side = opposite(stop.side)
  if (!isAtOrWorse(side, price, stop.stopPrice) || !guards) {
    state.stopTouchedAt = null
    return guards ? 'STANDS_BY' : 'NONE'
  }
  state.stopTouchedAt ??= now
  plan.lookAtStop = true
  const waited = now.getTime() - state.stopTouchedAt.getTime()
  const beyond = stop.price !== null && !price.eq(stop.price) && isAtOrWorse(side, price, stop.price)
  return beyond || waited >= TOUCHED_PATIENCE_MS ? 'OVERTAKEN' : 'STANDS_BY'
}

/** Places the protective stop, or has it cancelled to be moved, where nothing else is planned. */
export function planProtectiveStop(input: TickInput, plan: TickPlan, fresh: boolean): void {
  const { position, market, data, stop, now } = input
  const { state } = plan
  if (stop !== null && now.getTime() - stop.createdAt.getTime() > PLACED_WELL_MS) state.stopFailures = 0
  if (position === null || input.unsettled !== null || plan.intent !== null || plan.dustAt !== null) return
  const worst = position === null ? null : worstPrice(position.side, input)
  if (!fresh || data === null || worst === null || market === null || plan.positionPrices === null) return
  if (state.closing || state.deleting || state.exitPurpose !== null || plan.cancelStop !== null) return
  const action = protectiveStop({
    now,
    mode: input.bot.mode,
    status: state.status,
    position,
    stopLossPrice: plan.positionPrices.stopLossPrice,
    market,
    lastPrice: worst.price,
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
        side: opposite(position.side),
        type: action.price === null ? 'STOP_MARKET' : 'STOP_LIMIT',
        amount: action.amount,
        price: action.price,
        stopPrice: action.stopPrice,
        referencePrice: data.lastPrice,
        reduceOnly: market.type === 'FUTURES',
        reason: `Stop at ${plain(action.stopPrice)}, ${action.price === null ? 'at market' : `limit ${plain(action.price)}`}, to rest at the exchange`,
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
