import { parseArgs } from 'node:util'
import { z } from 'zod'
import { BOT_RANGES, validateBotConfig } from '#trading/domain/bot-config.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { leverageIssues } from '#trading/domain/liquidation-issues.ts'
import { type Market, timeframeMs } from '#trading/domain/market.ts'
import { type Decimal, decimal } from '#trading/domain/money.ts'
import { STRATEGIES } from '#trading/domain/strategies/index.ts'
import { backtestDefaults, unknownMarket } from './defaults.ts'

export const HELP = `Usage: npm run backtest -- --csv FILE [options]

Runs a bot over the candles of a file, by the rules by which it would trade. Nothing else is needed: no database, no exchange.

  --csv FILE            candles: openTimeMs,open,high,low,close,volume with a header line, oldest first; times in ms or ISO-8601
  --symbol SYMBOL       the market, BASE/QUOTE or, a perpetual, BASE/QUOTE:QUOTE (default BTC/USDT)
  --timeframe LENGTH    like 1m, 15m, 1h, 1d (default: the usual distance of the file's candles)
  --strategy ID         ${STRATEGIES.map(({ id }) => id).join(', ')} (default EMA_RSI)
  --param NAME=VALUE    a parameter of the strategy, or a setting of the bot: emaFast=12, stopLossPerc=2, maxDailyLossPerc=5, direction=SHORT,
                        leverage=3; may be repeated
  --capital AMOUNT      quote currency to begin with (default 1000)
  --size AMOUNT         quote currency of one position (default a tenth of the capital)
  --fee PERCENT         of each fill (default 0.1)
  --slippage PERCENT    by which each fill is worse than the price (default 0.05)
  --from TIME, --to TIME  ISO-8601; candles before --from warm the strategy up
  --price-tick STEP, --amount-step STEP, --min-cost AMOUNT  the market's rules (default: any price, amounts to 8 decimals, no minimum)
  --json                the whole result as JSON: figures, trades, fills, days and the equity curve
  --help                this text

Exits with 0 when the backtest was run, 1 when it could not be, 2 for arguments that are wrong.
`

/** What the arguments ask for; the message is for people. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

export type BacktestArguments = {
  file: string
  timeframe: string | null
  from: Date | null
  to: Date | null
  json: boolean
  market: Market
  /** Once the timeframe is known. @throws UsageError with every rule that the configuration breaks */
  config(timeframe: string): BotConfig
}

const text = { type: 'string' } as const

/** Null: help was asked for. @throws UsageError */
export function readArguments(argv: string[]): BacktestArguments | null {
  const { values } = parsed(argv)
  if (values.help === true) return null
  if (values.csv === undefined) throw new UsageError('--csv FILE is missing.')
  const symbol = values.symbol ?? 'BTC/USDT'
  const timeframe = values.timeframe ?? null
  if (timeframe !== null && timeframeMs(timeframe) === null)
    throw new UsageError(`--timeframe must be like 1m, 15m, 1h or 1d; "${timeframe}" is not.`)
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
    json: values.json === true,
    market: {
      ...market,
      priceTick: step('--price-tick', values['price-tick']),
      amountStep: step('--amount-step', values['amount-step']) ?? market.amountStep,
      minCost: step('--min-cost', values['min-cost']),
    },
    config(ofFile) {
      const defaults = { ...backtestDefaults(symbol, ofFile), ...given }
      return checked(withParams(defaults, values.param ?? []), market)
    },
  }
}

function parsed(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        csv: text,
        symbol: text,
        timeframe: text,
        strategy: text,
        param: { type: 'string', multiple: true },
        capital: text,
        size: text,
        fee: text,
        slippage: text,
        from: text,
        to: text,
        'price-tick': text,
        'amount-step': text,
        'min-cost': text,
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
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
