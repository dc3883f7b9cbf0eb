import type { TaskHandler } from '../deps.ts'

/**
 * At 00:00 UTC: makes the bots due that a daily limit of an earlier day has paused. Their tick ends the pause, as it would by itself a
 * little later; run twice, nothing more happens. A bot that a tick or a command holds just now is passed over, and the dispatcher adds the jobs:
 * nothing is waited for with other bots held, so that no deadlock can come of it.
 */
export const reactivateBots: TaskHandler<'reactivate_bots_after_reset'> = async (_payload, { pool }) => {
  const { rowCount } = await pool.query(
    `UPDATE bot_states SET next_tick_at = tradebot_now() WHERE bot_id IN (
       SELECT s.bot_id FROM bot_states s JOIN bot_configs b ON b.id = s.bot_id
       WHERE b.deleted_at IS NULL AND b.resume_next_day AND s.status = 'PAUSED' AND s.pause_day < tradebot_today()
       FOR UPDATE OF s SKIP LOCKED)`,
  )
  return `Woke ${rowCount ?? 0} bots`
}
