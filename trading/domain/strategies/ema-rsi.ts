import { startEma, startRsi } from './indicators.ts'
import { COLD, crossedAbove, crossedBelow, gapOf, GO_LONG, GO_SHORT, sideOf, STAY } from './moves.ts'
import { paramReader, type Strategy, type StrategyParams, type StrategyStream } from './strategy.ts'

/**
 * EMA crossover filtered by RSI (Wilder). Goes long when the fast EMA crosses above the slow one and RSI is below overbought; short when it
 * crosses below and RSI is above oversold. Either leaves the other side.
 */
export const emaRsi: Strategy = {
  id: 'EMA_RSI',
  name: 'EMA crossover with RSI filter',
  description:
    'Buys when the fast EMA crosses above the slow one while RSI is below overbought; sells when it crosses below while RSI is above oversold.',
  fields: ['emaFast', 'emaSlow', 'rsiPeriod', 'rsiOverbought', 'rsiOversold'],
  parameters: [],
  warmUp(params) {
    const read = paramReader(params)
    return 10 * Math.max(read('emaSlow'), read('emaFast'), read('rsiPeriod'))
  },
  start,
}

function start(params: StrategyParams): StrategyStream {
  const read = paramReader(params)
  const [fastPeriod, slowPeriod] = [read('emaFast'), read('emaSlow')]
  const [overbought, oversold] = [read('rsiOverbought'), read('rsiOversold')]
  const fast = startEma(fastPeriod)
  const slow = startEma(slowPeriod)
  const rsi = startRsi(read('rsiPeriod'))
  let before = NaN
  let gap = NaN
  let strength = NaN
  return {
    next({ close }) {
      const fastNow = fast(close)
      const slowNow = slow(close)
      const rsiNow = rsi(close)
      before = gap
      if (fastNow === undefined || slowNow === undefined) return COLD
      gap = gapOf(fastNow, slowNow, close)
      if (rsiNow === undefined || Number.isNaN(before)) return COLD
      strength = rsiNow
      if (crossedAbove(before, gap)) return strength < overbought ? GO_LONG : STAY
      if (crossedBelow(before, gap)) return strength > oversold ? GO_SHORT : STAY
      return STAY
    },
    explain() {
      const said = `RSI ${strength.toFixed(2)}`
      if (crossedAbove(before, gap)) {
        const filter =
          strength < overbought ? `${said} < ${overbought}` : `but ${said} is overbought (≥ ${overbought})`
        return `EMA ${fastPeriod} crossed above EMA ${slowPeriod}, ${filter}`
      }
      if (crossedBelow(before, gap)) {
        const filter =
          strength > oversold ? `${said} > ${oversold}` : `but ${said} is oversold (≤ ${oversold})`
        return `EMA ${fastPeriod} crossed below EMA ${slowPeriod}, ${filter}`
      }
      return `No crossover: EMA ${fastPeriod} is ${sideOf(gap)} EMA ${slowPeriod}, ${said}`
    },
  }
}
