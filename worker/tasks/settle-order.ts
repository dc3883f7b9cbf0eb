import {
  type LookResult,
  type TradingAccount,
  VenueError,
  type VenueOrder,
} from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import { bookEvidence } from '#trading/store/booking.ts'
import { writeEvents, type NewEvent } from '#trading/store/events.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import { loadOrder, scheduleSettle } from '#trading/store/orders.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'
import { tellCancelRefused, tryCancel } from './cancel-order.ts'
import { feePrices } from './fee-prices.ts'
import { nextSearchMs, recordNotFound } from './not-found.ts'
import { evidenceOf, failBot, lockOrderContext } from './order-context.ts'

/** A look that failed is repeated after this, unless the venue said when. */
const RETRY_MS = 5_000
const LONGEST_RETRY_MS = 30_000
/** Fills may lie a little before our own clock's idea of the send. */
const SINCE_MARGIN_MS = 60_000

/** Looks an order up at its venue and books what is found. A look that fails is no look. */
export const settleOrder: TaskHandler<'settle_order'> = async ({ orderId }, deps) => {
  const order = await loadOrder(deps.pool, orderId)
  if (order === null || order.nextSettleAt === null || order.mode === 'PAPER') return 'Skipped (settled)'
  // Not sent yet: there is nothing to look for, and a look that finds nothing would be taken for a proof.
  if (order.status === 'INTENDED') {
    await scheduleSettle(deps.pool, order.id, null, null)
    return 'Skipped (not sent)'
  }
  if (order.apiKeyId === null) throw new Error(`LIVE order ${order.id} names no key`)
  let look: LookResult
  let lookedAt: Date
  let account: TradingAccount
  let refused: string | null = null
  try {
    account = await deps.accounts.forKey(order.apiKeyId)
    lookedAt = await databaseNow(deps)
    const cancels = order.cancelRequested && isOpen(order)
    if (cancels) refused = await tryCancel(account, order)
    look = await account.findOrder({ ...order, since: sinceOf(order) })
    if (!cancels && look.found && isOpen(look.order) && isUnwanted(order)) {
      // Its outcome was not known until now, or it was thought not to exist.
      const found = { ...order, exchangeOrderId: look.order.exchangeOrderId }
      // One that was given up stays so until it is gone: booked as resting, it would be taken for the guard that has replaced it.
      if (order.cancelRequested) refused = await tryCancel(account, found)
      else await account.cancelOrder(found)
      look = await account.findOrder({ ...order, since: sinceOf(order) })
    }
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    return failedLook(deps, order, error)
  }
  const outcome = look.found
    ? await recordFound(deps, order, look, refused)
    : await recordNotFound(deps, order, account, lookedAt, sinceOf(order))
  hintSoon(deps, order.userId)
  return outcome
}

function isOpen({ status }: { status: Order['status'] }): boolean {
  return status === 'OPEN' || status === 'PARTIALLY_FILLED'
}

/** To be cancelled as soon as it is found: as was asked, or because a stop that was given up may have been placed anew. */
function isUnwanted({ cancelRequested, purpose, status }: Order): boolean {
  return (
    cancelRequested || (purpose === 'PROTECTIVE_STOP' && (status === 'NOT_PLACED' || status === 'REJECTED'))
  )
}

async function recordFound(
  deps: WorkerDeps,
  seen: Order,
  look: Extract<LookResult, { found: true }>,
  cancelRefused: string | null,
): Promise<string> {
  const market = await findMarket(deps.pool, seen.exchange, seen.symbol)
  if (market === null)
    throw new Error(`the market ${seen.exchange} ${seen.symbol} of order ${seen.id} is not known`)
  const prices = await feePrices(deps, seen, look.fills)
  return inTransaction(deps.pool, async (tx) => {
    const { locked, order } = await lockOrderContext(tx, seen)
    if (order.nextSettleAt === null) return 'Skipped (settled)'
    const stranger = strangerOf(order, look.order)
    if (stranger !== null) {
      await refuseStranger(tx, order, stranger)
      return 'Found another order'
    }
    const evidence = evidenceOf(look.order, look.fills, prices)
    await bookEvidence(tx, locked, order, market, evidence)
    if (cancelRefused !== null && isOpen(evidence)) await tellCancelRefused(tx, order, cancelRefused)
    return `Found (${evidence.status})`
  })
}

/** Why what was found by the number that a person gave cannot be this order; null when it may be. */
function strangerOf(order: Order, found: VenueOrder): string | null {
  if (found.clientOrderId === order.clientOrderId) return null
  if (found.side !== order.side) return `it is a ${found.side}, this one a ${order.side}`
  if (!found.amount.eq(order.amount))
    return `it is over ${plain(found.amount)}, this one over ${plain(order.amount)}`
  return null
}

/** A wrong number is forgotten and the question asked again: fills of another order are never booked to this one. */
async function refuseStranger(tx: Tx, order: Order, why: string): Promise<void> {
  await tx.query(
    `UPDATE orders SET exchange_order_id = NULL, next_settle_at = tradebot_now() + interval '2 seconds', updated_at = tradebot_now() WHERE id = $1`,
    [order.id],
  )
  const message = `Order ${order.exchangeOrderId} at ${order.exchange} is not order ${order.id}: ${why}. Look again, then say what became of it (resolveOrder).`
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, [
    { botId: order.botId, type: 'ORDER_NOT_RESOLVED', message },
  ])
}

async function failedLook(deps: WorkerDeps, order: Order, error: VenueError): Promise<string> {
  // Nobody waits for it: it is looked for only in case. A key that is gone is no fault of the bot then, which may have another by now.
  if (order.status === 'NOT_PLACED') {
    await scheduleSettle(deps.pool, order.id, nextSearchMs(order, await databaseNow(deps)), null)
    return `Could not look (${error.kind})`
  }
  const waitMs = Math.min(error.retryAfterMs ?? RETRY_MS, LONGEST_RETRY_MS)
  await scheduleSettle(deps.pool, order.id, waitMs, error.message)
  if (error.kind !== 'KEY_REFUSED') return `Could not look (${error.kind})`
  await inTransaction(deps.pool, async (tx) => {
    const { locked } = await lockOrderContext(tx, order)
    if (locked.state.status === 'ERROR') return
    const events: NewEvent[] = []
    const message = `${order.exchange} refuses the API key, so order ${order.id} cannot be looked up: ${error.message} Replace the key.`
    await failBot(tx, locked, 'KEY_REFUSED', message, events)
    await writeEvents(tx, { userId: order.userId, label: 'worker' }, events)
  })
  return 'Could not look (KEY_REFUSED)'
}

function sinceOf(order: Order): Date {
  return new Date((order.submittedAt ?? order.createdAt).getTime() - SINCE_MARGIN_MS)
}

async function databaseNow(deps: WorkerDeps): Promise<Date> {
  const { rows } = await deps.pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
  if (rows[0] === undefined) throw new Error('SELECT gave no row')
  return rows[0].now
}
