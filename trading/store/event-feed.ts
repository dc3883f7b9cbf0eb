import type { BotStatus } from '../domain/bot-lifecycle.ts'
import type { Db } from './pool.ts'

/** One row of bot_events. `seq` orders all events of a user without gaps, in commit order. */
export type FeedEvent = {
  id: string
  userId: string
  botId: string
  seq: bigint
  type: string
  fromStatus: BotStatus | null
  toStatus: BotStatus | null
  actor: string
  message: string
  at: Date
}

/** The newest seq of each of these users; users without events are absent or 0. */
export async function lastSeqs(db: Db, userIds: string[]): Promise<Map<string, bigint>> {
  const { rows } = await db.query<{ user_id: string; last_seq: string }>(
    'SELECT user_id, last_seq FROM event_counters WHERE user_id = ANY($1::bigint[])',
    [userIds],
  )
  return new Map(rows.map((row) => [row.user_id, BigInt(row.last_seq)]))
}

/** The user's events after `seq`, in order, at most `limit`. */
export async function eventsAfter(db: Db, userId: string, seq: bigint, limit: number): Promise<FeedEvent[]> {
  const { rows } = await db.query<{
    id: string
    user_id: string
    bot_id: string
    seq: string
    type: string
    from_status: BotStatus | null
    to_status: BotStatus | null
    actor: string
    message: string
    at: Date
  }>(
    `SELECT id, user_id, bot_id, seq, type, from_status, to_status, actor, message, at
     FROM bot_events WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    [userId, String(seq), limit],
  )
  return rows.map((row) => ({
    id: row.id,
    userId: row.user_id,
    botId: row.bot_id,
    seq: BigInt(row.seq),
    type: row.type,
    fromStatus: row.from_status,
    toStatus: row.to_status,
    actor: row.actor,
    message: row.message,
    at: row.at,
  }))
}
