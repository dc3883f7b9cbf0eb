import { assertNever } from '#trading/domain/assert-never.ts'
import { type Denial, isDenialCode, noteDenial } from '#trading/domain/denials.ts'
import type { PlaceResult, RefusalCode } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { opensPosition, type Order } from '#trading/domain/order.ts'
import { bookEvidence } from '#trading/store/booking.ts'
import { saveState } from '#trading/store/bots.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { markOrder, scheduleSettle } from '#trading/store/orders.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { reconcileWithin } from '#trading/store/reconcile-schedule.ts'
import type { WorkerDeps } from '../deps.ts'
import { feePrices } from './fee-prices.ts'
import {
  backOff,
  evidenceOf,
  isUnwantedStop,
  failBot,
  lockOrderContext,
  type OrderContext,
} from './order-context.ts'

/** One transaction records what came of sending: evidence is booked, a proven refusal ends the order, anything else is UNKNOWN. */
export async function recordPlaced(
  deps: WorkerDeps,
  order: Order,
  market: Market,
  result: PlaceResult,
): Promise<string> {
  const fills = result.kind === 'ACCEPTED' ? (result.fills ?? []) : []
  const prices = await feePrices(deps, order, fills)
  return inTransaction(deps.pool, async (tx) => {
    const context = await lockOrderContext(tx, order)
    switch (result.kind) {
      case 'ACCEPTED':
        await bookEvidence(tx, context.locked, context.order, market, evidenceOf(result.order, fills, prices))
        // An answer that says that it has filled, but not how (perpetuals): nothing is guarded until the fills are known.
        if (result.fills === null && result.order.filled.gt(0)) await scheduleSettle(tx, order.id, 0, null)
        return `Placed (${result.order.status})`
      case 'REFUSED':
        return recordRefusal(tx, context, result.code, result.message)
      case 'UNKNOWN':
        return recordUnknown(tx, context, result.message)
      default:
        return assertNever(result)
    }
  })
}

async function recordUnknown(tx: Tx, { order, locked }: OrderContext, message: string): Promise<string> {
  // settle_order may have found the order meanwhile: evidence wins.
  if (order.status !== 'SUBMITTING') return 'Settled meanwhile'
  await markOrder(tx, order.id, { status: 'UNKNOWN', code: 'OUTCOME_UNKNOWN', message, settleInMs: 0 })
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, [
    {
      botId: locked.bot.id,
      type: 'ORDER_UNKNOWN',
      message: `${order.purpose} order ${order.id} was sent, but its outcome is not known (${message}). It is being looked up at the exchange.`,
    },
  ])
  return 'Unknown'
}

async function recordRefusal(
  tx: Tx,
  { order, locked }: OrderContext,
  code: RefusalCode,
  message: string,
): Promise<string> {
  if (order.status !== 'SUBMITTING' && order.status !== 'UNKNOWN') return 'Settled meanwhile'
  const unsent = code === 'NOT_SENT'
  await markOrder(tx, order.id, {
    status: unsent ? 'NOT_PLACED' : 'REJECTED',
    code,
    message,
    settleInMs: null,
  })
  const { bot, state } = locked
  const events: NewEvent[] = []
  let after = ''
  if (opensPosition(order.purpose)) noteDenial(state, denialOf(order, code, message))
  if (!opensPosition(order.purpose) && !isUnwantedStop(order)) {
    after = backOff(locked, order, `${message} (${code}).`, events)
    if (doubtsPosition(order, code) && order.apiKeyId !== null) await reconcileWithin(tx, order.apiKeyId, 0)
  }
  if (state.closing || state.deleting || state.exitPurpose !== null) state.nextTickAt = locked.now
  await saveState(tx, state)
  events.push({
    botId: bot.id,
    type: unsent ? 'ORDER_NOT_PLACED' : isExit(order) ? 'EXIT_REFUSED' : 'ORDER_REJECTED',
    message: `${order.purpose} order ${order.id} was ${unsent ? 'not sent' : 'refused'} (${code}): ${message}${after}`,
  })
  if (code === 'KEY_REFUSED' || code === 'MARKET_CLOSED') {
    await failBot(
      tx,
      locked,
      code,
      `${order.exchange} refused an order: ${message} Mend it, then stop and start the bot.`,
      events,
    )
  }
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, events)
  return `${unsent ? 'Not sent' : 'Refused'} (${code})`
}

/** Why the entry came to nothing: kept with the bot until the next one is let through. */
function denialOf({ id, exchange }: Order, code: RefusalCode, message: string): Denial {
  if (isDenialCode(code)) return { code, message }
  return { code: 'ORDER_REFUSED', message: `${exchange} refused ENTRY order ${id}: ${message}` }
}

function isExit(order: Order): boolean {
  return !opensPosition(order.purpose) && order.purpose !== 'PROTECTIVE_STOP'
}

/**
 * The account may not hold what the books say: whether the position was left by hand, or liquidated, is asked now, not in some minutes. A
 * reduce-only order that is refused as it is has nothing to reduce.
 */
function doubtsPosition(order: Order, code: RefusalCode): boolean {
  return code === 'BALANCE_INSUFFICIENT' || (order.reduceOnly && code === 'ORDER_INVALID')
}
