import type { PositionType } from '../domain/bot.ts'
import { decimal, type Decimal } from '../domain/money.ts'
import { staleSql } from './known-markets.ts'
import { escapeLike } from './like-pattern.ts'
import type { Db } from './pool.ts'

/** SYMBOL: by symbol. VOLUME: what people look for first. */
export const MARKET_ORDERS = ['SYMBOL', 'VOLUME'] as const
export type MarketOrder = (typeof MARKET_ORDERS)[number]

export type MarketChoice = {
  symbol: string
  base: string
  quote: string
  type: PositionType
  priceTick: Decimal | null
  amountStep: Decimal | null
  minAmount: Decimal | null
  minCost: Decimal | null
  maxLeverage: number | null
  maintenanceMarginPerc: Decimal | null
  volume24h: Decimal | null
  /** When the venue was last asked for its markets. */
  updatedAt: Date
  /** It was not asked for a day, or did not answer when it was: what is known may be old. */
  stale: boolean
}

/** Volumes are in quote currency and compare only between quotes of about the same worth: these come first. */
const DOLLARS = ['USDT', 'USDC', 'USD', 'FDUSD', 'DAI']

type Wanted = {
  exchange: string
  /** A part of the symbol, in any case; all that LIKE takes for a pattern is text. */
  search: string
  type: PositionType | null
  orderBy: MarketOrder
  first: number
}

/** Markets of a venue that trade now, as they are known. By volume, searching "eth", ETH itself comes before what only contains it. */
export async function listMarkets(db: Db, wanted: Wanted): Promise<MarketChoice[]> {
  const { exchange, search, type, orderBy, first } = wanted
  const pattern = `%${escapeLike(search)}%`
  const { rows } = await db.query<Row>(
    `SELECT m.*, coalesce(v.refreshed_at, m.updated_at) AS read_at,
       (${staleSql('m.type')}) AS stale
     FROM markets m LEFT JOIN venues v USING (exchange)
     WHERE m.exchange = $1 AND m.active AND m.symbol ILIKE $2 AND ($3::"PositionType" IS NULL OR m.type = $3)
     ORDER BY CASE WHEN $5 THEN NULL ELSE m.symbol END,
       upper(m.base) = upper($6) DESC, m.quote = ANY($7) DESC, m.volume_24h DESC NULLS LAST, m.symbol
     LIMIT $4`,
    [exchange, pattern, type, first, orderBy === 'VOLUME', search, DOLLARS],
  )
  return rows.map(choiceOf)
}

type Row = {
  symbol: string
  base: string
  quote: string
  type: PositionType
  price_tick: string | null
  amount_step: string | null
  min_amount: string | null
  min_cost: string | null
  max_leverage: number | null
  maintenance_margin_perc: string | null
  volume_24h: string | null
  read_at: Date
  stale: boolean
}

function choiceOf(row: Row): MarketChoice {
  return {
    symbol: row.symbol,
    base: row.base,
    quote: row.quote,
    type: row.type,
    priceTick: optional(row.price_tick),
    amountStep: optional(row.amount_step),
    minAmount: optional(row.min_amount),
    minCost: optional(row.min_cost),
    maxLeverage: row.max_leverage,
    maintenanceMarginPerc: optional(row.maintenance_margin_perc),
    volume24h: optional(row.volume_24h),
    updatedAt: row.read_at,
    stale: row.stale,
  }
}

function optional(value: string | null): Decimal | null {
  return value === null ? null : decimal(value)
}
