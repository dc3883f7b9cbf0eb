import { randomBytes } from 'node:crypto'
import { cancelRejected } from '../binance-error.ts'
import type { OrderFate } from '../exchange/engine.ts'
import { bestPrice } from '../exchange/order-book.ts'
import type { Account } from '../exchange/records.ts'
import { type Changes, noChanges } from '../exchange/store.ts'
import { Money, ZERO } from '../money.ts'
import { ownOpenOrders, remainingOf } from './balances.ts'
import { maxNotionalAt } from './contracts.ts'
import { endOrder } from './fills.ts'
import { checkFilters, MAX_OPEN_ORDERS, PERCENT_DOWN, PERCENT_UP } from './filters.ts'
import { findAlgo, findOrder, hasOpenAlgoWithId, hasOpenOrderWithId } from './lookup.ts'
import { advance, fillsAtOnce, isAffordable, takeNow, triggersUpwards } from './matching.ts'
import type { FuturesRequest } from './order-request.ts'
import { reducingPart, signOf } from './positions.ts'
import { markAt } from './prices.ts'
import { type Algo, type FuturesOrder, isOpen } from './records.ts'
import {
  bestPriceTooFar,
  clientIdTaken,
  marginInsufficient,
  notAsMaker,
  notFilledAtOnce,
  positionTooLarge,
  reduceOnlyRejected,
  tooManyOrders,
  wouldTrigger,
} from './refusals.ts'
import {
  addAlgo,
  addOrder,
  contractOf,
  type Futures,
  nextAlgoId,
  nextOrderId,
  openAlgosOf,
  positionOf,
  touchAlgo,
  walletOf,
} from './state.ts'

/** Brings the symbol up to now, then does `work`; what the first changed is on disk whatever becomes of the second. */
const broughtUp = <T>(state: Futures, symbol: string, now: number, work: (last: Money) => T): T => {
  const earlier = noChanges()
  const last = advance(state, earlier, symbol, now)
  state.store.save(earlier)
  return work(last)
}

/** Refuses what Binance refuses of any order before it exists. */
const admit = (state: Futures, account: Account, request: FuturesRequest, last: Money, now: number): void => {
  const contract = contractOf(state, request.symbol)
  const mark = markAt(contract, now)
  checkFilters(contract.spec, request, last, mark)
  const position = positionOf(walletOf(state, account), request.symbol)
  if (request.reduceOnly && reducingPart(position, request.side, new Money(1)).isZero())
    throw reduceOnlyRejected()
  if (!request.stopPrice) return
  const price = request.workingType === 'MARK_PRICE' ? mark : last
  const fires = triggersUpwards(request) ? price.gte(request.stopPrice) : price.lte(request.stopPrice)
  if (fires) throw wouldTrigger()
}

/** Accepts an order, or throws Binance's refusal; all is on disk by then. */
export const placeOrder = (
  state: Futures,
  account: Account,
  request: FuturesRequest,
  now: number,
  fate: OrderFate = {},
): FuturesOrder => {
  contractOf(state, request.symbol)
  return broughtUp(state, request.symbol, now, (last) => {
    admit(state, account, request, last, now)
    if (ownOpenOrders(state, account.apiKey, request.symbol).length >= MAX_OPEN_ORDERS) throw tooManyOrders()
    if (request.clientOrderId && hasOpenOrderWithId(state, account.apiKey, request.clientOrderId))
      throw clientIdTaken()
    const order = draftOrder(account, request, nextOrderId(state, request.symbol), now, fate)
    if (order.working) checkAgainstBook(state, account, order, last, now)
    const changes = noChanges()
    addOrder(state, changes, order)
    if (order.working) takeNow(state, changes, order, last, now)
    state.store.save(changes)
    return order
  })
}

/** Refuses an order for the book that it cannot have: margin, size of the position, time in force, distance. */
const checkAgainstBook = (
  state: Futures,
  account: Account,
  order: FuturesOrder,
  last: Money,
  now: number,
): void => {
  const contract = contractOf(state, order.symbol)
  const mark = markAt(contract, now)
  const best = bestPrice(contract.spec, last, order.side)
  const far = order.side === 'BUY' ? best.gt(mark.mul(PERCENT_UP)) : best.lt(mark.mul(PERCENT_DOWN))
  if (order.type === 'MARKET' && far) throw bestPriceTooFar()
  const fills = fillsAtOnce(state, order, last, now)
  const total = fills.reduce((sum, fill) => sum.plus(fill.quantity), ZERO)
  if (order.timeInForce === 'GTX' && total.gt(ZERO)) throw notAsMaker()
  if (order.timeInForce === 'FOK' && total.lt(remainingOf(order))) throw notFilledAtOnce()
  if (!isAffordable(state, order, [best, ...fills.map(({ price }) => price)], now)) throw marginInsufficient()
  const position = positionOf(walletOf(state, account), order.symbol)
  const after = position.amount.plus(order.quantity.mul(signOf(order.side))).abs()
  const price = order.price.isZero() ? best : order.price
  const grows = after.gt(position.amount.abs()) && !order.reduceOnly
  if (grows && after.mul(price).gt(maxNotionalAt(contract.spec, position.leverage))) throw positionTooLarge()
}

const draftOrder = (
  account: Account,
  request: FuturesRequest,
  orderId: number,
  now: number,
  fate: OrderFate,
): FuturesOrder => ({
  account: account.apiKey,
  symbol: request.symbol,
  orderId,
  clientOrderId: request.clientOrderId ?? randomBytes(11).toString('hex'),
  side: request.side,
  type: request.type,
  origType: request.type,
  timeInForce: request.timeInForce,
  price: request.price ?? ZERO,
  stopPrice: request.stopPrice ?? ZERO,
  workingType: request.workingType,
  reduceOnly: request.reduceOnly,
  closePosition: request.closePosition,
  quantity: request.quantity ?? ZERO,
  executed: ZERO,
  quoteExecuted: ZERO,
  status: 'NEW',
  time: now,
  updateTime: now,
  working: !request.stopPrice,
  liquidation: false,
  hiddenUntil: fate.hideMs ? now + fate.hideMs : 0,
  slow: fate.slow ?? null,
  planned: [],
})

/** Accepts a conditional order for the algo service, or throws Binance's refusal. */
export const placeAlgo = (
  state: Futures,
  account: Account,
  request: FuturesRequest,
  now: number,
  fate: OrderFate = {},
): Algo => {
  contractOf(state, request.symbol)
  return broughtUp(state, request.symbol, now, (last) => {
    admit(state, account, request, last, now)
    const own = [...openAlgosOf(state, request.symbol)].filter((algo) => algo.account === account.apiKey)
    if (own.length >= MAX_OPEN_ORDERS) throw tooManyOrders()
    if (request.clientOrderId && hasOpenAlgoWithId(state, account.apiKey, request.clientOrderId))
      throw clientIdTaken()
    const algo: Algo = {
      account: account.apiKey,
      symbol: request.symbol,
      algoId: nextAlgoId(state),
      clientAlgoId: request.clientOrderId ?? randomBytes(11).toString('hex'),
      type: request.type === 'TAKE_PROFIT_MARKET' ? request.type : 'STOP_MARKET',
      side: request.side,
      quantity: request.quantity ?? ZERO,
      triggerPrice: request.stopPrice ?? ZERO,
      workingType: request.workingType,
      reduceOnly: request.reduceOnly,
      closePosition: request.closePosition,
      status: 'NEW',
      actualOrderId: 0,
      createTime: now,
      updateTime: now,
      triggerTime: 0,
      hiddenUntil: fate.hideMs ? now + fate.hideMs : 0,
      slow: fate.slow ?? null,
    }
    const changes = noChanges()
    addAlgo(state, changes, algo)
    state.store.save(changes)
    return algo
  })
}

const unknownOrder = () => cancelRejected('Unknown order sent.')

/** Takes an open order off the book, or throws Binance's refusal. */
export const cancelOrder = (
  state: Futures,
  account: Account,
  symbol: string,
  by: { orderId?: number | undefined; clientOrderId?: string | undefined },
  now: number,
): FuturesOrder => {
  contractOf(state, symbol)
  return broughtUp(state, symbol, now, () => {
    const order = findOrder(state, account.apiKey, symbol, by, now)
    if (!order || !isOpen(order)) throw unknownOrder()
    saved(state, (changes) => endOrder(state, changes, order, 'CANCELED', now))
    return order
  })
}

/** Takes a waiting algo order away, or throws Binance's refusal. */
export const cancelAlgo = (
  state: Futures,
  account: Account,
  by: { algoId?: number | undefined; clientAlgoId?: string | undefined },
  now: number,
): Algo => {
  const algo = findAlgo(state, account.apiKey, by, now)
  if (!algo) throw unknownOrder()
  return broughtUp(state, algo.symbol, now, () => {
    if (algo.status !== 'NEW') throw unknownOrder()
    algo.status = 'CANCELED'
    saved(state, (changes) => touchAlgo(state, changes, algo, now))
    return algo
  })
}

const saved = (state: Futures, work: (changes: Changes) => void): void => {
  const changes = noChanges()
  work(changes)
  state.store.save(changes)
}
