import type { Move, StrategyCandle, StrategyParams } from './strategy.ts'
import { textbookBands, textbookChannel, textbookEma, textbookMacd, wilderRsi } from './textbook.fixture.ts'

/**
 * What a candle means by the strategy's published rule. `margin`: how near, relative to the price (RSI: in points), the nearest comparison
 * came to turning out otherwise; NaN while there is too little to compare.
 */
export type TextbookMove = { long: Move; short: Move; margin: number }

type Rule = (candles: readonly StrategyCandle[], params: StrategyParams) => TextbookMove[]

/** Each strategy's rule, of whole series at once, from the textbook's indicators. */
export const TEXTBOOK: Record<string, Rule> = {
  EMA_CROSS: (candles, params) => crossovers(candles, emaGaps(candles, params)),

  EMA_RSI(candles, params) {
    const rsi = wilderRsi(closesOf(candles), read(params, 'rsiPeriod'))
    const [top, bottom] = [read(params, 'rsiOverbought'), read(params, 'rsiOversold')]
    return crossovers(candles, emaGaps(candles, params)).map((move, index) => {
      const value = rsi[index] ?? NaN
      if (move.long === null) return { ...move, margin: Number.isNaN(value) ? NaN : move.margin }
      const [refused, margin] =
        move.long === 'ENTER'
          ? [value >= top, Math.abs(value - top)]
          : [value <= bottom, Math.abs(value - bottom)]
      // A tenth of a point weighs like a ten-millionth of the price.
      const least = Math.min(move.margin, margin / 1e6)
      return refused ? { long: null, short: null, margin: least } : { ...move, margin: least }
    })
  },

  MACD(candles, params) {
    const [fast, slow] = [read(params, 'fastPeriod'), read(params, 'slowPeriod')]
    const { macd, signal } = textbookMacd(closesOf(candles), fast, slow, read(params, 'signalPeriod'))
    return crossovers(
      candles,
      macd.map((value, index) => value - (signal[index] ?? NaN)),
    )
  },

  RSI_REVERSION(candles, params) {
    const rsi = wilderRsi(closesOf(candles), read(params, 'rsiPeriod'))
    const [top, bottom] = [read(params, 'rsiOverbought'), read(params, 'rsiOversold')]
    return pairs(rsi, (was, is) => {
      const margin = nearest([was - top, was - bottom, is - top, is - bottom])
      if (was < top && is >= top) return { long: 'EXIT', short: null, margin }
      if (was > bottom && is <= bottom) return { long: null, short: 'EXIT', margin }
      if (was <= bottom && is > bottom) return { long: 'ENTER', short: 'EXIT', margin }
      if (was >= top && is < top) return { long: 'EXIT', short: 'ENTER', margin }
      return { long: null, short: null, margin }
    })
  },

  BOLLINGER(candles, params) {
    const closes = closesOf(candles)
    const bands = textbookBands(closes, read(params, 'period'), read(params, 'deviations'))
    const places = closes.map((close, index) => ({
      lower: (close - (bands.lower[index] ?? NaN)) / close,
      middle: (close - (bands.middle[index] ?? NaN)) / close,
      upper: (close - (bands.upper[index] ?? NaN)) / close,
    }))
    return pairs(places, (was, is) => {
      const margin = nearest([...Object.values(was), ...Object.values(is)])
      if (was.middle < 0 && is.middle >= 0) return { long: 'EXIT', short: null, margin }
      if (was.middle > 0 && is.middle <= 0) return { long: null, short: 'EXIT', margin }
      if (was.lower < 0 && is.lower >= 0) return { long: 'ENTER', short: 'EXIT', margin }
      if (was.upper > 0 && is.upper <= 0) return { long: 'EXIT', short: 'ENTER', margin }
      return { long: null, short: null, margin }
    })
  },

  DONCHIAN(candles, params) {
    const [highs, lows] = [candles.map((candle) => candle.high), candles.map((candle) => candle.low)]
    const entry = textbookChannel(highs, lows, read(params, 'entryPeriod'))
    const exit = textbookChannel(highs, lows, read(params, 'exitPeriod'))
    return candles.map(({ close }, index) => {
      const level = (values: readonly number[]) => values[index] ?? NaN
      const margin = Number.isNaN(level(entry.high)) || Number.isNaN(level(exit.high)) ? NaN : Infinity
      if (close > level(entry.high)) return { long: 'ENTER', short: 'EXIT', margin }
      if (close < level(entry.low)) return { long: 'EXIT', short: 'ENTER', margin }
      if (close < level(exit.low)) return { long: 'EXIT', short: null, margin }
      if (close > level(exit.high)) return { long: null, short: 'EXIT', margin }
      return { long: null, short: null, margin }
    })
  },
}

function emaGaps(candles: readonly StrategyCandle[], params: StrategyParams): number[] {
  const fast = textbookEma(closesOf(candles), read(params, 'emaFast'))
  const slow = textbookEma(closesOf(candles), read(params, 'emaSlow'))
  return fast.map((value, index) => value - (slow[index] ?? NaN))
}

function crossovers(candles: readonly StrategyCandle[], gaps: readonly number[]): TextbookMove[] {
  const relative = gaps.map((gap, index) => gap / (candles[index]?.close ?? NaN))
  return pairs(relative, (was, is) => {
    const margin = nearest([was, is])
    if (was <= 0 && is > 0) return { long: 'ENTER', short: 'EXIT', margin }
    if (was >= 0 && is < 0) return { long: 'EXIT', short: 'ENTER', margin }
    return { long: null, short: null, margin }
  })
}

function pairs<Value>(
  values: readonly Value[],
  rule: (was: Value, is: Value) => TextbookMove,
): TextbookMove[] {
  return values.map((value, index) => {
    const before = values[index - 1]
    return before === undefined ? { long: null, short: null, margin: NaN } : rule(before, value)
  })
}

function nearest(distances: readonly number[]): number {
  return Math.min(...distances.map(Math.abs))
}

function closesOf(candles: readonly StrategyCandle[]): number[] {
  return candles.map((candle) => candle.close)
}

function read(params: StrategyParams, name: string): number {
  return params[name] ?? NaN
}
