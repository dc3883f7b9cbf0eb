import type { Strategy, StrategyParams } from '../strategies/strategy.ts'

/** Why so few candles make no backtest, and what would: more of them, or periods that leave half of them to trade on. */
export function tooFewCandles(strategy: Strategy, params: StrategyParams, candles: number): string {
  const needed = strategy.warmUp(params)
  const missing = needed - candles
  const more = `${missing.toLocaleString('en')} more ${missing === 1 ? 'candle' : 'candles'} at least`
  const shorter = shorterPeriods(strategy, params, candles)
  const names = shorter === null ? [] : Object.keys(shorter).map((name) => `${name}=${shorter[name]}`)
  const or =
    shorter === null
      ? ''
      : `, or shorter periods: ${names.join(', ')} need ${warmUpOf(strategy, params, shorter)}`
  return `${strategy.id} needs ${needed} candles to warm up before it may trade, and there are ${candles}. Give ${more}${or}.`
}

/** The periods that the warm-up follows, all made shorter by the same share. Null: they would become too short to mean anything. */
function shorterPeriods(strategy: Strategy, params: StrategyParams, candles: number): StrategyParams | null {
  const needed = strategy.warmUp(params)
  const periods = Object.entries(params).filter(
    ([name]) => strategy.warmUp({ ...params, [name]: 10 * needed }) > needed,
  )
  const share = candles / 2 / needed
  const shorter = Object.fromEntries(periods.map(([name, value]) => [name, Math.floor(value * share)]))
  const values = Object.values(shorter)
  // What was fast and slow must stay so.
  const distinct = new Set(values).size === new Set(periods.map(([, value]) => value)).size
  return distinct && values.length > 0 && values.every((value) => value >= 2) ? shorter : null
}

function warmUpOf(strategy: Strategy, params: StrategyParams, shorter: StrategyParams): number {
  return strategy.warmUp({ ...params, ...shorter })
}
