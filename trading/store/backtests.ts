import type { BotConfig } from '../domain/bot.ts'
import { NotFoundError, ValidationError } from '../domain/errors.ts'
import { enqueue } from '../jobs/enqueue.ts'
import type { Db, Tx } from './pool.ts'
import { storedConfig } from './revisions.ts'

/** A backtest whose worker has said nothing for so long is taken over, from the start. Milliseconds. */
const BACKTEST_SILENT_MS = 15_000
/** Unfinished ones of a user at a time; each waits for its turn. */
const MOST_WAITING = 10
/** A user's backtests that are kept; the oldest finished ones go. */
const MOST_KEPT = 200

export type NewBacktest = {
  name: string
  config: BotConfig
  from: Date | null
  to: Date | null
  /** Null: candles of the database and the exchange. */
  csv: string | null
}

/** Writes the backtest and its job; answers its id. @throws ValidationError when too many wait */
export async function createBacktest(tx: Tx, userId: string, given: NewBacktest): Promise<string> {
  // The user's row is the lock: two that come at the same time are counted one after the other.
  await tx.query(`SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE`, [userId])
  const { rows: waiting } = await tx.query<{ count: number }>(
    `SELECT count(*)::int FROM backtests WHERE user_id = $1 AND status IN ('QUEUED', 'RUNNING')`,
    [userId],
  )
  if ((waiting[0]?.count ?? 0) >= MOST_WAITING)
    throw new ValidationError([
      { path: [], message: `${MOST_WAITING} backtests are waiting already: let one end, or cancel one.` },
    ])
  await tx.query(
    `DELETE FROM backtests WHERE user_id = $1 AND status NOT IN ('QUEUED', 'RUNNING') AND id IN (
       SELECT id FROM backtests WHERE user_id = $1 ORDER BY id DESC OFFSET $2)`,
    [userId, MOST_KEPT - 1],
  )
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO backtests (user_id, name, config, source, from_time, to_time, csv, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, tradebot_now()) RETURNING id`,
    [
      userId,
      given.name,
      JSON.stringify(storedConfig(given.config)),
      given.csv === null ? 'DATABASE' : 'CSV',
      given.from,
      given.to,
      given.csv,
    ],
  )
  if (rows[0] === undefined) throw new Error('INSERT … RETURNING gave no row')
  await enqueue(tx, 'run_backtest', { backtestId: rows[0].id })
  return rows[0].id
}

/** Ends it: at once while it waits, else when its worker next looks, within a second. Does nothing to one that has ended. @throws NotFoundError */
export async function cancelBacktest(tx: Tx, userId: string, id: string): Promise<void> {
  await lockOwn(tx, userId, id)
  await tx.query(
    `UPDATE backtests SET cancel_requested = true, version = version + 1,
       finished_at = CASE WHEN status = 'QUEUED' THEN tradebot_now() END,
       status = CASE WHEN status = 'QUEUED' THEN 'CANCELED'::"BacktestStatus" ELSE status END
     WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')`,
    [id],
  )
}

/** The worker of one that runs finds it gone, and ends. @throws NotFoundError */
export async function deleteBacktest(tx: Tx, userId: string, id: string): Promise<void> {
  await lockOwn(tx, userId, id)
  await tx.query(`DELETE FROM backtests WHERE id = $1`, [id])
}

async function lockOwn(tx: Tx, userId: string, id: string): Promise<void> {
  const { rowCount } = /^\d{1,18}$/.test(id)
    ? await tx.query(`SELECT 1 FROM backtests WHERE id = $1 AND user_id = $2 FOR UPDATE`, [id, userId])
    : { rowCount: 0 }
  if (rowCount === 0) throw new NotFoundError('backtest')
}

/** A backtest that this worker runs; `startedAt` is the proof: who takes it over has another. */
export type ClaimedBacktest = {
  id: string
  userId: string
  config: unknown
  from: Date | null
  to: Date | null
  csv: string | null
  startedAt: Date
}

/** Takes one that waits, or whose worker is silent; null when there is nothing to take. */
export async function claimBacktest(db: Db, id: string): Promise<ClaimedBacktest | null> {
  const { rows } = await db.query<ClaimedBacktest>(
    `UPDATE backtests SET status = 'RUNNING', phase = 'LOADING', candles_done = 0, candles_total = 0, error = NULL,
       version = version + 1, beat_at = tradebot_now(), started_at = tradebot_now()
     WHERE id = $1 AND NOT cancel_requested
       AND (status = 'QUEUED' OR (status = 'RUNNING' AND ${SILENT}))
     RETURNING id, user_id AS "userId", config, from_time AS "from", to_time AS "to", csv, started_at AS "startedAt"`,
    [id],
  )
  return rows[0] ?? null
}

export type Progress = { phase: 'LOADING' | 'RUNNING'; done: number; total: number }

/** Says how far it is, and that its worker lives. Answers whether it is to go on: not when it was canceled, deleted or taken over. */
export async function beatBacktest(db: Db, claimed: ClaimedBacktest, progress: Progress): Promise<boolean> {
  const { rows } = await db.query<{ canceled: boolean }>(
    `UPDATE backtests SET phase = $3, candles_done = $4, candles_total = $5, beat_at = tradebot_now(), version = version + 1
     WHERE ${MINE} RETURNING cancel_requested AS canceled`,
    [claimed.id, claimed.startedAt, progress.phase, progress.done, progress.total],
  )
  return rows[0]?.canceled === false
}

/** JSON texts. */
export type StoredResult = { summary: string; curve: string; trades: string; candles: number }

export async function finishBacktest(db: Db, claimed: ClaimedBacktest, result: StoredResult): Promise<void> {
  await db.query(
    `UPDATE backtests SET status = 'DONE', summary = $3, equity_curve = $4, trades = $5, candles_done = $6, candles_total = $6,
       csv = NULL, finished_at = tradebot_now(), version = version + 1
     WHERE ${MINE}`,
    [claimed.id, claimed.startedAt, result.summary, result.curve, result.trades, result.candles],
  )
}

export async function failBacktest(db: Db, claimed: ClaimedBacktest, error: string): Promise<void> {
  await db.query(
    `UPDATE backtests SET status = 'FAILED', error = $3, csv = NULL, finished_at = tradebot_now(), version = version + 1
     WHERE ${MINE}`,
    [claimed.id, claimed.startedAt, error],
  )
}

/** Its worker has stopped it: canceled, where that was asked for. */
export async function endCanceled(db: Db, claimed: ClaimedBacktest): Promise<void> {
  await db.query(
    `UPDATE backtests SET status = 'CANCELED', csv = NULL, finished_at = tradebot_now(), version = version + 1
     WHERE ${MINE} AND cancel_requested`,
    [claimed.id, claimed.startedAt],
  )
}

const MINE = `id = $1 AND started_at = $2 AND status = 'RUNNING'`
const SILENT = `coalesce(beat_at, created_at) < tradebot_now() - interval '${BACKTEST_SILENT_MS} milliseconds'`

/** Those that wait for a worker, and those whose worker is silent: dispatched where no job of theirs waits or runs. A canceled one that nobody runs any more is ended here. */
export const dueBacktests = (noJob: string) => `
  SELECT b.id FROM backtests b
  WHERE (b.status = 'QUEUED' OR (b.status = 'RUNNING' AND ${SILENT})) AND NOT b.cancel_requested AND ${noJob}
  ORDER BY b.id LIMIT $1 FOR UPDATE OF b SKIP LOCKED`

/** Canceled while its worker was dead: nobody will say so. */
export async function endForsaken(db: Db): Promise<void> {
  await db.query(
    `UPDATE backtests SET status = 'CANCELED', csv = NULL, finished_at = tradebot_now(), version = version + 1
     WHERE status = 'RUNNING' AND cancel_requested AND ${SILENT}`,
  )
}
