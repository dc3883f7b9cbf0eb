import type { Funds } from '#trading/domain/capital.ts'
import { type TradingAccount, VenueError } from '#trading/domain/exchange.ts'
import { ENTRY_FRESH_MS } from '#trading/domain/gate.ts'
import { type Decimal, plain } from '#trading/domain/money.ts'
import { gateTransfer, profitToSweep, type Transfer, type TransferDenial } from '#trading/domain/transfer.ts'
import { venueFacts } from '#trading/domain/venues.ts'
import { readKeyCheck } from '#trading/store/api-keys.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { lockFunds } from '#trading/store/reservations.ts'
import { restoredGate, WAITS_FOR_COMPARISON } from '#trading/store/restored.ts'
import { readSweepFacts } from '#trading/store/sweeps.ts'
import { claimTransfer, loadTransfer, touchTransfer } from '#trading/store/transfers.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'
import { readBalance } from './read-balance.ts'
import { recordTransfer } from './record-transfer.ts'
import { endTransfer, lockTransferContext, type TransferContext } from './transfer-context.ts'

/** While an answer is awaited, the first look at the venue's history comes after this. */
const FIRST_LOOK_MS = 5_000

/**
 * Sends a transfer, at most once, as execute_order does an order: prepare, claim (one transaction, only its winner may send), send outside any
 * transaction, record the answer (one transaction). Killed anywhere, the rest is settle_transfer's, by `next_settle_at`, which the claim set.
 */
export const executeTransfer: TaskHandler<'execute_transfer'> = async ({ transferId }, deps) => {
  const seen = await loadTransfer(deps.pool, transferId)
  if (seen === null || seen.status !== 'INTENDED') return 'Skipped (not intended)'
  const outcome = await execute(deps, seen)
  hintSoon(deps, seen.userId)
  return outcome
}

async function execute(deps: WorkerDeps, seen: Transfer): Promise<string> {
  let account: TradingAccount
  try {
    account = await deps.accounts.forKey(seen.apiKeyId)
    await readBalance(deps, account, seen.apiKeyId, seen.from, seen.currency)
    await account.prepare(seen.symbol)
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    return notPrepared(deps, seen, error)
  }
  // Read before the claim: the venue's own expiry runs from it, so that a process that froze and woke is refused.
  const signedAt = Date.now()
  const claimed = await claim(deps, seen)
  if (claimed.kind === 'DONE') return claimed.outcome
  const { recvWindowMs, httpTimeoutMs } = deps.env.timing
  const { from, to, currency, amount, clientTransferId } = claimed.transfer
  const result = await account.transfer({
    from,
    to,
    currency,
    amount,
    clientTransferId,
    signedAt,
    recvWindowMs,
    timeoutMs: httpTimeoutMs,
  })
  return recordTransfer(deps, claimed.transfer, result)
}

type Claim = { kind: 'CLAIMED'; transfer: Transfer } | { kind: 'DONE'; outcome: string }

/** One transaction: locks user (FOR SHARE: a halt excludes it), bot, entry, balance and transfer, passes the gate, and moves INTENDED on. */
async function claim(deps: WorkerDeps, seen: Transfer): Promise<Claim> {
  return inTransaction(deps.pool, async (tx) => {
    const user = await tx.query<{ halted: boolean }>(
      `SELECT halted_at IS NOT NULL AS halted FROM users WHERE id = $1 FOR SHARE`,
      [seen.userId],
    )
    let funds: Funds | null = null
    const context = await lockTransferContext(tx, seen, async () => {
      funds = await lockFunds(tx, seen.apiKeyId, seen.from, seen.currency)
    })
    const { transfer } = context
    if (transfer.status !== 'INTENDED') return { kind: 'DONE', outcome: 'Skipped (not intended)' }
    if ((await restoredGate(tx, transfer.apiKeyId)) !== 'OPEN') {
      await touchTransfer(tx, transfer.id, WAITS_FOR_COMPARISON)
      return { kind: 'DONE', outcome: 'Waits (RESTORED)' }
    }
    const denial = await judge(tx, context, user.rows[0]?.halted === true)
    const amount = denial === null ? await payable(tx, context, funds) : denial
    if ('code' in amount) {
      await endTransfer(tx, context, {
        status: 'NOT_PLACED',
        ...amount,
        advice: adviceFor(transfer, amount.code),
      })
      return { kind: 'DONE', outcome: `Denied (${amount.code})` }
    }
    const { httpTimeoutMs, sendBudgetMs, recvWindowMs, settleSkewMs } = deps.env.timing
    const budgetMs = sendBudgetMs + recvWindowMs + httpTimeoutMs + settleSkewMs
    await claimTransfer(tx, transfer.id, amount, budgetMs, FIRST_LOOK_MS)
    return { kind: 'CLAIMED', transfer: { ...transfer, amount } }
  })
}

async function judge(
  tx: Tx,
  { transfer, order, locked }: TransferContext,
  halted: boolean,
): Promise<TransferDenial | null> {
  const key = await readKeyCheck(tx, transfer.apiKeyId)
  return gateTransfer({
    purpose: transfer.purpose,
    halted,
    status: locked.state.status,
    closing: locked.state.closing || locked.state.deleting,
    order:
      order === null
        ? null
        : { status: order.status, ageMs: locked.now.getTime() - order.createdAt.getTime() },
    freshMs: ENTRY_FRESH_MS,
    canTransfer: key?.canTransfer ?? null,
    offered: venueFacts(transfer.exchange).transfers,
    exchange: transfer.exchange,
  })
}

/** How much may leave the wallet: for an entry the whole or nothing, of profit what is still there and not needed. */
async function payable(
  tx: Tx,
  { transfer, locked }: TransferContext,
  funds: Funds | null,
): Promise<Decimal | TransferDenial> {
  if (funds === null)
    return { code: 'BALANCE_UNKNOWN', message: `The balance of ${transfer.from} is not known.` }
  const available = funds.free.minus(funds.reserved)
  const { amount, currency, from } = transfer
  const held = funds.reserved.gt(0) ? `, of which ${plain(funds.reserved)} is reserved` : ''
  const message = `${plain(funds.free)} ${currency} is free in ${from}${held}.`
  if (transfer.purpose === 'ENTRY')
    return available.gte(amount) ? amount : { code: 'BALANCE_INSUFFICIENT', message }
  const profit = profitToSweep({ ...(await readSweepFacts(tx, locked, transfer.id)), available })
  return profit.gt(0) ? profit : { code: 'NOTHING_TO_SWEEP', message: `No profit can leave: ${message}` }
}

function adviceFor({ purpose, from, currency }: Transfer, code: string): string {
  if (code === 'KEY_MAY_NOT_TRANSFER' || code === 'TRANSFER_NOT_OFFERED') return ''
  if (purpose === 'DAY_END') return 'It stays in FUTURES and is looked at again at the next end of a day.'
  if (code === 'BALANCE_INSUFFICIENT' || code === 'BALANCE_UNKNOWN')
    return `Put ${currency} into the ${from} wallet, or lower transferAmount.`
  return 'Nothing was moved.'
}

/** The venue could not be reached, or the key not be used, before anything was claimed. */
async function notPrepared(deps: WorkerDeps, seen: Transfer, error: VenueError): Promise<string> {
  return inTransaction(deps.pool, async (tx) => {
    const context = await lockTransferContext(tx, seen)
    const { transfer, order, locked } = context
    if (transfer.status !== 'INTENDED') return 'Skipped (not intended)'
    const lasting = error.kind === 'KEY_REFUSED' || error.kind === 'MARKET_GONE' || error.kind === 'REFUSED'
    const gone =
      transfer.purpose === 'ENTRY' &&
      (order === null ||
        order.status !== 'INTENDED' ||
        locked.now.getTime() - order.createdAt.getTime() > ENTRY_FRESH_MS)
    // Profit waits for a venue that is away, but not with every other transfer of the key waiting behind it for ever.
    const late = locked.now.getTime() - transfer.createdAt.getTime() > SWEEP_PATIENCE_MS
    if (!lasting && !gone && !late) {
      await touchTransfer(tx, transfer.id, error.message)
      return `Waits (${error.kind})`
    }
    await endTransfer(tx, context, {
      status: 'NOT_PLACED',
      code: `VENUE_${error.kind}`,
      message: `${transfer.exchange}: ${error.message}`,
      advice: lasting
        ? 'Mend it, or turn autoTransferFunds off.'
        : adviceFor(transfer, `VENUE_${error.kind}`),
    })
    return `Denied (VENUE_${error.kind})`
  })
}

const SWEEP_PATIENCE_MS = 3_600_000
