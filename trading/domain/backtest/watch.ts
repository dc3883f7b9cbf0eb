import { isDailyPause } from '../bot-lifecycle.ts'
import { type Decimal, ZERO } from '../money.ts'
import type { Books } from './books.ts'
import { adversePrice } from './clock.ts'

/**
 * Decides in floats at which candles nothing can happen, so that no tick need be made there: most of them. What floats lose is far below
 * `MARGIN`, and whatever comes within it of a stop, a take profit or a limit is ticked and decided exactly. A property test holds that a
 * backtest with and one without these shortcuts end with the same books.
 */
export type Watch = {
  /** Base currency held, below 0 of a short; 0 while flat. */
  amount: number
  /** Equity is `cash + amount × price`. */
  cash: number
  /** At or beyond these prices a tick is due: stop or liquidation and take profit; with a trailing stop the stop's follows the closes. */
  below: number
  above: number
  /** Equity at or beyond these; infinite where the limit is off or would change nothing. */
  low: number
  high: number
}

const MARGIN = 1e-9

/** What to watch for until the next tick; while flat, no price changes anything. */
export function watchBooks(books: Books): Watch {
  const { position, state, bot } = books
  const whole = approximately(bot.initialCapital) + approximately(state.realizedPnl)
  const low = lossLevel(books)
  const high = targetLevel(books)
  if (position === null) {
    const slack = MARGIN * Math.abs(whole)
    return { amount: 0, cash: whole, below: -Infinity, above: Infinity, low: low + slack, high: high - slack }
  }
  const long = position.side === 'BUY'
  const held = approximately(position.amount)
  const cost = approximately(position.cost)
  const cash = long ? whole - cost : whole + cost
  const slack = MARGIN * (Math.abs(cash) + held * approximately(state.lastPrice ?? ZERO) * 2)
  const stop = adversePrice(position)
  const take = position.takeProfitPrice
  const lower = long ? stop : take
  const upper = long ? take : stop
  return {
    amount: long ? held : -held,
    cash,
    below: lower === null ? -Infinity : approximately(lower) * (1 + MARGIN),
    above: upper === null ? Infinity : approximately(upper) * (1 - MARGIN),
    low: low + slack,
    high: high - slack,
  }
}

/** After a fill: would a tick at this price change nothing but marks? */
export function isCalm(
  books: Books,
  { cash, amount, below, above, low, high }: Watch,
  price: number,
): boolean {
  const { bot, state, days, position } = books
  const equity = cash + amount * price
  const trades = days.at(-1)?.tradeCount ?? 0
  return (
    !state.closing &&
    // What was left by a signal may be entered the other way on the same candle.
    (bot.direction !== 'BOTH' || position !== null || state.exitPurpose !== 'EXIT') &&
    (bot.maxDailyTrades === null || trades < bot.maxDailyTrades) &&
    equity > low &&
    equity < high &&
    (position === null || (price > below && price < above))
  )
}

/** To about 15 digits, ten times as fast as toNumber, which goes by way of text: words of 7 digits, the first of them at 10^(7 ⌊e / 7⌋). */
export function approximately({ d, e, s }: Decimal): number {
  const words = (d[0] ?? 0) + (d[1] ?? 0) / 1e7 + (d[2] ?? 0) / 1e14
  return s * words * 1e7 ** Math.floor(e / 7)
}

/** The price has made a new best at a close, a high of a long and a low of a short: the trailing stop and the drawdown's level follow it. */
export function raiseWatch(watch: Watch, { bot, state, position }: Books, close: number): void {
  const { trailingStopPerc, maxDrawdownPerc } = bot
  if (trailingStopPerc !== null && position !== null) {
    const [best, distance] = [Number(position.bestPrice), Number(trailingStopPerc) / 100]
    if (watch.amount > 0)
      watch.below = Math.max(watch.below, Math.max(close, best) * (1 - distance) * (1 + MARGIN))
    else watch.above = Math.min(watch.above, Math.min(close, best) * (1 + distance) * (1 - MARGIN))
  }
  if (maxDrawdownPerc !== null && state.status === 'RUNNING') {
    const equity = watch.cash + watch.amount * close
    const slack = MARGIN * (Math.abs(watch.cash) + Math.abs(watch.amount) * close)
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
