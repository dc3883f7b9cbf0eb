import type { LockedBot } from './bots.ts'
import type { SweepFacts } from '../domain/transfer.ts'
import { decimal } from '../domain/money.ts'
import type { Tx } from './pool.ts'

/**
 * Of bot `c` with state `s`, in quote currency: profit above start capital at the end of the day before, less what was swept. The dispatcher's
 * first look, at unlocked rows: sweep_profit decides by profitToSweep.
 */
const TO_SWEEP = `
  least(s.realized_pnl, s.realized_pnl - coalesce((SELECT d.realized_pnl FROM bot_days d WHERE d.bot_id = c.id AND d.day = tradebot_today()), 0),
        s.equity - c.initial_capital)
  - coalesce((SELECT sum(t.amount) FROM transfers t WHERE t.bot_id = c.id AND t.api_key_id = c.api_key_id AND t.purpose = 'DAY_END'
      AND t.status NOT IN ('REFUSED', 'NOT_PLACED')), 0)`

/** What bot `c` earned with other keys, in quote currency: it lies in other accounts. 0 where it lost there. */
const EARNED_ELSEWHERE = `greatest(0,
  coalesce((SELECT sum(f.realized_pnl) FROM fills f WHERE f.bot_id = c.id AND f.account <> c.api_key_id::text), 0)
  + coalesce((SELECT sum(p.amount) FROM funding_payments p WHERE p.bot_id = c.id AND p.account <> c.api_key_id::text), 0))`

/**
 * Bots whose profit of a day that is over is due to be moved back: of any status, for a stopped bot's profit is profit too, and a midnight that
 * nobody saw costs a delay. The partial index bot_configs_sweeps serves: few bots transfer.
 */
export const dueSweeps = (hasNoJob: string) => `
  SELECT c.id FROM bot_configs c JOIN bot_states s ON s.bot_id = c.id
  WHERE c.auto_transfer_funds AND c.mode = 'LIVE' AND c.position_type = 'FUTURES' AND c.deleted_at IS NULL AND c.api_key_id IS NOT NULL
    AND c.created_at < (SELECT tradebot_today()::timestamp AT TIME ZONE 'UTC')
    AND NOT EXISTS (SELECT FROM transfers t WHERE t.bot_id = c.id AND t.purpose = 'DAY_END' AND t.day = (SELECT tradebot_today() - 1))
    AND NOT EXISTS (SELECT FROM transfers t WHERE t.api_key_id = c.api_key_id AND t.status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN'))
    AND CASE WHEN ${TO_SWEEP} >= 0.01 THEN ${TO_SWEEP} - ${EARNED_ELSEWHERE} >= 0.01 ELSE false END AND ${hasNoJob}
  ORDER BY c.id LIMIT $1 FOR NO KEY UPDATE OF c SKIP LOCKED`

/** What a sweep of the locked bot is decided by; `butTransferId`: itself, which counts as not swept yet. */
export async function readSweepFacts(
  tx: Tx,
  { bot, state, today }: LockedBot,
  butTransferId: string | null = null,
): Promise<Omit<SweepFacts, 'available'> & { day: string }> {
  const { rows } = await tx.query<{ today_pnl: string; swept: string; elsewhere: string; day: string }>(
    `SELECT coalesce((SELECT realized_pnl FROM bot_days WHERE bot_id = $1 AND day = $2), 0) AS today_pnl,
       coalesce((SELECT sum(amount) FROM transfers t WHERE t.bot_id = $1 AND t.api_key_id = c.api_key_id AND t.purpose = 'DAY_END'
         AND t.status NOT IN ('REFUSED', 'NOT_PLACED') AND t.id IS DISTINCT FROM $3::bigint), 0) AS swept,
       ${EARNED_ELSEWHERE} AS elsewhere,
       to_char($2::date - 1, 'YYYY-MM-DD') AS day
     FROM bot_configs c WHERE c.id = $1`,
    [bot.id, today, butTransferId],
  )
  const row = rows[0]
  if (row === undefined) throw new Error('SELECT gave no row')
  const { initialCapital } = bot
  const elsewhere = decimal(row.elsewhere)
  const [realizedPnl, equity] = [state.realizedPnl.minus(elsewhere), state.equity.minus(elsewhere)]
  const realizedAtDayEnd = realizedPnl.minus(decimal(row.today_pnl))
  return { initialCapital, equity, realizedPnl, realizedAtDayEnd, swept: decimal(row.swept), day: row.day }
}
