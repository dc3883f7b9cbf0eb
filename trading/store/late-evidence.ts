import type { Order } from '../domain/order.ts'
import type { LockedBot } from './bots.ts'
import type { NewEvent } from './events.ts'

/** `position`: the one that was open before the evidence. */
type Found = { late: boolean; orphan: boolean; filled: boolean; position: { id: string } | null }

/**
 * An order turned up that was thought not to exist, or a sell filled with nothing to sell. Its fills are booked; where they meet a position
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
    : order.side === 'BUY'
      ? ' The bot holds more than it meant to.'
      : ' It sold of a position that was opened since.'
  const message = orphan
    ? `Order ${order.id} sold without a position: its fills are recorded, but no profit. Compare the account with the bot's books.`
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
  const closes = order.side === 'BUY' && state.status === 'STOPPED' && state.closePolicy === 'CLOSE'
  if (closes) state.closing = true
  const after = closes ? ' The bot was stopped with CLOSE: it is being sold.' : ''
  events.push({ botId: bot.id, type: 'ORDER_FOUND_LATE', message: `${message}${after}` })
}
