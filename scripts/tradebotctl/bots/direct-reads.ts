import { allowedCommands } from '#trading/domain/bot-lifecycle.ts'
import { Decimal, decimal, plain } from '#trading/domain/money.ts'
import { unrealizedPnl } from '#trading/domain/position.ts'
import { tradingChecks } from '#trading/domain/trading-checks.ts'
import { botFromRow, type Row } from '#trading/store/bot-columns.ts'
import { readToday } from '#trading/store/days.ts'
import type { FeedEvent } from '#trading/store/event-feed.ts'
import { loadFacts } from '#trading/store/lifecycle-facts.ts'
import { escapeLike } from '#trading/store/like-pattern.ts'
import type { Db } from '#trading/store/pool.ts'
import { positionFromRow } from '#trading/store/rows.ts'
import { loadTradingFacts } from '#trading/store/trading-facts.ts'
import { CONFIG_NAMES } from './config-fields.ts'
import type { BotFilter } from './desk.ts'
import {
  botDetail,
  type BotDetail,
  botSummary,
  type BotSummary,
  eventShape,
  type EventShape,
  orderShape,
  type OrderShape,
} from './shapes.ts'

/** The user's bots, newest first, as the API lists them. */
export async function readBots(
  db: Db,
  userId: string,
  { status, search }: BotFilter,
  id?: string,
): Promise<BotSummary[]> {
  const { rows } = await db.query<Row>(
    `SELECT b.* FROM bot_configs b JOIN bot_states s ON s.bot_id = b.id
     WHERE b.user_id = $1 AND b.deleted_at IS NULL AND ($2::text IS NULL OR s.status::text = $2)
       AND ($3::text IS NULL OR b.name ILIKE $3 OR b.symbol ILIKE $3) AND ($4::bigint IS NULL OR b.id = $4) ORDER BY b.id DESC`,
    [userId, status ?? null, search === undefined ? null : `%${escapeLike(search.trim())}%`, id ?? null],
  )
  const ids = rows.map((row) => String(row['id']))
  const states = await byBot(db, `SELECT * FROM bot_states WHERE bot_id = ANY($1::bigint[])`, ids)
  const positions = await byBot(
    db,
    `SELECT * FROM positions WHERE bot_id = ANY($1::bigint[]) AND closed_at IS NULL AND amount <> 0`,
    ids,
  )
  const stops = await byBot(
    db,
    `SELECT bot_id FROM orders WHERE bot_id = ANY($1::bigint[]) AND purpose = 'PROTECTIVE_STOP' AND status IN ('OPEN', 'PARTIALLY_FILLED')`,
    ids,
  )
  const [today, facts] = [await readToday(db, ids), await loadFacts(db, ids)]
  return rows.map((row) => {
    const bot = botFromRow(row)
    const [state, ofBot] = [states.get(bot.id), facts.get(bot.id)]
    if (state === undefined || ofBot === undefined) throw new Error(`Bot ${bot.id} has no state.`)
    const { id: _, name, exchange, symbol, timeframe, mode, strategy } = bot
    return botSummary.parse({
      id: bot.id,
      name,
      exchange,
      symbol,
      timeframe,
      mode,
      strategy,
      allowedCommands: allowedCommands(ofBot),
      state: stateOf(state, today.get(bot.id)),
      position: positionOf(positions.get(bot.id), state, stops.has(bot.id)),
    })
  })
}

/** Null: there is no such bot of the user's. */
export async function readDetail(
  db: Db,
  userId: string,
  id: string,
  deadAfterMs: number,
): Promise<BotDetail | null> {
  const [summary] = await readBots(db, userId, {}, id)
  if (summary === undefined) return null
  const { rows } = await db.query<Row>(`SELECT * FROM bot_configs WHERE id = $1`, [id])
  const [row] = rows
  const facts = (await loadTradingFacts(db, [id], deadAfterMs)).get(id)
  if (row === undefined || facts === undefined) return null
  const config = new Map<string, unknown>(Object.entries(botFromRow(row)))
  return botDetail.parse({
    ...summary,
    revision: row['revision'],
    createdAt: iso(row['created_at']),
    config: Object.fromEntries(CONFIG_NAMES.map((name) => [name, settingOf(config.get(name))])),
    tradingChecks: tradingChecks(facts).map(({ code, label, passed, message }) => ({
      code,
      label,
      passed,
      message,
    })),
  })
}

export async function readHaltedAt(db: Db, userId: string): Promise<string | null> {
  const { rows } = await db.query<Row>(`SELECT halted_at FROM users WHERE id = $1`, [userId])
  return iso(rows[0]?.['halted_at'])
}

/** Newest first. */
export async function readOrders(
  db: Db,
  userId: string,
  { botId, status, last }: { botId: string | null; status: string | undefined; last: number },
): Promise<OrderShape[]> {
  const { rows } = await db.query<Row>(
    `SELECT * FROM orders WHERE user_id = $1 AND ($2::bigint IS NULL OR bot_id = $2) AND ($3::text IS NULL OR status::text = $3)
     ORDER BY id DESC LIMIT $4`,
    [userId, botId, status ?? null, last],
  )
  return rows.map((row) =>
    orderShape.parse({
      id: row['id'],
      botId: row['bot_id'],
      createdAt: iso(row['created_at']),
      side: row['side'],
      purpose: row['purpose'],
      type: row['type'],
      status: row['status'],
      amount: amount(row['amount']),
      filled: amount(row['filled']),
      price: amount(row['price']),
      stopPrice: amount(row['stop_price']),
      averagePrice: amount(row['average_price']),
      reason: row['reason'],
      errorMessage: row['error_message'],
      clientOrderId: row['client_order_id'],
      exchangeOrderId: row['exchange_order_id'],
    }),
  )
}

/** The newest, oldest first. */
export async function readEvents(
  db: Db,
  userId: string,
  { botId, last }: { botId: string | null; last: number },
): Promise<EventShape[]> {
  const { rows } = await db.query<Row>(
    `SELECT * FROM bot_events WHERE user_id = $1 AND ($2::bigint IS NULL OR bot_id = $2) ORDER BY seq DESC LIMIT $3`,
    [userId, botId, last],
  )
  return rows.toReversed().map((row) =>
    eventShape.parse({
      cursor: row['seq'],
      at: iso(row['at']),
      botId: row['bot_id'],
      type: row['type'],
      fromStatus: row['from_status'],
      toStatus: row['to_status'],
      actor: row['actor'],
      message: row['message'],
    }),
  )
}

export function eventOf(event: FeedEvent): EventShape {
  const { botId, type, fromStatus, toStatus, actor, message } = event
  return {
    cursor: String(event.seq),
    at: event.at.toISOString(),
    botId,
    type,
    fromStatus,
    toStatus,
    actor,
    message,
  }
}

async function byBot(db: Db, sql: string, ids: readonly string[]): Promise<Map<string, Row>> {
  const { rows } = await db.query<Row>(sql, [ids])
  return new Map(rows.map((row) => [String(row['bot_id']), row]))
}

function stateOf(row: Row, today: { pnl: Decimal; trades: number } | undefined) {
  return {
    status: row['status'],
    pauseReason: row['pause_reason'],
    closing: row['closing'],
    errorMessage: row['error_message'],
    noticeMessage: row['notice_message'],
    equity: amount(row['equity']),
    dailyPnl: today === undefined ? '0' : plain(today.pnl),
    dailyTradeCount: today?.trades ?? 0,
    totalPnl: amount(row['total_pnl']),
    lastPrice: amount(row['last_price']),
    lastTickAt: iso(row['last_tick_at']),
    nextTickAt: iso(row['next_tick_at']),
  }
}

/** As server/schema/position.ts tells it. */
function positionOf(row: Row | undefined, state: Row, protectedAtExchange: boolean) {
  if (row === undefined) return null
  const position = positionFromRow(row)
  const price = amount(state['mark_price']) ?? amount(state['last_price'])
  return {
    side: position.side,
    amount: plain(position.amount),
    averagePrice: plain(position.averagePrice),
    stopLossPrice: amount(row['stop_loss_price']),
    takeProfitPrice: amount(row['take_profit_price']),
    liquidationPrice: amount(row['liquidation_price']),
    unrealizedPnl: price === null ? null : plain(unrealizedPnl(position, decimal(price))),
    openedAt: iso(row['opened_at']),
    protectedAtExchange,
    unprotectedBecause: protectedAtExchange ? null : state['stop_notice'],
  }
}

function settingOf(value: unknown): unknown {
  if (value instanceof Decimal) return plain(value)
  if (!Array.isArray(value)) return value
  return value.map((param: { name: string; value: Decimal }) => ({
    name: param.name,
    value: plain(param.value),
  }))
}

/** numeric of PostgreSQL ("1.500000000000000000") as the API writes it ("1.5"). */
function amount(value: unknown): string | null {
  return value === null || value === undefined ? null : plain(decimal(String(value)))
}

function iso(value: unknown): string | null {
  return value instanceof Date ? value.toISOString() : null
}
