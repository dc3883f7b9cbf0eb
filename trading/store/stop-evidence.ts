import { type Order, isSettled, type OrderStatus } from '../domain/order.ts'
import { forgetReversal } from '../domain/tick/signals.ts'
import { forgetStop } from '../domain/tick/stop.ts'
import type { LockedBot } from './bots.ts'
import type { NewEvent } from './events.ts'
import type { Tx } from './pool.ts'
import { cancelStop } from './protective-stops.ts'

/** How long until an order that rests is looked at again; a stop less often, and seldom while the price is far away. */
const OPEN_LOOK_MS = 2_000
const STOP_LOOK_MS = 5_000
const FAR_STOP_LOOK_MS = 15_000
const NEAR = '1.01'
const LONGEST_RETRY_MS = 300_000

/** When an order that rests is looked at again. A tick that finds its price reached asks at once. */
export function nextLookMs(
  order: Order,
  status: OrderStatus,
  lastPrice: LockedBot['state']['lastPrice'],
): number | null {
  if (isSettled(status)) return null
  // Found just now, and somebody waits for its end.
  if (order.cancelRequested && order.status !== status) return 0
  if (order.purpose !== 'PROTECTIVE_STOP' || order.cancelRequested || order.stopPrice === null)
    return OPEN_LOOK_MS
  const far =
    lastPrice !== null &&
    (order.side === 'SELL'
      ? lastPrice.gt(order.stopPrice.times(NEAR))
      : lastPrice.times(NEAR).lt(order.stopPrice))
  return far ? FAR_STOP_LOOK_MS : STOP_LOOK_MS
}

/** A stop that could not be placed, or did not stay, waits longer each time (2, 4, 8 … 300 s) until the next. Not saved. */
export function backOffStop({ state, now }: LockedBot): number {
  state.stopFailures += 1
  const waitMs = Math.min(1000 * 2 ** Math.min(state.stopFailures, 20), LONGEST_RETRY_MS)
  const retryAt = new Date(now.getTime() + waitMs)
  state.stopRetryAt = retryAt
  if (state.nextTickAt !== null && state.nextTickAt > retryAt) state.nextTickAt = retryAt
  return waitMs
}

/** Says why there is no stop at the exchange, once for each reason. Not saved. */
export function tellStopFailed({ bot, state }: LockedBot, reason: string, events: NewEvent[]): void {
  if (state.stopNotice === reason) return
  state.stopNotice = reason
  events.push({ botId: bot.id, type: 'PROTECTIVE_STOP_FAILED', message: reason })
}

/**
 * What evidence of any order means for the position's protective stop: a stop that ended without our asking is told and placed anew by the
 * next tick; once the position is gone, so are the wish to leave it and the stop. `locked.state` is changed, for the caller to save.
 */
export async function noteStop(
  tx: Tx,
  locked: LockedBot,
  order: Order,
  booked: { status: OrderStatus; filled: boolean; holds: boolean; stop: Order | null },
  events: NewEvent[],
): Promise<void> {
  const { state, bot } = locked
  const { status, holds, stop } = booked
  if (order.purpose === 'PROTECTIVE_STOP') {
    if (status === 'OPEN' || status === 'PARTIALLY_FILLED') {
      state.stopNotice = null
    } else if (booked.filled && !holds) {
      events.push({
        botId: bot.id,
        type: 'PROTECTIVE_STOP_FILLED',
        message: `The stop at the exchange (order ${order.id}) filled and closed the position.`,
      })
    } else if (
      !isSettled(order.status) &&
      isSettled(status) &&
      status !== 'FILLED' &&
      !order.cancelRequested &&
      holds
    ) {
      backOffStop(locked)
      const guards = state.status === 'RUNNING' || state.status === 'PAUSED' || state.status === 'ERROR'
      tellStopFailed(
        locked,
        `The stop at the exchange ended (${status}), and TradeBot had not asked for it. ${
          guards
            ? 'It is placed anew; until then TradeBot guards the position.'
            : 'The bot is stopped: nothing guards its position now.'
        }`,
        events,
      )
    }
  }
  if (holds) return
  if (order.purpose !== 'EXIT') forgetReversal(locked)
  forgetStop(state)
  const why = 'there is no position left for it'
  if (stop !== null && stop.id !== order.id) await cancelStop(tx, stop, why)
  // It turned up after the position was left, of a bot that may not tick any more: what it would sell is not the bot's.
  if (order.purpose === 'PROTECTIVE_STOP' && !isSettled(status))
    await cancelStop(tx, { id: order.id, status }, why)
}
