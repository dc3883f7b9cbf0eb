import { type TradingAccount, VenueError } from '#trading/domain/exchange.ts'
import { isPerpetual } from '#trading/domain/market.ts'
import { opensPosition, type Order } from '#trading/domain/order.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { markOrder, scheduleSettle } from '#trading/store/orders.ts'
import { reconcileWithin } from '#trading/store/reconcile-schedule.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { unattributedTrades } from '#trading/store/unattributed.ts'
import type { WorkerDeps } from '../deps.ts'
import { backOff, failBot, isUnwantedStop, lockOrderContext, type OrderContext } from './order-context.ts'
import { saveState } from '#trading/store/bots.ts'

/** So many looks after the deadline must find nothing before an order counts as never placed. */
const LOOKS_NEEDED = 3
const BETWEEN_LOOKS_MS = 1_500
const WHILE_UNKNOWN_MS = 15_000
const SEARCH_FOR_MS = 24 * 3_600_000
const FIRST_SEARCH_MS = 30_000

const UNATTRIBUTED = {
  code: 'TRADE_UNATTRIBUTED',
  message:
    'The exchange does not find the order, but shows a trade on this market that belongs to no order in the books.',
}
const VANISHED = {
  code: 'ORDER_VANISHED',
  message: 'The exchange does not find the order any more, though it had given it a number.',
}

/**
 * The venue answered and knows no such order. Before the submit deadline that proves nothing; after it, three such looks make it
 * NOT_PLACED, unless the venue had given it a number, or a trade on that market since the send belongs to no order that we know: then it is
 * UNKNOWN, and after a while a person is asked. NOT_PLACED ones that had been sent are looked for again for 24 hours.
 */
export async function recordNotFound(
  deps: WorkerDeps,
  seen: Order,
  account: TradingAccount,
  lookedAt: Date,
  since: Date,
): Promise<string> {
  const suspicious = await isSuspicious(deps, seen, account, lookedAt, since)
  return inTransaction(deps.pool, async (tx) => {
    const context = await lockOrderContext(tx, seen)
    const { order } = context
    if (order.status !== seen.status || order.nextSettleAt === null) return 'Changed meanwhile'
    if (order.status === 'NOT_PLACED') return searchOn(tx, context)
    if (order.submitDeadline !== null && lookedAt < order.submitDeadline) {
      const untilDeadline = order.submitDeadline.getTime() - lookedAt.getTime()
      await scheduleSettle(tx, order.id, Math.min(untilDeadline + 100, 2_000), null)
      return 'Not found yet'
    }
    const looks = order.notFoundCount + 1
    const accepted = order.exchangeOrderId !== null
    if (looks < LOOKS_NEEDED) {
      const status = accepted ? order.status : 'UNKNOWN'
      await markOrder(tx, order.id, { status, settleInMs: BETWEEN_LOOKS_MS, notFoundCount: looks })
      return `Not found (${looks} of ${LOOKS_NEEDED})`
    }
    if (accepted) return stayUnknown(tx, deps, context, looks, VANISHED)
    return suspicious
      ? stayUnknown(tx, deps, context, looks, UNATTRIBUTED)
      : concludeNotPlaced(tx, context, looks)
  })
}

async function isSuspicious(
  deps: WorkerDeps,
  order: Order,
  account: TradingAccount,
  lookedAt: Date,
  since: Date,
): Promise<boolean> {
  const last =
    order.notFoundCount + 1 >= LOOKS_NEEDED &&
    order.submitDeadline !== null &&
    lookedAt >= order.submitDeadline
  if (!last || order.status === 'NOT_PLACED') return false
  try {
    const trades = await account.fetchTrades(order.symbol, order.submittedAt ?? since)
    const unknown = await unattributedTrades(deps.pool, order, trades)
    if (unknown.length === 0 || !isPerpetual(order.symbol)) return unknown.length > 0
    // What the venue itself did, because the margin was used up, is no order of ours.
    const listed = await account.fetchOrders(order.symbol, order.submittedAt ?? since)
    const liquidations = new Set(listed.flatMap((one) => (one.liquidation ? [one.exchangeOrderId] : [])))
    return unknown.some((trade) => !liquidations.has(trade.exchangeOrderId))
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    deps.logger.warn(
      { orderId: order.id, err: error },
      'the trades could not be read; the order stays UNKNOWN',
    )
    return true
  }
}

async function searchOn(tx: Tx, { order, locked }: OrderContext): Promise<string> {
  await scheduleSettle(tx, order.id, nextSearchMs(order, locked.now), null)
  return 'Still not placed'
}

/**
 * When an order that was concluded NOT_PLACED is looked for again by itself; null: not any more. Seldom: reconcile_account looks for all of
 * a market's in one list, from 30 s after the conclusion on, for as long as this is not null.
 */
export function nextSearchMs(order: Order, now: Date): number | null {
  const age = now.getTime() - (order.submittedAt ?? order.createdAt).getTime()
  return age > SEARCH_FOR_MS ? null : Math.min(Math.max(age, 600_000), 3_600_000)
}

async function stayUnknown(
  tx: Tx,
  deps: WorkerDeps,
  { order, locked }: OrderContext,
  looks: number,
  why: { code: string; message: string },
): Promise<string> {
  await markOrder(tx, order.id, {
    ...why,
    status: 'UNKNOWN',
    settleInMs: WHILE_UNKNOWN_MS,
    notFoundCount: looks,
  })
  const since = order.unknownSince ?? locked.now
  if (locked.now.getTime() - since.getTime() < deps.env.timing.unknownErrorMs) return `Unknown (${why.code})`
  if (locked.state.status === 'ERROR') return 'Unknown (a person was asked)'
  const events: NewEvent[] = []
  const question = `What became of order ${order.id} cannot be found out. Look at ${order.exchange}, then say whether it was placed (resolveOrder).`
  await failBot(tx, locked, 'ORDER_UNKNOWN', question, events)
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, events)
  return 'Unknown (asked a person)'
}

async function concludeNotPlaced(tx: Tx, { order, locked }: OrderContext, looks: number): Promise<string> {
  await markOrder(tx, order.id, {
    status: 'NOT_PLACED',
    code: 'NOT_FOUND',
    message: `The exchange does not know it, looked for ${looks} times after the last moment at which it could arrive.`,
    settleInMs: nextSearchMs(order, locked.now),
    notFoundCount: looks,
  })
  if (order.apiKeyId !== null) await reconcileWithin(tx, order.apiKeyId, FIRST_SEARCH_MS)
  const { state } = locked
  const events: NewEvent[] = [
    {
      botId: locked.bot.id,
      type: 'ORDER_NOT_PLACED',
      message: `${order.purpose} order ${order.id} never reached ${order.exchange}.`,
    },
  ]
  if (!opensPosition(order.purpose) && !isUnwantedStop(order))
    backOff(locked, order, 'the order never arrived.', events)
  if (state.closing || state.deleting || state.exitPurpose !== null) state.nextTickAt = locked.now
  await saveState(tx, state)
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, events)
  return 'Not placed'
}
