import type { Candle } from '../domain/market.ts'
import { decimal, plain, ZERO } from '../domain/money.ts'
import { strategyById } from '../domain/strategies/index.ts'
import { paramsOf } from '../domain/strategies/strategy.ts'
import type { Series } from './candle-feed.ts'
import type { Db } from './pool.ts'

/** How many candles of one series are kept: more than any strategy's warm-up. */
export const CANDLES_KEPT = 12_000

/** Candles that a tick looks back at, beside the newest. */
const LOOKED_BACK_AT = 5

/** Charts want this much history even where no bot does. */
const LEAST_CANDLES = 200

const ROWS_A_STATEMENT = 2_000

export type FollowedSeries = Series & {
  /** Closed candles that the longest warm-up among its bots needs. */
  needed: number
  /** The shortest interval at which one of its bots looks; null when only a chart does. */
  checkIntervalSeconds: number | null
}

/** What bots that tick, or charts that are open, want to know. */
export async function listFollowedSeries(db: Db): Promise<FollowedSeries[]> {
  // Grouped by all that a warm-up is made of: reading every bot each second would cost more than following it.
  const { rows } = await db.query<WantedRow>(
    `SELECT c.exchange, c.symbol, c.timeframe, c.strategy, c.strategy_params AS "strategyParams",
            c.ema_fast AS "emaFast", c.ema_slow AS "emaSlow", c.rsi_period AS "rsiPeriod", min(c.check_interval_seconds)::int AS seconds
     FROM bot_states s JOIN bot_configs c ON c.id = s.bot_id
     WHERE s.next_tick_at IS NOT NULL AND c.deleted_at IS NULL
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
     UNION ALL
     SELECT exchange, symbol, timeframe, NULL, NULL, NULL, NULL, NULL, NULL
     FROM candle_series WHERE wanted_until > (SELECT tradebot_now())`,
  )
  const followed = new Map<string, FollowedSeries>()
  for (const row of rows) {
    const { exchange, symbol, timeframe, seconds } = row
    const known = followed.get(keyOf(row))
    const needed = Math.max(LEAST_CANDLES, neededFor(row), known?.needed ?? 0)
    const others = known?.checkIntervalSeconds ?? null
    const checkIntervalSeconds =
      seconds === null || others === null ? (seconds ?? others) : Math.min(seconds, others)
    followed.set(keyOf(row), { exchange, symbol, timeframe, needed, checkIntervalSeconds })
  }
  return [...followed.values()].toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

/** A chart's row has no strategy. Thresholds take no part in a warm-up. */
type WantedRow = Series & {
  seconds: number | null
  strategyParams: { name: string; value: string }[] | null
  strategy: string | null
  emaFast: number | null
  emaSlow: number | null
  rsiPeriod: number | null
}

/** Closed candles that the strategy's warm-up takes, and those beyond it that a late tick looks back at. */
function neededFor(row: WantedRow): number {
  const strategy = row.strategy === null ? null : strategyById(row.strategy)
  if (strategy === null) return 0
  const params = paramsOf(strategy, {
    emaFast: row.emaFast ?? 0,
    emaSlow: row.emaSlow ?? 0,
    rsiPeriod: row.rsiPeriod ?? 0,
    rsiOverbought: ZERO,
    rsiOversold: ZERO,
    strategyParams: (row.strategyParams ?? []).map(({ name, value }) => ({ name, value: decimal(value) })),
  })
  return strategy.warmUp(params) + LOOKED_BACK_AT
}

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
