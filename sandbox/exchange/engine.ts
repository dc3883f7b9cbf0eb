import { randomBytes } from 'node:crypto'
import { cancelRejected, filterFailure, INSUFFICIENT_BALANCE, orderRejected } from '../binance-error.ts'
import { Money, ZERO } from '../money.ts'
import { endOrder, neededLock, reserve } from './fills.ts'
import { checkFilters, MAX_OPEN_ORDERS } from './filters.ts'
import { advance, takeNow, triggersUpwards } from './matching.ts'
import { bestPrice, takeForQuote } from './order-book.ts'
import type { OrderRequest } from './order-request.ts'
import { type Account, isOpen, type Order, type Permissions, type Trade } from './records.ts'
import {
  addOrder,
  balanceOf,
  findOrder,
  hasOpenOrderWithId,
  listingOf,
  nextOrderId,
  openOrdersOf,
  type State,
} from './state.ts'
import { type Changes, noChanges } from './store.ts'

/** What faults ask of an order that is about to be accepted. */
export type OrderFate = { hideMs?: number | undefined; slow?: { pieces: number; ms: number } | undefined }

/** Opens an account with play money. */
export const createAccount = (
  state: State,
  options: { permissions: Permissions; balances: Record<string, Money> },
  now: number,
): Account => {
  const account: Account = {
    apiKey: randomBytes(32).toString('hex'),
    secretKey: randomBytes(32).toString('hex'),
    createdAt: now,
    permissions: options.permissions,
    initial: options.balances,
    balances: Object.fromEntries(
      Object.entries(options.balances).map(([asset, free]) => [asset, { free, locked: ZERO }]),
    ),
  }
  state.accounts.set(account.apiKey, account)
  state.store.save({ ...noChanges(), accounts: new Set([account]) })
  return account
}

/** Refuses what Binance refuses before an order exists. Returns the last price. */
const admit = (
  state: State,
  changes: Changes,
  account: Account,
  request: OrderRequest,
  now: number,
): Money => {
  const { spec } = listingOf(state, request.symbol)
  const last = advance(state, changes, request.symbol, now)
  checkFilters(spec, request, last)
  const own = [...openOrdersOf(state, request.symbol)].filter((order) => order.account === account.apiKey)
  if (own.length >= MAX_OPEN_ORDERS) throw filterFailure('MAX_NUM_ORDERS')
  if (request.clientOrderId && hasOpenOrderWithId(state, account, request.clientOrderId))
    throw orderRejected('Duplicate order sent.')
  if (request.stopPrice) {
    const fires = triggersUpwards(request) ? last.gte(request.stopPrice) : last.lte(request.stopPrice)
    if (fires) throw orderRejected('Stop price would trigger immediately.')
  }
  if (request.type === 'LIMIT_MAKER' && request.price) {
    const best = bestPrice(spec, last, request.side)
    const crosses = request.side === 'BUY' ? best.lte(request.price) : best.gte(request.price)
    if (crosses) throw orderRejected('Order would immediately match and take.')
  }
  return last
}

const quantityOf = (state: State, request: OrderRequest, last: Money, now: number): Money => {
  if (request.quantity) return request.quantity
  const { spec } = listingOf(state, request.symbol)
  const fills = takeForQuote(spec, last, now, request.side, request.quoteOrderQty ?? ZERO)
  const quantity = fills.reduce((sum, fill) => sum.plus(fill.quantity), ZERO)
  if (quantity.lt(spec.step)) throw filterFailure('LOT_SIZE')
  return quantity
}

/** Accepts an order, or throws Binance's refusal. Returns it with the trades that it made at once; all is on disk by then. */
export const placeOrder = (
  state: State,
  account: Account,
  request: OrderRequest,
  now: number,
  fate: OrderFate = {},
): { order: Order; trades: Trade[] } => {
  const earlier = noChanges()
  let order: Order
  let last: Money
  try {
    last = admit(state, earlier, account, request, now)
    order = draftOrder(account, request, nextOrderId(state, request.symbol), now, fate)
    order.quantity = quantityOf(state, request, last, now)
  } finally {
    // Bringing the symbol up to now may have filled others, whatever becomes of this one.
    state.store.save(earlier)
  }
  const changes = noChanges()
  const { spec } = listingOf(state, order.symbol)
  const waits = order.workingTime < 0
  const refused = () => orderRejected(INSUFFICIENT_BALANCE)
  if (request.quoteOrderQty && request.side === 'BUY') {
    if (balanceOf(account, spec.quote).free.lt(request.quoteOrderQty)) throw refused()
  }
  const atMarket = !waits && order.price.eq(ZERO)
  if (!atMarket && !reserve(state, changes, order, neededLock(order))) throw refused()
  if (!waits && !takeNow(state, changes, order, last, now)) throw refused()
  addOrder(state, changes, order)
  state.store.save(changes)
  return { order, trades: changes.trades }
}

/** Refuses what placeOrder would refuse, the balance aside, and does nothing (POST order/test). */
export const checkOrder = (state: State, account: Account, request: OrderRequest, now: number): void => {
  const changes = noChanges()
  try {
    quantityOf(state, request, admit(state, changes, account, request, now), now)
  } finally {
    state.store.save(changes)
  }
}

const draftOrder = (
  account: Account,
  request: OrderRequest,
  orderId: number,
  now: number,
  fate: OrderFate,
): Order => ({
  account: account.apiKey,
  symbol: request.symbol,
  orderId,
  clientOrderId: request.clientOrderId ?? `x-${randomBytes(11).toString('hex')}`,
  side: request.side,
  type: request.type,
  timeInForce: request.timeInForce,
  price: request.price ?? ZERO,
  stopPrice: request.stopPrice ?? ZERO,
  quantity: request.quantity ?? ZERO,
  quoteOrderQty: request.quoteOrderQty ?? ZERO,
  executed: ZERO,
  quoteExecuted: ZERO,
  locked: ZERO,
  status: 'NEW',
  time: now,
  updateTime: now,
  workingTime: request.stopPrice ? -1 : now,
  hiddenUntil: fate.hideMs ? now + fate.hideMs : 0,
  slow: fate.slow ?? null,
  planned: [],
})

/** Takes an open order off the book, or throws Binance's refusal. */
export const cancelOrder = (
  state: State,
  account: Account,
  symbol: string,
  by: { orderId?: number | undefined; clientOrderId?: string | undefined },
  now: number,
): Order => {
  const changes = noChanges()
  advance(state, changes, symbol, now)
  const order = findOrder(state, account, symbol, by, now)
  const open = order && isOpen(order) ? order : undefined
  if (open) endOrder(state, changes, open, 'CANCELED', now)
  state.store.save(changes)
  if (!open) throw cancelRejected('Unknown order sent.')
  return open
}
