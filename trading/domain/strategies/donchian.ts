import { startHighest, startLowest } from './indicators.ts'
import { COLD, figure, GO_LONG, GO_SHORT, LEAVE_LONG, LEAVE_SHORT, STAY } from './moves.ts'
import { paramReader, type Strategy, type StrategyParams, type StrategyStream } from './strategy.ts'

/**
 * Breakout of Donchian's channels. Long: enters when the close breaks above the highest high of the entry channel, leaves when it breaks
 * below the lowest low of the exit channel; short the other way round. Channels are of the candles before this one: with its own high in
 * them, no close could ever break out.
 */
export const donchian: Strategy = {
  id: 'DONCHIAN',
  name: 'Donchian breakout',
  description:
    'Buys when the close breaks above the highest high of the entry period; sells when it breaks below the lowest low of the exit period.',
  fields: [],
  parameters: [
    {
      name: 'entryPeriod',
      label: 'Entry period',
      help: 'Candles before this one whose highest high a close must exceed for an entry.',
      range: { min: '2', max: '500', integer: true },
      default: '20',
    },
    {
      name: 'exitPeriod',
      label: 'Exit period',
      help: 'Candles before this one whose lowest low a close must fall below for an exit. At most the entry period.',
      range: { min: '1', max: '500', integer: true },
      default: '10',
    },
  ],
  warmUp(params) {
    const read = paramReader(params)
    return 10 * Math.max(read('entryPeriod'), read('exitPeriod'))
  },
  check(params) {
    const read = paramReader(params)
    if (read('exitPeriod') <= read('entryPeriod')) return []
    return [
      {
        path: ['exitPeriod'],
        message: `exitPeriod must be at most entryPeriod; they are ${read('exitPeriod')} and ${read('entryPeriod')}.`,
      },
    ]
  },
  start,
}

type Channel = { high: number | undefined; low: number | undefined }

function start(params: StrategyParams): StrategyStream {
  const read = paramReader(params)
  const [entryPeriod, exitPeriod] = [read('entryPeriod'), read('exitPeriod')]
  const [entryHigh, entryLow] = [startHighest(entryPeriod), startLowest(entryPeriod)]
  const [exitHigh, exitLow] = [startHighest(exitPeriod), startLowest(exitPeriod)]
  /** Of the candles up to the one that came last, for the next one. */
  const entryNext: Channel = { high: undefined, low: undefined }
  const exitNext: Channel = { high: undefined, low: undefined }
  /** What the candle that came last was measured by. */
  const entry = { high: NaN, low: NaN }
  const exit = { high: NaN, low: NaN }
  let close = NaN

  return {
    next(candle) {
      close = candle.close
      const warm = entryNext.high !== undefined && exitNext.high !== undefined
      entry.high = entryNext.high ?? NaN
      entry.low = entryNext.low ?? NaN
      exit.high = exitNext.high ?? NaN
      exit.low = exitNext.low ?? NaN
      entryNext.high = entryHigh(candle.high)
      entryNext.low = entryLow(candle.low)
      exitNext.high = exitHigh(candle.high)
      exitNext.low = exitLow(candle.low)
      if (!warm) return COLD
      if (close > entry.high) return GO_LONG
      if (close < entry.low) return GO_SHORT
      if (close < exit.low) return LEAVE_LONG
      return close > exit.high ? LEAVE_SHORT : STAY
    },
    explain() {
      const said = `Close ${figure(close)}`
      const highest = (level: number, period: number) =>
        `the highest high of ${period} candles (${figure(level)})`
      const lowest = (level: number, period: number) =>
        `the lowest low of ${period} candles (${figure(level)})`
      if (close > entry.high) return `${said} broke above ${highest(entry.high, entryPeriod)}`
      if (close < entry.low) return `${said} broke below ${lowest(entry.low, entryPeriod)}`
      if (close < exit.low) return `${said} broke below ${lowest(exit.low, exitPeriod)}`
      if (close > exit.high) return `${said} broke above ${highest(exit.high, exitPeriod)}`
      return `No breakout: ${said} is between ${figure(entry.low)} and ${figure(entry.high)}, the channel of ${entryPeriod} candles`
    },
  }
}
