import type { Candle } from '../market.ts'
import { type Decimal, decimal, plain } from '../money.ts'
import type { StrategyCandle } from '../strategies/strategy.ts'

/** The fields of a candle in the order of its columns. */
const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const
export type CandleField = (typeof FIELDS)[number]

/**
 * A long series of closed candles, oldest first, as columns of floats: 48 bytes a candle. Strategies compute on the floats; money takes
 * `decimalAt`, which is exact. A text of at most 15 significant digits comes back from its float unharmed; a longer one is kept in `exact`.
 */
export type CandleColumns = {
  length: number
  /** Milliseconds since 1970, UTC. */
  openTime: Float64Array
  open: Float64Array
  high: Float64Array
  low: Float64Array
  close: Float64Array
  volume: Float64Array
  /** By candle × 5 + field: texts that a float cannot hold. */
  exact: ReadonlyMap<number, string>
}

export type CandleTexts = Record<CandleField, string>

/** Candles of one backtest at most: nearly four years of minutes, and 100 MB of columns. */
export const MOST_CANDLES = 2_000_000

/** Significant digits that every float carries unharmed (DBL_DIG of IEEE 754 binary64). */
const FLOAT_DIGITS = 15

export type CandleWriter = {
  /** Rows come in order; the caller has checked them. */
  push(openTimeMs: number, texts: CandleTexts): void
  length(): number
  lastOpenTime(): number | null
  done(): CandleColumns
}

/** Grows as candles come. */
export function makeCandleWriter(expected = 1_024): CandleWriter {
  let columns = [0, 1, 2, 3, 4, 5].map(() => new Float64Array(Math.max(16, expected)))
  const exact = new Map<number, string>()
  let length = 0
  const column = (index: number) => columns[index] ?? new Float64Array()
  return {
    push(openTimeMs, texts) {
      if (length === column(0).length) columns = columns.map((each) => grown(each))
      column(0)[length] = openTimeMs
      for (const [index, field] of FIELDS.entries()) {
        const text = texts[field]
        column(index + 1)[length] = Number(text)
        if (text.length > FLOAT_DIGITS && digitsOf(text) > FLOAT_DIGITS) exact.set(length * 5 + index, text)
      }
      length += 1
    },
    length: () => length,
    lastOpenTime: () => (length === 0 ? null : (column(0)[length - 1] ?? null)),
    done() {
      const [openTime, open, high, low, close, volume] = columns.map((each) => each.slice(0, length))
      if (!openTime || !open || !high || !low || !close || !volume) throw new Error('six columns were made')
      return { length, openTime, open, high, low, close, volume, exact }
    },
  }
}

/** The exact value, for money. */
export function decimalAt(candles: CandleColumns, index: number, field: CandleField): Decimal {
  const text = candles.exact.get(index * 5 + FIELDS.indexOf(field))
  return decimal(text ?? floatAt(candles, index, field))
}

export function floatAt(candles: CandleColumns, index: number, field: CandleField): number {
  const value = candles[field][index]
  if (value === undefined) throw new RangeError(`there is no candle ${index}`)
  return value
}

export function openTimeAt(candles: CandleColumns, index: number): number {
  const value = candles.openTime[index]
  if (value === undefined) throw new RangeError(`there is no candle ${index}`)
  return value
}

/**
 * Fills in one and the same object for every candle: a new one each time, with its five floats, took 50 ns of the 680 that a strategy takes
 * for a candle. Strategies read it and keep nothing of it.
 */
export function readCandle(candles: CandleColumns, index: number, into: StrategyCandle): void {
  // Read by name and not by a variable field: this runs for every candle.
  into.open = candles.open[index] ?? NaN
  into.high = candles.high[index] ?? NaN
  into.low = candles.low[index] ?? NaN
  into.close = candles.close[index] ?? NaN
  into.volume = candles.volume[index] ?? NaN
}

/** For `readCandle` to fill in. */
export function blankCandle(): StrategyCandle {
  return { open: NaN, high: NaN, low: NaN, close: NaN, volume: NaN }
}

/** The candles that opened at or before `lastOpenMs`. */
export function candlesUntil(candles: CandleColumns, lastOpenMs: number): CandleColumns {
  let length = candles.length
  while (length > 0 && openTimeAt(candles, length - 1) > lastOpenMs) length -= 1
  const cut = (column: Float64Array) => column.subarray(0, length)
  return {
    length,
    openTime: cut(candles.openTime),
    open: cut(candles.open),
    high: cut(candles.high),
    low: cut(candles.low),
    close: cut(candles.close),
    volume: cut(candles.volume),
    exact: candles.exact,
  }
}

export function columnsOf(candles: readonly Candle[]): CandleColumns {
  const writer = makeCandleWriter(candles.length)
  for (const { openTime, open, high, low, close, volume } of candles) {
    writer.push(openTime.getTime(), {
      open: plain(open),
      high: plain(high),
      low: plain(low),
      close: plain(close),
      volume: plain(volume),
    })
  }
  return writer.done()
}

/** How many places between neighbours lack at least one candle. */
export function countGaps(candles: CandleColumns, lengthMs: number): number {
  let gaps = 0
  for (let index = 1; index < candles.length; index++) {
    if (openTimeAt(candles, index) - openTimeAt(candles, index - 1) !== lengthMs) gaps += 1
  }
  return gaps
}

function digitsOf(text: string): number {
  const mantissa = text.split(/e/i)[0] ?? ''
  return mantissa.replace(/^[-+]/, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length
}

function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(column.length * 2)
  wider.set(column)
  return wider
}
