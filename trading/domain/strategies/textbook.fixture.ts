/**
 * Indicators from their published definitions, written for clearness and computed from all values at once; nothing here comes from a
 * library. Each answers one number a value, NaN where there are too few.
 */

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** StockCharts ChartSchool, "Moving Averages": seeded by the simple average, multiplier 2 / (period + 1). */
export function textbookEma(values: readonly number[], period: number): number[] {
  const begin = values.findIndex((value) => !Number.isNaN(value))
  const series = values.map(() => NaN)
  const first = begin + period - 1
  if (begin === -1 || first >= values.length) return series
  const multiplier = 2 / (period + 1)
  series[first] = mean(values.slice(begin, first + 1))
  for (let index = first + 1; index < values.length; index++) {
    const before = series[index - 1] ?? NaN
    series[index] = (values[index] ?? NaN) * multiplier + before * (1 - multiplier)
  }
  return series
}

/**
 * J. Welles Wilder, New Concepts in Technical Trading Systems (1978): means of the first `period` gains and losses, then smoothed by
 * 1 / period. Without losses 100.
 */
export function wilderRsi(values: readonly number[], period: number): number[] {
  const changes = values.slice(1).map((value, index) => value - (values[index] ?? NaN))
  const gains = changes.map((change) => Math.max(change, 0))
  const losses = changes.map((change) => Math.max(-change, 0))
  const series = values.map(() => NaN)
  let [gain, loss] = [mean(gains.slice(0, period)), mean(losses.slice(0, period))]
  for (let index = period; index < values.length; index++) {
    if (index > period) {
      gain = (gain * (period - 1) + (gains[index - 1] ?? NaN)) / period
      loss = (loss * (period - 1) + (losses[index - 1] ?? NaN)) / period
    }
    series[index] = loss === 0 ? 100 : 100 - 100 / (1 + gain / loss)
  }
  return series
}

/** Gerald Appel: EMA fast less EMA slow; the signal line is the EMA of that. */
export function textbookMacd(values: readonly number[], fast: number, slow: number, signal: number) {
  const [quick, late] = [textbookEma(values, fast), textbookEma(values, slow)]
  const macd = values.map((_, index) => (quick[index] ?? NaN) - (late[index] ?? NaN))
  return { macd, signal: textbookEma(macd, signal) }
}

/** John Bollinger: the simple average, and `deviations` population standard deviations to each side. */
export function textbookBands(values: readonly number[], period: number, deviations: number) {
  const windows = values.map((_, index) =>
    index < period - 1 ? [NaN] : values.slice(index - period + 1, index + 1),
  )
  const middle = windows.map(mean)
  const deviation = windows.map((window, index) =>
    Math.sqrt(mean(window.map((value) => (value - (middle[index] ?? NaN)) ** 2))),
  )
  const band = (side: 1 | -1) =>
    middle.map((centre, index) => centre + side * deviations * (deviation[index] ?? NaN))
  return { lower: band(-1), middle, upper: band(1) }
}

/** Richard Donchian: highest and lowest of the `period` values before each, its own not among them. */
export function textbookChannel(highs: readonly number[], lows: readonly number[], period: number) {
  const before = (values: readonly number[], pick: (...all: number[]) => number) =>
    values.map((_, index) => (index < period ? NaN : pick(...values.slice(index - period, index))))
  return { high: before(highs, Math.max), low: before(lows, Math.min) }
}
