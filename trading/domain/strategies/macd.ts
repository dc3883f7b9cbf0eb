import { type MacdValue, startMacd } from './indicators.ts'
import { COLD, crossedAbove, crossedBelow, figure, gapOf, GO_LONG, GO_SHORT, sideOf, STAY } from './moves.ts'
import { paramReader, type Strategy, type StrategyParams, type StrategyStream } from './strategy.ts'

/** MACD against its signal line (Appel): long above, short below. */
export const macd: Strategy = {
  id: 'MACD',
  name: 'MACD',
  description:
    'Buys when MACD, the fast EMA less the slow one, crosses above its signal line, the EMA of MACD; sells when it crosses below.',
  fields: [],
  parameters: [
    {
      name: 'fastPeriod',
      label: 'Fast period',
      help: 'Candles of the fast EMA. Less than the slow period.',
      range: { min: '1', max: '200', integer: true },
      default: '12',
    },
    {
      name: 'slowPeriod',
      label: 'Slow period',
      help: 'Candles of the slow EMA.',
      range: { min: '2', max: '500', integer: true },
      default: '26',
    },
    {
      name: 'signalPeriod',
      label: 'Signal period',
      help: 'Candles of the signal line: how much MACD is smoothed.',
      range: { min: '1', max: '200', integer: true },
      default: '9',
    },
  ],
  // The signal line smooths what the slow EMA has smoothed: both have to forget their seeds.
  warmUp(params) {
    const read = paramReader(params)
    return 10 * (Math.max(read('fastPeriod'), read('slowPeriod')) + read('signalPeriod'))
  },
  check(params) {
    const read = paramReader(params)
    if (read('fastPeriod') < read('slowPeriod')) return []
    return [
      {
        path: ['fastPeriod'],
        message: `fastPeriod must be less than slowPeriod; they are ${read('fastPeriod')} and ${read('slowPeriod')}.`,
      },
    ]
  },
  start,
}

function start(params: StrategyParams): StrategyStream {
  const read = paramReader(params)
  const periods = [read('fastPeriod'), read('slowPeriod'), read('signalPeriod')] as const
  const line = startMacd(...periods)
  let before = NaN
  let gap = NaN
  let now: MacdValue | undefined
  return {
    next({ close }) {
      now = line(close)
      before = gap
      if (now === undefined) return COLD
      gap = gapOf(now.macd, now.signal, close)
      if (Number.isNaN(before)) return COLD
      if (crossedAbove(before, gap)) return GO_LONG
      return crossedBelow(before, gap) ? GO_SHORT : STAY
    },
    explain() {
      const left = `MACD ${periods.join('/')} (${figure(now?.macd ?? NaN)})`
      const right = `its signal line (${figure(now?.signal ?? NaN)})`
      if (crossedAbove(before, gap)) return `${left} crossed above ${right}`
      if (crossedBelow(before, gap)) return `${left} crossed below ${right}`
      return `No crossover: ${left} is ${sideOf(gap)} ${right}`
    },
  }
}
