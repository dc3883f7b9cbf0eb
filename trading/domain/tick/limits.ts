import type { PauseReason } from '../bot.ts'
import { isDailyPause } from '../bot-lifecycle.ts'
import { reachedLimit } from '../day-ledger.ts'
import { percentOf, plain } from '../money.ts'
import type { TickInput, TickPlan } from './types.ts'

/** Ends a DAILY_* pause of an earlier day, where the bot may resume by itself. */
export function wakeOnNewDay(input: TickInput, plan: TickPlan): void {
  const { state } = plan
  if (state.status !== 'PAUSED' || !isDailyPause(state.pauseReason)) return
  if (state.pauseDay === null || state.pauseDay >= input.day.day || !input.bot.resumeNextDay) return
  plan.events.push({
    type: 'STATUS',
    from: 'PAUSED',
    to: 'RUNNING',
    message: `A new day (UTC): the bot resumes after its ${state.pauseReason} pause of ${state.pauseDay}.`,
  })
  state.status = 'RUNNING'
  state.pauseReason = null
  state.pauseDay = null
}

/**
 * Pauses at a daily limit or at the drawdown limit, and starts closing where `onDailyLimit` says so: at the daily loss and target, which say
 * of the position itself that it has lost or gained enough. The count of entries says nothing of the position just opened, so at DAILY_TRADES
 * it is left to its stop. A pause by a person keeps its reason, so that midnight does not wake the bot; its position is closed all the same.
 */
export function applyLimits(input: TickInput, plan: TickPlan): void {
  const { bot, day } = input
  const { state } = plan
  if (state.status !== 'RUNNING' && state.status !== 'PAUSED') return
  applyDrawdown(input, plan)
  const limit = reachedLimit(bot, day, state.dailyPnl)
  if (limit === null) return
  const pausesNow =
    state.status === 'RUNNING' ||
    (limit.reason === 'DAILY_LOSS' && isDailyPause(state.pauseReason) && state.pauseReason !== 'DAILY_LOSS')
  if (pausesNow) {
    plan.events.push({
      type: 'STATUS',
      from: state.status,
      to: 'PAUSED',
      message: `${limit.message} ${aftermath(input, limit.reason)}`,
    })
    state.status = 'PAUSED'
    state.pauseReason = limit.reason
    state.pauseDay = day.day
  }
  if (!closesAt(input, limit.reason) || state.closing) return
  state.closing = true
  if (!pausesNow) {
    plan.events.push({
      type: 'CLOSING',
      message: `${limit.message} The open position is being closed, as chosen (onDailyLimit).`,
    })
  }
}

function closesAt({ bot, position }: TickInput, reason: PauseReason): boolean {
  return bot.onDailyLimit === 'CLOSE' && position !== null && reason !== 'DAILY_TRADES'
}

function applyDrawdown(input: TickInput, plan: TickPlan): void {
  const { state } = plan
  const limit = input.bot.maxDrawdownPerc
  if (limit === null || state.status !== 'RUNNING') return
  if (state.equity.gt(state.peakEquity.minus(percentOf(state.peakEquity, limit)))) return
  plan.events.push({
    type: 'STATUS',
    from: 'RUNNING',
    to: 'PAUSED',
    message: `Drawdown limit reached: equity ${plain(state.equity)} is ${plain(limit)} % or more below its highest, ${plain(state.peakEquity)}. Resume the bot when you have looked at it.`,
  })
  state.status = 'PAUSED'
  state.pauseReason = 'DRAWDOWN'
  state.pauseDay = null
}

function aftermath(input: TickInput, reason: PauseReason): string {
  if (input.position === null) return 'No new entries today.'
  return closesAt(input, reason)
    ? 'No new entries today; the open position is being closed.'
    : 'No new entries today; the open position stays guarded by its stop.'
}
