import type { Decimal } from '../domain/money.ts'
import { isSettled, opensPosition, type Order, type OrderStatus } from '../domain/order.ts'
import type { LockedBot } from './bots.ts'
import type { NewEvent } from './events.ts'

/** An exit that failed is tried again after 2, 4, 8 … 60 s. Answers how long; not saved. */
export function backOffExit({ state, now }: LockedBot): number {
  state.exitFailures += 1
  const waitMs = Math.min(1000 * 2 ** Math.min(state.exitFailures, 20), 60_000)
  const retryAt = new Date(now.getTime() + waitMs)
  state.exitRetryAt = retryAt
  if (state.nextTickAt !== null && state.nextTickAt > retryAt) state.nextTickAt = retryAt
  return waitMs
}

/**
 * What evidence of an exit means for the next: one that closed anything ends the back-off, one that ended without having done so (a market
 * without a counterparty) begins or prolongs it. `locked.state` is changed, for the caller to save.
 */
export function noteExit(
  locked: LockedBot,
  order: Order,
  booked: { status: OrderStatus; leaves: boolean; filled: Decimal },
  events: NewEvent[],
): void {
  if (opensPosition(order.purpose)) return
  const { state, bot } = locked
  if (booked.leaves) {
    state.exitFailures = 0
    state.exitRetryAt = null
    return
  }
  const inVain = booked.filled.isZero() && isSettled(booked.status) && !isSettled(order.status)
  if (!inVain || order.purpose === 'PROTECTIVE_STOP' || order.cancelRequested) return
  const waitMs = backOffExit(locked)
  events.push({
    botId: bot.id,
    type: 'EXIT_REFUSED',
    message: `${order.purpose} order ${order.id} ended (${booked.status}) and ${order.side === 'SELL' ? 'sold' : 'bought back'} nothing. The position is still open; the next try comes in ${Math.round(waitMs / 1000)} s.`,
  })
}
