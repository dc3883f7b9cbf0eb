import type { BotMode, PauseReason } from './bot.ts'
import { isDailyPause, type BotStatus } from './bot-lifecycle.ts'
import { type Day, reachedLimit } from './day-ledger.ts'
import type { Denial, DenialCode } from './denials.ts'
import type { Market } from './market.ts'
import { type Decimal, minimum, percentOf, plain } from './money.ts'
import type { OrderPurpose, OrderStatus } from './order.ts'

/** One rung of the ladder. `passed` null: it cannot be said while the bot does not tick. */
export type TradingCheck = { code: DenialCode; label: string; passed: boolean | null; message: string }

/** What the ladder looks at; all of it from tables. Money in quote currency. */
export type TradingFacts = {
  now: Date
  /** UTC day now, YYYY-MM-DD. */
  today: string
  exchange: string
  symbol: string
  mode: BotMode
  status: BotStatus
  errorMessage: string | null
  pauseReason: PauseReason | null
  pauseDay: string | null
  resumeNextDay: boolean
  closing: boolean
  notice: string | null
  noticeMessage: string | null
  lastSignal: string | null
  startedAt: Date | null
  nextTickAt: Date | null
  cooldownUntil: Date | null
  checkIntervalSeconds: number
  equity: Decimal
  peakEquity: Decimal
  positionSizeFixed: Decimal
  leverage: number
  dailyTargetPerc: Decimal | null
  maxDailyLossPerc: Decimal | null
  maxDailyTrades: number | null
  maxDrawdownPerc: Decimal | null
  maxOrderValue: Decimal | null
  maxOrdersPerMinute: number | null
  /** Today's row; null: nothing of today is counted yet. */
  day: Pick<Day, 'startEquity' | 'tradeCount'> | null
  haltedAt: Date | null
  workerAlive: boolean
  venueStatus: string
  venueMessage: string | null
  venueBlockedUntil: Date | null
  venueBlockedReason: string | null
  /** Null: the market is not known. */
  market: Pick<Market, 'active' | 'base' | 'quote' | 'minCost'> | null
  /** Since the series was last read; null: never. */
  dataAgeMs: number | null
  dataError: string | null
  unsettled: { id: string; purpose: OrderPurpose; status: OrderStatus } | null
  /** What is held, in base currency. */
  held: Decimal | null
  ordersLastMinute: number
  /** LIVE: what the account has free of the quote currency, open reservations taken off; null: not known. */
  freeBalance: Decimal | null
}

/** A bot that is due for longer than this is late: a tick is taken up within a second when workers are well. */
export const LATE_TICK_MS = 30_000

/**
 * Why the bot does not enter a position, as a ladder: each thing that an entry needs, in the order in which a person would ask. The first
 * that does not pass is the answer. A bot for which all but the last pass waits for its strategy.
 */
export function tradingChecks(facts: TradingFacts): TradingCheck[] {
  return LADDER.map(({ code, label, fine, look }) => {
    const bite = look(facts)
    if (bite === 'UNKNOWN') return { code, label, passed: null, message: 'Not looked at until the bot runs.' }
    if (bite !== null) return { code: bite.code, label, passed: false, message: bite.message }
    return { code, label, passed: true, message: fine(facts) }
  })
}

/** The first rung that bites; null when none does. */
export function firstThatBites(checks: readonly TradingCheck[]): TradingCheck | null {
  return checks.find((check) => check.passed === false) ?? null
}

type Rung = {
  code: DenialCode
  label: string
  /** The sentence when it passes. */
  fine: (facts: TradingFacts) => string
  look: (facts: TradingFacts) => Denial | 'UNKNOWN' | null
}

const LADDER: readonly Rung[] = [
  { code: 'WORKER_NONE', label: 'Worker', fine: () => 'A worker is alive.', look: lookAtWorker },
  { code: 'BOT_STATUS', label: 'Status', fine: ({ status }) => `The bot is ${status}.`, look: lookAtStatus },
  { code: 'TRADING_HALTED', label: 'Halt', fine: () => 'Trading is not halted.', look: lookAtHalt },
  { code: 'BOT_PAUSED', label: 'Pause', fine: () => 'The bot is not paused.', look: lookAtPause },
  { code: 'POSITION_CLOSING', label: 'Closing', fine: () => 'Nothing is being closed.', look: lookAtClosing },
  {
    code: 'MARKET_GONE',
    label: 'Market',
    fine: ({ exchange, symbol }) => `${exchange} trades ${symbol}.`,
    look: lookAtMarket,
  },
  { code: 'DATA_STALE', label: 'Market data', fine: () => 'Market data is up to date.', look: lookAtData },
  { code: 'TICK_LATE', label: 'Ticks', fine: () => 'The bot is looked at on time.', look: lookAtTicks },
  { code: 'ORDER_UNSETTLED', label: 'Orders', fine: () => 'Every order is settled.', look: lookAtOrders },
  { code: 'POSITION_EXISTS', label: 'Position', fine: () => 'No position is open.', look: lookAtPosition },
  { code: 'LIMIT_DAILY_LOSS', label: 'Limits', fine: () => 'No limit is reached.', look: lookAtLimits },
  { code: 'COOLDOWN_ACTIVE', label: 'Cooldown', fine: () => 'No cooldown is running.', look: lookAtCooldown },
  {
    code: 'ORDER_ABOVE_MAXIMUM',
    label: 'Order size',
    fine: (facts) => `An entry buys for ${plain(entryValue(facts))}${quote(facts)}.`,
    look: lookAtSize,
  },
  { code: 'BALANCE_INSUFFICIENT', label: 'Balance', fine: fineBalance, look: lookAtBalance },
  {
    code: 'RATE_ORDERS_PER_MINUTE',
    label: 'Order rate',
    fine: ({ ordersLastMinute }) => `${ordersLastMinute} orders in the last minute.`,
    look: lookAtRate,
  },
  { code: 'SIGNAL_NONE', label: 'Signal', fine: () => 'There is a signal.', look: lookAtSignal },
]

function lookAtWorker({ workerAlive }: TradingFacts): Denial | null {
  if (workerAlive) return null
  return {
    code: 'WORKER_NONE',
    message: 'No worker is alive, so nothing is decided and no stop is kept by TradeBot. Start one.',
  }
}

function lookAtStatus({ status, errorMessage }: TradingFacts): Denial | null {
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

function lookAtHalt({ haltedAt }: TradingFacts): Denial | null {
  if (haltedAt === null) return null
  return {
    code: 'TRADING_HALTED',
    message: `All trading is halted since ${minute(haltedAt)}. Resume trading to let bots enter again.`,
  }
}

function lookAtPause(facts: TradingFacts): Denial | null {
  if (facts.status !== 'PAUSED') return null
  return { code: 'BOT_PAUSED', message: `${PAUSES[facts.pauseReason ?? 'MANUAL']} ${pauseEnd(facts)}` }
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

function lookAtClosing({ closing }: TradingFacts): Denial | null {
  return closing ? { code: 'POSITION_CLOSING', message: 'Its position is being closed.' } : null
}

function lookAtMarket(facts: TradingFacts): Denial | null {
  const { exchange, symbol, market, venueStatus, venueMessage, venueBlockedUntil, venueBlockedReason } = facts
  if (venueStatus !== 'OK') {
    return {
      code: 'VENUE_MAINTENANCE',
      message: `${exchange} is under maintenance${venueMessage === null ? '' : `: ${venueMessage}`}.`,
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

function lookAtData(facts: TradingFacts): Denial | 'UNKNOWN' | null {
  const { symbol, notice, noticeMessage, dataAgeMs, dataError, checkIntervalSeconds } = facts
  if (!ticks(facts)) return 'UNKNOWN'
  if (notice === 'DATA_STALE')
    return { code: 'DATA_STALE', message: noticeMessage ?? `Market data of ${symbol} is missing.` }
  const why = dataError === null ? '' : ` (${dataError})`
  if (dataAgeMs === null)
    return { code: 'DATA_STALE', message: `Market data of ${symbol} is being fetched${why}.` }
  if (dataAgeMs <= Math.max(2 * checkIntervalSeconds * 1000, 60_000)) return null
  return {
    code: 'DATA_STALE',
    message: `The newest market data of ${symbol} is ${Math.round(dataAgeMs / 1000)} s old${why}.`,
  }
}

function lookAtTicks(facts: TradingFacts): Denial | 'UNKNOWN' | null {
  const { nextTickAt, now } = facts
  if (!ticks(facts) || nextTickAt === null) return 'UNKNOWN'
  if (now.getTime() - nextTickAt.getTime() <= LATE_TICK_MS) return null
  return {
    code: 'TICK_LATE',
    message: `The bot has been due since ${minute(nextTickAt)}, and no worker has looked at it.`,
  }
}

function lookAtOrders({ unsettled }: TradingFacts): Denial | null {
  if (unsettled === null) return null
  const { id, purpose, status } = unsettled
  const what =
    status === 'UNKNOWN'
      ? 'was sent, and what became of it is being looked up at the exchange'
      : `is not settled yet (${status})`
  return { code: 'ORDER_UNSETTLED', message: `${purpose} order ${id} ${what}.` }
}

function lookAtPosition({ held, market }: TradingFacts): Denial | null {
  if (held === null) return null
  const what = `${plain(held)}${market === null ? '' : ` ${market.base}`}`
  return { code: 'POSITION_EXISTS', message: `It holds ${what}; the next entry comes after this position.` }
}

function lookAtLimits(facts: TradingFacts): Denial | null {
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

function lookAtCooldown({ cooldownUntil, now }: TradingFacts): Denial | null {
  if (cooldownUntil === null || cooldownUntil <= now) return null
  return {
    code: 'COOLDOWN_ACTIVE',
    message: `The cooldown after a stop loss lasts until ${minute(cooldownUntil)}.`,
  }
}

function lookAtSize(facts: TradingFacts): Denial | null {
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

function lookAtBalance(facts: TradingFacts): Denial | null {
  const { notice, noticeMessage, freeBalance } = facts
  if (notice === 'BALANCE_INSUFFICIENT')
    return { code: 'BALANCE_INSUFFICIENT', message: noticeMessage ?? 'The last entry could not be paid for.' }
  const value = entryValue(facts)
  if (freeBalance === null || freeBalance.gte(value)) return null
  return {
    code: 'BALANCE_INSUFFICIENT',
    message: `The account has ${plain(freeBalance)}${quote(facts)} free; an entry takes ${plain(value)}.`,
  }
}

function fineBalance(facts: TradingFacts): string {
  if (facts.mode === 'PAPER') return 'Paper money.'
  return facts.freeBalance === null
    ? "The account's balance is read with the next entry."
    : `The account has ${plain(facts.freeBalance)}${quote(facts)} free.`
}

function lookAtRate({ maxOrdersPerMinute, ordersLastMinute }: TradingFacts): Denial | null {
  if (maxOrdersPerMinute === null || ordersLastMinute < maxOrdersPerMinute) return null
  return {
    code: 'RATE_ORDERS_PER_MINUTE',
    message: `${ordersLastMinute} orders in the last minute, and ${maxOrdersPerMinute} are allowed.`,
  }
}

/** A signal becomes an order in the same tick, so between ticks there is none. */
function lookAtSignal(facts: TradingFacts): Denial | 'UNKNOWN' {
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
