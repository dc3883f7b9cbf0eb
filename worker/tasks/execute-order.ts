import { type OrderTerms, type TradingAccount, VenueError } from '#trading/domain/exchange.ts'
import { ENTRY_FRESH_MS } from '#trading/domain/gate.ts'
import { opensPosition, type Order } from '#trading/domain/order.ts'
import { walletOf } from '#trading/domain/venues.ts'
import { saveState } from '#trading/store/bots.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import { loadOrder, markOrder, scheduleSettle } from '#trading/store/orders.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { tellStopFailed } from '#trading/store/stop-evidence.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'
import { claim, deny } from './claim-order.ts'
import { backOff, failBot, lockOrderContext, type OrderContext } from './order-context.ts'
import { readBalance } from './read-balance.ts'
import { recordPlaced } from './record-placed.ts'
import { setUpEntry } from './set-up-futures.ts'
import { writeOffSpeck } from './write-off.ts'

/**
 * Sends an intent, at most once: prepare, claim (one transaction, only its winner may send), send outside any transaction, record the
 * answer (one transaction). Killed anywhere, the rest is settle_order's, by `next_settle_at`, which the claim set.
 */
export const executeOrder: TaskHandler<'execute_order'> = async ({ orderId }, deps) => {
  const seen = await loadOrder(deps.pool, orderId)
  if (seen === null || seen.status !== 'INTENDED') return 'Skipped (not intended)'
  const outcome = seen.mode === 'PAPER' ? await executePaper(deps, seen) : await executeLive(deps, seen)
  hintSoon(deps, seen.userId)
  return outcome
}

async function executePaper(deps: WorkerDeps, seen: Order): Promise<string> {
  const done = await claim(deps, seen, await marketOf(deps, seen))
  return done.kind === 'DONE' ? done.outcome : 'Claimed'
}

async function executeLive(deps: WorkerDeps, seen: Order): Promise<string> {
  const market = await marketOf(deps, seen)
  let account: TradingAccount
  try {
    account = await accountOf(deps, seen)
    if (opensPosition(seen.purpose) && seen.apiKeyId !== null)
      await readBalance(deps, account, seen.apiKeyId, walletOf(seen.exchange, market.type), market.quote)
    const denied = await writeOffSpeck(deps, account, seen, market)
    if (denied?.kind === 'DONE') return denied.outcome
    const unfit = await setUpEntry(deps, account, seen, market)
    if (unfit !== null) return unfit
    await account.prepare(seen.symbol)
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    return notPrepared(deps, seen, error)
  }
  // Read before the claim: the venue's own expiry runs from it, so that a process that froze and woke is refused.
  const signedAt = Date.now()
  const claimed = await claim(deps, seen, market)
  if (claimed.kind === 'DONE') return claimed.outcome
  const { symbol, side, amount, clientOrderId } = claimed.order
  const { recvWindowMs, httpTimeoutMs } = deps.env.timing
  // The account sends at once or not at all: whether the time budget is gone is asked there, at the last moment.
  const result = await account.placeOrder({
    terms: termsOf(claimed.order),
    symbol,
    side,
    amount,
    reduceOnly: claimed.order.reduceOnly,
    clientOrderId,
    signedAt,
    recvWindowMs,
    timeoutMs: httpTimeoutMs,
  })
  return recordPlaced(deps, claimed.order, market, result)
}

/** The venue could not be reached, or the key not be used, before anything was claimed. */
async function notPrepared(deps: WorkerDeps, seen: Order, error: VenueError): Promise<string> {
  return inTransaction(deps.pool, async (tx) => {
    const context = await lockOrderContext(tx, seen)
    const { order, locked } = context
    if (order.status !== 'INTENDED') return 'Skipped (not intended)'
    const lasting = error.kind === 'KEY_REFUSED' || error.kind === 'MARKET_GONE'
    const stale =
      order.purpose === 'ENTRY' && locked.now.getTime() - order.createdAt.getTime() > ENTRY_FRESH_MS
    if (!lasting && !stale) {
      await markOrder(tx, order.id, { status: 'INTENDED', message: error.message, settleInMs: null })
      await tellStopWaits(tx, context, error)
      return `Waits (${error.kind})`
    }
    const events: NewEvent[] = []
    if (lasting)
      await failBot(
        tx,
        locked,
        error.kind,
        `${order.exchange}: ${error.message} Mend it, then start the bot again.`,
        events,
      )
    // A key that does not work will not work a second later: not an intent and an alert with every tick.
    if (!opensPosition(order.purpose)) {
      backOff(locked, order, error.message, events)
      await saveState(tx, locked.state)
    }
    const denied = await deny(tx, context, { code: `VENUE_${error.kind}`, message: error.message })
    await writeEvents(tx, { userId: order.userId, label: 'worker' }, events)
    return denied.kind === 'DONE' ? denied.outcome : 'Denied'
  })
}

/** A stop that cannot be sent for so long is one that is missing. */
const STOP_PATIENCE_MS = 10_000

async function tellStopWaits(tx: Tx, { order, locked }: OrderContext, error: VenueError): Promise<void> {
  const waited = locked.now.getTime() - order.createdAt.getTime()
  if (order.purpose !== 'PROTECTIVE_STOP' || waited < STOP_PATIENCE_MS) return
  const events: NewEvent[] = []
  tellStopFailed(
    locked,
    `No stop rests at ${order.exchange} yet: ${error.message} TradeBot guards the position while it runs.`,
    events,
  )
  if (events.length === 0) return
  await saveState(tx, locked.state)
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, events)
}

async function accountOf(deps: WorkerDeps, order: Order): Promise<TradingAccount> {
  if (order.apiKeyId === null) throw new Error(`LIVE order ${order.id} names no key`)
  return deps.accounts.forKey(order.apiKeyId)
}

async function marketOf(deps: WorkerDeps, order: Order) {
  const market = await findMarket(deps.pool, order.exchange, order.symbol)
  if (market !== null) return market
  await scheduleSettle(deps.pool, order.id, null, `The market ${order.symbol} is not known.`)
  throw new Error(`the market ${order.exchange} ${order.symbol} of order ${order.id} is not known`)
}

function termsOf(order: Order): OrderTerms {
  const { type, price, stopPrice } = order
  if (type === 'LIMIT_IOC' && price !== null) return { type, price }
  if (type === 'STOP_LIMIT' && price !== null && stopPrice !== null) return { type, price, stopPrice }
  if (type === 'STOP_MARKET' && stopPrice !== null) return { type, stopPrice }
  if (type === 'MARKET') return { type }
  throw new Error(`order ${order.id} (${type}) cannot be sent: it lacks its prices`)
}
