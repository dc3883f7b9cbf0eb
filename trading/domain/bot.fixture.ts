import type { Bot, BotConfig, BotState } from './bot.ts'
import type { Candle, Market } from './market.ts'
import { decimal, ZERO } from './money.ts'
import { runningState } from './running-state.ts'
import { startSignals } from './strategies/candle-signals.ts'
import { strategyById } from './strategies/index.ts'
import { type CandleSignal, paramsOf, strategyCandle } from './strategies/strategy.ts'

/** What tests start from: a PAPER bot on the sandbox that breaks no rule. Override what the test is about. */
export function aConfig(more: Partial<BotConfig> = {}): BotConfig {
  return {
    name: 'Test bot',
    exchange: 'sandbox',
    symbol: 'BTC/USDT',
    timeframe: '1m',
    mode: 'PAPER',
    apiKeyId: null,
    initialCapital: decimal(1000),
    dailyTargetPerc: null,
    maxDailyLossPerc: null,
    maxDailyTrades: null,
    onDailyLimit: 'KEEP',
    resumeNextDay: true,
    maxDrawdownPerc: null,
    positionSizeFixed: decimal(100),
    stopLossPerc: decimal(2),
    takeProfitPerc: decimal(4),
    trailingStopPerc: null,
    paperFeePerc: decimal('0.1'),
    paperSlippagePerc: decimal('0.05'),
    emaFast: 2,
    emaSlow: 3,
    rsiPeriod: 2,
    rsiOverbought: decimal(100),
    rsiOversold: ZERO,
    strategy: 'EMA_RSI',
    strategyParams: [],
    positionType: 'SPOT',
    direction: 'LONG',
    leverage: 1,
    transferAmount: null,
    autoTransferFunds: false,
    checkIntervalSeconds: 1,
    cooldownSeconds: null,
    maxOrderValue: null,
    maxOrdersPerMinute: null,
    priceCollarPerc: null,
    ...more,
  }
}

export function aBot(more: Partial<Bot> = {}): Bot {
  return { ...aConfig(more), id: '1', userId: '1', revision: 1, isActive: true, ...more }
}

export function aState(more: Partial<BotState> = {}): BotState {
  return { ...runningState('1', decimal(1000), null), ...more }
}

/** The sandbox's BTC/USDT. */
export function aMarket(more: Partial<Market> = {}): Market {
  return {
    exchange: 'sandbox',
    symbol: 'BTC/USDT',
    base: 'BTC',
    quote: 'USDT',
    type: 'SPOT',
    active: true,
    priceTick: decimal('0.01'),
    amountStep: decimal('0.00001'),
    minAmount: decimal('0.00001'),
    minCost: decimal(5),
    maxLeverage: null,
    ...more,
  }
}

/** The sandbox's BTC/USDT perpetual. */
export function aPerpetual(more: Partial<Market> = {}): Market {
  return aMarket({
    symbol: 'BTC/USDT:USDT',
    type: 'FUTURES',
    priceTick: decimal('0.1'),
    amountStep: decimal('0.001'),
    minAmount: decimal('0.001'),
    maxLeverage: 125,
    futures: { settle: 'USDT', maintenanceMarginPerc: decimal('0.4'), liquidationFeePerc: decimal('1.25') },
    ...more,
  })
}

/** Closed candles of these closes, the last of which opened at `lastOpen`. */
export function candlesOf(closes: readonly (number | string)[], lastOpen: Date, lengthMs = 60_000): Candle[] {
  return closes.map((close, index) => {
    const price = decimal(close)
    return {
      openTime: new Date(lastOpen.getTime() - (closes.length - 1 - index) * lengthMs),
      closed: true,
      open: price,
      high: price,
      low: price,
      close: price,
      volume: decimal(1),
    }
  })
}

/** What the strategy of `config` says of each of these closes, the last of which opened at `lastOpen`. */
export function signalsOf(
  closes: readonly (number | string)[],
  lastOpen: Date,
  config: BotConfig = aConfig(),
): CandleSignal[] {
  const strategy = strategyById(config.strategy)
  if (strategy === null) throw new Error(`there is no strategy ${config.strategy}`)
  const stream = startSignals(strategy, paramsOf(strategy, config))
  return candlesOf(closes, lastOpen).map((candle) => {
    stream.next(strategyCandle(candle))
    return { openTime: candle.openTime, signal: stream.signal() }
  })
}

/** With EMA 2 and 3: falls long enough to warm up, then jumps, so that the last candle crosses above. */
export const CROSSING_UP: readonly number[] = [...Array.from({ length: 39 }, (_, i) => 1039 - i), 1020]
/** The mirror image: the last candle crosses below. */
export const CROSSING_DOWN: readonly number[] = [...Array.from({ length: 39 }, (_, i) => 961 + i), 980]
