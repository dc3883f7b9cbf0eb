import type { Bot, BotConfig, StrategyParam } from '../domain/bot.ts'
import { Decimal, decimal, plain } from '../domain/money.ts'

type Kind = 'text' | 'decimal' | 'whole' | 'flag' | 'params'

/** Where each field of a configuration is kept, and how it is written. The one list that insert, update and read go by. */
export const BOT_COLUMNS: Record<keyof BotConfig, readonly [column: string, kind: Kind]> = {
  name: ['name', 'text'],
  exchange: ['exchange', 'text'],
  symbol: ['symbol', 'text'],
  timeframe: ['timeframe', 'text'],
  mode: ['mode', 'text'],
  apiKeyId: ['api_key_id', 'text'],
  initialCapital: ['initial_capital', 'decimal'],
  dailyTargetPerc: ['daily_target_perc', 'decimal'],
  maxDailyLossPerc: ['max_daily_loss_perc', 'decimal'],
  maxDailyTrades: ['max_daily_trades', 'whole'],
  onDailyLimit: ['on_daily_limit', 'text'],
  resumeNextDay: ['resume_next_day', 'flag'],
  maxDrawdownPerc: ['max_drawdown_perc', 'decimal'],
  positionSizeFixed: ['position_size_fixed', 'decimal'],
  stopLossPerc: ['stop_loss_perc', 'decimal'],
  takeProfitPerc: ['take_profit_perc', 'decimal'],
  trailingStopPerc: ['trailing_stop_perc', 'decimal'],
  paperFeePerc: ['paper_fee_perc', 'decimal'],
  paperSlippagePerc: ['paper_slippage_perc', 'decimal'],
  emaFast: ['ema_fast', 'whole'],
  emaSlow: ['ema_slow', 'whole'],
  rsiPeriod: ['rsi_period', 'whole'],
  rsiOverbought: ['rsi_overbought', 'decimal'],
  rsiOversold: ['rsi_oversold', 'decimal'],
  strategy: ['strategy', 'text'],
  strategyParams: ['strategy_params', 'params'],
  positionType: ['position_type', 'text'],
  direction: ['direction', 'text'],
  leverage: ['leverage', 'whole'],
  transferAmount: ['transfer_amount', 'decimal'],
  autoTransferFunds: ['auto_transfer_funds', 'flag'],
  checkIntervalSeconds: ['check_interval_seconds', 'whole'],
  cooldownSeconds: ['cooldown_seconds', 'whole'],
  maxOrderValue: ['max_order_value', 'decimal'],
  maxOrdersPerMinute: ['max_orders_per_minute', 'whole'],
  priceCollarPerc: ['price_collar_perc', 'decimal'],
}

const FIELDS = Object.keys(BOT_COLUMNS) as (keyof BotConfig)[]

export type Row = Record<string, unknown>

/** Columns and parameter values of the given fields, for INSERT and UPDATE. */
export function toColumns(config: Partial<BotConfig>): { columns: string[]; values: unknown[] } {
  const fields = FIELDS.filter((field) => config[field] !== undefined)
  return {
    columns: fields.map((field) => BOT_COLUMNS[field][0]),
    values: fields.map((field) => toValue(config[field])),
  }
}

/** A row of bot_configs as the domain knows it. */
export function botFromRow(row: Row): Bot {
  const config = Object.fromEntries(
    FIELDS.map((field) => {
      const [column, kind] = BOT_COLUMNS[field]
      return [field, fromValue(kind, row[column])]
    }),
  )
  return {
    ...(config as BotConfig),
    id: String(row['id']),
    userId: String(row['user_id']),
    revision: Number(row['revision']),
    isActive: row['is_active'] === true,
  }
}

function toValue(value: BotConfig[keyof BotConfig] | undefined): unknown {
  if (value instanceof Decimal) return plain(value)
  if (Array.isArray(value))
    return JSON.stringify(value.map((param) => ({ name: param.name, value: plain(param.value) })))
  return value ?? null
}

function fromValue(kind: Kind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (kind) {
    case 'decimal':
      return decimal(String(value))
    case 'whole':
      return Number(value)
    case 'params':
      return (value as { name: string; value: string }[]).map((param): StrategyParam => ({
        name: param.name,
        value: decimal(param.value),
      }))
    case 'flag':
    case 'text':
      return value
  }
}
