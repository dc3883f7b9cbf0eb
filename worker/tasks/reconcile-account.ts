import { setTimeout as sleep } from 'node:timers/promises'
import { VenueError } from '#trading/domain/exchange.ts'
import { noteReconcileFailed } from '#trading/store/reconcile-schedule.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'
import type { ReconciledKey } from './reconcile-judge.ts'
import { noteRound, type Round, runRound } from './reconcile-round.ts'

/** What was booked changes what the balance means, and what nothing explains is looked at twice. */
const MOST_ROUNDS = 5
const RETRY_MS = 10_000
const LONGEST_RETRY_MS = 120_000

/**
 * Compares the books of an account with what its exchange says: orders, fills, balances, protective stops. What differs is settled, taken
 * over, booked as closed by hand, or told; where it cannot be known what happened, bots pause for a person. May run twice, also at the same
 * time: each act is one transaction that looks at the books again.
 */
export const reconcileAccount: TaskHandler<'reconcile_account'> = async ({ apiKeyId }, deps) => {
  const key = await readKey(deps, apiKeyId)
  if (key === null) return 'Skipped (no key)'
  try {
    const rounds = await runRounds(deps, key)
    const last = rounds.at(-1)
    if (last === undefined) throw new Error('no round was run')
    await noteRound(deps, key, last)
    const outcomes = rounds.flatMap((round) => round.outcomes)
    if (outcomes.length > 0) hintSoon(deps, key.userId)
    return outcomes.length === 0 ? 'Agrees' : outcomes.join(', ')
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    const retryMs = Math.min(error.retryAfterMs ?? RETRY_MS, LONGEST_RETRY_MS)
    await noteReconcileFailed(deps.pool, key.id, error.message, retryMs)
    return `Failed (${error.kind})`
  }
}

async function runRounds(deps: WorkerDeps, key: ReconciledKey): Promise<Round[]> {
  const account = await deps.accounts.forKey(key.id)
  const rounds: Round[] = []
  let confirmed: ReadonlySet<string> = new Set()
  while (rounds.length < MOST_ROUNDS) {
    const round = await runRound(deps, key, account, confirmed)
    rounds.push(round)
    if (round.pending.size > 0) await sleep(deps.env.timing.settleSkewMs)
    else if (!round.booked) return rounds
    confirmed = round.pending
  }
  return rounds
}

/** The key that is compared; null where it was deleted. */
export async function readKey(
  deps: Pick<WorkerDeps, 'pool'>,
  apiKeyId: string,
): Promise<ReconciledKey | null> {
  const { rows } = await deps.pool.query<ReconciledKey>(
    `SELECT id::text, user_id::text AS "userId", exchange, label FROM api_keys WHERE id = $1 AND deleted_at IS NULL`,
    [apiKeyId],
  )
  return rows[0] ?? null
}
