import type { BotStatus } from './bot-lifecycle.ts'
import type { Decimal } from './money.ts'
import type { OrderPurpose } from './order.ts'

export type BotMode = 'PAPER' | 'LIVE'
export type PositionType = 'SPOT' | 'FUTURES'
export type Direction = 'LONG' | 'SHORT' | 'BOTH'
export type OrderSide = 'BUY' | 'SELL'
export type PauseReason =
  'DAILY_TARGET' | 'DAILY_LOSS' | 'DAILY_TRADES' | 'DRAWDOWN' | 'MANUAL' | 'RECONCILIATION'
export type OpenPositionPolicy = 'CLOSE' | 'KEEP'
export type StrategyParam = { name: string; value: Decimal }

/** A bot's configuration. Money in the market's quote currency; ...Perc is percent (2 = 2 %). */
export type BotConfig = {
  name: string
  exchange: string
  /** ccxt's unified symbol. */
  symbol: string
  timeframe: string
  mode: BotMode
  apiKeyId: string | null
  initialCapital: Decimal
  dailyTargetPerc: Decimal | null
  maxDailyLossPerc: Decimal | null
  maxDailyTrades: number | null
  onDailyLimit: OpenPositionPolicy
  resumeNextDay: boolean
  maxDrawdownPerc: Decimal | null
  positionSizeFixed: Decimal
  stopLossPerc: Decimal
  takeProfitPerc: Decimal
  trailingStopPerc: Decimal | null
  paperFeePerc: Decimal
  paperSlippagePerc: Decimal
  emaFast: number
  emaSlow: number
  rsiPeriod: number
  rsiOverbought: Decimal
  rsiOversold: Decimal
  strategy: string
  strategyParams: StrategyParam[]
  positionType: PositionType
  direction: Direction
  leverage: number
  transferAmount: Decimal | null
  autoTransferFunds: boolean
  checkIntervalSeconds: number
  cooldownSeconds: number | null
  maxOrderValue: Decimal | null
  maxOrdersPerMinute: number | null
  priceCollarPerc: Decimal | null
}

/** A saved bot: its configuration and who owns it. */
export type Bot = BotConfig & {
  id: string
  userId: string
  revision: number
  isActive: boolean
}

export type BotState = {
  botId: string
  status: BotStatus
  pauseReason: PauseReason | null
  /** YYYY-MM-DD, UTC. */
  pauseDay: string | null
  errorCode: string | null
  errorMessage: string | null
  closing: boolean
  deleting: boolean
  closePolicy: OpenPositionPolicy | null
  dailyPnl: Decimal
  dailyTradeCount: number
  totalPnl: Decimal
  /** Net of fees, since the bot was created. */
  realizedPnl: Decimal
  equity: Decimal
  peakEquity: Decimal
  lastPrice: Decimal | null
  /** What values a futures position; null for SPOT. */
  markPrice: Decimal | null
  /** Funding of the position is in the books up to this instant. */
  fundedUntil: Date | null
  lastSignal: string | null
  lastCandleAt: Date | null
  startedAt: Date | null
  nextTickAt: Date | null
  exitFailures: number
  exitRetryAt: Date | null
  cooldownUntil: Date | null
  notice: string | null
  /** The sentence of `notice`. */
  noticeMessage: string | null
  /** An exit that is wanted and waits for the resting protective stop to be gone. */
  exitPurpose: OrderPurpose | null
  exitReason: string | null
  /** Since when the price has been at or beyond the resting stop's trigger. */
  stopTouchedAt: Date | null
  stopFailures: number
  stopRetryAt: Date | null
  /** Why no protective stop rests at the exchange where one should, in a sentence that stays while the reason does. */
  stopNotice: string | null
  dustAmount: Decimal
  dustCost: Decimal
}
