import type { VenueFill } from '../domain/exchange.ts'
import type { Order } from '../domain/order.ts'
import type { Db } from './pool.ts'

/** Of these trades of the order's account and market, those on its side that belong to no fill and no order in the books. */
export async function unattributedTrades(
  db: Db,
  order: Order,
  trades: readonly VenueFill[],
): Promise<VenueFill[]> {
  const candidates = trades.filter((trade) => trade.side === order.side)
  if (candidates.length === 0) return []
  const { rows } = await db.query<{ exchange_order_id: string }>(
    `SELECT exchange_order_id FROM orders WHERE exchange = $1 AND symbol = $2 AND api_key_id = $3 AND exchange_order_id = ANY($4::text[])`,
    [order.exchange, order.symbol, order.apiKeyId, candidates.map((trade) => trade.exchangeOrderId)],
  )
  const known = new Set(rows.map((row) => row.exchange_order_id))
  return candidates.filter((trade) => !known.has(trade.exchangeOrderId))
}
