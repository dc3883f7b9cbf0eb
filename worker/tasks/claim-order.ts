import type { Market } from '#trading/domain/market.ts'
import { type Denial, forgetDenial, noteDenial } from '#trading/domain/denials.ts'
import { gate } from '#trading/domain/gate.ts'
import { Decimal, percentOf, plain } from '#trading/domain/money.ts'
import { reachedLimit } from '#trading/domain/day-ledger.ts'
import { opensPosition, type Order } from '#trading/domain/order.ts'
import type { Position } from '#trading/domain/position.ts'
import { ensureDay } from '#trading/store/days.ts'
import { loadSurroundings, saveState } from '#trading/store/bots.ts'
import { bookEvidence } from '#trading/store/booking.ts'
import { writeEvents } from '#trading/store/events.ts'
import { claimOrder, markOrder, scheduleSettle } from '#trading/store/orders.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { reconcileWithin } from '#trading/store/reconcile-schedule.ts'
import { type RestoredGate, restoredGate, WAITS_FOR_COMPARISON } from '#trading/store/restored.ts'
import { isFresh } from '#trading/domain/tick/tick.ts'
import type { WorkerDeps } from '../deps.ts'
import { lockOrderContext, type OrderContext } from './order-context.ts'
import { settleTerms } from './entry-terms.ts'
import { fillOnPaper } from './paper-fill.ts'

export type Claim = { kind: 'CLAIMED'; order: Order } | { kind: 'DONE'; outcome: string }

/** While an answer is awaited, the first look at the venue comes after this. */
const FIRST_LOOK_MS = 5_000

/**
 * One transaction: locks user (FOR SHARE: a halt excludes it), bot and order, passes the gate, and moves INTENDED on. A PAPER order is
 * filled in it; of a LIVE one the caller, and nobody else ever, may send what was claimed.
 */
export async function claim(deps: WorkerDeps, seen: Order, market: Market): Promise<Claim> {
  return inTransaction(deps.pool, async (tx) => {
    const user = await tx.query<{ halted: boolean }>(
      `SELECT halted_at IS NOT NULL AS halted FROM users WHERE id = $1 FOR SHARE`,
      [seen.userId],
    )
    const context = await lockOrderContext(tx, seen)
    const { order, locked } = context
    if (order.status !== 'INTENDED') return { kind: 'DONE', outcome: 'Skipped (not intended)' }
    const { position, unsettled, stop } = await loadSurroundings(tx, order.botId)
    const price = currentPrice(deps, context)
    const denial =
      gate({
        purpose: order.purpose,
        status: locked.state.status,
        halted: user.rows[0]?.halted === true,
        closing: locked.state.closing || locked.state.deleting,
        intentAgeMs: locked.now.getTime() - order.createdAt.getTime(),
        holds: position !== null,
        conflicting: (order.purpose === 'PROTECTIVE_STOP' ? unsettled : stop)?.id ?? null,
      }) ??
      (await denyByLimits(tx, context, position)) ??
      denyByPrice(context, price)
    if (denial !== null) return deny(tx, context, await truerThanStale(tx, order, denial))
    const changed = denyByPosition(order, position)
    if (changed !== null) return deny(tx, context, changed)
    if (order.apiKeyId !== null && order.mode === 'LIVE') {
      const restored = await restoredGate(tx, order.apiKeyId)
      if (restored !== 'OPEN') return waitForComparison(tx, order, order.apiKeyId, restored)
    }
    if (order.mode === 'PAPER' && price === null) {
      await scheduleSettle(tx, order.id, null, 'Waits for a current price.')
      return { kind: 'DONE', outcome: 'Waits for a price' }
    }
    if (opensPosition(order.purpose)) {
      const terms = await settleTerms(tx, context, market)
      if (terms.kind === 'DENY') return deny(tx, context, terms.denial)
      if (terms.kind === 'WAIT') return waitForMoney(tx, order, terms.message)
      Object.assign(order, { type: 'LIMIT_IOC', price: terms.limit })
      if (locked.state.notice !== null) {
        forgetDenial(locked.state)
        await saveState(tx, locked.state)
      }
    }
    if (order.mode === 'LIVE') {
      const { httpTimeoutMs, sendBudgetMs, recvWindowMs, settleSkewMs } = deps.env.timing
      await claimOrder(
        tx,
        order.id,
        sendBudgetMs + recvWindowMs + httpTimeoutMs + settleSkewMs,
        FIRST_LOOK_MS,
      )
      return { kind: 'CLAIMED', order }
    }
    if (price === null) throw new Error(`PAPER order ${order.id} has no price to fill at`)
    const filled = fillOnPaper(locked.bot, order, market, price, locked.now)
    await bookEvidence(tx, locked, order, market, filled)
    return { kind: 'DONE', outcome: filled.status === 'FILLED' ? 'Filled (paper)' : 'Expired (paper)' }
  })
}

/** The intent stays; whether there is anything left to do for it is known when the account was compared. */
async function waitForComparison(
  tx: Tx,
  order: Order,
  apiKeyId: string,
  restored: RestoredGate,
): Promise<Claim> {
  await scheduleSettle(tx, order.id, null, WAITS_FOR_COMPARISON)
  if (restored === 'UNCOMPARED') await reconcileWithin(tx, apiKeyId, 0)
  return { kind: 'DONE', outcome: 'Waits (RESTORED)' }
}

/** The intent stays, to be tried again in 2 s; what it waits for is what it is refused for should that not come in time. */
async function waitForMoney(tx: Tx, order: Order, message: string): Promise<Claim> {
  await markOrder(tx, order.id, {
    status: 'INTENDED',
    code: 'BALANCE_INSUFFICIENT',
    message,
    settleInMs: null,
  })
  return { kind: 'DONE', outcome: 'Waits (BALANCE_INSUFFICIENT)' }
}

/** An entry that became too old while it waited for money was refused for want of money. */
async function truerThanStale(tx: Tx, order: Order, denial: Denial): Promise<Denial> {
  if (denial.code !== 'INTENT_STALE') return denial
  const { rows } = await tx.query<{ error_code: string | null; error_message: string | null }>(
    `SELECT error_code, error_message FROM orders WHERE id = $1`,
    [order.id],
  )
  const { error_code: code, error_message: message } = rows[0] ?? {}
  return code === 'BALANCE_INSUFFICIENT' ? { code, message: message ?? denial.message } : denial
}

/** Settles an intent that is not sent, with the reason; for a reader as an event. */
export async function deny(tx: Tx, { order, locked }: OrderContext, denial: Denial): Promise<Claim> {
  await markOrder(tx, order.id, {
    status: 'NOT_PLACED',
    code: denial.code,
    message: denial.message,
    settleInMs: null,
  })
  // An entry's reason is kept with the bot and told once while it lasts; that it met this order too stands with the order.
  const news = opensPosition(order.purpose) ? noteDenial(locked.state, denial) : true
  if (opensPosition(order.purpose)) await saveState(tx, locked.state)
  if (!news) return { kind: 'DONE', outcome: `Denied (${denial.code})` }
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, [
    {
      botId: locked.bot.id,
      type: 'ORDER_NOT_PLACED',
      message: `${order.purpose} order ${order.id} was not sent (${denial.code}): ${denial.message}`,
    },
  ])
  return { kind: 'DONE', outcome: `Denied (${denial.code})` }
}

/** What leaves a position must be on its other side and no larger than it is. */
function denyByPosition(order: Order, position: Position | null): Denial | null {
  if (opensPosition(order.purpose) || position === null) return null
  const code = 'POSITION_CHANGED'
  if (order.side === position.side)
    return { code, message: 'The position is on the other side by now; it is decided anew.' }
  if (!order.amount.gt(position.amount)) return null
  return { code, message: 'The position is smaller than the order; it is decided anew.' }
}

/** The price now; null when the data is too old to be one. */
function currentPrice(deps: WorkerDeps, { locked: { bot } }: OrderContext): Decimal | null {
  const snapshot = deps.marketData.snapshot(bot.exchange, bot.symbol, bot.timeframe)
  if (snapshot === null) return null
  return isFresh({ bot, data: { signals: [], lastPrice: snapshot.lastPrice, ageMs: snapshot.ageMs } })
    ? snapshot.lastPrice
    : null
}

/** What the tick allowed may be over a limit by now: the bot was changed, or an order of before turned up. */
async function denyByLimits(
  tx: Tx,
  { order, locked: { bot, state, today } }: OrderContext,
  position: Position | null,
): Promise<Denial | null> {
  if (!opensPosition(order.purpose)) return null
  const notional = order.amount.times(order.referencePrice)
  if (bot.maxOrderValue !== null && notional.gt(bot.maxOrderValue)) {
    return {
      code: 'ORDER_ABOVE_MAXIMUM',
      message: `${plain(notional)} is above maxOrderValue ${plain(bot.maxOrderValue)}.`,
    }
  }
  const day = await ensureDay(tx, bot, state, position, today)
  const limit = reachedLimit(bot, day, state.equity.minus(day.startEquity))
  return limit === null ? null : { code: `LIMIT_${limit.reason}`, message: limit.message }
}

/** An entry needs a price, and one that has not run away from where it was decided. */
function denyByPrice({ order, locked: { bot } }: OrderContext, price: Decimal | null): Denial | null {
  if (order.purpose !== 'ENTRY') return null
  if (price === null)
    return order.mode === 'PAPER'
      ? { code: 'DATA_STALE', message: 'There is no current price to enter at.' }
      : null
  if (bot.priceCollarPerc === null) return null
  const distance = price.minus(order.referencePrice).abs()
  if (distance.lte(percentOf(order.referencePrice, bot.priceCollarPerc))) return null
  return {
    code: 'PRICE_OUTSIDE_COLLAR',
    message: `The price moved from ${plain(order.referencePrice)} to ${plain(price)}, further than ${plain(bot.priceCollarPerc)} %.`,
  }
}
