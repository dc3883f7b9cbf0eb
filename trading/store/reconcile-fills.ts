import { type Decimal, decimal } from '../domain/money.ts'
import type { FillFacts } from '../domain/reconcile/corrections.ts'
import type { AssetBooks } from '../domain/reconcile/types.ts'
import type { Db } from './pool.ts'

/** What the books have of fills of these orders, and what all fills of these bots come to. */
export async function readFillFacts(
  db: Db,
  apiKeyId: string,
  books: Pick<AssetBooks, 'asset' | 'bots' | 'orders'>,
): Promise<FillFacts> {
  const { rows } = await db.query<{ order_id: string; filled: string; trade_ids: string[] }>(
    `SELECT order_id::text, sum(amount)::text AS filled, array_agg(trade_id) AS trade_ids FROM fills
     WHERE order_id = ANY($1::bigint[]) GROUP BY order_id`,
    [books.orders.map(({ id }) => id)],
  )
  const orders = new Map(
    rows.map((row) => [row.order_id, { filled: decimal(row.filled), tradeIds: new Set(row.trade_ids) }]),
  )
  const botIds = books.bots.map(({ id }) => id)
  return { orders, bots: await readHoldings(db, apiKeyId, books.asset, botIds) }
}

/**
 * By bot: what its fills come to in the asset. Null where they do not tell all: under another key, beyond what was held (`beyond`: recorded, but
 * booked to nothing), or with a speck that was written off.
 */
export async function readHoldings(
  db: Db,
  apiKeyId: string,
  asset: string,
  botIds: readonly string[],
): Promise<Map<string, Decimal | null>> {
  const { rows } = await db.query<{ bot_id: string; held: string; whole: boolean }>(
    `WITH moves AS (
       SELECT f.bot_id, f.id, f.account, position(':' in f.symbol) > 0 AS futures,
         CASE f.side WHEN 'BUY' THEN f.amount ELSE -f.amount END
           - CASE WHEN f.fee_currency = $3 AND position(':' in f.symbol) = 0 THEN f.fee ELSE 0 END AS moved
       FROM fills f WHERE f.bot_id = ANY($1::bigint[])),
     sums AS (SELECT *, sum(moved) OVER (PARTITION BY bot_id ORDER BY id) AS held FROM moves)
     SELECT bot_id::text, sum(moved)::text AS held,
       bool_and(account = $2 AND CASE WHEN futures THEN held * (held - moved) >= 0 ELSE held >= 0 END)
         AND NOT EXISTS (SELECT FROM bot_events e WHERE e.bot_id = sums.bot_id AND e.type = 'SPECK_WRITTEN_OFF') AS whole
     FROM sums GROUP BY bot_id`,
    [botIds, apiKeyId, asset],
  )
  return new Map(rows.map((row) => [row.bot_id, row.whole ? decimal(row.held) : null]))
}
