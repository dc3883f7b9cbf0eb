import type { Db } from './pool.ts'

export type Series = { exchange: string; symbol: string; timeframe: string }

/** A row of `candles`; prices as Postgres writes them. */
export type StoredCandle = {
  openTime: Date
  closed: boolean
  open: string
  high: string
  low: string
  close: string
  volume: string
  updatedAt: Date
}

/** Asks the workers to follow the series for another minute. */
export async function wantSeries(db: Db, series: Series): Promise<void> {
  await db.query(
    `INSERT INTO candle_series (exchange, symbol, timeframe, wanted_until)
     VALUES ($1, $2, $3, tradebot_now() + interval '60 seconds')
     ON CONFLICT (exchange, symbol, timeframe) DO UPDATE
       SET wanted_until = greatest(candle_series.wanted_until, EXCLUDED.wanted_until)`,
    [series.exchange, series.symbol, series.timeframe],
  )
}

/** The newest candles, oldest first. */
export async function latestCandles(db: Db, series: Series, limit: number): Promise<StoredCandle[]> {
  const { rows } = await db.query<StoredCandle>(
    `SELECT ${COLUMNS} FROM candles WHERE exchange = $1 AND symbol = $2 AND timeframe = $3 ORDER BY open_time DESC LIMIT $4`,
    [series.exchange, series.symbol, series.timeframe, limit],
  )
  return rows.toReversed()
}

/** Candles that opened at `since` or later, oldest first, at most 1000. */
export async function candlesSince(db: Db, series: Series, since: Date): Promise<StoredCandle[]> {
  const { rows } = await db.query<StoredCandle>(
    `SELECT ${COLUMNS} FROM candles WHERE exchange = $1 AND symbol = $2 AND timeframe = $3 AND open_time >= $4 ORDER BY open_time LIMIT 1000`,
    [series.exchange, series.symbol, series.timeframe, since],
  )
  return rows
}

/** When a worker last read the series, by the database's clock, and why it could not. */
export async function seriesStatus(
  db: Db,
  series: Series,
): Promise<{ ageMs: number | null; error: string | null }> {
  const { rows } = await db.query<{ age_ms: number | null; error: string | null }>(
    `SELECT (extract(epoch FROM tradebot_now() - refreshed_at) * 1000)::float8 AS age_ms, error
     FROM candle_series WHERE exchange = $1 AND symbol = $2 AND timeframe = $3`,
    [series.exchange, series.symbol, series.timeframe],
  )
  return { ageMs: rows[0]?.age_ms ?? null, error: rows[0]?.error ?? null }
}

const COLUMNS = 'open_time AS "openTime", closed, open, high, low, close, volume, updated_at AS "updatedAt"'
