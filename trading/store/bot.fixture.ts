import { randomBytes } from 'node:crypto'
import type { BotConfig } from '../domain/bot.ts'
import { aConfig } from '../domain/bot.fixture.ts'
import type { BotStatus } from '../domain/bot-lifecycle.ts'
import type { Actor } from '../domain/actor.ts'
import { createBot } from './bot-commands.ts'
import { inTransaction, type Db, type Pool } from './pool.ts'

export async function aUser(db: Db): Promise<Actor> {
  const name = `u${randomBytes(6).toString('hex')}`
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO users (email, username, username_key, password_hash) VALUES ($1 || '@example.org', $1, $1, 'x') RETURNING id`,
    [name],
  )
  return { userId: String(rows[0]?.id), label: 'user' }
}

export async function aSavedBot(pool: Pool, actor: Actor, more: Partial<BotConfig> = {}): Promise<string> {
  const name = `Bot ${randomBytes(6).toString('hex')}`
  return inTransaction(pool, (tx) => createBot(tx, actor, aConfig({ name, ...more })))
}

const PATHS: Record<BotStatus, readonly string[]> = {
  STOPPED: [],
  PENDING: [`status = 'PENDING'`],
  RUNNING: [`status = 'PENDING'`, `status = 'RUNNING'`],
  PAUSED: [`status = 'PENDING'`, `status = 'RUNNING'`, `status = 'PAUSED', pause_reason = 'MANUAL'`],
  ERROR: [`status = 'PENDING'`, `status = 'ERROR', error_code = 'TEST', error_message = 'A test says so.'`],
}

/** Leads a STOPPED bot to a status by plain SQL, over legal transitions. */
export async function lead(db: Db, botId: string, to: BotStatus): Promise<void> {
  for (const assignment of PATHS[to]) {
    await db.query(
      `UPDATE bot_states SET ${assignment}, started_at = coalesce(started_at, tradebot_now()) WHERE bot_id = $1`,
      [botId],
    )
  }
  await db.query(`UPDATE bot_configs SET is_active = $2 WHERE id = $1`, [botId, to !== 'STOPPED'])
}

/** An open position of 0.001 BTC at 50,000, as if an entry had filled without a fee. Answers its id. */
export async function aPosition(db: Db, botId: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO positions (bot_id, side, amount, average_price, entry_amount, entry_notional, cost, best_price, opened_at)
     VALUES ($1, 'BUY', 0.001, 50000, 0.001, 50, 50, 50000, tradebot_now()) RETURNING id`,
    [botId],
  )
  return String(rows[0]?.id)
}

/** An order of the bot in that status, by plain SQL. Answers its id. */
export async function anOrder(
  db: Db,
  botId: string,
  order: { status: string; purpose?: string; side?: string; mode?: string; apiKeyId?: string | null },
): Promise<string> {
  const { status, purpose = 'ENTRY', side = 'BUY', mode = 'PAPER', apiKeyId = null } = order
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO orders (bot_id, user_id, api_key_id, exchange, symbol, mode, revision, client_order_id, side, purpose, status, amount,
                         reference_price, reason, signal_candle_at, created_at, submitted_at)
     SELECT id, user_id, $7, exchange, symbol, $6::"BotMode", revision, $5, $4::"OrderSide", $3::"OrderPurpose", $2::"OrderStatus", 0.001,
            50000, 'a test', CASE WHEN $3 = 'ENTRY' THEN tradebot_now() - (SELECT count(*) FROM orders WHERE bot_id = $1) * interval '1 minute' END, tradebot_now(), tradebot_now()
     FROM bot_configs WHERE id = $1 RETURNING id`,
    [botId, status, purpose, side, `tb${randomBytes(16).toString('hex')}`, mode, apiKeyId],
  )
  return String(rows[0]?.id)
}
