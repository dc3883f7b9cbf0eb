import type { VenueFill, VenueOrder } from '../domain/exchange.ts'
import { type Decimal, plain } from '../domain/money.ts'
import type { Order, OrderPurpose, OrderType } from '../domain/order.ts'
import { enqueue } from '../jobs/enqueue.ts'
import type { LockedBot } from './bots.ts'
import { saveState } from './bots.ts'
import type { NewEvent } from './events.ts'
import { lockOrder } from './orders.ts'
import type { Db, Tx } from './pool.ts'

/** Looks the order up at once, unless it has changed since it was judged. Answers whether it did. */
export async function settleNow(tx: Tx, order: Pick<Order, 'id' | 'status' | 'filled'>): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE orders SET next_settle_at = least(coalesce(next_settle_at, tradebot_now()), tradebot_now())
     WHERE id = $1 AND status = $2::"OrderStatus" AND filled = $3`,
    [order.id, order.status, plain(order.filled)],
  )
  if (rowCount === 1) await enqueue(tx, 'settle_order', { orderId: order.id })
  return rowCount === 1
}

export type FoundOrder = {
  origin: 'TAKEN_OVER' | 'MANUAL' | 'LIQUIDATION'
  reduceOnly: boolean
  clientOrderId: string
  exchangeOrderId: string
  side: Order['side']
  purpose: OrderPurpose
  type: OrderType
  /** What the exchange says, with which evidence is booked right after. */
  status: VenueOrder['status']
  amount: Decimal
  price: Decimal | null
  stopPrice: Decimal | null
  referencePrice: Decimal
  reason: string
  at: Date
}

/**
 * Writes the row of an order that the exchange has and the books miss, and locks it; null when somebody wrote it meanwhile. It carries no
 * fill yet: the caller books them as evidence, in the same transaction.
 */
export async function insertFound(
  tx: Tx,
  { bot }: LockedBot,
  positionId: string | null,
  found: FoundOrder,
): Promise<Order | null> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, position_id, client_order_id, exchange_order_id, side,
                         purpose, type, status, amount, price, stop_price, reference_price, reason, signal_candle_at, submitted_at, origin, reduce_only,
                         created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, 'LIVE', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, tradebot_now(), tradebot_now())
     ON CONFLICT (client_order_id) DO NOTHING RETURNING id`,
    [
      bot.id,
      bot.userId,
      bot.apiKeyId,
      bot.exchange,
      bot.symbol,
      bot.revision,
      positionId,
      found.clientOrderId,
      found.exchangeOrderId,
      found.side,
      found.purpose,
      found.type,
      found.status,
      plain(found.amount),
      found.price === null ? null : plain(found.price),
      found.stopPrice === null ? null : plain(found.stopPrice),
      plain(found.referencePrice),
      found.reason,
      // The signal of a lost entry is lost too: its own time stands for the candle.
      found.purpose === 'ENTRY' ? found.at : null,
      found.at,
      found.origin,
      found.reduceOnly,
    ],
  )
  return rows[0] === undefined ? null : lockOrder(tx, rows[0].id)
}

/** Which of these sells the books have no fill of. */
export async function unbookedFills(
  tx: Tx,
  account: { apiKeyId: string; exchange: string; symbol: string },
  fills: readonly VenueFill[],
): Promise<VenueFill[]> {
  const { rows } = await tx.query<{ exchange_order_id: string; trade_id: string }>(
    `SELECT exchange_order_id, trade_id FROM fills
     WHERE exchange = $1 AND account = $2 AND symbol = $3 AND exchange_order_id = ANY($4::text[])`,
    [account.exchange, account.apiKeyId, account.symbol, fills.map((fill) => fill.exchangeOrderId)],
  )
  const known = new Set(rows.map((row) => `${row.exchange_order_id} ${row.trade_id}`))
  return fills.filter((fill) => !known.has(`${fill.exchangeOrderId} ${fill.tradeId}`))
}

/** A difference that a bot is paused for. */
export type Difference = { subject: string; amount: Decimal | null; message: string }

/**
 * Pauses a bot for a difference between its books and the account; a bot that cannot be paused is told of it by an event. The very same
 * difference (or a smaller one) is told once, and what a person has resumed it with does not pause it again; a bot that was started since
 * has been told nothing. Answers whether anything was done; `LATER`: the bot is starting, and can be paused once it runs.
 */
export async function pauseFor(
  tx: Tx,
  locked: LockedBot,
  difference: Difference,
  tolerance: Decimal,
  events: NewEvent[],
): Promise<'PAUSED' | 'TOLD' | 'KNOWN' | 'LATER'> {
  const { bot, state, now } = locked
  if (await wasTold(tx, locked, difference, tolerance)) return 'KNOWN'
  if (state.status === 'PENDING') return 'LATER'
  await tx.query(
    `INSERT INTO reconciliation_findings (bot_id, subject, amount, message, seen_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (bot_id, subject) DO UPDATE SET amount = EXCLUDED.amount, message = EXCLUDED.message, seen_at = EXCLUDED.seen_at`,
    [
      bot.id,
      difference.subject,
      difference.amount === null ? null : plain(difference.amount),
      difference.message,
      now,
    ],
  )
  const from = state.status
  if (from !== 'RUNNING' && from !== 'PAUSED') {
    events.push({ botId: bot.id, type: 'BALANCE_MISMATCH', message: difference.message })
    return 'TOLD'
  }
  Object.assign(state, { status: 'PAUSED', pauseReason: 'RECONCILIATION', pauseDay: null })
  await saveState(tx, state)
  events.push({ botId: bot.id, type: 'STATUS', from, to: 'PAUSED', message: difference.message })
  return 'PAUSED'
}

async function wasTold(
  tx: Tx,
  { bot, state }: LockedBot,
  difference: Difference,
  tolerance: Decimal,
): Promise<boolean> {
  const told = await readTold(tx, [bot.id], difference.subject)
  const one = told.get(bot.id)
  return one !== undefined && isSameNews(one, state.startedAt, difference, tolerance)
}

/** Which of these bots were paused for this difference, or told of it, since they were started. */
export async function botsThatKnow(
  db: Db,
  botIds: readonly string[],
  difference: Pick<Difference, 'subject' | 'amount'>,
  tolerance: Decimal,
): Promise<Set<string>> {
  const told = await readTold(db, botIds, difference.subject)
  return new Set(
    [...told].flatMap(([id, one]) => (isSameNews(one, one.startedAt, difference, tolerance) ? [id] : [])),
  )
}

type Told = { amount: string | null; seenAt: Date; startedAt: Date | null }

function isSameNews(
  told: Told,
  startedAt: Date | null,
  { amount }: Pick<Difference, 'amount'>,
  tolerance: Decimal,
): boolean {
  if (startedAt !== null && told.seenAt < startedAt) return false
  return amount === null || told.amount === null || amount.minus(told.amount).lte(tolerance)
}

async function readTold(db: Db, botIds: readonly string[], subject: string): Promise<Map<string, Told>> {
  const { rows } = await db.query<Told & { id: string }>(
    `SELECT f.bot_id::text AS id, f.amount, f.seen_at AS "seenAt", s.started_at AS "startedAt"
     FROM reconciliation_findings f JOIN bot_states s ON s.bot_id = f.bot_id WHERE f.bot_id = ANY($1::bigint[]) AND f.subject = $2`,
    [botIds, subject],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** The foreign orders of a market that were told already, by the exchange's numbers. */
export async function knownForeign(db: Db, apiKeyId: string, symbol: string): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT exchange_order_id AS id FROM foreign_orders WHERE api_key_id = $1 AND symbol = $2`,
    [apiKeyId, symbol],
  )
  return new Set(rows.map((row) => row.id))
}

/** The account holds what the books say again: should the same be missing once more, it is news. */
export async function forgetShortage(
  db: Db,
  apiKeyId: string,
  subject: string,
  shortage: Decimal | null,
): Promise<void> {
  await db.query(
    shortage === null
      ? `DELETE FROM reconciliation_findings f USING bot_configs c WHERE c.id = f.bot_id AND c.api_key_id = $1 AND f.subject = $2`
      : `UPDATE reconciliation_findings f SET amount = least(f.amount, $3::numeric) FROM bot_configs c
         WHERE c.id = f.bot_id AND c.api_key_id = $1 AND f.subject = $2 AND f.amount > $3::numeric`,
    shortage === null ? [apiKeyId, subject] : [apiKeyId, subject, plain(shortage)],
  )
}

/** Remembers a foreign order; true when it was not known yet. */
export async function rememberForeign(
  tx: Tx,
  apiKeyId: string,
  symbol: string,
  found: VenueOrder,
): Promise<boolean> {
  const { rows } = await tx.query<{ fresh: boolean }>(
    `INSERT INTO foreign_orders AS f (api_key_id, symbol, exchange_order_id, side, amount, filled, status, first_seen_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, tradebot_now())
     ON CONFLICT (api_key_id, symbol, exchange_order_id) DO UPDATE SET filled = EXCLUDED.filled, status = EXCLUDED.status
     RETURNING xmax = 0 AS fresh`,
    [
      apiKeyId,
      symbol,
      found.exchangeOrderId,
      found.side,
      plain(found.amount),
      plain(found.filled),
      found.status,
    ],
  )
  return rows[0]?.fresh === true
}

export async function readCursors(db: Db, apiKeyId: string): Promise<Map<string, Date>> {
  const { rows } = await db.query<{ symbol: string; checked_until: Date }>(
    `SELECT symbol, checked_until FROM account_markets WHERE api_key_id = $1`,
    [apiKeyId],
  )
  return new Map(rows.map((row) => [row.symbol, row.checked_until]))
}

/** Until then the account's orders and trades of these markets are in the books. */
export async function saveCursors(
  db: Db,
  apiKeyId: string,
  symbols: readonly string[],
  until: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO account_markets AS m (api_key_id, symbol, checked_until) SELECT $1, unnest($2::text[]), $3
     ON CONFLICT (api_key_id, symbol) DO UPDATE SET checked_until = greatest(m.checked_until, EXCLUDED.checked_until)`,
    [apiKeyId, symbols, until],
  )
}
