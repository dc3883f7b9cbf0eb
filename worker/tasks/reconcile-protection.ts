import { setTimeout as sleep } from 'node:timers/promises'
import type { Difference } from '#trading/jobs/reconcile-answer.ts'
import type { WorkerDeps } from '../deps.ts'
import type { ReconciledKey } from './reconcile-judge.ts'
import { named } from './reconcile-named.ts'
import { nothing } from './reconcile-words.ts'

const LOOK_MS = 300

type Unprotected = {
  botId: string
  symbol: string
  amount: string
  status: string
  notice: string | null
}

/** Bots that lost their stop place another at their next ticks: waits for it, until `end` (of the process's clock) at most. */
export async function waitForStops(deps: WorkerDeps, botIds: readonly string[], end: number): Promise<void> {
  while (botIds.length > 0 && performance.now() < end) {
    const left = await readUnprotected(deps, botIds)
    if (!left.some(({ status }) => TICKS.has(status))) return
    await sleep(LOOK_MS)
  }
}

/** A bot that ticks guards its position. */
const TICKS = new Set(['RUNNING', 'PAUSED', 'ERROR'])

/** Those that still hold a position and have no stop at the exchange. */
export async function unprotectedAmong(
  deps: WorkerDeps,
  key: ReconciledKey,
  botIds: readonly string[],
): Promise<Difference[]> {
  const left = await readUnprotected(deps, botIds)
  return Promise.all(
    left.map(({ botId, symbol, amount, status, notice }) =>
      named(deps.pool, {
        ...nothing(symbol, [botId], symbol.split('/')[0] ?? symbol),
        kind: 'POSITION_UNPROTECTED',
        books: amount,
        settledBy: 'PERSON',
        what: `The bot (${status}) holds ${amount}, and no stop rests at ${key.exchange}.${notice === null ? '' : ` ${notice}`}`,
        how: TICKS.has(status)
          ? 'TradeBot guards the position while it runs, and tries again to place the stop: see the bot’s events.'
          : 'The bot does not run, so nothing guards the position: start it, or close the position.',
      }),
    ),
  )
}

async function readUnprotected(deps: WorkerDeps, botIds: readonly string[]): Promise<Unprotected[]> {
  const { rows } = await deps.pool.query<Unprotected>(
    `SELECT c.id::text AS "botId", c.symbol, trim_scale(p.amount)::text AS amount, s.status, s.stop_notice AS notice
     FROM bot_configs c JOIN bot_states s ON s.bot_id = c.id JOIN positions p ON p.bot_id = c.id AND p.closed_at IS NULL
     WHERE c.id = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM orders o WHERE o.bot_id = c.id AND o.purpose = 'PROTECTIVE_STOP'
       AND o.status IN ('OPEN', 'PARTIALLY_FILLED') AND NOT o.cancel_requested)
     ORDER BY c.id`,
    [botIds],
  )
  return rows
}
