import type { Db } from './pool.ts'
import { AWAITS_FUNDING } from './reconcile-funding.ts'

/** An order that was thought never placed is looked for in bulk, by and by less often. Milliseconds. */
const SEARCH_FIRST_MS = 30_000

/**
 * Books and account were compared; `askedAt`: the database's clock before the first question. Bots that wait for it tick at once. The next
 * time comes after `intervalMs`, sooner while an order that was sent and thought never placed may still turn up, and never where nothing of
 * the account is anybody's concern.
 */
export async function noteReconciled(
  db: Db,
  apiKeyId: string,
  askedAt: Date,
  intervalMs: number,
): Promise<void> {
  await db.query(
    `UPDATE api_keys k SET reconciled_at = greatest(k.reconciled_at, $2), reconcile_error = NULL, next_reconcile_at = CASE WHEN ${CONCERNS} THEN
       tradebot_now() + make_interval(secs => least($3, (
         SELECT CASE WHEN count(*) > 0 THEN greatest($4, extract(epoch FROM tradebot_now() - max(o.submitted_at)) * 1000 / 2) END
         FROM orders o WHERE o.api_key_id = k.id AND o.status = 'NOT_PLACED' AND o.next_settle_at IS NOT NULL))::double precision / 1000) END
     WHERE k.id = $1 AND k.deleted_at IS NULL`,
    [apiKeyId, askedAt, intervalMs, SEARCH_FIRST_MS],
  )
  await db.query(
    `UPDATE bot_states SET next_tick_at = least(next_tick_at, tradebot_now()) WHERE bot_id IN (
       SELECT s.bot_id FROM bot_states s JOIN bot_configs c ON c.id = s.bot_id
       WHERE c.api_key_id = $1 AND s.status = 'PENDING' AND s.next_tick_at IS NOT NULL AND s.started_at <= $2 FOR UPDATE OF s SKIP LOCKED)`,
    [apiKeyId, askedAt],
  )
}

/** The account could not be asked: why, and when it is tried again. */
export async function noteReconcileFailed(
  db: Db,
  apiKeyId: string,
  message: string,
  retryMs: number,
): Promise<void> {
  await db.query(
    `UPDATE api_keys k SET reconcile_error = $2,
       next_reconcile_at = CASE WHEN ${CONCERNS} THEN tradebot_now() + make_interval(secs => $3::double precision / 1000) END
     WHERE k.id = $1 AND k.deleted_at IS NULL`,
    [apiKeyId, message, retryMs],
  )
}

/** The next comparison comes within this: the dispatcher adds its job, unless one runs. */
export async function reconcileWithin(db: Db, apiKeyId: string, ms: number): Promise<void> {
  await db.query(
    `UPDATE api_keys SET next_reconcile_at = least(next_reconcile_at, tradebot_now() + make_interval(secs => $2::double precision / 1000))
     WHERE id = $1 AND deleted_at IS NULL
       AND (next_reconcile_at IS NULL OR next_reconcile_at > tradebot_now() + make_interval(secs => $2::double precision / 1000))`,
    [apiKeyId, ms],
  )
}

/** A worker starts: every account that is anybody's concern is compared now. */
export async function reconcileAllNow(db: Db): Promise<void> {
  await db.query(
    `UPDATE api_keys k SET next_reconcile_at = tradebot_now() WHERE k.deleted_at IS NULL AND ${CONCERNS}`,
  )
}

/** A fault in the code must not become a busy loop. */
export async function postponeReconcile(db: Db, apiKeyId: string, delayMs: number): Promise<void> {
  await db.query(
    `UPDATE api_keys SET next_reconcile_at = tradebot_now() + make_interval(secs => $2::double precision / 1000)
     WHERE id = $1 AND next_reconcile_at < tradebot_now() + make_interval(secs => $2::double precision / 1000)`,
    [apiKeyId, delayMs],
  )
}

/** Of key `k`: a LIVE bot is active or holds, an order is looked for, or the last funding of a perpetual may be missing. */
const CONCERNS = `(EXISTS (
    SELECT FROM bot_configs c WHERE c.api_key_id = k.id AND c.mode = 'LIVE' AND c.deleted_at IS NULL
      AND (c.is_active OR EXISTS (SELECT FROM positions p WHERE p.bot_id = c.id AND p.closed_at IS NULL)))
  OR EXISTS (SELECT FROM bot_configs c WHERE c.api_key_id = k.id AND ${AWAITS_FUNDING})
  OR EXISTS (SELECT FROM orders o WHERE o.api_key_id = k.id AND o.next_settle_at IS NOT NULL))`
