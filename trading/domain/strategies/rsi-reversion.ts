import { startRsi } from './indicators.ts'
import { COLD, GO_LONG, GO_SHORT, LEAVE_LONG, LEAVE_SHORT, STAY } from './moves.ts'
import { paramReader, type Strategy, type StrategyParams, type StrategyStream } from './strategy.ts'

const WARM_UP_PERIODS = 10

/**
 * Reversion by RSI (Wilder). Long: enters when RSI comes back above oversold, leaves when it reaches overbought. Short: enters when RSI
 * falls back below overbought, leaves when it reaches oversold.
 */
export const rsiReversion: Strategy = {
  id: 'RSI_REVERSION',
  name: 'RSI reversion',
  description: 'Buys when RSI rises back above oversold, after a fall; sells when RSI reaches overbought.',
  fields: ['rsiPeriod', 'rsiOverbought', 'rsiOversold'],
  parameters: [],
  warmUp: (params) => WARM_UP_PERIODS * paramReader(params)('rsiPeriod'),
  start,
}

function start(params: StrategyParams): StrategyStream {
  const read = paramReader(params)
  const [period, overbought, oversold] = [read('rsiPeriod'), read('rsiOverbought'), read('rsiOversold')]
  const rsi = startRsi(period)
  let before = NaN
  let now = NaN
  let lastClose = NaN
  let still = 0

  // NaN, before or now, is none of them.
  const recovers = () => before <= oversold && now > oversold
  const weakens = () => before >= overbought && now < overbought
  const reachesTop = () => before < overbought && now >= overbought
  const reachesBottom = () => before > oversold && now <= oversold

  return {
    next({ close }) {
      const value = rsi(close)
      still = close === lastClose ? still + 1 : 0
      lastClose = close
      before = now
      // Where nothing has moved for a whole warm-up there is nothing to weigh: RSI would be what a worker happens to remember.
      now = value === undefined || still >= WARM_UP_PERIODS * period - 1 ? NaN : value
      if (value === undefined) return COLD
      // A jump through both thresholds leaves: it has come too far to enter.
      if (reachesTop()) return LEAVE_LONG
      if (reachesBottom()) return LEAVE_SHORT
      if (recovers()) return GO_LONG
      return weakens() ? GO_SHORT : STAY
    },
    explain() {
      if (Number.isNaN(now)) return `No signal: the price has not moved for ${still} candles`
      const said = `RSI ${now.toFixed(2)}`
      const from = `(was ${before.toFixed(2)})`
      if (reachesTop()) return `${said} reached overbought ${overbought} ${from}`
      if (reachesBottom()) return `${said} reached oversold ${oversold} ${from}`
      if (recovers()) return `${said} rose back above oversold ${oversold} ${from}`
      if (weakens()) return `${said} fell back below overbought ${overbought} ${from}`
      if (now >= overbought) return `No signal: ${said} is overbought (≥ ${overbought})`
      if (now <= oversold) return `No signal: ${said} is oversold (≤ ${oversold})`
      return `No signal: ${said} is between oversold ${oversold} and overbought ${overbought}`
    },
  }
}
