import type { CandleTexts } from '../domain/backtest/candle-columns.ts'

const NAMES = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const
type Name = (typeof NAMES)[number]

/** Where each of the six stands in a row. */
export type CsvColumns = Record<Name, number>

type Refuse = (rule: string) => never

/** The places of the columns by the header's names, in any case. */
export function readHeader(header: readonly string[], refuse: Refuse): CsvColumns {
  const lower = header.map((name) => name.trim().toLowerCase())
  const missing = NAMES.filter((name) => !lower.includes(name.toLowerCase()))
  if (missing.length > 0) refuse(`the header must name ${NAMES.join(', ')}; it lacks ${missing.join(', ')}.`)
  const place = (name: Name) => lower.indexOf(name.toLowerCase())
  return {
    openTimeMs: place('openTimeMs'),
    open: place('open'),
    high: place('high'),
    low: place('low'),
    close: place('close'),
    volume: place('volume'),
  }
}

/** One row: its time, and its figures as they were written. */
export function readRow(
  row: readonly unknown[],
  columns: CsvColumns,
  refuse: Refuse,
): { openTimeMs: number; texts: CandleTexts } {
  const text = (name: Name) => String(row[columns[name]] ?? '')
  const texts = {
    open: text('open'),
    high: text('high'),
    low: text('low'),
    close: text('close'),
    volume: text('volume'),
  }
  const number = (name: keyof CandleTexts) => {
    const value = NUMBER.test(texts[name]) ? Number(texts[name]) : NaN
    if (Number.isFinite(value) && value < MOST) return value
    if (/^-\d/.test(texts[name]))
      return refuse(
        `${name} must be a number ${name === 'volume' ? 'of at least' : 'above'} 0; it is "${texts[name].slice(0, 40)}".`,
      )
    return refuse(`${name} must be a number, and less than 1e20; it is "${texts[name].slice(0, 40)}".`)
  }
  const [open, high, low, close] = [number('open'), number('high'), number('low'), number('close')]
  number('volume')
  if (!(low > 0)) refuse(`prices must be above 0; low is ${texts.low}.`)
  if (high < open || high < close || high < low)
    refuse(`high (${texts.high}) must be at least open, low and close.`)
  if (low > open || low > close) refuse(`low (${texts.low}) must be at most open and close.`)
  return { openTimeMs: readTime(text('openTimeMs'), refuse), texts }
}

/** As Postgres and the API keep figures: 18 decimals. No sign: neither prices nor volumes are negative. */
const NUMBER = /^\d{1,21}(\.\d{0,18})?(e[-+]?\d{1,2})?$/i
const MOST = 1e20
const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/
const EARLIEST = Date.UTC(2000, 0, 1)
const LATEST = Date.UTC(2200, 0, 1)

function readTime(text: string, refuse: Refuse): number {
  const time = /^\d+$/.test(text) ? Number(text) : ISO.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN
  if (time >= EARLIEST && time < LATEST) return time
  return refuse(
    `openTimeMs must be milliseconds since 1970 or ISO-8601 with its zone, from the year 2000 on; it is "${text.slice(0, 40)}".`,
  )
}
