import { type Bands, startBollinger } from './indicators.ts'
import { COLD, figure, gapOf, GO_LONG, GO_SHORT, LEAVE_LONG, LEAVE_SHORT, STAY } from './moves.ts'
import { paramReader, type Strategy, type StrategyParams, type StrategyStream } from './strategy.ts'

/**
 * Reversion by Bollinger's bands. Long: enters when the close comes back above the lower band, leaves when it reaches the middle. Short:
 * enters when the close falls back below the upper band, leaves when it reaches the middle.
 */
export const bollinger: Strategy = {
  id: 'BOLLINGER',
  name: 'Bollinger bands',
  description:
    'Buys when the close comes back above the lower band, after a fall; sells when it reaches the middle, the mean.',
  fields: [],
  parameters: [
    {
      name: 'period',
      label: 'Period',
      help: 'Candles of the mean and of the standard deviation.',
      range: { min: '2', max: '500', integer: true },
      default: '20',
    },
    {
      name: 'deviations',
      label: 'Deviations',
      help: 'Standard deviations from the mean to each band.',
      range: { min: '0.1', max: '10' },
      default: '2',
    },
  ],
  warmUp: (params) => 10 * paramReader(params)('period'),
  start,
}

/** Which band the close lies at, and on which side of the mean: beyond a band is at least one more than before. */
type Place = { lower: number; middle: number; upper: number }

function start(params: StrategyParams): StrategyStream {
  const read = paramReader(params)
  const [period, deviations] = [read('period'), read('deviations')]
  const bandsOf = startBollinger(period, deviations)
  let bands: Bands | undefined
  let close = NaN
  let before: Place = { lower: NaN, middle: NaN, upper: NaN }
  let now: Place = { lower: NaN, middle: NaN, upper: NaN }

  // NaN, before the bands are there, is none of them.
  const recovers = () => before.lower < 0 && now.lower >= 0
  const weakens = () => before.upper > 0 && now.upper <= 0
  const risesToMiddle = () => before.middle < 0 && now.middle >= 0
  const fallsToMiddle = () => before.middle > 0 && now.middle <= 0

  return {
    next(candle) {
      close = candle.close
      bands = bandsOf(close)
      if (bands === undefined) return COLD
      const last = before
      before = now
      last.lower = gapOf(close, bands.lower, close)
      last.middle = gapOf(close, bands.middle, close)
      last.upper = gapOf(close, bands.upper, close)
      now = last
      // From beyond a band to the middle in one candle: it has come too far to enter.
      if (risesToMiddle()) return LEAVE_LONG
      if (fallsToMiddle()) return LEAVE_SHORT
      if (recovers()) return GO_LONG
      return weakens() ? GO_SHORT : STAY
    },
    explain() {
      const said = `Close ${figure(close)}`
      const band = (name: keyof Bands) => `${name} band ${figure(bands?.[name] ?? NaN)}`
      const set = `Bollinger ${period}, ${deviations}`
      if (risesToMiddle()) return `${said} rose to the ${band('middle')} (${set})`
      if (fallsToMiddle()) return `${said} fell to the ${band('middle')} (${set})`
      if (recovers()) return `${said} came back above the ${band('lower')} (${set})`
      if (weakens()) return `${said} fell back below the ${band('upper')} (${set})`
      if (now.upper > 0) return `No signal: ${said} is above the ${band('upper')} (${set})`
      if (now.lower < 0) return `No signal: ${said} is below the ${band('lower')} (${set})`
      return `No signal: ${said} is between the ${band('lower')} and the ${band('upper')} (${set})`
    },
  }
}
