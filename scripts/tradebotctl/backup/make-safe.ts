import type { Timing } from '#trading/config/env.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { haltTrading } from '#trading/store/halt.ts'
import type { Tx } from '#trading/store/pool.ts'
import { noteRestored } from '#trading/store/restored.ts'

export type Safety = {
  usersHalted: number
  ordersToLookUp: number
  transfersToLookUp: number
  accountsToReconcile: number
  sessionsEnded: number
}

/**
 * The exchange may know more than books that were restored: whatever was done after the backup is missing in them. So what may have been sent
 * is looked up and never sent again, nothing opens a position until a person resumes trading, and nothing at all is sent before the account
 * was compared. Each user's event log says so.
 */
export async function makeSafe(tx: Tx, createdAt: string, timing: Timing): Promise<Safety> {
  await noteRestored(tx)
  const sessions = await tx.query('DELETE FROM sessions')
  // Nobody waits for these answers any more, and these workers belong to another time.
  await tx.query('DELETE FROM worker_requests')
  await tx.query('DELETE FROM dead_workers')
  const orders = await lookUpOrders(tx, timing)
  const transfers = await lookUpTransfers(tx, timing)
  const accounts = await tx.query(
    `UPDATE api_keys SET next_reconcile_at = tradebot_now() WHERE deleted_at IS NULL`,
  )
  return {
    usersHalted: await haltAndTell(tx, createdAt, [...orders.told, ...transfers.told]),
    ordersToLookUp: orders.count,
    transfersToLookUp: transfers.count,
    accountsToReconcile: accounts.rowCount ?? 0,
    sessionsEnded: sessions.rowCount ?? 0,
  }
}

type Told = { userId: string; event: NewEvent }

/**
 * An intent of the backup may have been sent since. It becomes UNKNOWN as of its decision, and three looks that find nothing, all later than
 * whatever may still be under way, make it NOT_PLACED. PAPER intents never leave this database.
 */
async function lookUpOrders(tx: Tx, timing: Timing): Promise<{ count: number; told: Told[] }> {
  const { rows } = await tx.query<{ id: string; botId: string; userId: string; purpose: string }>(
    `UPDATE orders SET status = 'UNKNOWN', submitted_at = coalesce(submitted_at, created_at),
       submit_deadline = coalesce(submit_deadline, tradebot_now() + $1 * interval '1 millisecond'),
       unknown_since = tradebot_now(), next_settle_at = tradebot_now(), not_found_count = 0, updated_at = tradebot_now(),
       error_code = 'RESTORED', error_message = $2
     WHERE mode = 'LIVE' AND status IN ('INTENDED', 'SUBMITTING')
     RETURNING id::text, bot_id::text AS "botId", user_id::text AS "userId", purpose::text`,
    [budgetMs(timing), MAY_HAVE_BEEN_SENT],
  )
  const others = await tx.query(
    `UPDATE orders SET next_settle_at = tradebot_now(), not_found_count = CASE WHEN status = 'NOT_PLACED' THEN not_found_count ELSE 0 END
     WHERE mode = 'LIVE' AND error_code IS DISTINCT FROM 'RESTORED'
       AND (status IN ('UNKNOWN', 'OPEN', 'PARTIALLY_FILLED') OR next_settle_at IS NOT NULL)`,
  )
  const told = rows.map(({ id, botId, userId, purpose }) => ({
    userId,
    event: { botId, type: 'ORDER_UNKNOWN', message: `${purpose} order ${id}: ${MAY_HAVE_BEEN_SENT}` },
  }))
  return { count: rows.length + (others.rowCount ?? 0), told }
}

const MAY_HAVE_BEEN_SENT =
  'It had not been answered when the backup was made, and may have been sent since: it is looked up at the exchange, and never sent again.'

async function lookUpTransfers(tx: Tx, timing: Timing): Promise<{ count: number; told: Told[] }> {
  const { rows } = await tx.query<{ id: string; botId: string; userId: string }>(
    `UPDATE transfers t SET status = 'UNKNOWN', submitted_at = coalesce(submitted_at, t.created_at),
       submit_deadline = coalesce(submit_deadline, tradebot_now() + $1 * interval '1 millisecond'),
       unknown_since = tradebot_now(), next_settle_at = tradebot_now(), not_found_count = 0, updated_at = tradebot_now(),
       error_code = 'RESTORED', error_message = $2
     FROM bot_configs b WHERE b.id = t.bot_id AND t.status IN ('INTENDED', 'SUBMITTING')
     RETURNING t.id::text, t.bot_id::text AS "botId", b.user_id::text AS "userId"`,
    [budgetMs(timing), MAY_HAVE_BEEN_SENT],
  )
  const others = await tx.query(
    `UPDATE transfers SET next_settle_at = tradebot_now() WHERE error_code IS DISTINCT FROM 'RESTORED' AND next_settle_at IS NOT NULL`,
  )
  const told = rows.map(({ id, botId, userId }) => ({
    userId,
    event: { botId, type: 'TRANSFER_UNKNOWN', message: `Transfer ${id}: ${MAY_HAVE_BEEN_SENT}` },
  }))
  return { count: rows.length + (others.rowCount ?? 0), told }
}

/** As of a claim just now: a process of before may have made one in the last moment. */
function budgetMs({ sendBudgetMs, recvWindowMs, httpTimeoutMs, settleSkewMs }: Timing): number {
  return sendBudgetMs + recvWindowMs + httpTimeoutMs + settleSkewMs
}

/** Answers how many users were not halted before. The counters of events are taken user by user: nobody else is here. */
async function haltAndTell(tx: Tx, createdAt: string, told: readonly Told[]): Promise<number> {
  const { rows: users } = await tx.query<{ id: string; halted: boolean }>(
    `SELECT id::text, halted_at IS NOT NULL AS halted FROM users ORDER BY id`,
  )
  const { rows: bots } = await tx.query<{ id: string; userId: string }>(
    `SELECT id::text, user_id::text AS "userId" FROM bot_configs WHERE deleted_at IS NULL ORDER BY id`,
  )
  for (const { id } of users) {
    const actor = { userId: id, label: 'tradebotctl' }
    await haltTrading(tx, actor, false)
    const restored = bots.flatMap((bot): NewEvent[] =>
      bot.userId === id
        ? [
            {
              botId: bot.id,
              type: 'RESTORED',
              message: `The books were restored from a backup of ${createdAt}. Trading is halted: compare with the exchange (reconcile), then resume it.`,
            },
          ]
        : [],
    )
    const doubtful = told.flatMap(({ userId, event }) => (userId === id ? [event] : []))
    await writeEvents(tx, actor, [...restored, ...doubtful])
  }
  return users.filter((user) => !user.halted).length
}
