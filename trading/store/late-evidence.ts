import type { Order } from '../domain/order.ts'
import type { LockedBot } from './bots.ts'
import type { NewEvent } from './events.ts'

/**
 * An order turned up that was thought not to exist, or a sell filled with nothing to sell. Its fills are booked; where they meet a position
 * that was opened meanwhile, or none, the bot pauses for a person to look. What a stopped bot was to close is closed.
 */
export function lateEvidence(
  locked: LockedBot,
  order: Order,
  orphan: boolean,
  held: boolean,
  events: NewEvent[],
): void {
  const { bot, state } = locked
  const doubled = order.side === 'BUY' && held
  const message = orphan
    ? `Order ${order.id} sold without a position: its fills are recorded, but no profit. Compare the account with the bot's books.`
    : `Order ${order.id}, thought not to be placed, was found filled at the exchange and is booked.${doubled ? ' The bot holds more than it meant to.' : ''}`
  const trades = state.status === 'RUNNING' || state.status === 'PAUSED'
  if ((doubled || orphan) && trades && state.pauseReason !== 'RECONCILIATION') {
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
