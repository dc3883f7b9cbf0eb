import type { PositionType } from '../domain/bot.ts'
import type { Market } from '../domain/market.ts'
import { decimal, type Decimal } from '../domain/money.ts'
import { noteWanted } from './market-refresh.ts'
import type { Db, Pool } from './pool.ts'
import { askWorker, DataUnavailableError, type WaitOptions } from './wanted-data.ts'

/** Markets older than this are asked for again before anything is decided by them. */
const STALE = "interval '24 hours'"

/**
 * Sees that the venue's markets are known and not older than a day, asking a worker where they are not. Who asks is counted as a use, for
 * which the markets are read by themselves from then on.
 * @throws DataUnavailableError with the reason
 */
export async function ensureMarkets(pool: Pool, exchange: string, options: WaitOptions): Promise<void> {
  await readAnew(pool, exchange, options)
  await noteWanted(pool, exchange)
}

async function readAnew(pool: Pool, exchange: string, options: WaitOptions): Promise<void> {
  if (await marketsFresh(pool, exchange)) return
  // The error of an earlier try must not be taken for the answer to this one.
  await pool.query('UPDATE venues SET error = NULL WHERE exchange = $1', [exchange])
  const ended = await askWorker(
    pool,
    'refresh_markets',
    { exchange },
    async () => (await marketsFresh(pool, exchange)) || (await venueError(pool, exchange)) !== null,
    options,
  )
  if (await marketsFresh(pool, exchange)) return
  const error = await venueError(pool, exchange)
  throw new DataUnavailableError(
    error !== null
      ? `The markets of ${exchange} could not be read: ${error}`
      : ended
        ? `The markets of ${exchange} could not be read; the worker's log says why.`
        : `The markets of ${exchange} have not come within 10 seconds. Try again in a moment.`,
  )
}

/** One market, active or not; null when the venue has none of that symbol. */
export async function findMarket(db: Db, exchange: string, symbol: string): Promise<Market | null> {
  const { rows } = await db.query<MarketRow>(
    `SELECT ${COLUMNS} FROM markets WHERE exchange = $1 AND symbol = $2`,
    [exchange, symbol],
  )
  return rows[0] === undefined ? null : toMarket(rows[0])
}

/** The venue's timeframes; empty when no worker has read them yet. */
export async function venueTimeframes(db: Db, exchanges: string[]): Promise<Map<string, string[]>> {
  const { rows } = await db.query<{ exchange: string; timeframes: string[] }>(
    'SELECT exchange, timeframes FROM venues WHERE exchange = ANY($1)',
    [exchanges],
  )
  return new Map(rows.map((row) => [row.exchange, row.timeframes]))
}

/** Whether what is known of a venue's markets of a kind may be old: not read for a day, or not to be had the last time. */
export async function marketsStale(db: Db, exchange: string, type: PositionType): Promise<boolean> {
  const { rows } = await db.query<{ stale: boolean }>(
    `SELECT (${staleSql('$2')}) AS stale FROM venues v WHERE v.exchange = $1`,
    [exchange, type],
  )
  return rows[0]?.stale ?? true
}

/** The same in SQL, of a row `v` of venues; `type` is an expression. */
export function staleSql(type: string): string {
  return `v.refreshed_at IS NULL OR v.refreshed_at < tradebot_now() - ${STALE} OR ${type}::text = ANY(v.stale_types)`
}

async function marketsFresh(db: Db, exchange: string): Promise<boolean> {
  const { rows } = await db.query<{ fresh: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM venues WHERE exchange = $1 AND refreshed_at > tradebot_now() - ${STALE}) AS fresh`,
    [exchange],
  )
  return rows[0]?.fresh === true
}

async function venueError(db: Db, exchange: string): Promise<string | null> {
  const { rows } = await db.query<{ error: string | null }>('SELECT error FROM venues WHERE exchange = $1', [
    exchange,
  ])
  return rows[0]?.error ?? null
}

const COLUMNS =
  'exchange, symbol, base, quote, type, active, price_tick, amount_step, min_amount, min_cost, max_leverage, settle, maintenance_margin_perc, liquidation_fee_perc, max_amount'

type MarketRow = {
  exchange: string
  symbol: string
  base: string
  quote: string
  type: PositionType
  active: boolean
  price_tick: string | null
  amount_step: string | null
  min_amount: string | null
  min_cost: string | null
  max_leverage: number | null
  settle: string | null
  maintenance_margin_perc: string | null
  liquidation_fee_perc: string | null
  max_amount: string | null
}

function toMarket(row: MarketRow): Market {
  const { price_tick, amount_step, min_amount, min_cost, max_leverage, ...others } = row
  const { settle, maintenance_margin_perc, liquidation_fee_perc, max_amount, ...rest } = others
  return {
    ...rest,
    priceTick: optional(price_tick),
    amountStep: optional(amount_step),
    minAmount: optional(min_amount),
    minCost: optional(min_cost),
    maxLeverage: max_leverage,
    ...(max_amount !== null && { maxAmount: decimal(max_amount) }),
    ...(settle !== null && {
      futures: {
        settle,
        maintenanceMarginPerc: decimal(maintenance_margin_perc ?? '0'),
        liquidationFeePerc: decimal(liquidation_fee_perc ?? '0'),
      },
    }),
  }
}

function optional(value: string | null): Decimal | null {
  return value === null ? null : decimal(value)
}
