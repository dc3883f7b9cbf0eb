import type { BotState } from '../bot.ts'
import { equityOf } from '../day-ledger.ts'
import { valuationPrice } from '../futures.ts'
import { type Decimal, maximum } from '../money.ts'
import { unrealizedPnl } from '../position.ts'
import { rests } from '../protective-stop.ts'
import { planEntry } from './entry.ts'
import { planExit } from './exit.ts'
import { initialise } from './initialise.ts'
import { applyLimits, wakeOnNewDay } from './limits.ts'
import { freshForMs, planFunding, planLiquidation, takeMark } from './marks.ts'
import { findSignal, leavesFirst } from './signals.ts'
import { planProtectiveStop } from './stop.ts'
import type { TickInput, TickPlan } from './types.ts'

/** Retries of a start, and ticks of a bot that is closing, come this often whatever its own interval. */
const HURRY_MS = 1_000

/** One tick: a pure function of what is known, time included. Nothing of it is done yet; run_bot writes the plan in one transaction. */
export function tick(input: TickInput): TickPlan {
  const plan: TickPlan = {
    state: { ...input.state },
    positionPrices: null,
    dayUnrealized: input.day.unrealizedPnl,
    events: [],
    intent: null,
    cancelStop: null,
    lookAtStop: false,
    dustAt: null,
    fundings: [],
    liquidate: null,
    remove: false,
    wants: [],
  }
  wakeOnNewDay(input, plan)
  if (plan.state.status === 'PENDING') {
    initialise(input, plan)
    return schedule(input, plan)
  }
  const fresh = isFresh(input)
  if (fresh && input.data !== null) plan.state.lastPrice = input.data.lastPrice
  takeMark(input, plan, fresh)
  value(input, plan)
  planFunding(input, plan)
  if (planLiquidation(input, plan, fresh)) return schedule(input, plan)
  if (fresh) applyLimits(input, plan)
  noticeData(input, plan, fresh)
  const signals = fresh && !leavesFirst(input, plan.state) ? findSignal(input) : null
  if (signals !== null) {
    plan.state.lastCandleAt = signals.lastCandleAt
    const told = signals.found ?? signals.latest
    if (told !== null) plan.state.lastSignal = told.signal.reason
  }
  planExit(input, plan, signals?.found ?? null, fresh)
  planProtectiveStop(input, plan, fresh)
  if (plan.intent === null && fresh) planEntry(input, plan, signals?.found ?? null)
  endClosing(input, plan)
  return schedule(input, plan)
}

/** Whether the newest market data is ground for a decision. */
export function isFresh(input: Pick<TickInput, 'data' | 'bot'>): boolean {
  return input.data !== null && input.data.ageMs <= freshForMs(input)
}

/** Marks the bot at `price`: equity, the day's profit, the total. */
export function revalue(
  state: BotState,
  initialCapital: Decimal,
  unrealized: Decimal,
  startEquity: Decimal,
): void {
  state.equity = equityOf(initialCapital, state.realizedPnl, unrealized)
  state.totalPnl = state.equity.minus(initialCapital)
  state.dailyPnl = state.equity.minus(startEquity)
  state.peakEquity = maximum(state.peakEquity, state.equity)
}

function value(input: TickInput, plan: TickPlan): void {
  const { state } = plan
  revalue(
    state,
    input.bot.initialCapital,
    unrealizedPnl(input.position, valuationPrice(state)),
    input.day.startEquity,
  )
  state.dailyTradeCount = input.day.tradeCount
  plan.dayUnrealized = state.dailyPnl.minus(input.day.realizedPnl)
}

function noticeData(input: TickInput, plan: TickPlan, fresh: boolean): void {
  const { state } = plan
  const justStarted =
    input.data === null &&
    state.startedAt !== null &&
    input.now.getTime() - state.startedAt.getTime() < 60_000
  if (
    !fresh &&
    !justStarted &&
    state.notice !== 'DATA_STALE' &&
    (state.status === 'RUNNING' || input.position !== null)
  ) {
    const age =
      input.data === null ? 'there is none yet' : `the newest is ${Math.round(input.data.ageMs / 1000)} s old`
    const message = `No decisions: market data of ${input.bot.symbol} is missing (${age}).`
    plan.events.push({ type: 'DATA_STALE', message })
    Object.assign(state, { notice: 'DATA_STALE', noticeMessage: message })
  }
  if (fresh && state.notice === 'DATA_STALE') {
    plan.events.push({ type: 'DATA_FRESH', message: `Market data of ${input.bot.symbol} is back.` })
    Object.assign(state, { notice: null, noticeMessage: null })
  }
}

function endClosing(input: TickInput, plan: TickPlan): void {
  const { state } = plan
  const flat = input.position === null || plan.dustAt !== null
  const idle = input.unsettled === null && plan.intent === null
  const settled = idle && input.stop === null
  if (state.closing && flat && settled) {
    // The chosen policy stays until the next START: an order that is found late is handled by it.
    state.closing = false
    plan.events.push({ type: 'CLOSED', message: 'The bot is flat: nothing is left to close.' })
  }
  // What KEEP leaves resting is watched on, deleted or not.
  const kept = idle && state.closePolicy === 'KEEP' && (input.stop === null || rests(input.stop))
  if (state.deleting && ((settled && flat) || kept)) plan.remove = true
}

/** Until an exit that was refused, or a protective stop that could not be placed, is tried again; null where none is. */
function retryIn(input: TickInput, { state }: TickPlan): number | null {
  if (input.position === null) return null
  const waits = [state.exitRetryAt, input.stop === null ? state.stopRetryAt : null]
    .map((at) => (at === null ? 0 : at.getTime() - input.now.getTime()))
    .filter((ms) => ms > 0)
  return waits.length === 0 ? null : Math.min(...waits)
}

function orderless(input: TickInput): boolean {
  return input.unsettled === null && input.stop === null
}

function schedule(input: TickInput, plan: TickPlan): TickPlan {
  const { state } = plan
  const later = (ms: number) => new Date(input.now.getTime() + ms)
  const interval = input.bot.checkIntervalSeconds * 1000
  const holds = input.position !== null && plan.dustAt === null
  // An exit that waits for its stop, and a stop that is being overtaken, wait no whole interval.
  const hurries =
    state.closing ||
    state.exitPurpose !== null ||
    state.stopTouchedAt !== null ||
    // What it leaves of the margin decides whether the position still stands.
    plan.fundings.length > 0
  const soon = hurries ? Math.min(interval, HURRY_MS) : Math.min(interval, retryIn(input, plan) ?? interval)
  switch (state.status) {
    case 'PENDING':
      state.nextTickAt = later(HURRY_MS)
      break
    case 'STOPPED':
      state.nextTickAt = (state.closing || state.deleting) && !plan.remove ? later(HURRY_MS) : null
      break
    case 'ERROR':
      state.nextTickAt = plan.remove
        ? null
        : holds || state.deleting || !orderless(input) || plan.intent !== null
          ? later(soon)
          : null
      break
    case 'RUNNING':
    case 'PAUSED':
      state.nextTickAt = later(input.state.status === 'PENDING' ? Math.min(interval, HURRY_MS) : soon)
  }
  return plan
}
