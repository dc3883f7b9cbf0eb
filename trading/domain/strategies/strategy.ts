import type { Range } from '../bot-config.ts'
import type { BotConfig } from '../bot.ts'
import type { ValidationIssue } from '../errors.ts'
import type { Candle } from '../market.ts'

export type StrategyParameter = { name: string; label: string; help: string; range: Range; default: string }

/** Fields of the bot's own that a strategy reads; the rest are its parameters. */
export type StrategyField = 'emaFast' | 'emaSlow' | 'rsiPeriod' | 'rsiOverbought' | 'rsiOversold'

/** Every number that a strategy computes with, by name: its fields and its parameters, defaults filled in. */
export type StrategyParams = Readonly<Record<string, number>>

/**
 * What a strategy says of one closed candle: what a long position does, and what a short one does. `reason` is the sentence that people
 * read, without a full stop: "EMA 12 crossed above EMA 26, RSI 58.2 < 70".
 */
export type Signal = { long: Move; short: Move; reason: string }
export type Move = 'ENTER' | 'EXIT' | null

/** A signal and its candle. */
export type CandleSignal = { openTime: Date; signal: Signal }

/** What strategies compute on: floats are fine for signals, never for money. */
export type StrategyCandle = { open: number; high: number; low: number; close: number; volume: number }

/** Indicators of one series, updated candle by candle. */
export type StrategyStream = {
  /** Takes the next closed candle, in order. `warm` false: fewer candles than the indicators need to say anything. */
  next(candle: StrategyCandle): { warm: boolean; long: Move; short: Move }
  /** The sentence for the candle that came last; made only when asked for. */
  explain(): string
}

/** A strategy is a function of closed candles and its parameters; it never sees the forming candle. */
export type Strategy = {
  id: string
  name: string
  description: string
  fields: readonly StrategyField[]
  parameters: readonly StrategyParameter[]
  /** Closed candles that must have been taken before a signal counts, so that any worker computes the same: at least ten times the slowest period. */
  warmUp(params: StrategyParams): number
  /** Rules between the strategy's parameters that no range can say; the path is the parameter's name. */
  check?(params: StrategyParams): ValidationIssue[]
  start(params: StrategyParams): StrategyStream
}

export function strategyCandle(candle: Candle): StrategyCandle {
  return {
    open: candle.open.toNumber(),
    high: candle.high.toNumber(),
    low: candle.low.toNumber(),
    close: candle.close.toNumber(),
    volume: candle.volume.toNumber(),
  }
}

/** The part of a bot's configuration that its strategy reads. */
export type StrategyConfig = Pick<BotConfig, StrategyField | 'strategyParams'>

/** The strategy's parameters as this bot has them: its fields, then what is given, then defaults. */
export function paramsOf(strategy: Strategy, config: StrategyConfig): StrategyParams {
  const params: Record<string, number> = {}
  for (const field of strategy.fields) params[field] = Number(config[field])
  for (const { name, default: fallback } of strategy.parameters) {
    const given = config.strategyParams.find((param) => param.name === name)
    params[name] = given === undefined ? Number(fallback) : given.value.toNumber()
  }
  return params
}

/**
 * Reads parameters by name.
 * @throws Error for a name that is not there: the strategy declares another than it reads
 */
export function paramReader(params: StrategyParams): (name: string) => number {
  return (name) => {
    const value = params[name]
    if (value === undefined)
      throw new Error(`The strategy reads a parameter "${name}" that it does not declare.`)
    return value
  }
}
