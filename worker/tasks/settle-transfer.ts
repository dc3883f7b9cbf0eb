import { assertNever } from '#trading/domain/assert-never.ts'
import { VenueError, type VenueTransfer } from '#trading/domain/exchange.ts'
import { isInFlight, type Transfer } from '#trading/domain/transfer.ts'
import { DOUBT_MS, matchTransfer } from '#trading/domain/transfer-match.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import {
  forgetNumber,
  loadTransfer,
  markTransfer,
  othersAlike,
  scheduleTransfer,
} from '#trading/store/transfers.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'
import { type AccountsTold, tellAccountsApart } from './rival-accounts.ts'
import {
  bookMoved,
  describeTransfer,
  endTransfer,
  lockTransferContext,
  tell,
  type TransferContext,
} from './transfer-context.ts'

/** A look that failed is repeated after this, unless the venue said when. */
const RETRY_MS = 5_000
const LONGEST_RETRY_MS = 30_000
/** So many looks after the deadline must find nothing before a transfer counts as never made. */
const LOOKS_NEEDED = 3
const BETWEEN_LOOKS_MS = 1_500
/** While a person is asked. */
const WHILE_ASKED_MS = 60_000
/** One that was concluded never made is looked for again, by and by less often, for so long. */
const SEARCH_FOR_MS = 24 * 3_600_000
const FIRST_SEARCH_MS = 10_000
const LONGEST_SEARCH_MS = 3_600_000

/** Looks a transfer up in its venue's history and books what is found. A look that fails is no look. */
export const settleTransfer: TaskHandler<'settle_transfer'> = async ({ transferId }, deps) => {
  const seen = await loadTransfer(deps.pool, transferId)
  if (seen === null || seen.nextSettleAt === null) return 'Skipped (settled)'
  // Not sent yet: a look that finds nothing would be taken for a proof.
  if (seen.status === 'INTENDED' || seen.submittedAt === null) {
    await scheduleTransfer(deps.pool, seen.id, null)
    return 'Skipped (not sent)'
  }
  const since = new Date(seen.submittedAt.getTime() - DOUBT_MS)
  let history: VenueTransfer[]
  let lookedAt: Date
  try {
    const account = await deps.accounts.forKey(seen.apiKeyId)
    lookedAt = await databaseNow(deps)
    history = await account.fetchTransfers(seen.currency, since)
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    return failedLook(deps, seen, error)
  }
  const accounts = await tellAccountsApart(deps, seen, history, since, lookedAt)
  const outcome = await inTransaction(deps.pool, (tx) =>
    record(tx, deps, seen, { history, lookedAt, accounts }),
  )
  hintSoon(deps, seen.userId)
  return outcome
}

type Look = { history: readonly VenueTransfer[]; lookedAt: Date; accounts: AccountsTold }

async function record(
  tx: Tx,
  deps: WorkerDeps,
  seen: Transfer,
  { history, lookedAt, accounts }: Look,
): Promise<string> {
  const context = await lockTransferContext(tx, seen)
  const { transfer } = context
  if (
    transfer.status !== seen.status ||
    transfer.nextSettleAt === null ||
    transfer.exchangeTransferId !== seen.exchangeTransferId
  )
    return 'Changed meanwhile'
  // Two of one account must not take the same row: who looks second sees what the first has booked.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`transfers:${transfer.exchange}`])
  const others = await othersAlike(
    tx,
    transfer,
    history.map((row) => row.id),
  )
  const match = matchTransfer(transfer, history, {
    knownIds: others.knownIds,
    rivals: others.rivals
      .filter(({ apiKeyId }) => !accounts.other.has(apiKeyId))
      .map((rival) => ({
        ...rival,
        sameAccount: rival.apiKeyId === transfer.apiKeyId || accounts.same.has(rival.apiKeyId),
      })),
    lookedAt,
    skewMs: deps.env.timing.settleSkewMs,
  })
  switch (match.kind) {
    case 'FOUND':
      return bookMoved(tx, context, match.row.id)
    case 'PENDING':
      await scheduleTransfer(tx, transfer.id, BETWEEN_LOOKS_MS)
      return 'Pending'
    case 'FAILED':
      if (!isInFlight(transfer.status)) return searchOn(tx, context)
      await endTransfer(tx, context, {
        status: 'REFUSED',
        code: 'FAILED_AT_VENUE',
        message: `The exchange lists it as failed (number ${match.row.id}).`,
        advice: 'Nothing was moved.',
      })
      return 'Failed'
    case 'AMBIGUOUS':
      return transfer.status === 'NOT_PLACED' ? searchOn(tx, context) : ask(tx, context, match.rows)
    case 'WAIT':
      if (!isInFlight(transfer.status)) return searchOn(tx, context)
      await scheduleTransfer(tx, transfer.id, match.until.getTime() - lookedAt.getTime() + 100)
      return 'Waits for another'
    case 'STRANGER':
      await forgetNumber(tx, transfer.id, WHILE_ASKED_MS)
      await tell(
        tx,
        transfer,
        'TRANSFER_UNKNOWN',
        `Number ${match.row.id} at ${transfer.exchange} is not transfer ${transfer.id}: ${match.why}. Look again, then say what became of it (resolveTransfer).`,
      )
      return 'Found another transfer'
    case 'NONE':
      return notFound(tx, context, lookedAt)
    default:
      return assertNever(match)
  }
}

/**
 * The venue's history does not show it. Before the submit deadline that proves nothing; after it, three such looks make it NOT_PLACED; it is
 * looked for again for 24 hours, for a history may lag.
 */
async function notFound(tx: Tx, context: TransferContext, lookedAt: Date): Promise<string> {
  const { transfer, locked } = context
  if (!isInFlight(transfer.status)) return searchOn(tx, context)
  if (transfer.submitDeadline !== null && lookedAt < transfer.submitDeadline) {
    const untilDeadline = transfer.submitDeadline.getTime() - lookedAt.getTime()
    await scheduleTransfer(tx, transfer.id, Math.min(untilDeadline + 100, BETWEEN_LOOKS_MS))
    return 'Not found yet'
  }
  const looks = transfer.notFoundCount + 1
  if (looks < LOOKS_NEEDED) {
    await markTransfer(tx, transfer.id, {
      status: 'UNKNOWN',
      settleInMs: BETWEEN_LOOKS_MS,
      notFoundCount: looks,
      candidates: [],
    })
    return `Not found (${looks} of ${LOOKS_NEEDED})`
  }
  if (transfer.exchangeTransferId !== null) {
    await forgetNumber(tx, transfer.id, WHILE_ASKED_MS)
    await tell(
      tx,
      transfer,
      'TRANSFER_UNKNOWN',
      `The history of ${transfer.exchange} shows no number ${transfer.exchangeTransferId}. Look again, then say what became of transfer ${transfer.id} (resolveTransfer).`,
    )
    return 'Number not found'
  }
  await endTransfer(tx, context, {
    status: 'NOT_PLACED',
    code: 'NOT_FOUND',
    message: `The history of ${transfer.exchange} does not show it, looked for ${looks} times after the last moment at which it could arrive.`,
    advice: 'It is looked for again for a day.',
    settleInMs: nextSearchMs(transfer, locked.now),
    notFoundCount: looks,
  })
  return 'Not placed'
}

/** It cannot be told from others of the same amount, and the venue keeps no id of ours: only a person can tell. Told once; looked at again slowly. */
async function ask(tx: Tx, { transfer }: TransferContext, rows: readonly VenueTransfer[]): Promise<string> {
  const numbers = rows.map((row) => `${row.id} (${row.at.toISOString()})`).join(', ')
  const message = `${describeTransfer(transfer)} was sent without an answer, and ${transfer.exchange} shows what may be it: ${numbers}. Look there, then say which of them is TradeBot's, or that none is (resolveTransfer). Until then nothing else is transferred with this key.`
  await markTransfer(tx, transfer.id, {
    status: 'UNKNOWN',
    code: 'AMBIGUOUS',
    message,
    settleInMs: WHILE_ASKED_MS,
    candidates: rows.map(({ id, at }) => ({ id, at })),
  })
  if (transfer.errorCode === 'AMBIGUOUS') return 'Unknown (a person was asked)'
  await tell(tx, transfer, 'TRANSFER_UNKNOWN', message)
  return 'Unknown (asked a person)'
}

async function searchOn(tx: Tx, { transfer, locked }: TransferContext): Promise<string> {
  await scheduleTransfer(tx, transfer.id, nextSearchMs(transfer, locked.now))
  return 'Still not made'
}

/** When one that was concluded never made is looked for again; null: not any more. */
function nextSearchMs(transfer: Pick<Transfer, 'submittedAt' | 'createdAt'>, now: Date): number | null {
  const age = now.getTime() - (transfer.submittedAt ?? transfer.createdAt).getTime()
  return age > SEARCH_FOR_MS ? null : Math.min(Math.max(age, FIRST_SEARCH_MS), LONGEST_SEARCH_MS)
}

async function failedLook(deps: WorkerDeps, seen: Transfer, error: VenueError): Promise<string> {
  const waitMs = Math.min(error.retryAfterMs ?? RETRY_MS, LONGEST_RETRY_MS)
  await inTransaction(deps.pool, async (tx) => {
    const context = await lockTransferContext(tx, seen)
    const { transfer, locked } = context
    const { now } = locked
    // Another look, a person or the answer itself may have settled it meanwhile.
    if (transfer.status !== seen.status || transfer.nextSettleAt === null) return
    if (!isInFlight(transfer.status)) return void (await searchOn(tx, context))
    await scheduleTransfer(tx, transfer.id, waitMs, error.message)
    const since = transfer.unknownSince ?? transfer.submittedAt ?? transfer.createdAt
    const patient =
      error.kind !== 'KEY_REFUSED' && now.getTime() - since.getTime() < deps.env.timing.unknownErrorMs
    if (patient || transfer.errorCode === 'LOOK_FAILED') return
    await markTransfer(tx, transfer.id, { status: 'UNKNOWN', code: 'LOOK_FAILED', settleInMs: waitMs })
    await tell(
      tx,
      transfer,
      'TRANSFER_UNKNOWN',
      `${describeTransfer(transfer)} was sent, but what became of it cannot be looked up: ${error.message} ${
        error.kind === 'KEY_REFUSED' ? 'Replace the key, or look' : 'TradeBot tries on; should it last, look'
      } at ${transfer.exchange} and say what became of it (resolveTransfer).`,
    )
  })
  return `Could not look (${error.kind})`
}

async function databaseNow(deps: Pick<WorkerDeps, 'pool'>): Promise<Date> {
  const { rows } = await deps.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
  if (rows[0] === undefined) throw new Error('SELECT gave no row')
  return rows[0].now
}
