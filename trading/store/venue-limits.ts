import type { Db } from './pool.ts'

/** What a worker may use of a limit, and what the venue has told any of them. */
export type Lease = {
  /** All of what was wanted, or nothing. */
  granted: boolean
  /** Which window it belongs to, and for how long that still lasts, by the database's clock. */
  windowStart: number
  windowLeftMs: number
  /** 0: nobody was told to be silent. */
  blockedForMs: number
  blockedReason: string | null
}

export type LeaseWish = {
  /** "binance" (an address), "binance:key:7" (an account). */
  scope: string
  windowMs: number
  /** 0 only looks. */
  want: number
  /** The window's whole budget, as far as this kind of call may go. */
  limit: number
  /** What the venue itself counted in this window; the greater counts. */
  observed: number
}

/**
 * Takes `want` out of what is left of the scope's present window, all of it or nothing; nothing while it is blocked. Workers take it in
 * pieces, so that the row is not written with every call.
 */
export async function takeLease(db: Db, wish: LeaseWish): Promise<Lease> {
  const { scope, windowMs, want, limit, observed } = wish
  const { rows } = await db.query<LeaseRow>(
    want > 0 ? TAKE : LOOK,
    want > 0 ? [scope, windowMs, want, limit, observed] : [scope, windowMs],
  )
  const row = rows[0]
  if (row === undefined) throw new Error('a lease gave no row')
  return {
    granted: row.granted,
    windowStart: Number(row.window_start_ms),
    windowLeftMs: Number(row.window_left_ms),
    blockedForMs: Number(row.blocked_ms),
    blockedReason: row.blocked_reason,
  }
}

/** Tells every worker that the venue wants silence for so long; an earlier and longer one stays. */
export async function blockScope(db: Db, scope: string, ms: number, reason: string): Promise<void> {
  await db.query(
    `INSERT INTO venue_limits AS v (scope, window_start, used, blocked_until, blocked_reason)
     VALUES ($1, tradebot_now(), 0, tradebot_now() + $2 * interval '1 millisecond', $3)
     ON CONFLICT (scope) DO UPDATE SET blocked_until = EXCLUDED.blocked_until, blocked_reason = EXCLUDED.blocked_reason
       WHERE v.blocked_until IS NULL OR v.blocked_until < EXCLUDED.blocked_until`,
    [scope, ms, reason],
  )
}

type LeaseRow = {
  granted: boolean
  window_start_ms: string
  window_left_ms: string
  blocked_ms: string
  blocked_reason: string | null
}

const WINDOW = `
  SELECT t, floor(extract(epoch FROM t) * 1000 / $2::int) * $2::int AS start_ms
  FROM (SELECT tradebot_now() AS t) AS clock`

const ANSWER = `
  w.start_ms::bigint AS window_start_ms, (w.start_ms + $2::int - extract(epoch FROM w.t) * 1000)::bigint AS window_left_ms,
  greatest(0, coalesce(extract(epoch FROM v.blocked_until - w.t) * 1000, 0))::bigint AS blocked_ms, v.blocked_reason
  FROM w LEFT JOIN venue_limits AS v ON v.scope = $1`

const LOOK = `WITH w AS (${WINDOW}) SELECT false AS granted, ${ANSWER}`

/** What was used in this window before: nothing when the row is of another one; the venue's own count when that is more. */
const USED = `greatest($5::int, CASE WHEN v.window_start = EXCLUDED.window_start THEN v.used ELSE 0 END)`

const TAKE = `
  WITH w AS (${WINDOW}),
  taken AS (
    INSERT INTO venue_limits AS v (scope, window_start, used)
    SELECT $1, to_timestamp(w.start_ms / 1000), greatest($5::int, 0) + $3::int FROM w
    ON CONFLICT (scope) DO UPDATE SET window_start = EXCLUDED.window_start, used = ${USED} + $3::int
      WHERE ${USED} + $3::int <= $4::int AND (v.blocked_until IS NULL OR v.blocked_until <= tradebot_now())
    RETURNING 1
  )
  SELECT EXISTS (SELECT 1 FROM taken) AS granted, ${ANSWER}`
