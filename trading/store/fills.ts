import type { VenueFill } from '../domain/exchange.ts'
import type { Market } from '../domain/market.ts'
import { type Decimal, decimal, plain } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import { type FeePrices, feeValue } from '../domain/position.ts'
import type { Tx } from './pool.ts'

/** A fill that the books did not know. */
export type NewFill = VenueFill & { id: string }

/** Writes those fills that are not in the books yet, in the order in which they happened; answers only these. */
export async function insertFills(
  tx: Tx,
  order: Order,
  market: Market,
  fills: readonly VenueFill[],
  prices: FeePrices,
): Promise<NewFill[]> {
  const fresh: NewFill[] = []
  const sorted = fills.toSorted(
    (a, b) => a.executedAt.getTime() - b.executedAt.getTime() || compareIds(a.tradeId, b.tradeId),
  )
  for (const fill of sorted) {
    const value = feeValue(fill, market, prices)
    const { rows } = await tx.query<{ id: string }>(
      `INSERT INTO fills (order_id, bot_id, exchange, account, symbol, exchange_order_id, trade_id, side, amount, price, fee, fee_currency, fee_value, executed_at, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, tradebot_now())
       ON CONFLICT (exchange, account, symbol, exchange_order_id, trade_id) DO NOTHING RETURNING id`,
      [
        order.id,
        order.botId,
        order.exchange,
        order.mode === 'PAPER' ? 'paper' : order.apiKeyId,
        order.symbol,
        fill.exchangeOrderId,
        fill.tradeId,
        fill.side,
        plain(fill.amount),
        plain(fill.price),
        plain(fill.fee),
        fill.feeCurrency,
        value === null ? null : plain(value),
        fill.executedAt,
      ],
    )
    if (rows[0] !== undefined) fresh.push({ ...fill, id: rows[0].id })
  }
  return fresh
}

export type Sums = { filled: Decimal; averagePrice: Decimal | null }

/** What all fills of the order in the books add up to. */
export async function sumFills(tx: Tx, orderId: string): Promise<Sums> {
  const { rows } = await tx.query<{ filled: string; notional: string }>(
    `SELECT coalesce(sum(amount), 0) AS filled, coalesce(sum(amount * price), 0) AS notional FROM fills WHERE order_id = $1`,
    [orderId],
  )
  const filled = decimal(rows[0]?.filled ?? '0')
  return { filled, averagePrice: filled.isZero() ? null : decimal(rows[0]?.notional ?? '0').div(filled) }
}

/** Trade ids are numbers of any length, mostly. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
