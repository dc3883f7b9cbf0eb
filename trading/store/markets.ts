import type { PositionType } from '../domain/bot.ts'
import type { ListedMarket } from '../domain/market.ts'
import { plain, type Decimal } from '../domain/money.ts'
import type { Db, Tx } from './pool.ts'

/** DECIMAL(38,18) has 20 digits before the point; some venues name limits beyond, which limit nothing. */
const TOO_LARGE = '1e20'

/**
 * Writes what a venue said of its markets, all of it: markets that it no longer names become inactive, and never vanish, for orders and
 * bots point at them. Rows that say the same stay untouched. `unread`: kinds that it could not be asked for this time; they stay as they are,
 * and are stale from now on.
 */
export async function upsertMarkets(
  tx: Tx,
  exchange: string,
  markets: readonly ListedMarket[],
  timeframes: readonly string[],
  unread: readonly { type: PositionType; message: string }[] = [],
): Promise<void> {
  const sorted = markets.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
  await tx.query(
    `INSERT INTO markets AS m (exchange, symbol, base, quote, type, active, price_tick, amount_step, min_amount, min_cost, max_leverage, settle,
       maintenance_margin_perc, liquidation_fee_perc, max_amount, updated_at)
     SELECT $1, given.*, tradebot_now()
     FROM unnest($2::text[], $3::text[], $4::text[], $5::"PositionType"[], $6::boolean[], $7::numeric[], $8::numeric[], $9::numeric[], $10::numeric[], $11::int[], $12::text[], $13::numeric[],
       $14::numeric[], $15::numeric[]) AS given
     ON CONFLICT (exchange, symbol) DO UPDATE
       SET base = EXCLUDED.base, quote = EXCLUDED.quote, type = EXCLUDED.type, active = EXCLUDED.active, price_tick = EXCLUDED.price_tick,
           amount_step = EXCLUDED.amount_step, min_amount = EXCLUDED.min_amount, min_cost = EXCLUDED.min_cost,
           max_leverage = EXCLUDED.max_leverage, settle = EXCLUDED.settle, maintenance_margin_perc = EXCLUDED.maintenance_margin_perc,
           liquidation_fee_perc = EXCLUDED.liquidation_fee_perc, max_amount = EXCLUDED.max_amount, updated_at = EXCLUDED.updated_at
       WHERE (m.base, m.quote, m.type, m.active, m.price_tick, m.amount_step, m.min_amount, m.min_cost, m.max_leverage,
              m.settle, m.maintenance_margin_perc, m.liquidation_fee_perc, m.max_amount) IS DISTINCT FROM
             (EXCLUDED.base, EXCLUDED.quote, EXCLUDED.type, EXCLUDED.active, EXCLUDED.price_tick, EXCLUDED.amount_step, EXCLUDED.min_amount, EXCLUDED.min_cost, EXCLUDED.max_leverage,
              EXCLUDED.settle, EXCLUDED.maintenance_margin_perc, EXCLUDED.liquidation_fee_perc, EXCLUDED.max_amount)`,
    [
      exchange,
      sorted.map((market) => market.symbol),
      sorted.map((market) => market.base),
      sorted.map((market) => market.quote),
      sorted.map((market) => market.type),
      sorted.map((market) => market.active),
      sorted.map((market) => stored(market.priceTick)),
      sorted.map((market) => stored(market.amountStep)),
      sorted.map((market) => stored(market.minAmount)),
      sorted.map((market) => stored(market.minCost)),
      sorted.map((market) => market.maxLeverage),
      sorted.map((market) => market.futures?.settle ?? null),
      sorted.map((market) => stored(market.futures?.maintenanceMarginPerc ?? null)),
      sorted.map((market) => stored(market.futures?.liquidationFeePerc ?? null)),
      sorted.map((market) => stored(market.maxAmount ?? null)),
    ],
  )
  // Apart from the rules: it is another with each read, and says nothing of when the rules changed.
  const traded = sorted.filter((market) => market.volume24h !== null)
  await tx.query(
    `UPDATE markets m SET volume_24h = given.volume, volume_at = tradebot_now()
     FROM unnest($2::text[], $3::numeric[]) AS given (symbol, volume) WHERE m.exchange = $1 AND m.symbol = given.symbol`,
    [exchange, traded.map((market) => market.symbol), traded.map((market) => stored(market.volume24h))],
  )
  const stale = unread.map(({ type }) => type)
  await tx.query(
    `UPDATE markets SET active = false, updated_at = tradebot_now()
     WHERE exchange = $1 AND active AND symbol <> ALL($2::text[]) AND type::text <> ALL($3::text[])`,
    [exchange, sorted.map((market) => market.symbol), stale],
  )
  await tx.query(
    `INSERT INTO venues (exchange, timeframes, refreshed_at, error, stale_types) VALUES ($1, $2, tradebot_now(), $3, $4)
     ON CONFLICT (exchange) DO UPDATE
       SET timeframes = EXCLUDED.timeframes, refreshed_at = EXCLUDED.refreshed_at, error = EXCLUDED.error, stale_types = EXCLUDED.stale_types`,
    [exchange, timeframes, unread.map(({ message }) => message).join(' ') || null, stale],
  )
}

/** Notes why a venue's markets could not be read; what is known of them stays, and is stale. */
export async function recordVenueError(db: Db, exchange: string, message: string): Promise<void> {
  await db.query(
    `INSERT INTO venues (exchange, timeframes, error, stale_types) VALUES ($1, '{}', $2, '{SPOT,FUTURES}')
     ON CONFLICT (exchange) DO UPDATE SET error = EXCLUDED.error, stale_types = EXCLUDED.stale_types`,
    [exchange, message],
  )
}

function stored(value: Decimal | null): string | null {
  return value === null || value.gte(TOO_LARGE) ? null : plain(value)
}
