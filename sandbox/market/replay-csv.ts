import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { Bar } from './price-source.ts'

const priceText = z.string().regex(/^\d{1,12}(\.\d{1,8})?$/, 'is not a plain positive number')
const rowSchema = z.object({
  openTimeMs: z
    .string()
    .regex(/^\d{1,15}$/, 'is not a time in milliseconds')
    .transform(Number),
  open: priceText,
  high: priceText,
  low: priceText,
  close: priceText,
  volume: z.string().regex(/^\d+(\.\d+)?(e-?\d+)?$/i, 'is not a number'),
})

type Recording = {
  candles: Bar[]
  /** Time between two candles of the file: the most frequent distance. */
  intervalMs: number
  /** Decimals that its prices need. */
  priceDecimals: number
  fingerprint: string
}

/** Reads a CSV of candles (openTimeMs,open,high,low,close,volume with a header). Throws a sentence that names file and line. */
export const readRecording = (file: string): Recording => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Error(`cannot read the replay file ${file}`, { cause })
  }
  let records: unknown[]
  try {
    records = parse(text, { columns: true, bom: true, trim: true, skip_empty_lines: true })
  } catch (cause) {
    throw new Error(`${file} is not a CSV: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
  const rows = records.map((record, i) => {
    const parsed = rowSchema.safeParse(record)
    const where = `${file}, candle ${i + 1}`
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      throw new Error(`${where}: ${issue?.path.join('.') || 'the row'} ${issue?.message ?? 'is wrong'}`)
    }
    const row = parsed.data
    const bar = {
      open: Number(row.open),
      high: Number(row.high),
      low: Number(row.low),
      close: Number(row.close),
      volume: Number(row.volume),
    }
    if (bar.low <= 0) throw new Error(`${where}: a price must be above 0`)
    if (bar.high < Math.max(bar.open, bar.close) || bar.low > Math.min(bar.open, bar.close))
      throw new Error(`${where}: open and close must lie between low and high`)
    return { time: row.openTimeMs, bar, prices: [row.open, row.high, row.low, row.close] }
  })
  if (rows.length < 2) throw new Error(`${file} must hold at least two candles`)

  const distances = new Map<number, number>()
  for (let i = 1; i < rows.length; i++) {
    const distance = (rows[i]?.time ?? 0) - (rows[i - 1]?.time ?? 0)
    if (distance <= 0) throw new Error(`${file}, candle ${i + 1}: times must ascend`)
    distances.set(distance, (distances.get(distance) ?? 0) + 1)
  }
  const intervalMs = [...distances].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 60_000
  const decimals = (price: string) => price.replace(/0+$/, '').split('.')[1]?.length ?? 0
  const priceDecimals = Math.max(...rows.map((row) => Math.max(...row.prices.map(decimals))))
  return {
    candles: rows.map((row) => row.bar),
    intervalMs,
    priceDecimals,
    fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 32),
  }
}
