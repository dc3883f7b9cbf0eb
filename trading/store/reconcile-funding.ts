import type { Db } from './pool.ts'

/** A bot whose position cost or earned funding of late: since when the venue is asked, and when it held something. */
export type FundedBot = {
  id: string
  since: Date
  /** When the venue was asked last. */
  fundedUntil: Date | null
  startedAt: Date | null
  held: { from: Date; until: Date | null }[]
}

/** A venue lists a payment within this, and a worker that was away for longer looks as far back as the position goes. Milliseconds. */
const OVERLAP_MS = 3_600_000
/** A position that was closed longer ago has all of its funding in the books. */
const CLOSED_MS = 2 * 86_400_000

/**
 * SQL: of a perpetual of LIVE bot `c` a position was closed so lately that its last payment may be missing. A venue lists one some moments
 * late, so that it is asked once more a while after the close, whether or not the bot is still there.
 */
export const AWAITS_FUNDING = `(c.mode = 'LIVE' AND c.position_type = 'FUTURES' AND EXISTS (
  SELECT FROM positions p JOIN bot_states s ON s.bot_id = p.bot_id WHERE p.bot_id = c.id AND p.closed_at > tradebot_now() - interval '2 days'
    AND (s.funded_until IS NULL OR p.closed_at > s.funded_until - interval '2 minutes')))`

/** The LIVE bot of this key on that perpetual that holds a position, or held one lately; null where none does. */
export async function fundedBot(
  db: Db,
  apiKeyId: string,
  symbol: string,
  now: Date,
): Promise<FundedBot | null> {
  const { rows } = await db.query<{
    id: string
    funded_until: Date | null
    started_at: Date | null
    opened_at: Date
    closed_at: Date | null
  }>(
    `SELECT c.id::text, s.funded_until, s.started_at, p.opened_at, p.closed_at
     FROM bot_configs c JOIN bot_states s ON s.bot_id = c.id JOIN positions p ON p.bot_id = c.id
     WHERE c.api_key_id = $1 AND c.symbol = $2 AND c.mode = 'LIVE' AND c.position_type = 'FUTURES'
       AND (p.closed_at IS NULL OR p.closed_at > $3::timestamptz - $4 * interval '1 millisecond')
     ORDER BY c.id DESC, p.opened_at`,
    [apiKeyId, symbol, now, CLOSED_MS],
  )
  const first = rows[0]
  if (first === undefined) return null
  // Of a bot that was deleted and its successor the younger one.
  const own = rows.filter((row) => row.id === first.id)
  const funded = first.funded_until?.getTime() ?? 0
  const since = new Date(Math.max(first.opened_at.getTime(), funded) - OVERLAP_MS)
  const held = own.map((row) => ({ from: row.opened_at, until: row.closed_at }))
  return { id: first.id, since, fundedUntil: first.funded_until, startedAt: first.started_at, held }
}

/** The venue was asked: what it paid or charged until then is in the books. */
export async function noteFunded(db: Db, botId: string, until: Date): Promise<void> {
  await db.query(
    `UPDATE bot_states SET funded_until = $2 WHERE bot_id = $1 AND (funded_until IS NULL OR funded_until < $2)`,
    [botId, until],
  )
}
