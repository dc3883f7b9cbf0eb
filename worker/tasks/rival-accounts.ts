import { VenueError, type VenueTransfer } from '#trading/domain/exchange.ts'
import type { Transfer } from '#trading/domain/transfer.ts'
import { alikeRows, DOUBT_MS, rivalsFor } from '#trading/domain/transfer-match.ts'
import { othersAlike } from '#trading/store/transfers.ts'
import type { WorkerDeps } from '../deps.ts'

/** So many histories are read at most for one look: a look must not use up what the venue allows. */
const KEYS_READ = 5

/** Of keys whose transfers might be taken for this one: whether they are of the same account. A key that could not be read is in neither. */
export type AccountsTold = { same: ReadonlySet<string>; other: ReadonlySet<string> }

/**
 * Whose account is it? Where the history shows a row alike, and transfers alike of other keys are on their way, their histories are read over
 * the same time, after ours: one that shows a row of ours is of the same account, one that shows none of them is of another.
 */
export async function tellAccountsApart(
  deps: Pick<WorkerDeps, 'pool' | 'accounts'>,
  transfer: Transfer,
  history: readonly VenueTransfer[],
  since: Date,
  lookedAt: Date,
): Promise<AccountsTold> {
  const told = { same: new Set<string>(), other: new Set<string>() }
  const { exchangeTransferId, submitDeadline } = transfer
  if (exchangeTransferId !== null || submitDeadline === null || lookedAt < submitDeadline) return told
  const others = await othersAlike(
    deps.pool,
    transfer,
    history.map((row) => row.id),
  )
  const rows = alikeRows(transfer, history, others.knownIds, DOUBT_MS)
  const keys = new Set(rivalsFor(rows, others.rivals).map((rival) => rival.apiKeyId))
  keys.delete(transfer.apiKeyId)
  const ours = new Set(history.map((row) => row.id))
  await Promise.all(
    [...keys].slice(0, KEYS_READ).map(async (apiKeyId) => {
      const theirs = await readHistory(deps, apiKeyId, transfer.currency, since)
      if (theirs === null) return
      const shared = theirs.some((row) => ours.has(row.id))
      ;(shared ? told.same : told.other).add(apiKeyId)
    }),
  )
  return told
}

/** Null: it cannot be read now, and its transfers stay in the way. */
async function readHistory(
  deps: Pick<WorkerDeps, 'accounts'>,
  apiKeyId: string,
  currency: string,
  since: Date,
): Promise<VenueTransfer[] | null> {
  try {
    const account = await deps.accounts.forKey(apiKeyId)
    return await account.fetchTransfers(currency, since)
  } catch (error) {
    if (error instanceof VenueError) return null
    throw error
  }
}
