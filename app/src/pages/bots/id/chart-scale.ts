export type ChartCandle = { openTime: string; open: string; high: string; low: string; close: string }
export type Bar = {
  x: number
  wickTop: number
  wickBottom: number
  bodyTop: number
  bodyHeight: number
  rises: boolean
}
export type ChartScale = {
  bars: Bar[]
  barWidth: number
  /** Pixel of a price; only for drawing, so floats do. */
  y: (price: number) => number
  /** Pixel of a moment; undefined outside of the drawn candles. */
  x: (at: string) => number | undefined
  ticks: number[]
}

/** Where each candle stands in a plot of `width` by `height`; prices in `marks` are kept in view. */
export function scaleChart(
  candles: readonly ChartCandle[],
  marks: readonly number[],
  width: number,
  height: number,
): ChartScale {
  const low = Math.min(...candles.map((candle) => Number(candle.low)), ...marks)
  const high = Math.max(...candles.map((candle) => Number(candle.high)), ...marks)
  const span = high - low || Math.abs(high) * 0.001 || 1
  const step = width / Math.max(candles.length, 1)
  const y = (price: number) => height - ((price - low) / span) * height
  const times = candles.map((candle) => Date.parse(candle.openTime))
  return {
    barWidth: Math.max(1, step * 0.64),
    y,
    ticks: niceTicks(low, high, 4),
    x(at) {
      const time = Date.parse(at)
      const index = times.findLastIndex((openTime) => openTime <= time)
      return index === -1 ? undefined : (index + 0.5) * step
    },
    bars: candles.map((candle, index) => {
      const open = y(Number(candle.open))
      const close = y(Number(candle.close))
      return {
        x: (index + 0.5) * step,
        wickTop: y(Number(candle.high)),
        wickBottom: y(Number(candle.low)),
        bodyTop: Math.min(open, close),
        bodyHeight: Math.max(1, Math.abs(open - close)),
        rises: close <= open,
      }
    }),
  }
}

/** About `count` round numbers between low and high: 1, 2 or 5 times a power of ten apart. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count
  if (!(rough > 0)) return [low]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power
  const first = Math.ceil(low / step)
  const last = Math.floor(high / step)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * step)
}

/** The list with one candle more or changed, at most `limit` long. An older one than the last is ignored. */
export function mergeCandle<C extends { openTime: string }>(
  candles: readonly C[],
  came: C,
  limit: number,
): C[] {
  const last = candles.at(-1)
  if (last && came.openTime < last.openTime) return [...candles]
  const kept = last?.openTime === came.openTime ? candles.slice(0, -1) : candles
  return [...kept, came].slice(-limit)
}
