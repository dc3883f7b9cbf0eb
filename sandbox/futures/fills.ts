import type { Level } from '../exchange/order-book.ts'
import { inPieces } from '../exchange/pieces.ts'
import type { Changes } from '../exchange/store.ts'
import { floor8, Money, ZERO } from '../money.ts'
import { MAKER_FEE, remainingOf, TAKER_FEE } from './balances.ts'
import { fillPosition, reducingPart } from './positions.ts'
import { type FuturesOrder, isOpen, type Wallet } from './records.ts'
import {
  addIncome,
  addTrade,
  contractOf,
  type Futures,
  openOrdersOf,
  positionOf,
  touchAlgo,
  touchOrder,
  touchWallet,
  tradesOf,
  walletOfOrder,
} from './state.ts'

export const endOrder = (
  state: Futures,
  changes: Changes,
  order: FuturesOrder,
  status: 'FILLED' | 'CANCELED' | 'EXPIRED',
  now: number,
): void => {
  order.status = status
  order.planned = []
  touchOrder(state, changes, order, now)
  const algo = state.algos.findLast(
    ({ actualOrderId, symbol, account }) =>
      actualOrderId === order.orderId && symbol === order.symbol && account === order.account,
  )
  if (algo?.status === 'TRIGGERED') {
    algo.status = 'FINISHED'
    touchAlgo(state, changes, algo, now)
  }
}

/** How much of a quantity the order may still fill: a reduce-only one no more than there is to reduce. */
export const allowedOf = (state: Futures, order: FuturesOrder, quantity: Money): Money => {
  if (!order.reduceOnly && !order.closePosition) return quantity
  return reducingPart(positionOf(walletOfOrder(state, order), order.symbol), order.side, quantity)
}

/** Books one fill: trade, position, profit, commission, the order's progress. `commission` absent: by the price list. */
export const executeFill = (
  state: Futures,
  changes: Changes,
  order: FuturesOrder,
  fill: Level & { maker: boolean },
  now: number,
  commission = floor8(fill.price.mul(fill.quantity).mul(fill.maker ? MAKER_FEE : TAKER_FEE)),
): void => {
  const wallet = walletOfOrder(state, order)
  const position = positionOf(wallet, order.symbol)
  const notional = fill.price.mul(fill.quantity)
  const realized = fillPosition(position, order.side, fill.quantity, fill.price, now)

  order.executed = order.executed.plus(fill.quantity)
  order.quoteExecuted = order.quoteExecuted.plus(notional)
  order.status = remainingOf(order).gt(ZERO) ? 'PARTIALLY_FILLED' : 'FILLED'
  const id = (tradesOf(state, order.symbol).at(-1)?.id ?? 0) + 1
  addTrade(state, changes, {
    account: order.account,
    symbol: order.symbol,
    id,
    orderId: order.orderId,
    side: order.side,
    price: fill.price,
    quantity: fill.quantity,
    quoteQuantity: notional,
    commission,
    realized,
    time: now,
    isMaker: fill.maker,
  })
  const booked = { symbol: order.symbol, tradeId: String(id), info: String(id) }
  if (!realized.isZero())
    addIncome(state, changes, wallet, { ...booked, type: 'REALIZED_PNL', amount: realized }, now)
  if (!commission.isZero())
    addIncome(state, changes, wallet, { ...booked, type: 'COMMISSION', amount: commission.neg() }, now)
  touchWallet(state, changes, wallet, order.symbol)
  touchOrder(state, changes, order, now)
  endIdleReducers(state, changes, wallet, order, now)
}

/** Resting orders that may only reduce have nothing left to do once the position is gone or on their own side. */
const endIdleReducers = (
  state: Futures,
  changes: Changes,
  wallet: Wallet,
  filled: FuturesOrder,
  now: number,
): void => {
  for (const order of [...openOrdersOf(state, filled.symbol)]) {
    const own = order.account === wallet.account && order !== filled
    if (own && isIdleReducer(state, order)) endOrder(state, changes, order, 'EXPIRED', now)
  }
}

/** Agrees on fills: all due now, or in pieces over time for an order under the fault `partial`. */
export const planFills = (
  state: Futures,
  order: FuturesOrder,
  fills: readonly Level[],
  maker: boolean,
  now: number,
): void => {
  const { spec } = contractOf(state, order.symbol)
  order.planned.push(...inPieces(fills, order.slow, new Money(spec.step), maker, now))
}

/** Books the agreed fills that are due, and ends the order if nothing can follow. */
export const settleDue = (state: Futures, changes: Changes, order: FuturesOrder, now: number): void => {
  for (let due = order.planned[0]; due && due.at <= now; due = order.planned[0]) {
    order.planned.shift()
    const quantity = allowedOf(state, order, due.quantity)
    if (quantity.gt(ZERO)) executeFill(state, changes, order, { ...due, quantity }, now)
    if (quantity.lt(due.quantity) && isOpen(order)) {
      // Nothing is left to reduce.
      endOrder(state, changes, order, 'EXPIRED', now)
      return
    }
  }
  if (order.status === 'FILLED') endOrder(state, changes, order, 'FILLED', now)
  else if (isIdleReducer(state, order)) endOrder(state, changes, order, 'EXPIRED', now)
}

/** A reduce-only order on the book, without anything left that it could reduce. */
const isIdleReducer = (state: Futures, order: FuturesOrder): boolean =>
  isOpen(order) &&
  order.working &&
  order.planned.length === 0 &&
  allowedOf(state, order, remainingOf(order)).isZero()
