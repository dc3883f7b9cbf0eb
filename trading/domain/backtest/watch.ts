import { isDailyPause } from '../bot-lifecycle.ts'
import { type Decimal, ZERO } from '../money.ts'
import type { Books } from './books.ts'

/**
 * Decides in floats at which candles nothing can happen, so that no tick need be made there: most of them. What floats lose is far below
 * `MARGIN`, and whatever comes within it of a stop, a take profit or a limit is ticked and decided exactly. A property test holds that a
 * backtest with and one without these shortcuts end with the same books.
 */
export type Watch = {
  /** Base currency held; 0 while flat. */
  amount: number
  /** Equity is `cash + amount × price`. */
  cash: number
  /** At or beyond these a tick is due; with a trailing stop `stop` rises with the closes. */
  stop: number
  take: number
  /** Equity at or beyond these; infinite where the limit is off or would change nothing. */
  low: number
  high: number
}

const MARGIN = 1e-9

/** What to watch for until the next tick; while flat, no price changes anything. */
export function watchBooks(books: Books): Watch {
  const { position, state, bot } = books
  const whole = approximately(bot.initialCapital) + approximately(state.realizedPnl)
  const cash = position === null ? whole : whole - approximately(position.cost)
  const amount = position === null ? 0 : approximately(position.amount)
  const slack = MARGIN * (Math.abs(cash) + amount * approximately(state.lastPrice ?? ZERO) * 2)
  const [stop, take] = [position?.stopLossPrice ?? null, position?.takeProfitPrice ?? null]
  return {
    amount,
    cash,
    stop: stop === null ? -Infinity : approximately(stop) * (1 + MARGIN),
    take: take === null ? Infinity : approximately(take) * (1 - MARGIN),
    low: lossLevel(books) + slack,
    high: targetLevel(books) - slack,
  }
}

/** After a fill: would a tick at this price change nothing but marks? */
export function isCalm(books: Books, { cash, amount, stop, take, low, high }: Watch, price: number): boolean {
  const { bot, state, days, position } = books
  const equity = cash + amount * price
  const trades = days.at(-1)?.tradeCount ?? 0
  return (
    !state.closing &&
    (bot.maxDailyTrades === null || trades < bot.maxDailyTrades) &&
    equity > low &&
    equity < high &&
    (position === null || (price > stop && price < take))
  )
}

/** To about 15 digits, ten times as fast as toNumber, which goes by way of text: words of 7 digits, the first of them at 10^(7 ⌊e / 7⌋). */
export function approximately({ d, e, s }: Decimal): number {
  const words = (d[0] ?? 0) + (d[1] ?? 0) / 1e7 + (d[2] ?? 0) / 1e14
  return s * words * 1e7 ** Math.floor(e / 7)
}

/** The price has made a new high at a close: the trailing stop and the drawdown's level follow it. */
export function raiseWatch(watch: Watch, { bot, state, position }: Books, close: number): void {
  const { trailingStopPerc, maxDrawdownPerc } = bot
  if (trailingStopPerc !== null && position !== null) {
    const best = Math.max(close, Number(position.bestPrice))
    watch.stop = Math.max(watch.stop, best * (1 - Number(trailingStopPerc) / 100) * (1 + MARGIN))
  }
  if (maxDrawdownPerc !== null && state.status === 'RUNNING') {
    const equity = watch.cash + watch.amount * close
    const slack = MARGIN * (Math.abs(watch.cash) + watch.amount * close)
    watch.low = Math.max(watch.low, equity * (1 - Number(maxDrawdownPerc) / 100) + slack)
  }
}

/** Equity at or below which a limit acts. */
function lossLevel({ bot, state, days }: Books): number {
  if (bot.maxDailyLossPerc === null && bot.maxDrawdownPerc === null) return -Infinity
  const start = Number(days.at(-1)?.startEquity ?? 0)
  const acts =
    state.status === 'RUNNING' ||
    (isDailyPause(state.pauseReason) && state.pauseReason !== 'DAILY_LOSS') ||
    bot.onDailyLimit === 'CLOSE'
  const daily =
    bot.maxDailyLossPerc !== null && acts ? start * (1 - Number(bot.maxDailyLossPerc) / 100) : -Infinity
  const drawdown =
    bot.maxDrawdownPerc !== null && state.status === 'RUNNING'
      ? Number(state.peakEquity) * (1 - Number(bot.maxDrawdownPerc) / 100)
      : -Infinity
  return Math.max(daily, drawdown)
}

/** Equity at or above which the daily target acts. */
function targetLevel({ bot, state, days }: Books): number {
  if (bot.dailyTargetPerc === null) return Infinity
  if (state.status !== 'RUNNING' && bot.onDailyLimit !== 'CLOSE') return Infinity
  return Number(days.at(-1)?.startEquity ?? 0) * (1 + Number(bot.dailyTargetPerc) / 100)
}
