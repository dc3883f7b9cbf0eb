import { type Listing } from '../market/market.ts'
import { ceil8, floor8, Money, ZERO } from '../money.ts'
import type { Level } from './order-book.ts'
import { inPieces } from './pieces.ts'
import { isOpen, type Order } from './records.ts'
import { accountOf, addTrade, balanceOf, listingOf, type State, touchOrder, tradesOf } from './state.ts'
import type { Changes } from './store.ts'

/** 0.1 %, taken from what is received. */
const COMMISSION = new Money('0.001')

export const remainingOf = (order: Order): Money => order.quantity.minus(order.executed)

const spentAsset = ({ spec }: Listing, order: Order) => (order.side === 'BUY' ? spec.quote : spec.base)

/** What must stay reserved for the rest of an open order. */
export const neededLock = (order: Order): Money => {
  if (!isOpen(order)) return ZERO
  if (order.side === 'SELL') return remainingOf(order)
  if (order.price.gt(ZERO)) return ceil8(order.price.mul(remainingOf(order)))
  if (order.workingTime < 0) return ceil8(order.stopPrice.mul(remainingOf(order)))
  return costOf(order.planned)
}

/** What BUY fills at these prices cost, to the last digit. */
export const costOf = (fills: readonly Level[]): Money =>
  fills.reduce((sum, fill) => sum.plus(floor8(fill.price.mul(fill.quantity))), ZERO)

/** Makes the order's reservation `amount`, from or back to free. False, and nothing done, if free does not suffice. */
export const reserve = (state: State, changes: Changes, order: Order, amount: Money): boolean => {
  const account = accountOf(state, order)
  const balance = balanceOf(account, spentAsset(listingOf(state, order.symbol), order))
  const more = amount.minus(order.locked)
  if (more.gt(balance.free)) return false
  balance.free = balance.free.minus(more)
  balance.locked = balance.locked.plus(more)
  order.locked = amount
  changes.accounts.add(account)
  return true
}

/** Ends an order and frees what was reserved for it. */
export const endOrder = (
  state: State,
  changes: Changes,
  order: Order,
  status: 'FILLED' | 'CANCELED' | 'EXPIRED',
  now: number,
): void => {
  order.status = status
  order.planned = []
  reserve(state, changes, order, ZERO)
  touchOrder(state, changes, order, now)
}

/** Books one fill: trade, balances, commission, the order's progress. */
const executeFill = (
  state: State,
  changes: Changes,
  order: Order,
  fill: Level & { maker: boolean },
  now: number,
): void => {
  const listing = listingOf(state, order.symbol)
  const account = accountOf(state, order)
  const quoteQuantity = floor8(fill.price.mul(fill.quantity))
  const buys = order.side === 'BUY'
  const paid = buys ? quoteQuantity : fill.quantity
  const gained = buys ? fill.quantity : quoteQuantity
  const gainedAsset = buys ? listing.spec.base : listing.spec.quote
  const commission = floor8(gained.mul(COMMISSION))

  order.executed = order.executed.plus(fill.quantity)
  order.quoteExecuted = order.quoteExecuted.plus(quoteQuantity)
  order.status = remainingOf(order).gt(ZERO) ? 'PARTIALLY_FILLED' : 'FILLED'

  const spent = balanceOf(account, spentAsset(listing, order))
  spent.locked = spent.locked.minus(paid)
  order.locked = order.locked.minus(paid)
  const received = balanceOf(account, gainedAsset)
  received.free = received.free.plus(gained).minus(commission)

  addTrade(state, changes, {
    account: order.account,
    symbol: order.symbol,
    id: (tradesOf(state, order.symbol).at(-1)?.id ?? 0) + 1,
    orderId: order.orderId,
    price: fill.price,
    quantity: fill.quantity,
    quoteQuantity,
    commission,
    commissionAsset: gainedAsset,
    time: now,
    isBuyer: buys,
    isMaker: fill.maker,
  })
  // A fill below the limit price leaves something of its reservation over.
  reserve(state, changes, order, neededLock(order))
  touchOrder(state, changes, order, now)
}

/** Agrees on fills: all due now, or in pieces over time for an order under the fault `partial`. */
export const planFills = (
  state: State,
  order: Order,
  fills: readonly Level[],
  maker: boolean,
  now: number,
): void => {
  const { spec } = listingOf(state, order.symbol)
  order.planned.push(...inPieces(fills, order.slow, new Money(spec.step), maker, now))
}

/** Books the agreed fills that are due, and ends the order if nothing can follow. */
export const settleDue = (state: State, changes: Changes, order: Order, now: number): void => {
  for (let due = order.planned[0]; due && due.at <= now; due = order.planned[0]) {
    order.planned.shift()
    executeFill(state, changes, order, due, now)
  }
  if (order.status === 'FILLED') endOrder(state, changes, order, 'FILLED', now)
}
