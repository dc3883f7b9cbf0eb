import type { Difference } from '#trading/jobs/reconcile-answer.ts'
import { lockBot } from '#trading/store/bots.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { WorkerDeps } from '../deps.ts'
import { failBot } from './order-context.ts'
import type { RefusedMarket } from './reconcile-ask.ts'
import type { ReconciledKey } from './reconcile-judge.ts'
import { named } from './reconcile-named.ts'
import { nothing } from './reconcile-words.ts'

/**
 * The account may not trade this perpetual (a key for spot alone, hedge mode), whatever else it may: its bot there goes to ERROR with what to
 * do. Answers whether that is news.
 */
export async function failRefused(
  deps: Pick<WorkerDeps, 'pool'>,
  key: ReconciledKey,
  refused: RefusedMarket,
): Promise<boolean> {
  const { error } = refused
  const sentence = sentenceOf(key, refused)
  let news = false
  for (const { id } of await botsOn(deps, key, refused)) {
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

/** The same as differences: KNOWN where the bot is in ERROR for it. */
export async function failsForRefusal(
  deps: Pick<WorkerDeps, 'pool'>,
  key: ReconciledKey,
  refused: RefusedMarket,
): Promise<Difference[]> {
  const { symbol, error } = refused
  const bots = await botsOn(deps, key, refused)
  const differences = bots.map(async ({ id, known }): Promise<Difference> => {
    const difference = await named(deps.pool, {
      ...nothing(symbol, [id], symbol.split('/')[0] ?? symbol),
      kind: 'MARKET_REFUSED',
      settledBy: 'PERSON',
      what: `${key.exchange} refuses the key "${key.label}" on ${symbol}, so nothing there can be compared: ${error.message}`,
      how: sentenceOf(key, refused),
    })
    return { ...difference, state: known ? 'KNOWN' : 'NEW' }
  })
  return Promise.all(differences)
}

async function botsOn(
  deps: Pick<WorkerDeps, 'pool'>,
  key: ReconciledKey,
  { symbol, error }: RefusedMarket,
): Promise<{ id: string; known: boolean }[]> {
  const { rows } = await deps.pool.query<{ id: string; known: boolean }>(
    `SELECT c.id::text, coalesce(s.error_code = $3, false) AS known FROM bot_configs c JOIN bot_states s ON s.bot_id = c.id
     WHERE c.api_key_id = $1 AND c.symbol = $2 AND c.mode = 'LIVE' AND c.deleted_at IS NULL`,
    [key.id, symbol, error.kind],
  )
  return rows
}

function sentenceOf(key: ReconciledKey, { symbol, error }: RefusedMarket): string {
  const keyed = error.kind === 'KEY_REFUSED'
  const advice = keyed ? `Allow futures for the key at ${key.exchange}, or replace it` : 'Put that right'
  const what = keyed ? `refuses the API key "${key.label}"` : 'refuses'
  return `${key.exchange} ${what} on ${symbol}: ${error.message} ${advice}, then stop and start the bot.`
}
