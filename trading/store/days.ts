import type { Bot, BotState } from '../domain/bot.ts'
import { type Day, equityOf, utcMidnight } from '../domain/day-ledger.ts'
import { valuationPrice } from '../domain/futures.ts'
import { type Decimal, decimal, plain } from '../domain/money.ts'
import { type Position, unrealizedPnl } from '../domain/position.ts'
import type { Row } from './bot-columns.ts'
import type { Db, Tx } from './pool.ts'
import { dayFromRow } from './rows.ts'

/**
 * The bot's row of that UTC day, opened when it is first needed. Start equity marks a position carried over midnight at the last candle
 * closed at or before 00:00 UTC (where none is known, at the last price seen), one of FUTURES at the mark price that the bot's last tick saw
 * shortly before, where there is one; the day before ends with the same mark, so that a loss
 * is counted once and on its day. Call it before the day's first fill is booked, with the state row locked.
 */
export async function ensureDay(
  tx: Tx,
  bot: Bot,
  state: BotState,
  position: Position | null,
  day: string,
): Promise<Day> {
  const existing = await tx.query<Row>(`SELECT * FROM bot_days WHERE bot_id = $1 AND day = $2`, [bot.id, day])
  const found = existing.rows[0]
  if (found !== undefined) return dayFromRow(found)

  const midnight = utcMidnight(day)
  const carried = position !== null && position.openedAt < midnight ? position : null
  const mark =
    carried === null
      ? null
      : ((await lastMark(tx, state, midnight)) ??
        (await lastCloseAt(tx, bot, midnight)) ??
        valuationPrice(state))
  const startEquity = equityOf(bot.initialCapital, state.realizedPnl, unrealizedPnl(carried, mark))
  await tx.query(
    `UPDATE bot_days SET unrealized_pnl = $3::numeric - start_equity - realized_pnl
     WHERE bot_id = $1 AND day = (SELECT max(day) FROM bot_days WHERE bot_id = $1 AND day < $2)`,
    [bot.id, day, plain(startEquity)],
  )
  const inserted = await tx.query<Row>(
    `INSERT INTO bot_days (bot_id, day, start_equity) VALUES ($1, $2, $3) RETURNING *`,
    [bot.id, day, plain(startEquity)],
  )
  const row = inserted.rows[0]
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row')
  return dayFromRow(row)
}

/** Adds what a day has consumed; nothing of it is ever taken back. */
export async function saveDay(tx: Tx, botId: string, day: Day): Promise<void> {
  await tx.query(
    `UPDATE bot_days SET start_equity = $3, realized_pnl = $4, unrealized_pnl = $5, fees = $6, trade_count = $7, funding = $8 WHERE bot_id = $1 AND day = $2`,
    [
      botId,
      day.day,
      plain(day.startEquity),
      plain(day.realizedPnl),
      plain(day.unrealizedPnl),
      plain(day.fees),
      day.tradeCount,
      plain(day.funding),
    ],
  )
}

/** The mark price of FUTURES as the bot's last tick saw it, where that was within two minutes of `instant`. */
async function lastMark(tx: Tx, { botId, markPrice }: BotState, instant: Date): Promise<Decimal | null> {
  if (markPrice === null) return null
  const { rowCount } = await tx.query(
    `SELECT 1 FROM bot_states WHERE bot_id = $1 AND last_tick_at BETWEEN $2::timestamptz - interval '2 minutes' AND $2::timestamptz + interval '2 minutes'`,
    [botId, instant],
  )
  return rowCount === 1 ? markPrice : null
}

/** Close of the newest candle that had closed by `instant`, of whatever timeframe is known; null where there is none within 2 days. */
async function lastCloseAt(tx: Tx, bot: Bot, instant: Date): Promise<Decimal | null> {
  const { rows } = await tx.query<{ close: string }>(
    `SELECT c.close FROM candles c
     WHERE c.exchange = $1 AND c.symbol = $2 AND c.timeframe = $3 AND c.closed
       AND c.open_time < $4 AND c.open_time >= $4::timestamptz - interval '2 days'
       AND c.open_time + (CASE right(c.timeframe, 1) WHEN 's' THEN interval '1 second' WHEN 'm' THEN interval '1 minute'
             WHEN 'h' THEN interval '1 hour' WHEN 'd' THEN interval '1 day' ELSE interval '7 days' END)
             * left(c.timeframe, -1)::int <= $4
     ORDER BY c.open_time DESC LIMIT 1`,
    [bot.exchange, bot.symbol, bot.timeframe, instant],
  )
  const close = rows[0]?.close
  return close === undefined ? null : decimal(close)
}

/** Profit and entries of the UTC day that it is now, by bot; a bot whose day is not open has consumed nothing of it. */
export async function readToday(
  db: Db,
  botIds: readonly string[],
): Promise<Map<string, { pnl: Decimal; trades: number }>> {
  const { rows } = await db.query<{ bot_id: string; pnl: string; trade_count: number }>(
    `SELECT d.bot_id, s.equity - d.start_equity AS pnl, d.trade_count FROM bot_days d JOIN bot_states s ON s.bot_id = d.bot_id
     WHERE d.bot_id = ANY($1::bigint[]) AND d.day = tradebot_today()`,
    [botIds],
  )
  return new Map(rows.map((row) => [row.bot_id, { pnl: decimal(row.pnl), trades: row.trade_count }]))
}
