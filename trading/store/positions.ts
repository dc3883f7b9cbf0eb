import { type Decimal, decimal, plain } from '../domain/money.ts'
import type { Holding, Position } from '../domain/position.ts'
import type { Tx } from './pool.ts'

type Held = NonNullable<Holding['position']>
type Prices = { stopLoss: Decimal; takeProfit: Decimal | null }

/** Writes the open position, inserting it when `id` is null; answers its id. */
export async function savePosition(
  tx: Tx,
  botId: string,
  id: string | null,
  held: Held,
  prices: Prices,
  now: Date,
): Promise<string> {
  const values = [
    held.side,
    plain(held.amount),
    plain(held.averagePrice),
    plain(held.entryAmount),
    plain(held.entryNotional),
    plain(held.cost),
    plain(held.realizedPnl),
    plain(held.bestPrice),
    plain(prices.stopLoss),
    prices.takeProfit === null ? null : plain(prices.takeProfit),
    held.futures?.leverage ?? null,
    held.futures === undefined ? null : plain(held.futures.margin),
    held.futures === undefined ? null : plain(held.futures.funding),
    held.futures?.liquidationPrice == null ? null : plain(held.futures.liquidationPrice),
  ]
  if (id !== null) {
    await tx.query(
      `UPDATE positions SET side = $2, amount = $3, average_price = $4, entry_amount = $5, entry_notional = $6, cost = $7, realized_pnl = $8,
         best_price = $9, stop_loss_price = $10, take_profit_price = $11, leverage = $12, margin = $13, funding = $14, liquidation_price = $15 WHERE id = $1`,
      [id, ...values],
    )
    return id
  }
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO positions (bot_id, opened_at, side, amount, average_price, entry_amount, entry_notional, cost, realized_pnl, best_price,
                            stop_loss_price, take_profit_price, leverage, margin, funding, liquidation_price)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id`,
    [botId, now, ...values],
  )
  if (rows[0] === undefined) throw new Error('INSERT … RETURNING gave no row')
  return rows[0].id
}

/** What moves with the price alone. */
export async function savePositionPrices(
  tx: Tx,
  position: Position,
  prices: { bestPrice: Decimal; stopLossPrice: Decimal; takeProfitPrice: Decimal | null },
): Promise<void> {
  await tx.query(
    `UPDATE positions SET best_price = $2, stop_loss_price = $3, take_profit_price = $4 WHERE id = $1`,
    [
      position.id,
      plain(prices.bestPrice),
      plain(prices.stopLossPrice),
      prices.takeProfitPrice === null ? null : plain(prices.takeProfitPrice),
    ],
  )
}

/**
 * Closes the position; answers its realised profit in quote currency, all of its exits, its payments (funding, and what a
 * liquidation cost) and its dust included; `apart` is what no
 * fill carries, `orderId` the order that closes it, which may not know its position yet.
 */
export async function closePosition(
  tx: Tx,
  id: string,
  now: Date,
  apart: Decimal,
  orderId: string | null = null,
): Promise<Decimal> {
  const { rows } = await tx.query<{ realized_pnl: string }>(
    `UPDATE positions SET closed_at = $2, amount = 0, cost = 0, stop_loss_price = NULL, take_profit_price = NULL,
       margin = margin * 0, liquidation_price = NULL,
       realized_pnl = (SELECT coalesce(sum(f.realized_pnl), 0) FROM fills f JOIN orders o ON o.id = f.order_id WHERE o.bot_id = positions.bot_id
         AND (o.position_id = $1 OR (o.id = $4 AND o.position_id IS NULL)))
         + (SELECT coalesce(sum(f.amount), 0) FROM funding_payments f WHERE f.bot_id = positions.bot_id AND f.position_id = $1
              AND f.currency = split_part(f.symbol, ':', 2)) + $3::numeric
     WHERE id = $1 RETURNING realized_pnl`,
    [id, now, plain(apart), orderId],
  )
  return decimal(rows[0]?.realized_pnl ?? '0')
}
