import { BollingerBands, EMA, MACD, RSI } from 'technicalindicators'

/** Takes the next value; undefined while there are too few. */
export type Indicator<Value = number> = (value: number) => Value | undefined

// technicalindicators rounds to a process-wide precision if somebody sets one; nobody shall.
const format = (value: number) => value

/**
 * Exponential moving average: the mean of the first `period` values, from then on moved towards each value by 2 / (period + 1). For values
 * above 0: technicalindicators takes a mean of exactly 0 for none yet.
 */
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

export type MacdValue = { macd: number; signal: number }

/**
 * Appel's MACD: EMA fast less EMA slow, and the signal line, the EMA of that. Each EMA is seeded by the mean of its own first values, as
 * StockCharts does; TA-Lib starts both price EMAs together, which the warm-up makes equal. Undefined until there is a signal line, after
 * slow + signal - 1 values.
 */
export function startMacd(
  fastPeriod: number,
  slowPeriod: number,
  signalPeriod: number,
): Indicator<MacdValue> {
  const ema = { SimpleMAOscillator: false, SimpleMASignal: false }
  const macd = new MACD({ values: [], fastPeriod, slowPeriod, signalPeriod, format, ...ema })
  let missing = slowPeriod + signalPeriod - 1
  return (value) => {
    const now = macd.nextValue(value)
    if (missing > 0) missing--
    if (missing > 0 || now?.MACD === undefined) return undefined
    // technicalindicators leaves a signal line of exactly 0 out, which a price that stands still has.
    return { macd: now.MACD, signal: now.signal ?? 0 }
  }
}

export type Bands = { lower: number; middle: number; upper: number }

/** Bollinger's bands: the mean of the last `period` values, and `deviations` population standard deviations (divided by `period`) to each side. */
export function startBollinger(period: number, deviations: number): Indicator<Bands> {
  const bands = new BollingerBands({ period, stdDev: deviations, values: [], format })
  return (value) => bands.nextValue(value)
}

/** The highest of the last `period` values, in constant time on average: values that a later, higher one covers are dropped. */
export function startHighest(period: number): Indicator {
  const values: number[] = []
  const indexes: number[] = []
  let head = 0
  let count = 0
  return (value) => {
    while (values.length > head && (values.at(-1) ?? 0) <= value) {
      values.pop()
      indexes.pop()
    }
    values.push(value)
    indexes.push(count)
    if ((indexes[head] ?? 0) <= count - period) head++
    // Now and then the dropped front is cut off, so that a stream of years stays small.
    if (head > 1_024) {
      values.splice(0, head)
      indexes.splice(0, head)
      head = 0
    }
    count++
    return count < period ? undefined : values[head]
  }
}

/** The lowest of the last `period` values. */
export function startLowest(period: number): Indicator {
  const highest = startHighest(period)
  return (value) => {
    const negated = highest(-value)
    return negated === undefined ? undefined : -negated
  }
}
