import { isDenialCode } from '../denials.ts'
import { plain } from '../money.ts'
import type { Intent, TickPlan } from '../tick/types.ts'
import type { Market } from '../market.ts'
import type { Moment } from './step.ts'

/** Entries that were wanted and refused for one reason. */
export type Refusal = {
  /** A code of denials.ts, or ORDER_EXPIRED: the order could not fill within its limit. */
  code: string
  count: number
  /** The sentence of the first, and when it was. */
  first: string
  at: Date
}

export type Refusals = Map<string, Refusal>

/**
 * Counts an entry that a running bot was denied: each signal, where the bot's events tell a reason once while it lasts. `enters`: the
 * signal calls for an entry that the bot's direction allows, and the tick found it flat; `lastCandleAt`: the newest candle that an earlier tick had looked at.
 */
export function countDenied(
  refusals: Refusals,
  plan: Pick<TickPlan, 'intent' | 'state'>,
  { signals, now }: Pick<Moment, 'signals' | 'now'>,
  found: { enters: boolean; lastCandleAt: Date | null },
): void {
  const [given] = signals
  if (given === undefined || !found.enters || plan.intent !== null) return
  if (found.lastCandleAt !== null && given.openTime <= found.lastCandleAt) return
  const { status, notice, noticeMessage } = plan.state
  if (status !== 'RUNNING' || notice === null || !isDenialCode(notice)) return
  count(refusals, notice, `${given.signal.reason}, but no entry: ${noticeMessage ?? ''}`, now)
}

/** Counts an entry whose order ended without a fill, as an order within its limit does at an exchange. */
export function countExpired(
  refusals: Refusals,
  intent: Intent,
  market: Market,
  { now, price }: Pick<Moment, 'now' | 'price'>,
): void {
  if (intent.purpose !== 'ENTRY') return
  const tick = market.priceTick === null ? '' : ` on the market's price tick ${plain(market.priceTick)}`
  const far = intent.side === 'BUY' ? 'at up to' : 'at no less than'
  const limit = intent.price === null ? '' : ` ${far} ${plain(intent.price)}`
  const message = `${intent.reason}, but the order expired: it could not fill${limit}${tick} where the price is ${plain(price)}.`
  count(refusals, 'ORDER_EXPIRED', message, now)
}

function count(refusals: Refusals, code: string, first: string, at: Date): void {
  const known = refusals.get(code)
  if (known === undefined) refusals.set(code, { code, count: 1, first, at })
  else known.count += 1
}

/** For people: how often, why, and the first. */
export function refusalNote({ code, count: times, first, at }: Refusal): string {
  const many = times === 1 ? '1 entry was' : `${times.toLocaleString('en')} entries were`
  const when = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `${many} refused (${code}). ${times === 1 ? 'On' : 'The first, on'} ${when}: ${first}`
}
