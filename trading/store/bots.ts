import type { Bot, BotState } from '../domain/bot.ts'
import type { LifecycleFacts } from '../domain/bot-lifecycle.ts'
import { NotFoundError } from '../domain/errors.ts'
import { plain } from '../domain/money.ts'
import type { Order } from '../domain/order.ts'
import type { Position } from '../domain/position.ts'
import { botFromRow, type Row } from './bot-columns.ts'
import type { Db, Tx } from './pool.ts'
import { orderFromRow, positionFromRow, stateFromRow } from './rows.ts'

export const UNSETTLED = `('INTENDED', 'SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED')`

export type LockedBot = { bot: Bot; state: BotState; now: Date; today: string }

/** What else a decision about a bot needs; read after its state row is locked. */
export type Surroundings = {
  position: Position | null
  /** Of any purpose but PROTECTIVE_STOP. */
  unsettled: Order | null
  /** The protective stop that is not settled: on its way, or resting at the exchange. */
  stop: Order | null
}

/**
 * Locks the bot's state row, the mutex of everything that is the bot's, and reads bot and clock. `scope.userId` limits it to the
 * viewer's own; deleted bots are not there, unless asked for (CLOSING: those that have something to sell again, of an order found late).
 * @throws NotFoundError
 */
export async function lockBot(
  tx: Tx,
  botId: string,
  scope: { userId?: string; nowait?: true; deletedToo?: true | 'CLOSING' },
): Promise<LockedBot> {
  if (!/^\d{1,18}$/.test(botId)) throw new NotFoundError('bot')
  const locked = await tx.query<Row>(
    `SELECT s.* FROM bot_states s JOIN bot_configs b ON b.id = s.bot_id
     WHERE s.bot_id = $1 AND (b.deleted_at IS NULL OR $3 OR ($4 AND s.closing)) AND ($2::bigint IS NULL OR b.user_id = $2)
     FOR UPDATE OF s ${scope.nowait === true ? 'NOWAIT' : ''}`,
    [botId, scope.userId ?? null, scope.deletedToo === true, scope.deletedToo === 'CLOSING'],
  )
  const stateRow = locked.rows[0]
  if (stateRow === undefined) throw new NotFoundError('bot')
  // Read only now: a configuration read together with a lock that had to wait would be the one from before the wait.
  const config = await tx.query<Row>(
    `SELECT b.*, tradebot_now() AS now, to_char(tradebot_today(), 'YYYY-MM-DD') AS today FROM bot_configs b WHERE b.id = $1 AND ($2 OR b.deleted_at IS NULL)`,
    [botId, scope.deletedToo !== undefined],
  )
  const row = config.rows[0]
  if (row === undefined) throw new NotFoundError('bot')
  return {
    bot: botFromRow(row),
    state: stateFromRow(stateRow),
    now: row['now'] as Date,
    today: String(row['today']),
  }
}

export async function loadSurroundings(db: Db, botId: string): Promise<Surroundings> {
  const positions = await db.query<Row>(`SELECT * FROM positions WHERE bot_id = $1 AND closed_at IS NULL`, [
    botId,
  ])
  const orders = await db.query<Row>(
    `SELECT * FROM orders WHERE bot_id = $1 AND status IN ${UNSETTLED} ORDER BY id`,
    [botId],
  )
  const position = positions.rows[0]
  const unsettled = orders.rows.map(orderFromRow)
  return {
    position: position === undefined ? null : positionFromRow(position),
    unsettled: unsettled.find((order) => order.purpose !== 'PROTECTIVE_STOP') ?? null,
    stop: unsettled.find((order) => order.purpose === 'PROTECTIVE_STOP') ?? null,
  }
}

export function factsOf(locked: LockedBot, around: Surroundings): LifecycleFacts {
  const { state, bot } = locked
  return {
    status: state.status,
    pauseReason: state.pauseReason,
    pauseDay: state.pauseDay,
    today: locked.today,
    resumeNextDay: bot.resumeNextDay,
    unfinished:
      around.position !== null || around.unsettled !== null || around.stop !== null || state.closing,
    closing: state.closing || state.deleting,
  }
}

/** Writes every field of a state, and after a tick its time; the trigger refuses an illegal transition, counts `version` and stamps `updated_at`. */
export async function saveState(tx: Tx, state: BotState, ticked = false): Promise<void> {
  await tx.query(
    `UPDATE bot_states SET status = $2, pause_reason = $3, pause_day = $4, error_code = $5, error_message = $6, closing = $7,
       deleting = $8, close_policy = $9, daily_pnl = $10, daily_trade_count = $11, total_pnl = $12, realized_pnl = $13, equity = $14,
       peak_equity = $15, last_price = $16, last_signal = $17, last_candle_at = $18, started_at = $19, next_tick_at = $20,
       exit_failures = $21, exit_retry_at = $22, cooldown_until = $23, notice = $24, dust_amount = $25, dust_cost = $26,
       notice_message = $28, exit_purpose = $29, exit_reason = $30, stop_touched_at = $31, stop_failures = $32, stop_retry_at = $33,
       stop_notice = $34, mark_price = $35, funded_until = $36,
       last_tick_at = CASE WHEN $27 THEN tradebot_now() ELSE last_tick_at END
     WHERE bot_id = $1`,
    [
      state.botId,
      state.status,
      state.pauseReason,
      state.pauseDay,
      state.errorCode,
      state.errorMessage,
      state.closing,
      state.deleting,
      state.closePolicy,
      plain(state.dailyPnl),
      state.dailyTradeCount,
      plain(state.totalPnl),
      plain(state.realizedPnl),
      plain(state.equity),
      plain(state.peakEquity),
      state.lastPrice === null ? null : plain(state.lastPrice),
      state.lastSignal,
      state.lastCandleAt,
      state.startedAt,
      state.nextTickAt,
      state.exitFailures,
      state.exitRetryAt,
      state.cooldownUntil,
      state.notice,
      plain(state.dustAmount),
      plain(state.dustCost),
      ticked,
      state.noticeMessage,
      state.exitPurpose,
      state.exitReason,
      state.stopTouchedAt,
      state.stopFailures,
      state.stopRetryAt,
      state.stopNotice,
      state.markPrice === null ? null : plain(state.markPrice),
      state.fundedUntil,
    ],
  )
}

export async function setActive(tx: Tx, botId: string, active: boolean): Promise<void> {
  await tx.query(`UPDATE bot_configs SET is_active = $2 WHERE id = $1`, [botId, active])
}

/** Soft: the history stays. The name and the key are free again. */
export async function markDeleted(tx: Tx, botId: string): Promise<void> {
  await tx.query(`UPDATE bot_configs SET deleted_at = tradebot_now(), is_active = false WHERE id = $1`, [
    botId,
  ])
}
