import { EMA, RSI } from 'technicalindicators'
import type { BotConfig } from '../bot.ts'
import type { Candle } from '../market.ts'
import type { Signal, Strategy } from './strategy.ts'

/**
 * EMA crossover filtered by RSI (Wilder). Enters long when the fast EMA crosses above the slow one and RSI is below overbought;
 * leaves when it crosses below and RSI is above oversold. EMA and RSI are technicalindicators' (its RSI is rounded to 2 decimals).
 */
export const emaRsi: Strategy = {
  id: 'EMA_RSI',
  name: 'EMA crossover with RSI filter',
  description:
    'Buys when the fast EMA crosses above the slow one while RSI is below overbought; sells when it crosses below while RSI is above oversold.',
  parameters: [],
  warmUp: (config) => 10 * Math.max(config.emaSlow, config.emaFast, config.rsiPeriod),
  evaluate: evaluateEmaRsi,
}

function evaluateEmaRsi(config: BotConfig, candles: readonly Candle[]): Signal {
  const values = candles.map((candle) => candle.close.toNumber())
  const fast = EMA.calculate({ period: config.emaFast, values })
  const slow = EMA.calculate({ period: config.emaSlow, values })
  const rsi = RSI.calculate({ period: config.rsiPeriod, values }).at(-1)
  const [fastBefore, fastNow] = fast.slice(-2)
  const [slowBefore, slowNow] = slow.slice(-2)
  if (
    fastBefore === undefined ||
    fastNow === undefined ||
    slowBefore === undefined ||
    slowNow === undefined ||
    rsi === undefined
  ) {
    return {
      action: 'NONE',
      reason: `Waiting for ${emaRsi.warmUp(config)} closed candles; there are ${candles.length}.`,
    }
  }
  const names = `EMA ${config.emaFast} crossed`
  const above = fastBefore <= slowBefore && fastNow > slowNow
  const below = fastBefore >= slowBefore && fastNow < slowNow
  if (above && config.rsiOverbought.gt(rsi)) {
    return {
      action: 'ENTER_LONG',
      reason: `${names} above EMA ${config.emaSlow}, RSI ${rsi.toFixed(2)} < ${config.rsiOverbought.toFixed()}`,
    }
  }
  if (above) {
    return {
      action: 'NONE',
      reason: `${names} above EMA ${config.emaSlow}, but RSI ${rsi.toFixed(2)} is overbought (≥ ${config.rsiOverbought.toFixed()})`,
    }
  }
  if (below && config.rsiOversold.lt(rsi)) {
    return {
      action: 'EXIT_LONG',
      reason: `${names} below EMA ${config.emaSlow}, RSI ${rsi.toFixed(2)} > ${config.rsiOversold.toFixed()}`,
    }
  }
  if (below) {
    return {
      action: 'NONE',
      reason: `${names} below EMA ${config.emaSlow}, but RSI ${rsi.toFixed(2)} is oversold (≤ ${config.rsiOversold.toFixed()})`,
    }
  }
  const side = fastNow > slowNow ? 'above' : 'below'
  return {
    action: 'NONE',
    reason: `No crossover: EMA ${config.emaFast} is ${side} EMA ${config.emaSlow}, RSI ${rsi.toFixed(2)}`,
  }
}
