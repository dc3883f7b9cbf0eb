import type { Db } from './pool.ts'

/** A bot whose position cost or earned funding of late: since when the venue is asked, and when it held something. */
export type FundedBot = { id: string; since: Date; held: { from: Date; until: Date | null }[] }

/** A venue lists a payment within this, and a worker that was away for longer looks as far back as the position goes. Milliseconds. */
const OVERLAP_MS = 3_600_000
/** A position that was closed longer ago has all of its funding in the books. */
const CLOSED_MS = 2 * 86_400_000

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
    opened_at: Date
    closed_at: Date | null
  }>(
    `SELECT c.id::text, s.funded_until, p.opened_at, p.closed_at
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
  return { id: first.id, since, held: own.map((row) => ({ from: row.opened_at, until: row.closed_at })) }
}
