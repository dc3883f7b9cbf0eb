import type { OrderSide } from '../bot.ts'
import { fundingAmount, isLiquidated, liquidationFill } from '../futures.ts'
import type { Decimal } from '../money.ts'
import { worsePrice } from '../sides.ts'
import type { TickInput, TickPlan } from './types.ts'

/** Market data older than two intervals (60 s at least) is no ground for a decision. Milliseconds. */
export function freshForMs({ bot }: Pick<TickInput, 'bot'>): number {
  return Math.max(2 * bot.checkIntervalSeconds * 1000, 60_000)
}

/** The mark price of a perpetual, where it is known and young enough; null where it is not, and for SPOT. */
function freshMark(input: Pick<TickInput, 'bot' | 'data'>): Decimal | null {
  const mark = input.data?.mark ?? null
  return mark === null || mark.ageMs > freshForMs(input) ? null : mark.markPrice
}

/**
 * What a stop is held against: the last price and, of a perpetual, the mark price, whichever is worse for who holds `side`. The venue's own
 * stops and its liquidation look at the mark; what a sale brings is the last price.
 */
export function worstPrice(
  side: OrderSide,
  input: Pick<TickInput, 'bot' | 'data'>,
): { price: Decimal; isMark: boolean } | null {
  if (input.data === null) return null
  const { lastPrice } = input.data
  const mark = freshMark(input)
  if (mark === null) return { price: lastPrice, isMark: false }
  const price = worsePrice(side, lastPrice, mark)
  return { price, isMark: !price.eq(lastPrice) }
}

const COMPLAINS_AFTER_MS = 60_000

/**
 * Takes the mark price over into the state. Without one the position is valued by the last price: no decision waits for it. That it is
 * missing is said once, a bot's first minute apart.
 */
export function takeMark(input: TickInput, plan: TickPlan, fresh: boolean): void {
  const { bot, data, now } = input
  const { state } = plan
  const mark = freshMark(input)
  if (mark !== null) state.markPrice = mark
  else if (fresh || bot.positionType === 'SPOT') state.markPrice = null
  // Undefined: whoever asks knows of no marks, as a backtest.
  if (bot.positionType === 'SPOT' || data?.mark === undefined || !fresh) return
  const ripe = state.startedAt !== null && now.getTime() - state.startedAt.getTime() >= COMPLAINS_AFTER_MS
  if (mark === null && ripe && state.notice === null) {
    const message = `The mark price of ${bot.symbol} cannot be read: its position is valued and guarded by the last price.`
    plan.events.push({ type: 'MARK_MISSING', message })
    Object.assign(state, { notice: 'MARK_MISSING', noticeMessage: message })
  }
  if (mark !== null && state.notice === 'MARK_MISSING') {
    plan.events.push({ type: 'MARK_BACK', message: `The mark price of ${bot.symbol} is back.` })
    Object.assign(state, { notice: null, noticeMessage: null })
  }
}

/** PAPER: funding of the position that was settled since it was opened and is not in the books yet. */
export function planFunding(input: TickInput, plan: TickPlan): void {
  const { bot, position, now } = input
  const mark = input.data?.mark ?? null
  if (bot.mode !== 'PAPER' || position?.futures === undefined || mark === null || input.market === null)
    return
  const { fundedUntil } = plan.state
  const after = fundedUntil !== null && fundedUntil > position.openedAt ? fundedUntil : position.openedAt
  const due = mark.fundings.filter(({ at }) => at > after && at <= now)
  plan.fundings = due.map(({ at, rate, markPrice }) => ({
    at,
    amount: fundingAmount(position.side, position.amount, markPrice ?? mark.markPrice, rate),
  }))
  const last = due.at(-1)
  if (last !== undefined) plan.state.fundedUntil = last.at
}

/**
 * PAPER: the venue closes the position, at its own terms, once the mark price reaches the liquidation price. Funding moves that price, so it
 * is booked first and looked at again with the next tick. True: nothing else is to be planned.
 */
export function planLiquidation(input: TickInput, plan: TickPlan, fresh: boolean): boolean {
  const { bot, position, market, data } = input
  if (bot.mode !== 'PAPER' || position?.futures === undefined || market?.futures === undefined) return false
  if (plan.fundings.length > 0) return false
  const price = freshMark(input) ?? (fresh ? (data?.lastPrice ?? null) : null)
  if (price === null || !isLiquidated(position.side, price, position.futures.liquidationPrice)) return false
  plan.liquidate = liquidationFill(position, price, market)
  return true
}
