import { randomBytes } from 'node:crypto'
import type { Pool } from './pool.ts'

export type BotOfSeries = {
  exchange: string
  symbol: string
  timeframe: string
  emaSlow?: number
  strategy?: string
  strategyParams?: { name: string; value: string }[]
  checkIntervalSeconds?: number
  /** False: it does not tick. */
  due?: boolean
}

/** A user with one PAPER bot on a series; its id. */
export async function insertBot(pool: Pool, bot: BotOfSeries): Promise<string> {
  const name = randomBytes(8).toString('hex')
  const { rows } = await pool.query<{ id: string }>(
    `WITH owner AS (
       INSERT INTO users (email, username, username_key, password_hash) VALUES ($1 || '@example.com', $1, $1, '-') RETURNING id
     ), config AS (
       INSERT INTO bot_configs (user_id, name, exchange, symbol, timeframe, initial_capital, position_size_fixed, stop_loss_perc,
                                take_profit_perc, ema_fast, ema_slow, check_interval_seconds, strategy, strategy_params)
       SELECT id, $1, $2, $3, $4, 1000, 100, 2, 4, 9, $5, $6, $8, $9 FROM owner RETURNING id
     ), state AS (
       INSERT INTO bot_states (bot_id, equity, peak_equity, next_tick_at)
       SELECT id, 1000, 1000, CASE WHEN $7 THEN tradebot_now() END FROM config
     )
     SELECT id FROM config`,
    [
      name,
      bot.exchange,
      bot.symbol,
      bot.timeframe,
      bot.emaSlow ?? 21,
      bot.checkIntervalSeconds ?? 1,
      bot.due ?? true,
      bot.strategy ?? 'EMA_RSI',
      JSON.stringify(bot.strategyParams ?? []),
    ],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('no bot was inserted')
  return id
}
