import { enqueueMany } from '#trading/jobs/enqueue.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { TaskHandler } from '../deps.ts'

/**
 * At 00:00 UTC: makes the bots due that a daily limit of an earlier day has paused. Their tick ends the pause, as it would by itself a
 * little later; run twice, nothing more happens.
 */
export const reactivateBots: TaskHandler<'reactivate_bots_after_reset'> = async (_payload, { pool }) => {
  const woken = await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ bot_id: string }>(
      `UPDATE bot_states s SET next_tick_at = tradebot_now() FROM bot_configs b
       WHERE b.id = s.bot_id AND b.deleted_at IS NULL AND b.resume_next_day AND s.status = 'PAUSED' AND s.pause_day < tradebot_today()
       RETURNING s.bot_id`,
    )
    await enqueueMany(
      tx,
      'run_bot',
      rows.map((row) => ({ botId: row.bot_id })),
    )
    return rows.length
  })
  return `Woke ${woken} bots`
}
