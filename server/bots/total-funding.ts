import { type Decimal, decimal } from '#trading/domain/money.ts'
import type { BotRow } from '../live/bot-row.ts'
import { batchByBot } from './batch.ts'

/** All funding that the bot has received less what it paid; undefined: none yet. */
export const totalFundingOf = batchByBot(
  (bot: BotRow) => String(bot.id),
  async ({ pool }, ids): Promise<Map<string, Decimal>> => {
    const { rows } = await pool.query<{ id: string; total: string }>(
      `SELECT bot_id::text AS id, sum(amount) AS total FROM funding_payments WHERE kind = 'FUNDING' AND bot_id = ANY($1) GROUP BY bot_id`,
      [ids],
    )
    return new Map(rows.map((row) => [row.id, decimal(row.total)]))
  },
)
