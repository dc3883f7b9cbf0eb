import { assertNever } from './assert-never.ts'
import type { BotStatus } from './bot-lifecycle.ts'
import type { Denial } from './denials.ts'
import type { OrderPurpose } from './order.ts'

/** An entry decided longer ago than this is not sent any more: its price is history. */
export const ENTRY_FRESH_MS = 10_000

export type GateFacts = {
  purpose: OrderPurpose
  status: BotStatus
  halted: boolean
  /** A stop, delete, halt or daily limit is closing the position. */
  closing: boolean
  intentAgeMs: number
  /** A position is open. */
  holds: boolean
  /** Another unsettled order of the bot that this one must not meet: for a protective stop any, for all others the stop. */
  conflicting: string | null
}

/** Why the order may not be sent, or null. Codes are CATEGORY_CONDITION and stable. */
export function gate(facts: GateFacts): Denial | null {
  return gateByPurpose(facts) ?? gateByConflict(facts)
}

function gateByPurpose(facts: GateFacts): Denial | null {
  switch (facts.purpose) {
    case 'ENTRY':
      return gateEntry(facts)
    case 'PROTECTIVE_STOP':
      if (facts.closing) return { code: 'POSITION_CLOSING', message: 'The position is being closed.' }
      return gateGuard(facts)
    case 'EXIT':
    case 'STOP_LOSS':
    case 'TAKE_PROFIT':
      return gateGuard(facts)
    case 'CLOSE':
      return facts.holds ? null : { code: 'POSITION_NONE', message: 'There is no position left to close.' }
    default:
      return assertNever(facts.purpose)
  }
}

function gateGuard({ holds, status }: GateFacts): Denial | null {
  if (!holds) return { code: 'POSITION_NONE', message: 'There is no position left to leave.' }
  if (status === 'RUNNING' || status === 'PAUSED' || status === 'ERROR') return null
  return { code: 'BOT_STATUS', message: `The bot is ${status}.` }
}

function gateEntry(facts: GateFacts): Denial | null {
  if (facts.halted)
    return { code: 'TRADING_HALTED', message: 'Trading is halted; resume it to let bots enter again.' }
  if (facts.status !== 'RUNNING')
    return { code: 'BOT_STATUS', message: `The bot is ${facts.status}, so it enters nothing.` }
  if (facts.closing) return { code: 'POSITION_CLOSING', message: 'The position is being closed.' }
  if (facts.holds) return { code: 'POSITION_EXISTS', message: 'A position is open already.' }
  if (facts.intentAgeMs > ENTRY_FRESH_MS) {
    return {
      code: 'INTENT_STALE',
      message: `The decision is ${Math.round(facts.intentAgeMs / 1000)} s old, too old to enter on.`,
    }
  }
  return null
}

/** What the exchange holds for a stop cannot be sold a second time; and a bot has one unsettled order beside it, never two. */
function gateByConflict({ conflicting }: GateFacts): Denial | null {
  if (conflicting === null) return null
  return { code: 'ORDER_UNSETTLED', message: `Order ${conflicting} is not settled.` }
}
