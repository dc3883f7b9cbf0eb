import type { BotConfig } from '../../../graphql/documents/bot-detail.ts'
import type { NumberField } from './number-fields.ts'

/** The form as typed: numbers are text until they are sent. An empty optional field is none. */
export type BotFormValues = Record<NumberField, string> & {
  name: string
  exchange: string
  symbol: string
  timeframe: string
  mode: BotConfig['mode']
  apiKeyId: string
  positionType: BotConfig['positionType']
  direction: BotConfig['direction']
  strategy: string
  strategyParams: Record<string, string>
  onDailyLimit: BotConfig['onDailyLimit']
  resumeNextDay: boolean
  autoTransferFunds: boolean
}

/** A paper bot on the sandbox whose one-second candles show a first trade within minutes. */
export function defaultValues(): BotFormValues {
  return {
    name: '',
    exchange: 'sandbox',
    symbol: 'BTC/USDT',
    timeframe: '1s',
    mode: 'PAPER',
    apiKeyId: '',
    positionType: 'SPOT',
    direction: 'LONG',
    strategy: 'EMA_RSI',
    strategyParams: {},
    onDailyLimit: 'KEEP',
    resumeNextDay: true,
    autoTransferFunds: false,
    checkIntervalSeconds: '1',
    emaFast: '12',
    emaSlow: '26',
    rsiPeriod: '14',
    rsiOverbought: '70',
    rsiOversold: '30',
    stopLossPerc: '2',
    takeProfitPerc: '4',
    maxDailyLossPerc: '5',
    dailyTargetPerc: '',
    maxDailyTrades: '',
    trailingStopPerc: '',
    maxDrawdownPerc: '',
    cooldownSeconds: '',
    maxOrdersPerMinute: '',
    priceCollarPerc: '',
    initialCapital: '1000',
    positionSizeFixed: '100',
    leverage: '1',
    maxOrderValue: '',
    paperFeePerc: '0.1',
    paperSlippagePerc: '0.05',
    transferAmount: '',
  }
}

/** The form of a bot that exists, to edit or duplicate it. */
export function valuesOf(bot: BotConfig): BotFormValues {
  return {
    name: bot.name,
    exchange: bot.exchange,
    symbol: bot.symbol,
    timeframe: bot.timeframe,
    mode: bot.mode,
    apiKeyId: bot.apiKey?.id ?? '',
    positionType: bot.positionType,
    direction: bot.direction,
    strategy: bot.strategy,
    strategyParams: Object.fromEntries(bot.strategyParams.map((param) => [param.name, param.value])),
    onDailyLimit: bot.onDailyLimit,
    resumeNextDay: bot.resumeNextDay,
    autoTransferFunds: bot.autoTransferFunds,
    checkIntervalSeconds: text(bot.checkIntervalSeconds),
    emaFast: text(bot.emaFast),
    emaSlow: text(bot.emaSlow),
    rsiPeriod: text(bot.rsiPeriod),
    rsiOverbought: bot.rsiOverbought,
    rsiOversold: bot.rsiOversold,
    stopLossPerc: bot.stopLossPerc,
    takeProfitPerc: bot.takeProfitPerc,
    maxDailyLossPerc: text(bot.maxDailyLossPerc),
    dailyTargetPerc: text(bot.dailyTargetPerc),
    maxDailyTrades: text(bot.maxDailyTrades),
    trailingStopPerc: text(bot.trailingStopPerc),
    maxDrawdownPerc: text(bot.maxDrawdownPerc),
    cooldownSeconds: text(bot.cooldownSeconds),
    maxOrdersPerMinute: text(bot.maxOrdersPerMinute),
    priceCollarPerc: text(bot.priceCollarPerc),
    initialCapital: bot.initialCapital,
    positionSizeFixed: bot.positionSizeFixed,
    leverage: text(bot.leverage),
    maxOrderValue: text(bot.maxOrderValue),
    paperFeePerc: bot.paperFeePerc,
    paperSlippagePerc: bot.paperSlippagePerc,
    transferAmount: text(bot.transferAmount),
  }
}

function text(value: string | number | null): string {
  return value === null ? '' : String(value)
}
