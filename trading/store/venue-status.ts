import type { Db } from './pool.ts'

export const VENUE_STATUSES = ['OK', 'MAINTENANCE', 'RATE_LIMITED'] as const
export type VenueState = {
  status: (typeof VENUE_STATUSES)[number]
  message: string | null
  since: Date | null
}

/** Notes that a venue says it is being maintained. True when nobody had noted it before. */
export async function recordMaintenance(db: Db, exchange: string, message: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO venues AS v (exchange, timeframes, status, status_message, status_since) VALUES ($1, '{}', 'MAINTENANCE', $2, tradebot_now())
     ON CONFLICT (exchange) DO UPDATE SET status = 'MAINTENANCE', status_message = EXCLUDED.status_message, status_since = EXCLUDED.status_since
       WHERE v.status <> 'MAINTENANCE'`,
    [exchange, message],
  )
  return rowCount === 1
}

/** Notes that a venue has answered again. True when it was being maintained until now. */
export async function recordAnswering(db: Db, exchange: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE venues SET status = 'OK', status_message = NULL, status_since = tradebot_now() WHERE exchange = $1 AND status = 'MAINTENANCE'`,
    [exchange],
  )
  return rowCount === 1
}

/** What can be said of each venue that is known: maintained, silent on our side because it told us so, or neither. */
export async function venueStates(db: Db, exchanges: readonly string[]): Promise<Map<string, VenueState>> {
  const { rows } = await db.query<{ exchange: string } & VenueState>(
    `SELECT asked.exchange,
            CASE WHEN v.status = 'MAINTENANCE' THEN 'MAINTENANCE' WHEN l.blocked_until > tradebot_now() THEN 'RATE_LIMITED' ELSE 'OK' END AS status,
            CASE WHEN v.status = 'MAINTENANCE' THEN v.status_message
                 WHEN l.blocked_until > tradebot_now() THEN
                   l.blocked_reason || ' Nothing is sent until ' || to_char(l.blocked_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC.'
            END AS message,
            CASE WHEN v.status = 'MAINTENANCE' OR l.blocked_until IS NULL OR l.blocked_until <= tradebot_now() THEN v.status_since END AS since
     FROM unnest($1::text[]) AS asked(exchange)
     LEFT JOIN venues AS v ON v.exchange = asked.exchange
     LEFT JOIN venue_limits AS l ON l.scope = asked.exchange`,
    [exchanges],
  )
  return new Map(rows.map(({ exchange, ...state }) => [exchange, state]))
}
