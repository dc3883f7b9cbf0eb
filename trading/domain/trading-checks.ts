import type { BotMode, Direction, OrderSide, PauseReason, PositionType } from './bot.ts'
import type { Wallet } from './exchange.ts'
import type { BotStatus } from './bot-lifecycle.ts'
import type { Day } from './day-ledger.ts'
import type { Denial, DenialCode } from './denials.ts'
import type { Market } from './market.ts'
import type { Decimal } from './money.ts'
import type { OrderPurpose, OrderStatus } from './order.ts'
import {
  fineBalance,
  fineSize,
  lookAtBalance,
  lookAtClosing,
  lookAtCooldown,
  lookAtData,
  lookAtHalt,
  lookAtLimits,
  lookAtMarket,
  lookAtOrders,
  lookAtPause,
  lookAtPosition,
  lookAtRate,
  lookAtSignal,
  lookAtSize,
  lookAtStatus,
  lookAtTicks,
  lookAtWorker,
} from './trading-looks.ts'

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
  /** What the event of a RECONCILIATION pause says was found. */
  pauseFinding: string | null
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
  positionType: PositionType
  direction: Direction
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
  heldSide: OrderSide | null
  ordersLastMinute: number
  /** Which of the account's wallets pays. */
  wallet: Wallet
  /** LIVE: what that wallet has free of the quote currency, open reservations taken off; null: not known. */
  freeBalance: Decimal | null
}

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
    fine: fineSize,
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
