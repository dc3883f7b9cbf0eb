import type { LifecycleFacts } from '../domain/bot-lifecycle.ts'
import type { Row } from './bot-columns.ts'
import { UNSETTLED } from './bots.ts'
import type { Db } from './pool.ts'

/** What `allowedCommands` needs to know of each bot, in one query; unknown ids are left out. Not scoped: pass ids that were. */
export async function loadFacts(db: Db, botIds: readonly string[]): Promise<Map<string, LifecycleFacts>> {
  const { rows } = await db.query<Row>(
    `SELECT s.bot_id, s.status, s.pause_reason, s.pause_day, s.closing, s.deleting, b.resume_next_day,
            to_char(tradebot_today(), 'YYYY-MM-DD') AS today,
            s.closing OR EXISTS (SELECT FROM positions p WHERE p.bot_id = s.bot_id AND p.closed_at IS NULL)
              OR EXISTS (SELECT FROM orders o WHERE o.bot_id = s.bot_id AND o.status IN ${UNSETTLED}) AS unfinished
     FROM bot_states s JOIN bot_configs b ON b.id = s.bot_id WHERE s.bot_id = ANY($1::bigint[])`,
    [botIds],
  )
  return new Map(
    rows.map((row) => [
      String(row['bot_id']),
      {
        status: row['status'] as LifecycleFacts['status'],
        pauseReason: row['pause_reason'] as LifecycleFacts['pauseReason'],
        pauseDay: row['pause_day'] as string | null,
        today: String(row['today']),
        resumeNextDay: row['resume_next_day'] === true,
        unfinished: row['unfinished'] === true,
        closing: row['closing'] === true || row['deleting'] === true,
      },
    ]),
  )
}
