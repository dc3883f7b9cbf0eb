import { EMA, RSI } from 'technicalindicators'

/** Takes the next value; undefined while there are too few. */
export type Indicator = (value: number) => number | undefined

// technicalindicators rounds to a process-wide precision if somebody sets one; nobody shall.
const format = (value: number) => value

/** Exponential moving average: the mean of the first `period` values, from then on moved towards each value by 2 / (period + 1). Values must be above 0. */
export function startEma(period: number): Indicator {
  const ema = new EMA({ period, values: [], format })
  return (value) => ema.nextValue(value)
}

/**
 * Wilder's relative strength index, 0 to 100: averages of gains and losses seeded by the mean of the first `period` changes, then smoothed
 * by 1 / period. technicalindicators rounds it to two decimals, and gives 100 where nothing was lost, also where nothing moved at all.
 */
export function startRsi(period: number): Indicator {
  const rsi = new RSI({ period, values: [], format })
  return (value) => rsi.nextValue(value)
}
