import type { BotState, BotConfig } from '../bot.ts'
import { type Candle, timeframeMs } from '../market.ts'
import type { Signal } from '../strategies/strategy.ts'
import { strategyById } from '../strategies/index.ts'
import type { TickInput } from './types.ts'

export type FoundSignal = { signal: Signal; candle: Candle }

/** A tick looks back at no more candles than this: what a late tick missed beyond them is history. */
const MOST_CANDLES = 5

/**
 * The newest signal among the closed candles that no earlier tick has looked at and that closed after START. `latest` is what the
 * strategy says of the newest candle, for people to read, whether or not it may be traded on.
 */
export function findSignal(input: TickInput): {
  found: FoundSignal | null
  latest: FoundSignal | null
  lastCandleAt: Date | null
} {
  const { bot, state, data } = input
  const candles = data?.candles ?? []
  const newest = candles.at(-1)
  if (newest === undefined) return { found: null, latest: null, lastCandleAt: state.lastCandleAt }
  if (state.lastCandleAt !== null && newest.openTime <= state.lastCandleAt) {
    return { found: null, latest: null, lastCandleAt: state.lastCandleAt }
  }
  const length = timeframeMs(bot.timeframe) ?? 0
  let found: FoundSignal | null = null
  let latest: FoundSignal | null = null
  for (let index = candles.length - 1; index >= 0 && index >= candles.length - MOST_CANDLES; index--) {
    const candle = candles[index]
    if (candle === undefined || !isNew(candle, state, length)) break
    const signal = evaluate(bot, candles.slice(0, index + 1))
    latest ??= { signal, candle }
    if (signal.action !== 'NONE') {
      found = { signal, candle }
      break
    }
  }
  latest ??= { signal: evaluate(bot, candles), candle: newest }
  return { found, latest, lastCandleAt: newest.openTime }
}

function isNew(candle: Candle, state: BotState, lengthMs: number): boolean {
  if (state.lastCandleAt !== null && candle.openTime <= state.lastCandleAt) return false
  return state.startedAt !== null && candle.openTime.getTime() + lengthMs > state.startedAt.getTime()
}

function evaluate(config: BotConfig, candles: readonly Candle[]): Signal {
  const strategy = strategyById(config.strategy)
  if (strategy === null)
    return { action: 'NONE', reason: `The strategy ${config.strategy} is not known here.` }
  const needed = strategy.warmUp(config)
  if (candles.length < needed)
    return { action: 'NONE', reason: `Warming up: ${candles.length} of ${needed} closed candles.` }
  return strategy.evaluate(config, candles.slice(-needed))
}
