import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Bot } from '../domain/bot.ts'
import { type Decimal, decimal, plain } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Transfer, TransferCandidate, TransferStatus } from '../domain/transfer.ts'
import type { Row } from './bot-columns.ts'
import type { Db, Tx } from './pool.ts'

/**
 * Locks are taken in this order everywhere: user, bot state, order, account_balances, transfer, event counter. An insert counts as a lock of
 * the transfer: it waits for whoever else is about to put one of the same key in flight.
 */

const COLUMNS = `t.*, b.user_id, b.exchange, b.symbol`

/** Writes the intent to move `amount` to the futures wallet for that entry; null while another transfer of the key is in flight. */
export async function insertEntryTransfer(
  tx: Tx,
  order: Pick<Order, 'id' | 'botId'>,
  apiKeyId: string,
  amount: Decimal,
  currency: string,
): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO transfers (bot_id, api_key_id, from_wallet, to_wallet, amount, currency, purpose, order_id, client_transfer_id, created_at, updated_at)
     VALUES ($1, $2, 'SPOT', 'FUTURES', $3, $4, 'ENTRY', $5, $6, tradebot_now(), tradebot_now())
     ON CONFLICT DO NOTHING RETURNING id`,
    [order.botId, apiKeyId, plain(amount), currency, order.id, newClientId()],
  )
  return rows[0]?.id ?? null
}

/** Writes the intent to move profit back at the end of `day`; null while another one is in flight, or when that day has its own. */
export async function insertSweep(
  tx: Tx,
  bot: Bot,
  apiKeyId: string,
  day: string,
  amount: Decimal,
  currency: string,
): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO transfers (bot_id, api_key_id, from_wallet, to_wallet, amount, currency, purpose, day, client_transfer_id, created_at, updated_at)
     VALUES ($1, $2, 'FUTURES', 'SPOT', $3, $4, 'DAY_END', $5, $6, tradebot_now(), tradebot_now())
     ON CONFLICT DO NOTHING RETURNING id`,
    [bot.id, apiKeyId, plain(amount), currency, day, newClientId()],
  )
  return rows[0]?.id ?? null
}

/** Random, 128 bits: it serves to find the transfer where the venue keeps it, never to repeat it. A UUID, as some venues ask. */
function newClientId(): string {
  const hex = randomBytes(16).toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}

export async function loadTransfer(db: Db, id: string): Promise<Transfer | null> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM transfers t JOIN bot_configs b ON b.id = t.bot_id WHERE t.id = $1`,
    [id],
  )
  return rows[0] === undefined ? null : transferFromRow(rows[0])
}

/** The one transfer that an entry may have. */
export async function transferOfOrder(db: Db, orderId: string): Promise<Transfer | null> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM transfers t JOIN bot_configs b ON b.id = t.bot_id WHERE t.order_id = $1`,
    [orderId],
  )
  return rows[0] === undefined ? null : transferFromRow(rows[0])
}

/** Lock bot, order and balance first. */
export async function lockTransfer(tx: Tx, id: string): Promise<Transfer> {
  const { rows } = await tx.query<Row>(
    `SELECT ${COLUMNS} FROM transfers t JOIN bot_configs b ON b.id = t.bot_id WHERE t.id = $1 FOR UPDATE OF t`,
    [id],
  )
  if (rows[0] === undefined) throw new Error(`transfer ${id} is gone`)
  return transferFromRow(rows[0])
}

/** INTENDED → SUBMITTING. From this commit on the caller, and nobody else ever, may send it. `amount` may be less than was intended. */
export async function claimTransfer(
  tx: Tx,
  id: string,
  amount: Decimal,
  budgetMs: number,
  firstLookMs: number,
): Promise<void> {
  await tx.query(
    `UPDATE transfers SET status = 'SUBMITTING', amount = $4, submitted_at = tradebot_now(), updated_at = tradebot_now(),
       submit_deadline = tradebot_now() + make_interval(secs => $2::double precision / 1000),
       next_settle_at = tradebot_now() + make_interval(secs => $3::double precision / 1000)
     WHERE id = $1 AND status = 'INTENDED'`,
    [id, budgetMs, firstLookMs, plain(amount)],
  )
}

export type TransferMark = {
  status: TransferStatus
  code?: string | null
  message?: string | null
  exchangeTransferId?: string
  /** Null: never again. */
  settleInMs: number | null
  notFoundCount?: number
  candidates?: readonly TransferCandidate[]
}

/** `unknown_since` is kept from the first time; code and message where none is given. */
export async function markTransfer(tx: Tx, id: string, mark: TransferMark): Promise<void> {
  await tx.query(
    `UPDATE transfers SET status = $2, error_code = coalesce($3, error_code), error_message = coalesce($4, error_message), updated_at = tradebot_now(),
       next_settle_at = tradebot_now() + make_interval(secs => $5::double precision / 1000),
       not_found_count = coalesce($6, not_found_count), exchange_transfer_id = coalesce($7, exchange_transfer_id), candidates = coalesce($8::jsonb, candidates),
       unknown_since = CASE WHEN $2 = 'UNKNOWN' THEN coalesce(unknown_since, tradebot_now()) ELSE unknown_since END
     WHERE id = $1`,
    [
      id,
      mark.status,
      mark.code ?? null,
      mark.message ?? null,
      mark.settleInMs,
      mark.notFoundCount ?? null,
      mark.exchangeTransferId ?? null,
      mark.candidates === undefined ? null : JSON.stringify(mark.candidates),
    ],
  )
}

/** It is in the books as moved, under the venue's own number. Whatever went wrong on the way is over. */
export async function markMoved(tx: Tx, id: string, exchangeTransferId: string): Promise<void> {
  await tx.query(
    `UPDATE transfers SET status = 'DONE', exchange_transfer_id = $2, candidates = '[]', error_code = NULL, error_message = NULL, next_settle_at = NULL,
       updated_at = tradebot_now() WHERE id = $1`,
    [id, exchangeTransferId],
  )
}

/** The number that a person gave was wrong. */
export async function forgetNumber(tx: Tx, id: string, settleInMs: number): Promise<void> {
  await tx.query(
    `UPDATE transfers SET exchange_transfer_id = NULL, not_found_count = 0, updated_at = tradebot_now(),
       next_settle_at = tradebot_now() + make_interval(secs => $2::double precision / 1000) WHERE id = $1`,
    [id, settleInMs],
  )
}

/** When it is looked for next, with nothing else changed but why the last look failed. */
export async function scheduleTransfer(
  db: Db,
  id: string,
  settleInMs: number | null,
  message: string | null = null,
): Promise<void> {
  await db.query(
    `UPDATE transfers SET next_settle_at = tradebot_now() + make_interval(secs => $2::double precision / 1000),
       error_message = coalesce($3, error_message), updated_at = CASE WHEN status = 'DONE' THEN updated_at ELSE tradebot_now() END WHERE id = $1`,
    [id, settleInMs, message],
  )
}

/** An intent that could not be sent yet is added again 2 s after this. */
export async function touchTransfer(db: Db, id: string, message: string | null = null): Promise<void> {
  await db.query(
    `UPDATE transfers SET updated_at = tradebot_now(), error_message = coalesce($2, error_message) WHERE id = $1 AND status = 'INTENDED'`,
    [id, message],
  )
}

// As of orders: what is due, and intents that have stood for 2 s since they were last touched. Partial indexes serve.
export const dueTransfers = (hasNoJob: string) => `
  SELECT t.id FROM transfers t WHERE t.next_settle_at <= (SELECT tradebot_now()) AND ${hasNoJob}
  ORDER BY t.next_settle_at LIMIT $1 FOR UPDATE OF t SKIP LOCKED`

export const lostTransfers = (hasNoJob: string) => `
  SELECT t.id FROM transfers t
  WHERE t.status = 'INTENDED'
    AND t.updated_at <= (SELECT tradebot_now()) - interval '2 seconds' AND ${hasNoJob}
  ORDER BY t.id LIMIT $1 FOR UPDATE OF t SKIP LOCKED`

/** A fault in the code must not become a busy loop: what is due is put off, and an intent that stands is touched. */
export async function postponeTransfer(db: Db, id: string, delayMs: number): Promise<void> {
  await db.query(
    `UPDATE transfers SET updated_at = CASE WHEN status = 'INTENDED' THEN tradebot_now() ELSE updated_at END,
       next_settle_at = CASE WHEN next_settle_at IS NOT NULL THEN greatest(next_settle_at, tradebot_now() + $2 * interval '1 millisecond') END
     WHERE id = $1`,
    [id, delayMs],
  )
}

/**
 * What else the books know that could be mistaken for this transfer, in one snapshot: which of these venue's numbers belong to others, and
 * which others of this user are on their way that look the same; they may be of the same account.
 */
export async function othersAlike(
  db: Db,
  transfer: Transfer,
  venueIds: readonly string[],
): Promise<{ knownIds: Set<string>; rivals: TransferAlike[] }> {
  const { rows } = await db.query<Row>(
    `SELECT t.api_key_id, t.submitted_at, t.submit_deadline,
       CASE WHEN t.exchange_transfer_id = ANY($6::text[]) THEN t.exchange_transfer_id END AS known,
       ${ALIKE} AS alike
     FROM transfers t JOIN bot_configs b ON b.id = t.bot_id
     WHERE t.id <> $1 AND b.exchange = $2 AND b.user_id = $7 AND (t.exchange_transfer_id = ANY($6::text[]) OR ${ALIKE})`,
    [...likeness(transfer), venueIds, transfer.userId],
  )
  return {
    knownIds: new Set(rows.flatMap((row) => (row['known'] === null ? [] : [String(row['known'])]))),
    rivals: rows
      .filter((row) => row['alike'] === true)
      .map((row) => ({
        apiKeyId: String(row['api_key_id']),
        submittedAt: row['submitted_at'] as Date | null,
        submitDeadline: row['submit_deadline'] as Date | null,
      })),
  }
}

export type TransferAlike = Pick<Transfer, 'apiKeyId' | 'submittedAt' | 'submitDeadline'>

const ALIKE = `(t.status IN ('SUBMITTING', 'UNKNOWN') AND t.from_wallet = $3 AND t.currency = $4 AND t.amount = $5)`
const likeness = ({ id, exchange, from, currency, amount }: Transfer) => [
  id,
  exchange,
  from,
  currency,
  plain(amount),
]

/**
 * One has ended: those alike that a person is asked about are looked at again at once, for the doubt may be gone. One that is locked is being
 * looked at this moment, and sees what this transaction did.
 */
export async function lookAgainAlike(tx: Tx, transfer: Transfer): Promise<void> {
  await tx.query(
    `UPDATE transfers SET next_settle_at = tradebot_now() WHERE id IN (
       SELECT t.id FROM transfers t JOIN bot_configs b ON b.id = t.bot_id
       WHERE t.id <> $1 AND b.exchange = $2 AND b.user_id = $6 AND ${ALIKE} AND t.error_code = 'AMBIGUOUS'
       FOR UPDATE OF t SKIP LOCKED)`,
    [...likeness(transfer), transfer.userId],
  )
}

/** As it is kept in JSON. */
function candidatesFrom(kept: unknown): TransferCandidate[] {
  return CANDIDATES.parse(kept).map(({ id, at }) => ({ id, at: new Date(at) }))
}

const CANDIDATES = z.array(z.object({ id: z.string(), at: z.string() }))

function transferFromRow(row: Row): Transfer {
  const maybeText = (name: string) => (row[name] === null ? null : String(row[name]))
  return {
    id: String(row['id']),
    botId: String(row['bot_id']),
    userId: String(row['user_id']),
    exchange: String(row['exchange']),
    symbol: String(row['symbol']),
    apiKeyId: String(row['api_key_id']),
    from: row['from_wallet'] as Transfer['from'],
    to: row['to_wallet'] as Transfer['to'],
    amount: decimal(String(row['amount'])),
    currency: String(row['currency']),
    status: row['status'] as TransferStatus,
    purpose: row['purpose'] as Transfer['purpose'],
    orderId: maybeText('order_id'),
    day: maybeText('day'),
    clientTransferId: String(row['client_transfer_id']),
    exchangeTransferId: maybeText('exchange_transfer_id'),
    errorCode: maybeText('error_code'),
    errorMessage: maybeText('error_message'),
    submittedAt: row['submitted_at'] as Date | null,
    submitDeadline: row['submit_deadline'] as Date | null,
    nextSettleAt: row['next_settle_at'] as Date | null,
    notFoundCount: Number(row['not_found_count']),
    unknownSince: row['unknown_since'] as Date | null,
    candidates: candidatesFrom(row['candidates']),
    createdAt: row['created_at'] as Date,
    updatedAt: row['updated_at'] as Date,
  }
}
