import type { Actor } from '../domain/actor.ts'
import type { BotCommand, BotStatus } from '../domain/bot-lifecycle.ts'
import type { Db, Tx } from './pool.ts'

export type NewEvent = {
  botId: string
  type: string
  message: string
  command?: BotCommand
  from?: BotStatus
  to?: BotStatus
}

/**
 * Writes events with the next numbers of their user. Call it last before COMMIT: the counter row stays locked until then, which is
 * what makes the numbers gapless and in commit order.
 */
export async function writeEvents(tx: Tx, actor: Actor, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.query(
    `WITH counter AS (
       INSERT INTO event_counters (user_id, last_seq) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET last_seq = event_counters.last_seq + $2
       RETURNING last_seq
     )
     INSERT INTO bot_events (user_id, bot_id, seq, type, command, from_status, to_status, actor, message, at)
     SELECT $1, (event->>'botId')::bigint, counter.last_seq - $2 + ordinal, event->>'type', event->>'command',
            (event->>'from')::"BotStatus", (event->>'to')::"BotStatus", $3, event->>'message', tradebot_now()
     FROM counter, jsonb_array_elements($4::jsonb) WITH ORDINALITY AS given (event, ordinal)`,
    [actor.userId, events.length, actor.label, JSON.stringify(events)],
  )
}

/**
 * Says "look" to the servers: a hint, lost without harm. Never inside the transaction that it tells of, because NOTIFY takes a
 * cluster-wide lock at commit.
 */
export async function hintChange(db: Db, userId: string): Promise<void> {
  await db.query(`SELECT pg_notify('tradebot_changes', $1)`, [userId])
}
