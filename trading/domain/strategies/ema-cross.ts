import { startEma } from './indicators.ts'
import { COLD, crossedAbove, crossedBelow, figure, gapOf, GO_LONG, GO_SHORT, sideOf, STAY } from './moves.ts'
import { paramReader, type Strategy, type StrategyParams, type StrategyStream } from './strategy.ts'

/** Crossover of two exponential moving averages: long above, short below, always one after the other. */
export const emaCross: Strategy = {
  id: 'EMA_CROSS',
  name: 'EMA crossover',
  description: 'Buys when the fast EMA crosses above the slow one; sells when it crosses below.',
  fields: ['emaFast', 'emaSlow'],
  parameters: [],
  warmUp(params) {
    const read = paramReader(params)
    return 10 * Math.max(read('emaFast'), read('emaSlow'))
  },
  start,
}

function start(params: StrategyParams): StrategyStream {
  const read = paramReader(params)
  const [fastPeriod, slowPeriod] = [read('emaFast'), read('emaSlow')]
  const fast = startEma(fastPeriod)
  const slow = startEma(slowPeriod)
  let before = NaN
  let gap = NaN
  let fastNow: number | undefined
  let slowNow: number | undefined
  return {
    next({ close }) {
      fastNow = fast(close)
      slowNow = slow(close)
      before = gap
      if (fastNow === undefined || slowNow === undefined) return COLD
      gap = gapOf(fastNow, slowNow, close)
      if (Number.isNaN(before)) return COLD
      if (crossedAbove(before, gap)) return GO_LONG
      return crossedBelow(before, gap) ? GO_SHORT : STAY
    },
    explain() {
      const [left, right] = [
        `EMA ${fastPeriod} (${figure(fastNow ?? NaN)})`,
        `EMA ${slowPeriod} (${figure(slowNow ?? NaN)})`,
      ]
      if (crossedAbove(before, gap)) return `${left} crossed above ${right}`
      if (crossedBelow(before, gap)) return `${left} crossed below ${right}`
      return `No crossover: ${left} is ${sideOf(gap)} ${right}`
    },
  }
}
