import type { AlertKind } from '../domain/alerts.ts'
import { retryDelayMs } from '../domain/alert-retries.ts'
import { inTransaction, type Db, type Pool } from './pool.ts'

/** An alert on its way to one channel; the attempt is counted already. */
export type Delivery = {
  id: string
  /** Of this attempt, from 1. */
  attempt: number
  channel: { id: string; userId: string; kind: 'WEBHOOK' | 'TELEGRAM'; encryptedTarget: string }
  alert: {
    id: string
    kind: AlertKind
    botId: string | null
    botName: string | null
    message: string
    at: Date
  }
}

/**
 * Takes due deliveries, one a channel and none of `busyChannels`, so that a channel that hangs holds up nobody else. A taken one is due again
 * after `leaseMs`, should its sender die; whoever sends it ends the lease by `recordSent` or `recordFailure`.
 */
export async function claimDeliveries(
  db: Db,
  { most, busyChannels, leaseMs }: { most: number; busyChannels: readonly string[]; leaseMs: number },
): Promise<Delivery[]> {
  const { rows } = await db.query<{
    id: string
    attempts: number
    channel_id: string
    user_id: string
    channel_kind: 'WEBHOOK' | 'TELEGRAM'
    encrypted_target: string
    alert_id: string
    alert_kind: AlertKind
    bot_id: string | null
    bot_name: string | null
    message: string
    created_at: Date
  }>(
    `WITH due AS (
       SELECT DISTINCT ON (channel_id) id FROM alert_deliveries
       WHERE status = 'PENDING' AND next_try_at <= (SELECT tradebot_now()) AND channel_id <> ALL ($1::bigint[])
       ORDER BY channel_id, next_try_at, id),
     taken AS (
       SELECT id FROM alert_deliveries WHERE id IN (SELECT id FROM due)
         AND status = 'PENDING' AND next_try_at <= (SELECT tradebot_now())
       ORDER BY next_try_at, id LIMIT $2 FOR UPDATE SKIP LOCKED),
     claimed AS (
       UPDATE alert_deliveries d SET attempts = attempts + 1, next_try_at = tradebot_now() + $3 * interval '1 millisecond'
       FROM taken WHERE d.id = taken.id
       RETURNING d.id, d.attempts, d.channel_id, d.alert_id)
     SELECT d.id, d.attempts, c.id AS channel_id, c.user_id, c.kind AS channel_kind, c.encrypted_target,
            a.id AS alert_id, a.kind AS alert_kind, a.bot_id, b.name AS bot_name, a.message, a.created_at
     FROM claimed d JOIN alert_channels c ON c.id = d.channel_id JOIN alerts a ON a.id = d.alert_id
     LEFT JOIN bot_configs b ON b.id = a.bot_id`,
    [busyChannels, most, leaseMs],
  )
  return rows.map((row) => ({
    id: row.id,
    attempt: row.attempts,
    channel: {
      id: row.channel_id,
      userId: row.user_id,
      kind: row.channel_kind,
      encryptedTarget: row.encrypted_target,
    },
    alert: {
      id: row.alert_id,
      kind: row.alert_kind,
      botId: row.bot_id,
      botName: row.bot_name,
      message: row.message,
      at: row.created_at,
    },
  }))
}

/** Where a delivery stands. @throws Error when there is no such delivery */
export async function readDelivery(
  db: Db,
  id: string,
): Promise<{ status: 'PENDING' | 'SENT' | 'FAILED'; error: string | null }> {
  const { rows } = await db.query<{ status: 'PENDING' | 'SENT' | 'FAILED'; error: string | null }>(
    'SELECT status, error FROM alert_deliveries WHERE id = $1',
    [id],
  )
  const row = rows[0]
  if (row === undefined) throw new Error(`There is no delivery ${id}.`)
  return row
}

export async function recordSent(pool: Pool, delivery: Delivery): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(
      `UPDATE alert_deliveries SET status = 'SENT', sent_at = tradebot_now(), next_try_at = NULL, error = NULL WHERE id = $1`,
      [delivery.id],
    )
    await tx.query(
      'UPDATE alert_channels SET last_sent_at = tradebot_now(), last_error = NULL WHERE id = $1',
      [delivery.channel.id],
    )
  })
}

/** `final`: trying again cannot help. `askedMs`: how long the receiver asked to be left alone; then all that waits for it waits. */
export type SendFailure = { message: string; final: boolean; askedMs: number }

/** Writes down why an attempt failed and when the next one comes; answers that wait, or null when there is none. */
export async function recordFailure(
  pool: Pool,
  delivery: Delivery,
  failure: SendFailure,
): Promise<number | null> {
  // A person waits in front of a test, and tries again by hand.
  const final = failure.final || delivery.alert.kind === 'TEST'
  const delayMs = final ? null : retryDelayMs(delivery.attempt, failure.askedMs)
  await inTransaction(pool, async (tx) => {
    await tx.query(
      `UPDATE alert_deliveries SET error = $2, status = (CASE WHEN $3::float8 IS NULL THEN 'FAILED' ELSE 'PENDING' END)::"AlertDeliveryStatus",
              next_try_at = tradebot_now() + $3::float8 * interval '1 millisecond'
       WHERE id = $1 AND status = 'PENDING'`,
      [delivery.id, failure.message, delayMs],
    )
    await tx.query('UPDATE alert_channels SET last_error = $2 WHERE id = $1', [
      delivery.channel.id,
      failure.message,
    ])
    if (failure.askedMs > 0)
      await tx.query(
        `UPDATE alert_deliveries SET next_try_at = tradebot_now() + $2::float8 * interval '1 millisecond'
         WHERE channel_id = $1 AND status = 'PENDING' AND next_try_at < tradebot_now() + $2::float8 * interval '1 millisecond'`,
        [delivery.channel.id, Math.min(failure.askedMs, 3_600_000)],
      )
  })
  return delayMs
}
