import type { Candle } from '../domain/market.ts'
import { plain } from '../domain/money.ts'
import type { Series } from './candle-feed.ts'
import type { Db } from './pool.ts'

/** How many candles of one series are kept: more than any strategy's warm-up. */
export const CANDLES_KEPT = 12_000

const ROWS_A_STATEMENT = 2_000

export type SeriesCandles = { series: Series; candles: readonly Candle[] }

/**
 * Writes candles of many series in bulk; rows that say the same stay untouched, and a closed candle is never opened again by a worker that
 * looked earlier. Ordered by key, so that two workers cannot deadlock. Answers how many rows changed.
 */
export async function upsertCandles(db: Db, given: readonly SeriesCandles[]): Promise<number> {
  const rows = given
    .flatMap(({ series, candles }) => candles.map((candle) => ({ ...series, candle })))
    .toSorted(
      (a, b) => compare(keyOf(a), keyOf(b)) || a.candle.openTime.getTime() - b.candle.openTime.getTime(),
    )
  let changed = 0
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    const part = rows.slice(from, from + ROWS_A_STATEMENT)
    const result = await db.query(UPSERT, [
      part.map((row) => row.exchange),
      part.map((row) => row.symbol),
      part.map((row) => row.timeframe),
      part.map((row) => row.candle.openTime),
      part.map((row) => row.candle.closed),
      part.map((row) => plain(row.candle.open)),
      part.map((row) => plain(row.candle.high)),
      part.map((row) => plain(row.candle.low)),
      part.map((row) => plain(row.candle.close)),
      part.map((row) => plain(row.candle.volume)),
    ])
    changed += result.rowCount ?? 0
  }
  return changed
}

const UPSERT = `INSERT INTO candles AS c (exchange, symbol, timeframe, open_time, closed, open, high, low, close, volume, updated_at)
  SELECT given.*, (SELECT tradebot_now())
  FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::boolean[], $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[]) AS given
  ON CONFLICT (exchange, symbol, timeframe, open_time) DO UPDATE
    SET closed = EXCLUDED.closed, open = EXCLUDED.open, high = EXCLUDED.high, low = EXCLUDED.low, close = EXCLUDED.close,
        volume = EXCLUDED.volume, updated_at = EXCLUDED.updated_at
    WHERE (EXCLUDED.closed OR NOT c.closed)
      AND (c.closed, c.open, c.high, c.low, c.close, c.volume) IS DISTINCT FROM
          (EXCLUDED.closed, EXCLUDED.open, EXCLUDED.high, EXCLUDED.low, EXCLUDED.close, EXCLUDED.volume)`

/** Notes of each series that it was read just now, or why it could not be. */
export async function markSeries(
  db: Db,
  marks: readonly { series: Series; error: string | null }[],
): Promise<void> {
  if (marks.length === 0) return
  const sorted = marks.toSorted((a, b) => compare(keyOf(a.series), keyOf(b.series)))
  await db.query(
    `INSERT INTO candle_series AS s (exchange, symbol, timeframe, refreshed_at, error)
     SELECT given.exchange, given.symbol, given.timeframe, CASE WHEN given.error IS NULL THEN tradebot_now() END, given.error
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS given (exchange, symbol, timeframe, error)
     ON CONFLICT (exchange, symbol, timeframe) DO UPDATE
       SET refreshed_at = coalesce(EXCLUDED.refreshed_at, s.refreshed_at), error = EXCLUDED.error`,
    [
      sorted.map(({ series }) => series.exchange),
      sorted.map(({ series }) => series.symbol),
      sorted.map(({ series }) => series.timeframe),
      sorted.map(({ error }) => error),
    ],
  )
}

/** Deletes all but the newest `keep` candles of a series. */
export async function pruneCandles(db: Db, series: Series, keep = CANDLES_KEPT): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM candles WHERE exchange = $1 AND symbol = $2 AND timeframe = $3 AND open_time <= (
       SELECT open_time FROM candles WHERE exchange = $1 AND symbol = $2 AND timeframe = $3 ORDER BY open_time DESC OFFSET $4 LIMIT 1)`,
    [series.exchange, series.symbol, series.timeframe, keep],
  )
  return rowCount ?? 0
}

/** One text for a series, to find and to sort by. */
export function keyOf(series: Series): string {
  return `${series.exchange} ${series.symbol} ${series.timeframe}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
