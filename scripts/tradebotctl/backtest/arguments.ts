import { z } from 'zod'
import { BOT_RANGES, validateBotConfig } from '#trading/domain/bot-config.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { leverageIssues } from '#trading/domain/liquidation-issues.ts'
import { type Market, timeframeMs } from '#trading/domain/market.ts'
import { type Decimal, decimal } from '#trading/domain/money.ts'
import { STRATEGIES, strategyById } from '#trading/domain/strategies/index.ts'
import { UsageError } from '../frame/errors.ts'
import { nearestFirst } from '../frame/nearest.ts'
import { backtestDefaults, unknownMarket } from './defaults.ts'

/** Options as the command line has them. */
export type BacktestOptions = {
  csv: string
  symbol?: string | undefined
  timeframe?: string | undefined
  strategy?: string | undefined
  param?: string[] | undefined
  capital?: string | undefined
  size?: string | undefined
  fee?: string | undefined
  slippage?: string | undefined
  from?: string | undefined
  to?: string | undefined
  priceTick?: string | undefined
  amountStep?: string | undefined
  minCost?: string | undefined
}

export type BacktestArguments = {
  file: string
  timeframe: string | null
  from: Date | null
  to: Date | null
  market: Market
  /** Once the timeframe is known. @throws UsageError with every rule that the configuration breaks */
  config(timeframe: string): BotConfig
}

/** @throws UsageError */
export function readArguments(values: BacktestOptions): BacktestArguments {
  const symbol = values.symbol ?? 'BTC/USDT'
  const timeframe = values.timeframe ?? null
  if (timeframe !== null && timeframeMs(timeframe) === null)
    throw new UsageError(`--timeframe must be like 1m, 15m, 1h or 1d; "${timeframe}" is not.`)
  checkStrategy(values.strategy)
  const capital = number('--capital', values.capital ?? '1000')
  const given = {
    initialCapital: capital,
    positionSizeFixed: values.size === undefined ? capital.div(10) : number('--size', values.size),
    ...(values.fee === undefined ? {} : { paperFeePerc: number('--fee', values.fee) }),
    ...(values.slippage === undefined ? {} : { paperSlippagePerc: number('--slippage', values.slippage) }),
    ...(values.strategy === undefined ? {} : { strategy: values.strategy }),
  }
  const step = (name: string, value: string | undefined) => (value === undefined ? null : number(name, value))
  const market = unknownMarket(symbol)
  return {
    file: values.csv,
    timeframe,
    from: time('--from', values.from),
    to: time('--to', values.to),
    market: {
      ...market,
      priceTick: step('--price-tick', values.priceTick),
      amountStep: step('--amount-step', values.amountStep) ?? market.amountStep,
      minCost: step('--min-cost', values.minCost),
    },
    config(ofFile) {
      const defaults = { ...backtestDefaults(symbol, ofFile), ...given }
      return checked(withParams(defaults, values.param ?? []), market)
    },
  }
}

/** @throws UsageError with the nearest one, and all of them */
function checkStrategy(id: string | undefined): void {
  if (id === undefined || strategyById(id) !== null) return
  const ids = STRATEGIES.map((strategy) => strategy.id)
  const [near = ''] = nearestFirst(ids, id)
  throw new UsageError(
    `--strategy: there is no "${id}"; did you mean ${near}? It must be one of ${ids.join(', ')}.`,
  )
}

/** @throws UsageError where neither the bot nor its strategy has such a setting */
function checkParam(config: BotConfig, name: string): void {
  const own = (strategyById(config.strategy)?.parameters ?? []).map((parameter) => parameter.name)
  if (own.includes(name)) return
  const all = [...own, ...Object.keys(SWITCHES), ...Object.keys(BOT_RANGES)]
  const [near = ''] = nearestFirst(all, name)
  throw new UsageError(
    `--param: neither ${config.strategy} nor a bot has "${name}"; did you mean ${near}? ${config.strategy} takes ${own.join(', ') || 'no parameter of its own'}; a bot ${all.slice(own.length).join(', ')}.`,
  )
}

const SWITCHES = {
  resumeNextDay: z.stringbool(),
  onDailyLimit: z.enum(['KEEP', 'CLOSE']),
  direction: z.enum(['LONG', 'SHORT', 'BOTH']),
}

/** Settings of the bot by their names in the API; any other name is a parameter of the strategy. */
function withParams(config: BotConfig, params: readonly string[]): BotConfig {
  const fields: Record<string, unknown> = {}
  const strategyParams: BotConfig['strategyParams'] = []
  for (const param of params) {
    const [, name, value] = /^([A-Za-z]+)=(.+)$/.exec(param) ?? []
    if (name === undefined || value === undefined)
      throw new UsageError(`--param must be NAME=VALUE; "${param}" is not.`)
    if (name === 'resumeNextDay' || name === 'onDailyLimit' || name === 'direction') {
      const read = SWITCHES[name].safeParse(value)
      if (!read.success) throw new UsageError(`--param ${name} cannot be "${value}".`)
      fields[name] = read.data
    } else if (isRanged(name)) {
      const figure = number(`--param ${name}`, value)
      fields[name] = 'integer' in BOT_RANGES[name] ? figure.toNumber() : figure
    } else {
      checkParam(config, name)
      strategyParams.push({ name, value: number(`--param ${name}`, value) })
    }
  }
  return { ...config, ...fields, strategyParams }
}

function isRanged(name: string): name is keyof typeof BOT_RANGES {
  return Object.hasOwn(BOT_RANGES, name)
}

/** By the rules by which a bot is saved, as far as no exchange is asked. */
function checked(config: BotConfig, market: Market): BotConfig {
  const ofBot = validateBotConfig(config, {
    live: false,
    liveFutures: false,
    oneWallet: false,
    transfers: false,
    minCheckIntervalSeconds: 1,
    timeframes: [config.timeframe],
  })
  const issues = [...ofBot, ...leverageIssues(config, market)]
  if (issues.length === 0) return config
  throw new UsageError(issues.map(({ message }) => message).join('\n'))
}

function number(name: string, value: string): Decimal {
  if (/^\d{1,20}(\.\d{1,18})?$/.test(value)) return decimal(value)
  throw new UsageError(`${name} must be a number; "${value}" is not.`)
}

function time(name: string, value: string | undefined): Date | null {
  if (value === undefined) return null
  const date = new Date(value)
  if (!Number.isNaN(date.getTime()) && /^\d{4}-/.test(value)) return date
  throw new UsageError(`${name} must be a time like 2026-05-01 or 2026-05-01T12:00:00Z; "${value}" is not.`)
}
