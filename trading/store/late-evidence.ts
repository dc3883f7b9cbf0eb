import type { OrderSide } from '../domain/bot.ts'
import type { Market } from '../domain/market.ts'
import { opensPosition, type Order } from '../domain/order.ts'
import type { Position } from '../domain/position.ts'
import type { LockedBot } from './bots.ts'
import type { NewEvent } from './events.ts'

/**
 * Would a fill meet nothing that it could be booked to? A sell of SPOT without a position; an exit of FUTURES without one, or with one of its
 * own side, which it cannot have made smaller (and must not make larger).
 */
export function isOrphan(
  order: Pick<Order, 'purpose'>,
  side: OrderSide,
  position: Pick<Position, 'side'> | null,
  market: Pick<Market, 'futures'>,
): boolean {
  if (market.futures === undefined) return side === 'SELL' && position === null
  return !opensPosition(order.purpose) && (position === null || position.side === side)
}

/** `position`: the one that was open before the evidence. */
type Found = {
  late: boolean
  orphan: boolean
  filled: boolean
  position: Pick<Position, 'id' | 'side'> | null
}

/**
 * An order turned up that was thought not to exist, or an exit filled with nothing to leave. Its fills are booked; where they meet a position
 * that is not its own, or none, the bot pauses for a person to look. So it does where an entry was on its way while an earlier one was found.
 * What a stopped bot was to close is closed.
 */
export function lateEvidence(locked: LockedBot, order: Order, found: Found, events: NewEvent[]): void {
  const { late, orphan, position } = found
  const others = position !== null && position.id !== order.positionId
  const mixed = found.filled && others && (late || (order.purpose === 'ENTRY' && order.origin === 'BOT'))
  if (!late && !orphan && !mixed) return
  const { bot, state } = locked
  const consequence = !mixed
    ? ''
    : opensPosition(order.purpose) && (position === null || position.side === order.side)
      ? ' The bot holds more than it meant to.'
      : order.side === 'BUY'
        ? ' It bought back of a short position that was opened since.'
        : ' It sold of a position that was opened since.'
  const message = orphan
    ? `Order ${order.id} ${order.side === 'BUY' ? 'bought' : 'sold'} more than the bot held, or without a position: its fills are recorded, but no profit of what was not held. Compare the account with the bot's books.`
    : late
      ? `Order ${order.id}, thought not to be placed, was found filled at the exchange and is booked.${consequence}`
      : `Order ${order.id} filled after an earlier order had been found late.${consequence}`
  const trades = state.status === 'RUNNING' || state.status === 'PAUSED'
  if ((mixed || orphan) && trades && state.pauseReason !== 'RECONCILIATION') {
    const from = state.status
    state.status = 'PAUSED'
    state.pauseReason = 'RECONCILIATION'
    state.pauseDay = null
    events.push({ botId: bot.id, type: 'STATUS', from, to: 'PAUSED', message })
    return
  }
  const closes = opensPosition(order.purpose) && state.status === 'STOPPED' && state.closePolicy === 'CLOSE'
  if (closes) state.closing = true
  const after = closes ? ' The bot was stopped with CLOSE: it is being closed.' : ''
  events.push({ botId: bot.id, type: 'ORDER_FOUND_LATE', message: `${message}${after}` })
}
