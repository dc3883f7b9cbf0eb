import type { Db } from './pool.ts'

/** Which fills: of one bot, from the start of one UTC day to the end of another, by when they happened at the exchange. */
export type TradeFilter = { botId: string | null; from: string | null; to: string | null }

/** One fill with what it belongs to; numbers as the database writes them. */
export type ExportedTrade = {
  id: string
  executedAt: Date
  botId: string
  botName: string
  exchange: string
  symbol: string
  mode: string
  side: string
  purpose: string
  amount: string
  price: string
  fee: string
  feeCurrency: string
  feeValue: string | null
  realizedPnl: string | null
  orderId: string
  clientOrderId: string
  exchangeOrderId: string
  tradeId: string
}

/** The user's bots that may have trades, deleted ones too: their history counts. Null when the one that is asked for is not the user's. */
export async function botsToExport(db: Db, userId: string, botId: string | null): Promise<string[] | null> {
  const { rows } = await db.query<{ id: string }>(
    'SELECT id FROM bot_configs WHERE user_id = $1 AND ($2::bigint IS NULL OR id = $2) ORDER BY id',
    [userId, botId],
  )
  return botId !== null && rows.length === 0 ? null : rows.map((row) => row.id)
}

/**
 * The next page of a bot's fills after the fill `afterId`, in the order in which they were booked; the index on (bot, id) serves. Scoped to the
 * user once more.
 */
export async function tradesAfter(
  db: Db,
  { userId, botId, afterId }: { userId: string; botId: string; afterId: string },
  { from, to }: TradeFilter,
  most: number,
): Promise<ExportedTrade[]> {
  const { rows } = await db.query<ExportedTrade>(
    `SELECT f.id, f.executed_at AS "executedAt", f.bot_id AS "botId", b.name AS "botName", f.exchange, f.symbol, o.mode, f.side, o.purpose,
            f.amount, f.price, f.fee, f.fee_currency AS "feeCurrency", f.fee_value AS "feeValue", f.realized_pnl AS "realizedPnl",
            f.order_id AS "orderId", o.client_order_id AS "clientOrderId", f.exchange_order_id AS "exchangeOrderId", f.trade_id AS "tradeId"
     FROM fills f JOIN orders o ON o.id = f.order_id JOIN bot_configs b ON b.id = f.bot_id
     WHERE b.user_id = $1 AND f.bot_id = $2 AND f.id > $3
       AND ($4::date IS NULL OR f.executed_at >= $4::date::timestamp AT TIME ZONE 'UTC')
       AND ($5::date IS NULL OR f.executed_at < ($5::date + 1)::timestamp AT TIME ZONE 'UTC')
     ORDER BY f.id LIMIT $6`,
    [userId, botId, afterId, from, to, most],
  )
  return rows
}
