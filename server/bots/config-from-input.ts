import type { BotConfig } from '#trading/domain/bot.ts'
import type { ValidationIssue } from '#trading/domain/errors.ts'
import type { CreateBotInput, UpdateBotInput } from '../schema/bot-input.ts'
import { BOT_DEFAULTS } from '#trading/domain/bot-defaults.ts'

/** A whole configuration: null for a field with a default means the default. */
export function configFrom(input: typeof CreateBotInput.$inferInput): BotConfig {
  return {
    name: input.name.trim(),
    exchange: input.exchange,
    symbol: input.symbol,
    timeframe: input.timeframe,
    mode: input.mode ?? BOT_DEFAULTS.mode,
    apiKeyId: input.apiKeyId ?? null,
    initialCapital: input.initialCapital,
    dailyTargetPerc: input.dailyTargetPerc ?? null,
    maxDailyLossPerc: input.maxDailyLossPerc ?? null,
    maxDailyTrades: input.maxDailyTrades ?? null,
    onDailyLimit: input.onDailyLimit ?? BOT_DEFAULTS.onDailyLimit,
    resumeNextDay: input.resumeNextDay ?? BOT_DEFAULTS.resumeNextDay,
    maxDrawdownPerc: input.maxDrawdownPerc ?? null,
    positionSizeFixed: input.positionSizeFixed,
    stopLossPerc: input.stopLossPerc,
    takeProfitPerc: input.takeProfitPerc,
    trailingStopPerc: input.trailingStopPerc ?? null,
    paperFeePerc: input.paperFeePerc ?? BOT_DEFAULTS.paperFeePerc,
    paperSlippagePerc: input.paperSlippagePerc ?? BOT_DEFAULTS.paperSlippagePerc,
    emaFast: input.emaFast ?? BOT_DEFAULTS.emaFast,
    emaSlow: input.emaSlow ?? BOT_DEFAULTS.emaSlow,
    rsiPeriod: input.rsiPeriod ?? BOT_DEFAULTS.rsiPeriod,
    rsiOverbought: input.rsiOverbought ?? BOT_DEFAULTS.rsiOverbought,
    rsiOversold: input.rsiOversold ?? BOT_DEFAULTS.rsiOversold,
    strategy: input.strategy ?? BOT_DEFAULTS.strategy,
    strategyParams: input.strategyParams ?? [],
    positionType: input.positionType ?? BOT_DEFAULTS.positionType,
    direction: input.direction ?? BOT_DEFAULTS.direction,
    leverage: input.leverage ?? BOT_DEFAULTS.leverage,
    transferAmount: input.transferAmount ?? null,
    autoTransferFunds: input.autoTransferFunds ?? BOT_DEFAULTS.autoTransferFunds,
    checkIntervalSeconds: input.checkIntervalSeconds ?? BOT_DEFAULTS.checkIntervalSeconds,
    cooldownSeconds: input.cooldownSeconds ?? null,
    maxOrderValue: input.maxOrderValue ?? null,
    maxOrdersPerMinute: input.maxOrdersPerMinute ?? null,
    priceCollarPerc: input.priceCollarPerc ?? null,
  }
}

/** Fields that may be null: optional means off. */
const CLEARABLE: ReadonlySet<string> = new Set<keyof BotConfig>([
  'apiKeyId',
  'dailyTargetPerc',
  'maxDailyLossPerc',
  'maxDailyTrades',
  'maxDrawdownPerc',
  'trailingStopPerc',
  'transferAmount',
  'cooldownSeconds',
  'maxOrderValue',
  'maxOrdersPerMinute',
  'priceCollarPerc',
])

/** Only what is given changes: null clears an optional field, and is an issue for one that a bot must have. */
export function changesFrom(input: typeof UpdateBotInput.$inferInput): {
  changes: Partial<BotConfig>
  issues: ValidationIssue[]
} {
  const { id: _id, revision: _revision, ...given } = input
  const fields = Object.entries({
    ...given,
    ...(given.name == null ? {} : { name: given.name.trim() }),
    ...(given.strategyParams === null ? { strategyParams: [] } : {}),
  }).filter(([, value]) => value !== undefined)
  const refused = fields.filter(([field, value]) => value === null && !CLEARABLE.has(field))
  return {
    changes: Object.fromEntries(fields.filter((field) => !refused.includes(field))),
    issues: refused.map(([field]) => ({
      path: [field],
      message: `${field} cannot be null: leave it out to keep it.`,
    })),
  }
}
