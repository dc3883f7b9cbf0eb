import { enqueue, enqueueMany } from '../jobs/enqueue.ts'
import { dueBacktests, endForsaken } from './backtests.ts'
import { dueVenue } from './market-refresh.ts'
import type { Pool, Tx } from './pool.ts'
import { inTransaction } from './pool.ts'
import { dueSweeps } from './sweeps.ts'
import { dueTransfers, lostTransfers } from './transfers.ts'

/** How many jobs of each kind one dispatch added. */
export type Dispatch = { ticks: number; settles: number; intents: number; accounts: number }

/**
 * Adds the jobs that the tables say are due: ticks of bots by `next_tick_at`, settling of orders by `next_settle_at`, and intents that have
 * stood for 2 s, because the job that came with their commit was lost. What has a job already, waiting or running, gets no second one. Rows
 * that another dispatcher or a command holds are passed over: they are being dealt with.
 */
export async function dispatchDue(pool: Pool, limit: number): Promise<Dispatch> {
  return inTransaction(pool, async (tx) => {
    const settles = await idsOf(tx, dueSettles, limit)
    await enqueueMany(
      tx,
      'settle_order',
      settles.map((orderId) => ({ orderId })),
    )
    const intents = await tx.query<{ id: string; purpose: string }>(lostIntents, [limit])
    for (const { id, purpose } of intents.rows)
      await enqueue(tx, 'execute_order', { orderId: id }, purpose === 'ENTRY' ? ['entry'] : [])
    await dispatchTransfers(tx, limit)
    const ticks = await idsOf(tx, dueTicks, limit)
    await enqueueMany(
      tx,
      'run_bot',
      ticks.map((botId) => ({ botId })),
    )
    const accounts = await idsOf(tx, dueAccounts, limit)
    await enqueueMany(
      tx,
      'reconcile_account',
      accounts.map((apiKeyId) => ({ apiKeyId })),
    )
    const [venue] = await idsOf(tx, dueVenue, 1)
    if (venue !== undefined) await enqueue(tx, 'refresh_markets', { exchange: venue })
    const backtests = await idsOf(tx, dueBacktests(`NOT ${hasJob(`'run_backtest:' || b.id`)}`), limit)
    await enqueueMany(
      tx,
      'run_backtest',
      backtests.map((backtestId) => ({ backtestId })),
    )
    await endForsaken(tx)
    const [settled, intended] = [settles.length, intents.rows.length]
    return { ticks: ticks.length, settles: settled, intents: intended, accounts: accounts.length }
  })
}

/** The same of transfers; and the profit of a day that is over. */
async function dispatchTransfers(tx: Tx, limit: number): Promise<void> {
  const settles = await idsOf(tx, dueTransfers(`NOT ${hasJob(`'settle_transfer:' || t.id`)}`), limit)
  await enqueueMany(
    tx,
    'settle_transfer',
    settles.map((transferId) => ({ transferId })),
  )
  const lost = await idsOf(tx, lostTransfers(`NOT ${hasJob(`'execute_transfer:' || t.id`)}`), limit)
  for (const transferId of lost) await enqueue(tx, 'execute_transfer', { transferId }, ['entry'])
  const sweeps = await idsOf(tx, dueSweeps(`NOT ${hasJob(`'sweep_profit:' || c.id`)}`), limit)
  await enqueueMany(
    tx,
    'sweep_profit',
    sweeps.map((botId) => ({ botId })),
  )
}

/** A tick that threw is not due again at once: a fault in the code must not become a busy loop. */
export async function postponeTick(pool: Pool, botId: string, delayMs: number): Promise<void> {
  await pool.query(
    `UPDATE bot_states SET next_tick_at = tradebot_now() + $2 * interval '1 millisecond'
     WHERE bot_id = $1 AND next_tick_at < tradebot_now() + $2 * interval '1 millisecond'`,
    [botId, delayMs],
  )
}

/** The same for settling an order. */
export async function postponeSettle(pool: Pool, orderId: string, delayMs: number): Promise<void> {
  await pool.query(
    `UPDATE orders SET next_settle_at = tradebot_now() + $2 * interval '1 millisecond'
     WHERE id = $1 AND next_settle_at < tradebot_now() + $2 * interval '1 millisecond'`,
    [orderId, delayMs],
  )
}

/** The same for sending an intent: it is added again 2 s after it was last touched. */
export async function touchIntent(pool: Pool, orderId: string): Promise<void> {
  await pool.query(`UPDATE orders SET updated_at = tradebot_now() WHERE id = $1 AND status = 'INTENDED'`, [
    orderId,
  ])
}

async function idsOf(tx: Tx, sql: string, limit: number): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(sql, [limit])
  return rows.map((row) => row.id)
}

/**
 * A job under this key waits or runs. One that has run for a minute is hung in a live process, and one that waits for its next attempt has
 * failed: neither counts. Keys are those of trading/jobs/jobs.ts.
 */
const hasJob = (key: string) => `EXISTS (
    SELECT 1 FROM graphile_worker._private_jobs j WHERE j.key = ${key}
    AND (j.locked_at > clock_timestamp() - interval '60 seconds'
      OR (j.is_available AND j.run_at <= clock_timestamp() + interval '1 second')))`

// `(SELECT tradebot_now())` is evaluated once, so that the index on the due time serves; a volatile call would be made for each row.
// What is locked is the configuration, not the state: two dispatchers never pick the same bot, and no tick meets a dispatcher's lock. A state
// row that somebody else holds is the tick's to meet, and to tell of.
const dueTicks = `
  SELECT s.bot_id AS id FROM bot_states s JOIN bot_configs c ON c.id = s.bot_id
  WHERE s.next_tick_at <= (SELECT tradebot_now()) AND NOT ${hasJob(`'run_bot:' || s.bot_id`)}
  ORDER BY s.next_tick_at LIMIT $1 FOR NO KEY UPDATE OF c SKIP LOCKED`

const dueSettles = `
  SELECT o.id FROM orders o
  WHERE o.next_settle_at <= (SELECT tradebot_now()) AND NOT ${hasJob(`'settle_order:' || o.id`)}
  ORDER BY o.next_settle_at LIMIT $1 FOR UPDATE OF o SKIP LOCKED`

const dueAccounts = `
  SELECT k.id FROM api_keys k
  WHERE k.next_reconcile_at <= (SELECT tradebot_now()) AND k.deleted_at IS NULL AND NOT ${hasJob(`'reconcile_account:' || k.id`)}
  ORDER BY k.next_reconcile_at LIMIT $1 FOR NO KEY UPDATE OF k SKIP LOCKED`

// By when it was last touched, so that an exchange that cannot be reached is tried every 2 s. The partial index of unsettled orders serves.
const lostIntents = `
  SELECT o.id, o.purpose FROM orders o
  WHERE o.status = 'INTENDED'
    AND o.updated_at <= (SELECT tradebot_now()) - interval '2 seconds' AND NOT ${hasJob(`'execute_order:' || o.id`)}
  ORDER BY o.id LIMIT $1 FOR UPDATE OF o SKIP LOCKED`
