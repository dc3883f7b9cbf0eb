import type { Actor } from '../domain/actor.ts'
import { loadSurroundings, lockBot, saveState, UNSETTLED } from './bots.ts'
import { type NewEvent, writeEvents } from './events.ts'
import type { Tx } from './pool.ts'
import { cancelStop } from './protective-stops.ts'

/**
 * From this commit on no bot of the user opens or grows a position. The update takes the user's row in a mode that excludes the gate's FOR
 * SHARE, so an entry is either claimed before it or refused after it. Bots keep their status; positions stay guarded, or are closed when
 * `closePositions` is given.
 */
export async function haltTrading(tx: Tx, actor: Actor, closePositions: boolean): Promise<void> {
  const before = await tx.query<{ halted: boolean }>(
    `SELECT halted_at IS NOT NULL AS halted FROM users WHERE id = $1 FOR NO KEY UPDATE`,
    [actor.userId],
  )
  await tx.query(`UPDATE users SET halted_at = coalesce(halted_at, tradebot_now()) WHERE id = $1`, [
    actor.userId,
  ])
  const events: NewEvent[] = []
  for (const botId of await botIds(tx, actor)) {
    if (closePositions) await close(tx, actor, botId, events)
    if (before.rows[0]?.halted === false)
      events.push({
        botId,
        type: 'HALTED',
        message: 'Trading is halted: no new entries until it is resumed.',
      })
  }
  await writeEvents(tx, actor, events)
}

export async function resumeTrading(tx: Tx, actor: Actor): Promise<void> {
  const before = await tx.query<{ halted: boolean }>(
    `SELECT halted_at IS NOT NULL AS halted FROM users WHERE id = $1 FOR NO KEY UPDATE`,
    [actor.userId],
  )
  if (before.rows[0]?.halted !== true) return
  await tx.query(`UPDATE users SET halted_at = NULL WHERE id = $1`, [actor.userId])
  const ids = await botIds(tx, actor)
  await writeEvents(
    tx,
    actor,
    ids.map((botId) => ({
      botId,
      type: 'HALT_ENDED',
      message: 'Trading is resumed: entries are allowed again.',
    })),
  )
}

/** The dispatcher adds the ticks: keys of many jobs taken here one after the other could meet its own, taken in another order. */
async function close(tx: Tx, actor: Actor, botId: string, events: NewEvent[]): Promise<void> {
  const { state, now } = await lockBot(tx, botId, { userId: actor.userId })
  const around = await loadSurroundings(tx, botId)
  if (state.closing || (around.position === null && around.unsettled === null && around.stop === null)) return
  Object.assign(state, { closing: true, exitRetryAt: null, nextTickAt: now })
  await saveState(tx, state)
  if (around.unsettled?.purpose === 'ENTRY' && around.unsettled.status !== 'INTENDED') {
    await tx.query(
      `UPDATE orders SET cancel_requested = true, next_settle_at = least(next_settle_at, tradebot_now()) WHERE id = $1`,
      [around.unsettled.id],
    )
  }
  if (around.stop !== null) await cancelStop(tx, around.stop, 'the position is being closed')
  events.push({ botId, type: 'CLOSING', message: 'Trading is halted: the position is being closed.' })
}

/** Bots that could enter, or that hold something. */
async function botIds(tx: Tx, actor: Actor): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT b.id FROM bot_configs b JOIN bot_states s ON s.bot_id = b.id
     WHERE b.user_id = $1 AND b.deleted_at IS NULL
       AND (s.status <> 'STOPPED' OR EXISTS (SELECT FROM positions p WHERE p.bot_id = b.id AND p.closed_at IS NULL)
         OR EXISTS (SELECT FROM orders o WHERE o.bot_id = b.id AND o.status IN ${UNSETTLED})) ORDER BY b.id`,
    [actor.userId],
  )
  return rows.map((row) => row.id)
}
