import {
  type CandleColumns,
  type CandleWriter,
  makeCandleWriter,
} from '#trading/domain/backtest/candle-columns.ts'
import { plain } from '#trading/domain/money.ts'
import type { Series } from '#trading/store/candle-feed.ts'
import type { MarketDataSource } from '#trading/domain/exchange.ts'
import type { Pool } from '#trading/store/pool.ts'

export type Wanted = {
  series: Series
  lengthMs: number
  /** Opening times of the first and the last candle, milliseconds. */
  firstMs: number
  lastMs: number
}

type Parts = {
  pool: Pool
  source: Pick<MarketDataSource, 'fetchCandles'>
  /** How far it is; answers false when it is to stop. */
  onProgress: (loaded: number) => Promise<boolean>
}

const ROWS_A_READ = 5_000
const CANDLES_A_FETCH = 1_000

/**
 * Closed candles between two times: those of the `candles` table, and from the exchange what is missing there. What the exchange does not
 * have either stays a gap. Null: told to stop. @throws VenueError
 */
export async function loadCandles(wanted: Wanted, parts: Parts): Promise<CandleColumns | null> {
  const writer = makeCandleWriter(Math.ceil((wanted.lastMs - wanted.firstMs) / wanted.lengthMs) + 1)
  let next = wanted.firstMs
  while (next <= wanted.lastMs) {
    const rows = await readStored(parts.pool, wanted, next)
    for (const row of rows) {
      const openTime = row.openTime.getTime()
      if (openTime > next && !(await fetchMissing(wanted, next, openTime, writer, parts))) return null
      writer.push(openTime, row)
      next = openTime + wanted.lengthMs
    }
    if (!(await parts.onProgress(writer.length()))) return null
    if (rows.length < ROWS_A_READ) break
  }
  const end = wanted.lastMs + wanted.lengthMs
  if (next < end && !(await fetchMissing(wanted, next, end, writer, parts))) return null
  return writer.done()
}

type StoredRow = { openTime: Date; open: string; high: string; low: string; close: string; volume: string }

async function readStored(pool: Pool, { series, lastMs }: Wanted, fromMs: number): Promise<StoredRow[]> {
  const { rows } = await pool.query<StoredRow>(
    `SELECT open_time AS "openTime", open, high, low, close, volume FROM candles
     WHERE exchange = $1 AND symbol = $2 AND timeframe = $3 AND closed AND open_time >= $4 AND open_time <= $5
     ORDER BY open_time LIMIT ${ROWS_A_READ}`,
    [series.exchange, series.symbol, series.timeframe, new Date(fromMs), new Date(lastMs)],
  )
  return rows
}

/** Asks the exchange for what opened from `fromMs` to before `untilMs`, page by page. False: told to stop. */
async function fetchMissing(
  { series, lengthMs }: Wanted,
  fromMs: number,
  untilMs: number,
  writer: CandleWriter,
  { source, onProgress }: Parts,
): Promise<boolean> {
  for (let next = fromMs; next < untilMs;) {
    const limit = Math.min(CANDLES_A_FETCH, Math.ceil((untilMs - next) / lengthMs))
    const page = await source.fetchCandles(series.symbol, series.timeframe, limit, new Date(next))
    for (const candle of page) {
      const openTime = candle.openTime.getTime()
      if (!candle.closed || openTime < next || openTime >= untilMs) continue
      writer.push(openTime, {
        open: plain(candle.open),
        high: plain(candle.high),
        low: plain(candle.low),
        close: plain(candle.close),
        volume: plain(candle.volume),
      })
      next = openTime + lengthMs
    }
    if (!(await onProgress(writer.length()))) return false
    // The exchange has no more before `untilMs`: a halt of trading, or the end of its history.
    const last = page.at(-1)
    if (last === undefined || last.openTime.getTime() + lengthMs < next || page.length < limit) break
    if (last.openTime.getTime() + lengthMs > next) next = last.openTime.getTime() + lengthMs
  }
  return true
}
