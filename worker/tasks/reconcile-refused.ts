import { lockBot } from '#trading/store/bots.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { WorkerDeps } from '../deps.ts'
import { failBot } from './order-context.ts'
import type { RefusedMarket } from './reconcile-ask.ts'
import type { ReconciledKey } from './reconcile-judge.ts'

/**
 * The account may not trade this perpetual (a key for spot alone, hedge mode), whatever else it may: its bot there goes to ERROR with what to
 * do. Answers whether that is news.
 */
export async function failRefused(
  deps: Pick<WorkerDeps, 'pool'>,
  key: ReconciledKey,
  { symbol, error }: RefusedMarket,
): Promise<boolean> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `SELECT id::text FROM bot_configs WHERE api_key_id = $1 AND symbol = $2 AND mode = 'LIVE' AND deleted_at IS NULL`,
    [key.id, symbol],
  )
  const keyed = error.kind === 'KEY_REFUSED'
  const advice = keyed ? `Allow futures for the key at ${key.exchange}, or replace it` : 'Put that right'
  const what = keyed ? `refuses the API key "${key.label}"` : 'refuses'
  const sentence = `${key.exchange} ${what} on ${symbol}: ${error.message} ${advice}, then stop and start the bot.`
  let news = false
  for (const { id } of rows) {
    await inTransaction(deps.pool, async (tx) => {
      const locked = await lockBot(tx, id, { deletedToo: true })
      const events: NewEvent[] = []
      await failBot(tx, locked, error.kind, sentence, events)
      await writeEvents(tx, { userId: key.userId, label: 'worker' }, events)
      news ||= events.length > 0
    })
  }
  return news
}
