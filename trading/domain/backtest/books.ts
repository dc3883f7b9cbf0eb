import type { Bot, BotConfig, BotState, OrderSide } from '../bot.ts'
import { runningState } from '../running-state.ts'
import { type Day, equityOf, utcDay, utcMidnight } from '../day-ledger.ts'
import type { Market } from '../market.ts'
import { type Decimal, scale18, ZERO } from '../money.ts'
import type { OrderPurpose } from '../order.ts'
import { type Position, unrealizedPnl } from '../position.ts'
import type { Refusals } from './refusals.ts'

const DAY_MS = 86_400_000

/** A fill of the backtest, in the order in which it came. */
export type PaperTrade = {
  at: Date
  side: OrderSide
  purpose: OrderPurpose
  amount: Decimal
  price: Decimal
  fee: Decimal
  feeCurrency: string
}

/** A position from its entry to its exit; exit null: still open when the candles ended. `profit` is net of all fees. */
export type RoundTrip = {
  /** BUY: a long position, SELL: a short one. */
  side: OrderSide
  entryAt: Date
  entryPrice: Decimal
  entryReason: string
  amount: Decimal
  fees: Decimal
  exit: {
    at: Date
    price: Decimal
    purpose: OrderPurpose | 'DUST'
    reason: string
    profit: Decimal
  } | null
}

/** What Postgres keeps of a bot, in memory. Figures are rounded where its columns would round them: 18 decimals. */
export type Books = {
  bot: Bot
  market: Market
  state: BotState
  position: Position | null
  /** UTC days, the newest last, which ends at `dayEndMs`. */
  days: Day[]
  dayEndMs: number
  fills: PaperTrade[]
  trips: RoundTrip[]
  /** Realised profit when the open trip began. */
  tripStart: Decimal
  /** When the newest orders were made, milliseconds. */
  orderTimes: number[]
  /** Signal candles of entries are spent once. */
  spentCandle: number | null
  /** What paused the bot, each reason once, in words. */
  notes: Map<string, string>
  /** Entries that were refused, by code. */
  refusals: Refusals
}

/** An empty book of a bot that starts to run at `startedAt`. A backtest is a PAPER bot's whatever the configuration's mode. */
export function openBooks(config: BotConfig, market: Market, startedAt: Date): Books {
  return {
    bot: { ...config, mode: 'PAPER', apiKeyId: null, id: '0', userId: '0', revision: 1, isActive: true },
    market,
    state: runningState('0', config.initialCapital, startedAt),
    position: null,
    days: [],
    dayEndMs: -Infinity,
    fills: [],
    trips: [],
    tripStart: ZERO,
    orderTimes: [],
    spentCandle: null,
    notes: new Map(),
    refusals: new Map(),
  }
}

/**
 * The row of that UTC day, opened when it is first needed, as trading/store/days.ts does: a position carried over midnight is marked at
 * `markAt(midnight)`, the last close at or before it, and the day before ends with the same mark.
 */
export function ensureDay(books: Books, now: Date, markAt: (midnight: Date) => Decimal | null): Day {
  const { bot, state, position, days } = books
  const last = days.at(-1)
  if (last !== undefined && now.getTime() < books.dayEndMs) return last
  const today = utcDay(now)
  const midnight = utcMidnight(today)
  const carried = position !== null && position.openedAt < midnight ? position : null
  const mark = carried === null ? null : (markAt(midnight) ?? state.lastPrice)
  const startEquity = scale18(equityOf(bot.initialCapital, state.realizedPnl, unrealizedPnl(carried, mark)))
  if (last !== undefined) last.unrealizedPnl = startEquity.minus(last.startEquity).minus(last.realizedPnl)
  const day = {
    day: today,
    startEquity,
    realizedPnl: ZERO,
    unrealizedPnl: ZERO,
    fees: ZERO,
    funding: ZERO,
    tradeCount: 0,
  }
  days.push(day)
  books.dayEndMs = midnight.getTime() + DAY_MS
  return day
}
