import type { BotConfig, PositionType } from './bot.ts'
import type { ValidationIssue } from './errors.ts'
import { timeframeMs } from './market.ts'
import { Decimal, plain } from './money.ts'
import { strategyById } from './strategies/index.ts'
import { paramsOf, type Strategy } from './strategies/strategy.ts'
import { LEAST_TRANSFER } from './transfer.ts'
import type { VenueFacts } from './venues.ts'

/** A range. `above` and `below` exclude their ends, `min` and `max` include them. */
export type Range = { above?: string; below?: string; min?: string; max?: string; integer?: true }

const MOST_MONEY = '1000000000000'

/**
 * The range of each number of a bot's configuration. Postgres holds the same as CHECK constraints (a test tries both at every
 * end). Null values are not checked: optional means off.
 */
export const BOT_RANGES = {
  initialCapital: { above: '0', max: MOST_MONEY },
  dailyTargetPerc: { above: '0', max: '1000' },
  maxDailyLossPerc: { above: '0', max: '100' },
  maxDailyTrades: { min: '1', max: '10000', integer: true },
  maxDrawdownPerc: { above: '0', max: '100' },
  positionSizeFixed: { above: '0', max: MOST_MONEY },
  stopLossPerc: { above: '0', below: '100' },
  takeProfitPerc: { min: '0', max: '1000' },
  trailingStopPerc: { above: '0', below: '100' },
  paperFeePerc: { min: '0', max: '10' },
  paperSlippagePerc: { min: '0', max: '10' },
  emaFast: { min: '1', max: '500', integer: true },
  emaSlow: { min: '2', max: '1000', integer: true },
  rsiPeriod: { min: '2', max: '500', integer: true },
  rsiOverbought: { above: '0', max: '100' },
  rsiOversold: { min: '0', below: '100' },
  leverage: { min: '1', max: '125', integer: true },
  transferAmount: { above: '0', max: MOST_MONEY },
  checkIntervalSeconds: { min: '1', max: '86400', integer: true },
  cooldownSeconds: { min: '0', max: '604800', integer: true },
  maxOrderValue: { above: '0', max: MOST_MONEY },
  maxOrdersPerMinute: { min: '1', max: '600', integer: true },
  priceCollarPerc: { above: '0', max: '100' },
} as const satisfies Partial<Record<keyof BotConfig, Range>>

/** What validation needs to know of the venue that the bot trades at: of `venueFacts`, and its timeframes. */
export type VenueRules = Pick<
  VenueFacts,
  'live' | 'liveFutures' | 'oneWallet' | 'transfers' | 'minCheckIntervalSeconds'
> & { timeframes: readonly string[] }

/**
 * Every rule that a configuration breaks, each with its field and a sentence; empty when it may be saved. Rules that need the
 * market itself (does it exist, its minimum order, its leverage) are the caller's: see `minimumIssues` and `leverageIssues`.
 */
export function validateBotConfig(config: BotConfig, venue: VenueRules | null): ValidationIssue[] {
  return [
    ...validateTexts(config),
    ...validateRanges(config),
    ...validateRelations(config),
    ...validateStrategy(config),
    ...(venue === null
      ? [issue('exchange', `The exchange "${config.exchange}" is not offered here.`)]
      : validateVenue(config, venue)),
  ]
}

/** The range in words: "must be more than 0 and at most 100". */
export function describeRange(range: Range): string {
  const lower =
    range.above !== undefined
      ? `more than ${range.above}`
      : range.min !== undefined
        ? `at least ${range.min}`
        : ''
  const upper =
    range.below !== undefined
      ? `less than ${range.below}`
      : range.max !== undefined
        ? `at most ${range.max}`
        : ''
  return `must be ${range.integer ? 'a whole number, ' : ''}${[lower, upper].filter((part) => part !== '').join(' and ')}`
}

/** True when `value` lies in the range. */
export function inRange(value: Decimal, range: Range): boolean {
  return (
    (range.above === undefined || value.gt(range.above)) &&
    (range.below === undefined || value.lt(range.below)) &&
    (range.min === undefined || value.gte(range.min)) &&
    (range.max === undefined || value.lte(range.max)) &&
    (!range.integer || value.isInteger())
  )
}

function validateTexts(config: BotConfig): ValidationIssue[] {
  const issues: ValidationIssue[] = []
  const name = config.name.trim()
  if (name.length < 1 || config.name.length > 100)
    issues.push(issue('name', 'name must have 1 to 100 characters.'))
  if (timeframeMs(config.timeframe) === null) {
    issues.push(issue('timeframe', `timeframe must be like 1m, 15m, 1h or 1d; "${config.timeframe}" is not.`))
  }
  if (kindOfSymbol(config.symbol) !== config.positionType) {
    const like = config.positionType === 'SPOT' ? 'BTC/USDT' : 'BTC/USDT:USDT'
    issues.push(
      issue('symbol', `symbol must be like ${like} for ${config.positionType}; "${config.symbol}" is not.`),
    )
  }
  return issues
}

/** What a symbol tells of its market's kind: "BTC/USDT" spot, "BTC/USDT:USDT" a perpetual; null: it is no symbol. */
export function kindOfSymbol(symbol: string): PositionType | null {
  const [, settle] = /^[A-Z0-9.]+\/[A-Z0-9.]+(:[A-Z0-9.]+)?$/i.exec(symbol) ?? [null, null]
  return settle === null ? null : settle === undefined ? 'SPOT' : 'FUTURES'
}

function validateRanges(config: BotConfig): ValidationIssue[] {
  const issues: ValidationIssue[] = []
  for (const [field, range] of Object.entries(BOT_RANGES) as [keyof typeof BOT_RANGES, Range][]) {
    const value = config[field]
    if (value === null || inRange(new Decimal(value), range)) continue
    issues.push(issue(field, `${field} ${describeRange(range)}; it is ${plain(new Decimal(value))}.`))
  }
  return issues
}

function validateRelations(config: BotConfig): ValidationIssue[] {
  const issues: ValidationIssue[] = []
  if (config.emaFast >= config.emaSlow) issues.push(issue('emaFast', 'emaFast must be less than emaSlow.'))
  if (config.rsiOversold.gte(config.rsiOverbought)) {
    issues.push(issue('rsiOversold', 'rsiOversold must be less than rsiOverbought.'))
  }
  if (config.positionSizeFixed.gt(config.initialCapital)) {
    issues.push(issue('positionSizeFixed', 'positionSizeFixed must be at most initialCapital.'))
  }
  if (
    config.maxOrderValue !== null &&
    config.positionSizeFixed.times(config.leverage).gt(config.maxOrderValue)
  ) {
    issues.push(
      issue(
        'maxOrderValue',
        'maxOrderValue must be at least positionSizeFixed times leverage, or no entry could be made.',
      ),
    )
  }
  if (config.positionType === 'SPOT') {
    if (config.direction !== 'LONG')
      issues.push(issue('direction', 'direction must be LONG for SPOT: a spot market cannot be sold short.'))
    if (config.leverage !== 1 && inRange(new Decimal(config.leverage), BOT_RANGES.leverage))
      issues.push(issue('leverage', 'leverage must be 1 for SPOT.'))
    if (config.autoTransferFunds)
      issues.push(issue('autoTransferFunds', 'autoTransferFunds is for FUTURES only.'))
  } else if (config.autoTransferFunds && config.mode === 'PAPER') {
    issues.push(
      issue(
        'autoTransferFunds',
        'autoTransferFunds needs mode LIVE: a PAPER bot has no wallets to move money between. Turn it off, or choose LIVE.',
      ),
    )
  }
  if (config.autoTransferFunds && config.transferAmount === null) {
    issues.push(issue('transferAmount', 'transferAmount is needed when autoTransferFunds is on.'))
  }
  const { transferAmount, takeProfitPerc } = config
  // Rounded down to what venues keep, it would be no transfer at all.
  if (transferAmount !== null && transferAmount.gt(0) && transferAmount.lt(LEAST_TRANSFER)) {
    issues.push(
      issue(
        'transferAmount',
        `transferAmount must be at least ${plain(LEAST_TRANSFER)}; it is ${plain(transferAmount)}.`,
      ),
    )
  }
  const mayBeShort = config.positionType === 'FUTURES' && config.direction !== 'LONG'
  if (mayBeShort && takeProfitPerc.gte(100) && inRange(takeProfitPerc, BOT_RANGES.takeProfitPerc)) {
    issues.push(
      issue(
        'takeProfitPerc',
        `takeProfitPerc must be less than 100 where direction is ${config.direction}: a short position's price would have to fall to 0 or less; it is ${plain(takeProfitPerc)}.`,
      ),
    )
  }
  return issues
}

function validateStrategy(config: BotConfig): ValidationIssue[] {
  const strategy = strategyById(config.strategy)
  if (strategy === null)
    return [issue('strategy', `The strategy "${config.strategy}" is not known; see Query.strategies.`)]
  const issues: ValidationIssue[] = []
  const seen = new Set<string>()
  config.strategyParams.forEach(({ name, value }, index) => {
    const path = ['strategyParams', String(index)]
    const parameter = strategy.parameters.find((candidate) => candidate.name === name)
    if (parameter === undefined) {
      issues.push({ path: [...path, 'name'], message: `${config.strategy} takes no parameter "${name}".` })
    } else if (!inRange(value, parameter.range)) {
      issues.push({
        path: [...path, 'value'],
        message: `${name} ${describeRange(parameter.range)}; it is ${plain(value)}.`,
      })
    }
    if (seen.has(name)) issues.push({ path: [...path, 'name'], message: `${name} is given twice.` })
    seen.add(name)
  })
  return issues.length > 0 ? issues : checkParams(strategy, config)
}

/** Rules between parameters; each is told at the value that was given, else at the list that could have given another. */
function checkParams(strategy: Strategy, config: BotConfig): ValidationIssue[] {
  const issues = strategy.check?.(paramsOf(strategy, config)) ?? []
  return issues.map(({ path: [name], message }) => {
    const index = config.strategyParams.findIndex((param) => param.name === name)
    return {
      path: index === -1 ? ['strategyParams'] : ['strategyParams', String(index), 'value'],
      message,
    }
  })
}

function validateVenue(config: BotConfig, venue: VenueRules): ValidationIssue[] {
  const issues: ValidationIssue[] = []
  const futures = config.positionType === 'FUTURES'
  if (config.mode === 'LIVE' && !(futures ? venue.liveFutures : venue.live)) {
    const what = futures ? 'LIVE FUTURES' : 'LIVE'
    const other = futures && venue.live ? 'PAPER, SPOT or another exchange' : 'PAPER, or another exchange'
    issues.push(issue('mode', `${what} is not offered on ${config.exchange} yet; choose ${other}.`))
  } else if (futures && config.mode === 'LIVE' && config.autoTransferFunds) {
    const why = whyNoTransfers(config, venue)
    if (why !== null) issues.push(issue('autoTransferFunds', why))
  }
  if (config.checkIntervalSeconds >= 1 && config.checkIntervalSeconds < venue.minCheckIntervalSeconds) {
    issues.push(
      issue(
        'checkIntervalSeconds',
        `checkIntervalSeconds must be at least ${venue.minCheckIntervalSeconds} on ${config.exchange}.`,
      ),
    )
  }
  if (
    timeframeMs(config.timeframe) !== null &&
    venue.timeframes.length > 0 &&
    !venue.timeframes.includes(config.timeframe)
  ) {
    issues.push(
      issue(
        'timeframe',
        `${config.exchange} has no candles of ${config.timeframe}; it has ${venue.timeframes.join(', ')}.`,
      ),
    )
  }
  return issues
}

function whyNoTransfers({ exchange }: BotConfig, venue: VenueRules): string | null {
  if (venue.oneWallet)
    return `autoTransferFunds has nothing to transfer on ${exchange}, where spot and futures are paid for from one wallet. Turn it off.`
  if (venue.transfers) return null
  return `autoTransferFunds is not offered on ${exchange} yet. Turn it off, and move funds at the exchange.`
}

function issue(field: keyof BotConfig, message: string): ValidationIssue {
  return { path: [field], message }
}
