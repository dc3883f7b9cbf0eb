import type { Bot } from '../domain/bot.ts'
import { type Decimal, plain } from '../domain/money.ts'
import { isSettled, type Order, type OrderStatus } from '../domain/order.ts'
import type { Intent } from '../domain/tick/types.ts'
import type { Row } from './bot-columns.ts'
import { newClientOrderId } from './client-order-ids.ts'
import type { Db, Tx } from './pool.ts'
import { releaseReservation } from './reservations.ts'
import { orderFromRow } from './rows.ts'

/**
 * Writes an intent; null when its signal candle is spent already (an entry is unique by bot and candle). The client order id is random:
 * it serves to find the order, never to repeat it. What leaves a position goes to
 * the account that opened it: the bot may have got another key before its entry was found.
 */
export async function insertIntent(
  tx: Tx,
  bot: Bot,
  positionId: string | null,
  intent: Intent,
): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, position_id, client_order_id, side, purpose,
                         amount, reference_price, reason, signal_candle_at, type, price, stop_price, reduce_only, created_at, updated_at)
     VALUES ($1, $2, coalesce((SELECT o.api_key_id FROM orders o WHERE o.bot_id = $1 AND o.position_id = $8 AND o.purpose = 'ENTRY'
       ORDER BY o.id DESC LIMIT 1), $3), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, tradebot_now(), tradebot_now())
     ON CONFLICT (bot_id, signal_candle_at) WHERE purpose = 'ENTRY' DO NOTHING RETURNING id`,
    [
      bot.id,
      bot.userId,
      bot.mode === 'LIVE' ? bot.apiKeyId : null,
      bot.exchange,
      bot.symbol,
      bot.mode,
      bot.revision,
      positionId,
      newClientOrderId(bot.exchange),
      intent.side,
      intent.purpose,
      plain(intent.amount),
      plain(intent.referencePrice),
      intent.reason,
      intent.signalCandleAt,
      intent.type,
      intent.price === null ? null : plain(intent.price),
      intent.stopPrice === null ? null : plain(intent.stopPrice),
      intent.reduceOnly,
    ],
  )
  return rows[0]?.id ?? null
}

export async function loadOrder(db: Db, orderId: string): Promise<Order | null> {
  const { rows } = await db.query<Row>(`SELECT * FROM orders WHERE id = $1`, [orderId])
  return rows[0] === undefined ? null : orderFromRow(rows[0])
}

/** Locks an order. Lock its bot's state first: user, bot, order is the order of locks everywhere. */
export async function lockOrder(tx: Tx, orderId: string): Promise<Order> {
  const { rows } = await tx.query<Row>(`SELECT * FROM orders WHERE id = $1 FOR UPDATE`, [orderId])
  if (rows[0] === undefined) throw new Error(`order ${orderId} is gone`)
  return orderFromRow(rows[0])
}

/** What an intent may cost at most, as its claim found it. */
export async function setLimit(tx: Tx, orderId: string, limit: Decimal): Promise<void> {
  await tx.query(
    `UPDATE orders SET type = 'LIMIT_IOC', price = $2, updated_at = tradebot_now() WHERE id = $1 AND status = 'INTENDED'`,
    [orderId, plain(limit)],
  )
}

/** INTENDED → SUBMITTING. From this commit on the caller, and nobody else ever, may send the order. */
export async function claimOrder(
  tx: Tx,
  orderId: string,
  budgetMs: number,
  firstLookMs: number,
): Promise<void> {
  await tx.query(
    `UPDATE orders SET status = 'SUBMITTING', submitted_at = tradebot_now(), updated_at = tradebot_now(),
       submit_deadline = tradebot_now() + make_interval(secs => $2::double precision / 1000),
       next_settle_at = tradebot_now() + make_interval(secs => $3::double precision / 1000)
     WHERE id = $1 AND status = 'INTENDED'`,
    [orderId, budgetMs, firstLookMs],
  )
}

export type OrderMark = {
  status: OrderStatus
  code?: string | null
  message?: string | null
  /** Null: never again. */
  settleInMs: number | null
  notFoundCount?: number
}

/** Moves an order to a status that brings no fills. `unknown_since` is kept from the first time. */
export async function markOrder(tx: Tx, orderId: string, mark: OrderMark): Promise<void> {
  await tx.query(
    `UPDATE orders SET status = $2::"OrderStatus", error_code = coalesce($3, error_code), error_message = coalesce($4, error_message), updated_at = tradebot_now(),
       next_settle_at = tradebot_now() + make_interval(secs => $5::double precision / 1000),
       not_found_count = coalesce($6, not_found_count),
       unknown_since = CASE WHEN $2::"OrderStatus" = 'UNKNOWN' THEN coalesce(unknown_since, tradebot_now()) ELSE unknown_since END
     WHERE id = $1`,
    [
      orderId,
      mark.status,
      mark.code ?? null,
      mark.message ?? null,
      mark.settleInMs,
      mark.notFoundCount ?? null,
    ],
  )
  if (isSettled(mark.status)) await releaseReservation(tx, orderId)
}

/** When the order is looked for next, with nothing else changed but why the last look failed. */
export async function scheduleSettle(
  db: Db,
  orderId: string,
  settleInMs: number | null,
  message: string | null,
): Promise<void> {
  await db.query(
    `UPDATE orders SET next_settle_at = tradebot_now() + make_interval(secs => $2::double precision / 1000),
       error_message = coalesce($3, error_message), updated_at = tradebot_now() WHERE id = $1`,
    [orderId, settleInMs, message],
  )
}
