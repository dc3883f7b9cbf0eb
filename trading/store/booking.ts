import type { Day } from '../domain/day-ledger.ts'
import type { VenueFill } from '../domain/exchange.ts'
import type { Market } from '../domain/market.ts'
import { type Decimal, ZERO, plain } from '../domain/money.ts'
import { type Order, type OrderStatus, isSettled } from '../domain/order.ts'
import { valuationPrice } from '../domain/futures.ts'
import {
  bookDust,
  bookFill,
  type FeePrices,
  type Holding,
  type Position,
  sellableAmount,
  unrealizedPnl,
} from '../domain/position.ts'
import { revalue } from '../domain/tick/tick.ts'
import { type LockedBot, loadSurroundings, saveState, setActive } from './bots.ts'
import { ensureDay, saveDay } from './days.ts'
import { type NewEvent, writeEvents } from './events.ts'
import { noteExit } from './exit-evidence.ts'
import { insertFills, type NewFill, type Sums, sumFills } from './fills.ts'
import type { Tx } from './pool.ts'
import { releaseReservation } from './reservations.ts'
import { tellUnvalued } from './unvalued-fees.ts'
import { isOrphan, lateEvidence } from './late-evidence.ts'
import { writePosition } from './booked-position.ts'
import { nextLookMs, noteStop } from './stop-evidence.ts'

/** What the venue (or the paper book) proves of an order: its status and all of its fills so far. */
export type Evidence = {
  status: Extract<OrderStatus, 'OPEN' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED'>
  exchangeOrderId: string | null
  fills: VenueFill[]
  /** What currencies of fees that are neither base nor quote are worth, in quote currency; fetched before the transaction. */
  prices?: FeePrices
}

/**
 * Books evidence: each fill once, position, day, state, order and events, in the caller's transaction. Evidence wins over every status:
 * an order that was thought NOT_PLACED or REJECTED is reopened by it, and filled never shrinks. May be given the same evidence again.
 * `locked`'s state row and `order` are locked by the caller (bot first).
 */
export async function bookEvidence(
  tx: Tx,
  locked: LockedBot,
  order: Order,
  market: Market,
  given: Evidence,
): Promise<void> {
  const { bot, state } = locked
  const evidence = notOlder(order, given)
  const { position, stop } = await loadSurroundings(tx, bot.id)
  const day = await ensureDay(tx, bot, state, position, locked.today)
  const events: NewEvent[] = []
  const prices = evidence.prices ?? new Map()
  const fresh = await insertFills(tx, order, market, evidence.fills, prices)
  const late = fresh.length > 0 && (order.status === 'NOT_PLACED' || order.status === 'REJECTED')

  const book: Book = {
    holding: holdingOf(position, state),
    day,
    lastFillId: null,
    lastPrice: null,
    orphan: false,
    apart: ZERO,
  }
  for (const fill of fresh) await bookOne(tx, locked, order, market, fill, book, prices)
  await tellUnvalued(tx, order, market, fresh, prices, events)

  const sums = await sumFills(tx, order.id)
  if (fresh.length === 0 && order.status === evidence.status && !isSettled(evidence.status)) {
    // It rests as before: no event, no tick, no new version of the bot.
    await writeOrder(
      tx,
      order,
      evidence,
      sums,
      order.positionId,
      nextLookMs(order, order.status, state.lastPrice),
    )
    return
  }
  if (order.purpose === 'ENTRY' && order.filled.isZero() && sums.filled.gt(0)) day.tradeCount += 1
  if (fresh.length > 0 || order.status !== evidence.status)
    events.push(orderEvent(order, evidence.status, sums, market))
  const done = isSettled(evidence.status)
  // A stop that was moved, unfilled, says nothing about what is too small to be sold.
  if (done && (order.purpose !== 'PROTECTIVE_STOP' || sums.filled.gt(0)))
    await bookRemainder(tx, locked, market, book)
  const after = { held: book.holding.position, apart: book.apart }
  const positionId = await writePosition(tx, locked, order, market, { before: position, ...after }, events)
  await writeOrder(tx, order, evidence, sums, positionId, nextLookMs(order, evidence.status, state.lastPrice))

  lateEvidence(locked, order, { late, orphan: book.orphan, filled: fresh.length > 0, position }, events)
  noteExit(locked, order, { status: evidence.status, leaves: fresh.length > 0, filled: sums.filled }, events)
  const stopped = order.purpose === 'STOP_LOSS' || (order.purpose === 'PROTECTIVE_STOP' && sums.filled.gt(0))
  if (stopped && book.holding.position === null && bot.cooldownSeconds !== null) {
    state.cooldownUntil = new Date(locked.now.getTime() + bot.cooldownSeconds * 1000)
  }
  const holds = book.holding.position !== null
  await noteStop(
    tx,
    locked,
    order,
    { status: evidence.status, filled: fresh.length > 0, holds, stop },
    events,
  )
  if (book.lastPrice !== null) state.lastPrice = book.lastPrice
  state.dustAmount = book.holding.dustAmount
  state.dustCost = book.holding.dustCost
  const unrealized = unrealizedPnl(book.holding.position, valuationPrice(state))
  revalue(state, bot.initialCapital, unrealized, day.startEquity)
  state.dailyTradeCount = day.tradeCount
  day.unrealizedPnl = state.dailyPnl.minus(day.realizedPnl)
  if (
    state.nextTickAt !== null ||
    state.closing ||
    state.deleting ||
    (state.status === 'ERROR' && book.holding.position !== null)
  ) {
    state.nextTickAt = locked.now
  }
  await saveDay(tx, bot.id, day)
  await saveState(tx, state)
  if (state.status === 'STOPPED') await setActive(tx, bot.id, false)
  await writeEvents(tx, { userId: bot.userId, label: 'worker' }, events)
}

/** Two looks can be recorded in the other order: what an older one says of the status is past, its fills are fills all the same. */
function notOlder(order: Order, evidence: Evidence): Evidence {
  const { status } = order
  if (isSettled(evidence.status)) return evidence
  if (status === 'FILLED' || status === 'CANCELED' || status === 'EXPIRED') return { ...evidence, status }
  return status === 'PARTIALLY_FILLED' ? { ...evidence, status } : evidence
}

type Book = {
  holding: Holding
  day: Day
  lastFillId: string | null
  lastPrice: Decimal | null
  orphan: boolean
  /** Realised, but by no fill. */
  apart: Decimal
}

/** A remainder that cannot be sold once its order is done is dust: the position is flat and the remainder's value booked. FUTURES have none. */
async function bookRemainder(tx: Tx, locked: LockedBot, market: Market, book: Book): Promise<void> {
  const { position } = book.holding
  if (market.futures !== undefined) return
  const price = book.lastPrice ?? locked.state.lastPrice
  if (position === null || price === null || sellableAmount(position.amount, price, market) !== null) return
  const dust = bookDust(book.holding, price)
  book.holding = dust.holding
  addRealized(locked, book.day, dust.realized)
  if (book.lastFillId === null) {
    book.apart = book.apart.plus(dust.realized)
  } else {
    await tx.query(`UPDATE fills SET realized_pnl = coalesce(realized_pnl, 0) + $2::numeric WHERE id = $1`, [
      book.lastFillId,
      plain(dust.realized),
    ])
  }
}

function holdingOf(position: Position | null, state: { dustAmount: Decimal; dustCost: Decimal }): Holding {
  return { position, dustAmount: state.dustAmount, dustCost: state.dustCost }
}

function addRealized(locked: LockedBot, day: Day, realized: Decimal): void {
  locked.state.realizedPnl = locked.state.realizedPnl.plus(realized)
  day.realizedPnl = day.realizedPnl.plus(realized)
}

async function bookOne(
  tx: Tx,
  locked: LockedBot,
  order: Order,
  market: Market,
  fill: NewFill,
  book: Book,
  prices: FeePrices,
): Promise<void> {
  book.lastPrice = fill.price
  if (isOrphan(order, fill.side, book.holding.position, market)) {
    book.orphan = true
    return
  }
  const booked = bookFill(book.holding, fill, market, prices, locked.bot.leverage)
  book.holding = booked.holding
  if (booked.excess.gt(0)) book.orphan = true
  book.day.fees = book.day.fees.plus(booked.fee)
  if (booked.realized === null) return
  book.lastFillId = fill.id
  addRealized(locked, book.day, booked.realized)
  await tx.query(`UPDATE fills SET realized_pnl = $2 WHERE id = $1`, [fill.id, plain(booked.realized)])
}

async function writeOrder(
  tx: Tx,
  order: Order,
  evidence: Evidence,
  sums: Sums,
  positionId: string | null,
  lookInMs: number | null,
): Promise<void> {
  await tx.query(
    `UPDATE orders SET status = $2, exchange_order_id = coalesce($3, exchange_order_id), filled = greatest(filled, $4::numeric), average_price = $5,
       position_id = coalesce(position_id, $6), updated_at = tradebot_now(), not_found_count = 0, unknown_since = NULL,
       error_code = NULL, error_message = NULL, submitted_at = coalesce(submitted_at, tradebot_now()),
       next_settle_at = tradebot_now() + $7 * interval '1 millisecond'
     WHERE id = $1`,
    [
      order.id,
      evidence.status,
      evidence.exchangeOrderId,
      plain(sums.filled),
      sums.averagePrice === null ? null : plain(sums.averagePrice),
      positionId,
      lookInMs,
    ],
  )
  if (lookInMs === null) await releaseReservation(tx, order.id)
}

function orderEvent(order: Order, status: Evidence['status'], sums: Sums, market: Market): NewEvent {
  if (order.type === 'LIMIT_IOC' && status === 'EXPIRED' && sums.filled.isZero() && order.price !== null) {
    const [did, others, beyond] =
      order.side === 'BUY' ? ['bought', 'sold', 'below'] : ['sold', 'bought', 'above']
    return {
      botId: order.botId,
      type: 'ORDER_EXPIRED',
      message: `${order.purpose} order ${order.id} ${did} nothing: nobody ${others} ${market.base} at ${plain(order.price)} ${market.quote}, its limit, or ${beyond}. It has expired.`,
    }
  }
  const price = sums.averagePrice === null ? '' : ` at ${plain(sums.averagePrice)} ${market.quote}`
  return {
    botId: order.botId,
    type: `ORDER_${status}`,
    message: `${order.purpose} ${order.side} order ${order.id}: ${plain(sums.filled)} of ${plain(order.amount)} ${market.base} filled${price} (${status}).`,
  }
}
