import { readToday } from '#trading/store/days.ts'
import type { BotRow } from '../live/bot-row.ts'
import { batchByBot } from './batch.ts'

/** What the bot's day has consumed so far; undefined: nothing of this UTC day is counted yet. */
export const todayOf = batchByBot(
  (state: NonNullable<BotRow['state']>) => String(state.botId),
  ({ pool }, ids) => readToday(pool, ids),
)
