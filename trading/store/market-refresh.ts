import type { Db } from './pool.ts'

/** So often a venue's markets and volumes are read; sooner where something could not be read. Spread, so that venues do not fall together. */
const EVERY = "interval '15 minutes' + random() * interval '2 minutes'"
const AGAIN = "interval '2 minutes'"

/** Whether anybody needs the markets of the venue in the row `v` to be fresh. */
const IN_USE = `(v.asked_at > tradebot_now() - interval '30 days'
  OR EXISTS (SELECT 1 FROM bot_configs c WHERE c.exchange = v.exchange AND c.deleted_at IS NULL)
  OR EXISTS (SELECT 1 FROM candle_series s WHERE s.exchange = v.exchange AND s.wanted_until > tradebot_now()))`

/** Sets when the venue is to be read again by itself, after it was read or was not to be had. `offered`: false: never. */
export async function scheduleRefresh(db: Db, exchange: string, offered: boolean): Promise<void> {
  await db.query(
    `UPDATE venues v SET next_refresh_at = CASE
         WHEN NOT $2 OR NOT ${IN_USE} THEN NULL
         WHEN cardinality(v.stale_types) > 0 THEN tradebot_now() + ${AGAIN}
         ELSE tradebot_now() + ${EVERY} END
     WHERE v.exchange = $1`,
    [exchange, offered],
  )
}

/** Before a venue is read: what ends in a fault of ours, or with the worker, is not due again at once. */
export async function postponeRefresh(db: Db, exchange: string): Promise<void> {
  await db.query(
    `UPDATE venues SET next_refresh_at = tradebot_now() + ${AGAIN} WHERE exchange = $1 AND next_refresh_at IS NOT NULL`,
    [exchange],
  )
}

/** Notes, once a day, that somebody wants the venue's markets, so that they are read by themselves for a month. */
export async function noteWanted(db: Db, exchange: string): Promise<void> {
  await db.query(
    `UPDATE venues SET asked_at = tradebot_now(), next_refresh_at = coalesce(next_refresh_at, tradebot_now() + ${EVERY})
     WHERE exchange = $1 AND (asked_at IS NULL OR asked_at < tradebot_now() - interval '1 day')`,
    [exchange],
  )
}

/**
 * The venue that is due first, while none is being read: one at a time over all workers. For the dispatcher. Two dispatchers do not see each
 * other's job before it is committed: the lock, asked for only where a venue is due, lets one of them at a time look.
 */
export const dueVenue = `
  SELECT d.id FROM (
    SELECT v.exchange AS id FROM venues v
    WHERE v.next_refresh_at <= (SELECT tradebot_now())
      AND NOT EXISTS (
        SELECT 1 FROM graphile_worker._private_jobs j WHERE j.key LIKE 'refresh\\_markets:%'
        AND (j.locked_at > clock_timestamp() - interval '120 seconds'
          OR (j.is_available AND j.run_at <= clock_timestamp() + interval '1 second')))
    ORDER BY v.next_refresh_at LIMIT least($1::int, 1)) d
  WHERE pg_try_advisory_xact_lock(hashtext('tradebot: refresh_markets'))`
