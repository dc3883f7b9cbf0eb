import type { PauseReason } from './bot.ts'
import { isDailyPause } from './bot-lifecycle.ts'
import { reachedLimit } from './day-ledger.ts'
import type { Denial } from './denials.ts'
import { FUTURES_FEE_PERC } from './capital.ts'
import { Decimal, minimum, percentOf, plain } from './money.ts'
import type { TradingFacts } from './trading-checks.ts'

/**
 * What each rung of the ladder (trading-checks.ts) looks at: a denial where it bites, null where it passes, UNKNOWN where nothing can be said
 * while the bot does not tick.
 */

/** A bot that is due for longer than this is late: a tick is taken up within a second when workers are well. */
const LATE_TICK_MS = 30_000

export function lookAtWorker({ workerAlive }: TradingFacts): Denial | null {
  if (workerAlive) return null
  return {
    code: 'WORKER_NONE',
    message: 'No worker is alive, so nothing is decided and no stop is kept by TradeBot. Start one.',
  }
}

export function lookAtStatus({ status, errorMessage }: TradingFacts): Denial | null {
  switch (status) {
    case 'RUNNING':
    case 'PAUSED':
      return null
    case 'STOPPED':
      return { code: 'BOT_STATUS', message: 'The bot is stopped. Start it to let it trade.' }
    case 'PENDING':
      return { code: 'BOT_STATUS', message: errorMessage ?? 'The bot is starting.' }
    case 'ERROR':
      return { code: 'BOT_STATUS', message: errorMessage ?? 'The bot is in error.' }
  }
}

export function lookAtHalt({ haltedAt }: TradingFacts): Denial | null {
  if (haltedAt === null) return null
  return {
    code: 'TRADING_HALTED',
    message: `All trading is halted since ${minute(haltedAt)}. Resume trading to let bots enter again.`,
  }
}

export function lookAtPause(facts: TradingFacts): Denial | null {
  if (facts.status !== 'PAUSED') return null
  const found = facts.pauseFinding === null ? '' : ` ${facts.pauseFinding}`
  return {
    code: 'BOT_PAUSED',
    message: `${PAUSES[facts.pauseReason ?? 'MANUAL']}${found} ${pauseEnd(facts)}`,
  }
}

const PAUSES: Record<PauseReason, string> = {
  DAILY_TARGET: 'Paused: the daily target is reached.',
  DAILY_LOSS: 'Paused: the daily loss limit is reached.',
  DAILY_TRADES: 'Paused: the entries of the day are used up.',
  DRAWDOWN: 'Paused: the drawdown limit is reached.',
  MANUAL: 'Paused by a person.',
  RECONCILIATION: 'Paused: the books and the exchange do not agree.',
}

function pauseEnd({ pauseReason, resumeNextDay }: TradingFacts): string {
  if (isDailyPause(pauseReason) && resumeNextDay) return 'It goes on at 00:00 UTC.'
  if (isDailyPause(pauseReason)) return 'A person may resume it after 00:00 UTC.'
  if (pauseReason === 'RECONCILIATION')
    return 'Compare its orders and its position with the exchange, then resume it.'
  return 'It goes on when a person resumes it.'
}

export function lookAtClosing({ closing }: TradingFacts): Denial | null {
  return closing ? { code: 'POSITION_CLOSING', message: 'Its position is being closed.' } : null
}

export function lookAtMarket(facts: TradingFacts): Denial | null {
  const { exchange, symbol, market, venueStatus, venueMessage, venueBlockedUntil, venueBlockedReason } = facts
  if (venueStatus !== 'OK') {
    return {
      code: 'VENUE_MAINTENANCE',
      message: `${exchange} is under maintenance${venueMessage === null ? '' : `: ${venueMessage.replace(/\.$/, '')}`}.`,
    }
  }
  if (venueBlockedUntil !== null && venueBlockedUntil > facts.now) {
    const why = venueBlockedReason === null ? '' : ` (${venueBlockedReason})`
    return {
      code: 'VENUE_RATE_LIMITED',
      message: `${exchange} told us to be silent until ${minute(venueBlockedUntil)}${why}.`,
    }
  }
  if (market === null)
    return { code: 'MARKET_GONE', message: `${exchange} has no market ${symbol} that is known.` }
  return market.active ? null : { code: 'MARKET_GONE', message: `${exchange} does not trade ${symbol} now.` }
}

export function lookAtData(facts: TradingFacts): Denial | 'UNKNOWN' | null {
  const { symbol, notice, dataAgeMs, dataError, checkIntervalSeconds } = facts
  if (!ticks(facts)) return 'UNKNOWN'
  const why = dataError === null ? '' : ` (${dataError})`
  if (dataAgeMs === null)
    return { code: 'DATA_STALE', message: `Market data of ${symbol} is being fetched${why}.` }
  if (notice !== 'DATA_STALE' && dataAgeMs <= Math.max(2 * checkIntervalSeconds * 1000, 60_000)) return null
  return {
    code: 'DATA_STALE',
    message: `The newest market data of ${symbol} is ${Math.round(dataAgeMs / 1000)} s old${why}.`,
  }
}

export function lookAtTicks(facts: TradingFacts): Denial | 'UNKNOWN' | null {
  const { nextTickAt, now } = facts
  if (!ticks(facts) || nextTickAt === null) return 'UNKNOWN'
  if (now.getTime() - nextTickAt.getTime() <= LATE_TICK_MS) return null
  return {
    code: 'TICK_LATE',
    message: `The bot has been due since ${minute(nextTickAt)}, and no worker has looked at it.`,
  }
}

export function lookAtOrders({ unsettled }: TradingFacts): Denial | null {
  if (unsettled === null) return null
  const { id, purpose, status } = unsettled
  const what =
    status === 'UNKNOWN'
      ? 'was sent, and what became of it is being looked up at the exchange'
      : `is not settled yet (${status})`
  return { code: 'ORDER_UNSETTLED', message: `${purpose} order ${id} ${what}.` }
}

export function lookAtPosition({ held, heldSide, market }: TradingFacts): Denial | null {
  if (held === null) return null
  const what = `${plain(held)}${market === null ? '' : ` ${market.base}`}${heldSide === 'SELL' ? ' short' : ''}`
  return { code: 'POSITION_EXISTS', message: `It holds ${what}; the next entry comes after this position.` }
}

export function lookAtLimits(facts: TradingFacts): Denial | null {
  const { day, equity, peakEquity, maxDrawdownPerc } = facts
  const limit = day === null ? null : reachedLimit(facts, day, equity.minus(day.startEquity))
  if (limit !== null) return { code: LIMIT_CODES[limit.reason], message: limit.message }
  if (maxDrawdownPerc === null || equity.gt(peakEquity.minus(percentOf(peakEquity, maxDrawdownPerc))))
    return null
  return {
    code: 'LIMIT_DRAWDOWN',
    message: `Equity ${plain(equity)} is ${plain(maxDrawdownPerc)} % or more below its highest, ${plain(peakEquity)}.`,
  }
}

const LIMIT_CODES = {
  DAILY_LOSS: 'LIMIT_DAILY_LOSS',
  DAILY_TARGET: 'LIMIT_DAILY_TARGET',
  DAILY_TRADES: 'LIMIT_DAILY_TRADES',
} as const

export function lookAtCooldown({ cooldownUntil, now }: TradingFacts): Denial | null {
  if (cooldownUntil === null || cooldownUntil <= now) return null
  return {
    code: 'COOLDOWN_ACTIVE',
    message: `The cooldown after a stop loss lasts until ${minute(cooldownUntil)}.`,
  }
}

export function lookAtSize(facts: TradingFacts): Denial | null {
  const { maxOrderValue, market } = facts
  const value = entryValue(facts)
  if (!value.gt(0)) return { code: 'BALANCE_NONE', message: `The bot's equity is ${plain(facts.equity)}.` }
  if (maxOrderValue !== null && value.gt(maxOrderValue)) {
    return {
      code: 'ORDER_ABOVE_MAXIMUM',
      message: `An entry for ${plain(value)} is above the largest order allowed, ${plain(maxOrderValue)}.`,
    }
  }
  if (market?.minCost == null || value.gte(market.minCost)) return null
  return {
    code: 'ORDER_BELOW_MINIMUM',
    message: `An entry for ${plain(value)} is below the market's smallest order, ${plain(market.minCost)}.`,
  }
}

export function fineSize(facts: TradingFacts): string {
  const { direction, leverage } = facts
  const does = direction === 'LONG' ? 'buys' : direction === 'SHORT' ? 'sells short' : 'buys or sells short'
  const times = leverage === 1 ? '' : `, ${leverage} times its own money`
  return `An entry ${does} for ${plain(entryValue(facts))}${quote(facts)}${times}.`
}

/** What an entry takes of the wallet: its price, or its margin and fees. */
function neededFor(facts: TradingFacts): Decimal {
  const value = entryValue(facts)
  if (facts.positionType === 'SPOT') return value
  return value
    .div(facts.leverage)
    .plus(percentOf(value, FUTURES_FEE_PERC))
    .toDecimalPlaces(8, Decimal.ROUND_UP)
}

export function lookAtBalance(facts: TradingFacts): Denial | null {
  const { notice, noticeMessage, freeBalance } = facts
  if (notice === 'BALANCE_INSUFFICIENT')
    return { code: 'BALANCE_INSUFFICIENT', message: noticeMessage ?? 'The last entry could not be paid for.' }
  const needed = neededFor(facts)
  if (freeBalance === null || freeBalance.gte(needed)) return null
  const what = facts.positionType === 'SPOT' ? '' : ' as margin and fees'
  return {
    code: 'BALANCE_INSUFFICIENT',
    message: `${payer(facts)} has ${plain(freeBalance)}${quote(facts)} free; an entry takes ${plain(needed)}${what}.`,
  }
}

export function fineBalance(facts: TradingFacts): string {
  if (facts.mode === 'PAPER') return 'Paper money.'
  return facts.freeBalance === null
    ? "The account's balance is read with the next entry."
    : `${payer(facts)} has ${plain(facts.freeBalance)}${quote(facts)} free.`
}

function payer({ wallet }: TradingFacts): string {
  return wallet === 'FUTURES' ? "The account's futures wallet" : 'The account'
}

export function lookAtRate({ maxOrdersPerMinute, ordersLastMinute }: TradingFacts): Denial | null {
  if (maxOrdersPerMinute === null || ordersLastMinute < maxOrdersPerMinute) return null
  return {
    code: 'RATE_ORDERS_PER_MINUTE',
    message: `${ordersLastMinute} orders in the last minute, and ${maxOrdersPerMinute} are allowed.`,
  }
}

/** A signal becomes an order in the same tick, so between ticks there is none. */
export function lookAtSignal(facts: TradingFacts): Denial | 'UNKNOWN' {
  if (!ticks(facts)) return 'UNKNOWN'
  return {
    code: 'SIGNAL_NONE',
    message:
      facts.lastSignal === null
        ? 'Waits for the next candle to close.'
        : `Waits for a signal. ${facts.lastSignal.replace(/\.?$/, '.')}`,
  }
}

/** Whether the bot is one that looks for entries. */
function ticks({ status }: TradingFacts): boolean {
  return status === 'RUNNING' || status === 'PAUSED'
}

function entryValue({ positionSizeFixed, equity, leverage }: TradingFacts): Decimal {
  return minimum(positionSizeFixed, equity).times(leverage)
}

function quote({ market }: TradingFacts): string {
  return market === null ? '' : ` ${market.quote}`
}

function minute(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
