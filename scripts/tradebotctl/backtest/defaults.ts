import type { BotConfig } from '#trading/domain/bot.ts'
import { BOT_DEFAULTS } from '#trading/domain/bot-defaults.ts'
import type { Market } from '#trading/domain/market.ts'
import { decimal } from '#trading/domain/money.ts'

/** The configuration of a backtest from the shell, where its options say nothing else. */
export function backtestDefaults(symbol: string, timeframe: string): BotConfig {
  return {
    ...BOT_DEFAULTS,
    name: 'Backtest',
    exchange: 'csv',
    symbol,
    timeframe,
    apiKeyId: null,
    initialCapital: decimal(1_000),
    dailyTargetPerc: null,
    maxDailyLossPerc: null,
    maxDailyTrades: null,
    maxDrawdownPerc: null,
    positionSizeFixed: decimal(100),
    stopLossPerc: decimal(2),
    takeProfitPerc: decimal(4),
    trailingStopPerc: null,
    strategyParams: [],
    positionType: symbol.includes(':') ? 'FUTURES' : 'SPOT',
    transferAmount: null,
    cooldownSeconds: null,
    maxOrderValue: null,
    maxOrdersPerMinute: null,
    priceCollarPerc: null,
  }
}

/**
 * A market whose rules nobody told: amounts to 8 decimals, prices as they come; of a perpetual ("BTC/USDT:USDT") the first tier of Binance's
 * BTCUSDT.
 */
export function unknownMarket(symbol: string): Market {
  const [pair = symbol, settle] = symbol.split(':')
  const [base = symbol, quote = 'USDT'] = pair.split('/')
  return {
    ...(settle !== undefined && {
      futures: { settle, maintenanceMarginPerc: decimal('0.4'), liquidationFeePerc: decimal('1.25') },
    }),
    exchange: 'csv',
    symbol,
    base,
    quote,
    type: settle === undefined ? 'SPOT' : 'FUTURES',
    active: true,
    priceTick: null,
    amountStep: decimal('0.00000001'),
    minAmount: null,
    minCost: null,
    maxLeverage: null,
  }
}
