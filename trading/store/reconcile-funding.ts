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

/** As AWAITS_FUNDING. Milliseconds. */
const SHOWN_WITHIN_MS = 120_000

/**
 * The LIVE bots of this key on that perpetual that hold a position, or held one lately. Of several (the others were deleted, or got another key)
 * the youngest comes last, and those before it are only such as may miss the last payment of what they closed.
 */
export async function fundedBots(db: Db, apiKeyId: string, symbol: string, now: Date): Promise<FundedBot[]> {
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
     ORDER BY c.id, p.opened_at`,
    [apiKeyId, symbol, now, CLOSED_MS],
  )
  const bots = new Map<string, FundedBot>()
  for (const {
    id,
    funded_until: fundedUntil,
    started_at: startedAt,
    opened_at: from,
    closed_at: until,
  } of rows) {
    const since = new Date(Math.max(from.getTime(), fundedUntil?.getTime() ?? 0) - OVERLAP_MS)
    const bot = bots.get(id) ?? { id, since, fundedUntil, startedAt, held: [] }
    bot.held.push({ from, until })
    bots.set(id, bot)
  }
  const youngest = [...bots.values()].at(-1)
  return [...bots.values()].filter((bot) => bot === youngest || missesTheLast(bot))
}

/** What was kept when its bot was deleted is a person's since, and no bot's. */
function missesTheLast({ held, fundedUntil }: FundedBot): boolean {
  const until = held.at(-1)?.until ?? null
  if (until === null) return false
  return fundedUntil === null || until.getTime() > fundedUntil.getTime() - SHOWN_WITHIN_MS
}

/** The venue was asked: what it paid or charged until then is in the books. */
export async function noteFunded(db: Db, botId: string, until: Date): Promise<void> {
  await db.query(
    `UPDATE bot_states SET funded_until = $2 WHERE bot_id = $1 AND (funded_until IS NULL OR funded_until < $2)`,
    [botId, until],
  )
}

/** Which of these payments the books have. */
export async function knownFundings(
  db: Db,
  account: { id: string; exchange: string },
  symbol: string,
  payments: readonly { id: string }[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ venue_id: string }>(
    `SELECT venue_id FROM funding_payments WHERE exchange = $1 AND account = $2 AND symbol = $3 AND venue_id = ANY($4::text[])`,
    [account.exchange, account.id, symbol, payments.map(({ id }) => id)],
  )
  return new Set(rows.map((row) => row.venue_id))
}
