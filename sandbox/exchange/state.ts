import { type Market, type Listing } from '../market/market.ts'
import type { Money } from '../money.ts'
import { ZERO } from '../money.ts'
import { invalidSymbol } from '../binance-error.ts'
import { type Account, isOpen, type Order, type Trade } from './records.ts'
import type { Changes, Store } from './store.ts'

/** The whole exchange in memory: the store's records, with indexes. */
export type State = {
  market: Market
  store: Store
  accounts: Map<string, Account>
  /** All orders and trades, per symbol, in order of id; ids are per symbol, as Binance's are. */
  orders: Map<string, Order[]>
  trades: Map<string, Trade[]>
  /** Open orders per symbol. */
  open: Map<string, Set<Order>>
  /** Latest order by account, symbol and client order id. */
  byClientId: Map<string, Order>
  byOrderId: Map<string, Order>
  /** Up to which moment each symbol's path has been matched. */
  matchedUntil: Map<string, number>
}

const clientKey = (account: string, symbol: string, clientOrderId: string) =>
  `${account} ${symbol} ${clientOrderId}`
const orderKey = (symbol: string, orderId: number) => `${symbol} ${orderId}`

export const openState = (
  market: Market,
  store: Store,
  loaded: { accounts: Account[]; orders: Order[]; trades: Trade[] },
): State => {
  const state: State = {
    market,
    store,
    accounts: new Map(loaded.accounts.map((account) => [account.apiKey, account])),
    orders: new Map(),
    trades: new Map(),
    open: new Map(),
    byClientId: new Map(),
    byOrderId: new Map(),
    matchedUntil: new Map(),
  }
  for (const order of loaded.orders) indexOrder(state, order)
  for (const trade of loaded.trades) listIn(state.trades, trade.symbol).push(trade)
  return state
}

const listIn = <T>(map: Map<string, T[]>, key: string): T[] => {
  const known = map.get(key)
  if (known) return known
  const made: T[] = []
  map.set(key, made)
  return made
}

const indexOrder = (state: State, order: Order): void => {
  listIn(state.orders, order.symbol).push(order)
  state.byClientId.set(clientKey(order.account, order.symbol, order.clientOrderId), order)
  state.byOrderId.set(orderKey(order.symbol, order.orderId), order)
  if (isOpen(order)) openOrdersOf(state, order.symbol).add(order)
}

export const ordersOf = (state: State, symbol: string): Order[] => listIn(state.orders, symbol)
export const tradesOf = (state: State, symbol: string): Trade[] => listIn(state.trades, symbol)

export const openOrdersOf = (state: State, symbol: string): Set<Order> => {
  const known = state.open.get(symbol)
  if (known) return known
  const made = new Set<Order>()
  state.open.set(symbol, made)
  return made
}

export const listingOf = (state: State, symbol: string): Listing => {
  const listing = state.market.get(symbol)
  if (!listing) throw invalidSymbol()
  return listing
}

export const nextOrderId = (state: State, symbol: string): number =>
  (ordersOf(state, symbol).at(-1)?.orderId ?? 0) + 1

/** Puts a new order into the books. */
export const addOrder = (state: State, changes: Changes, order: Order): void => {
  indexOrder(state, order)
  changes.orders.add(order)
}

/** Notes that an order changed, and takes it off the open ones when it is done. */
export const touchOrder = (state: State, changes: Changes, order: Order, now: number): void => {
  order.updateTime = now
  changes.orders.add(order)
  if (!isOpen(order)) openOrdersOf(state, order.symbol).delete(order)
}

export const addTrade = (state: State, changes: Changes, trade: Trade): void => {
  tradesOf(state, trade.symbol).push(trade)
  changes.trades.push(trade)
}

/** The account's balance of an asset, to be changed in place. */
export const balanceOf = (account: Account, asset: string): { free: Money; locked: Money } => {
  const known = account.balances[asset]
  if (known) return known
  const made = { free: ZERO, locked: ZERO }
  account.balances[asset] = made
  return made
}

export const accountOf = (state: State, order: Order): Account => {
  const account = state.accounts.get(order.account)
  if (!account) throw new Error(`order ${order.symbol} ${order.orderId} belongs to no account`)
  return account
}

/** An account's order by Binance's id or else by client id (the latest of that id), as far as it may be seen. */
export const findOrder = (
  state: State,
  account: Account,
  symbol: string,
  by: { orderId?: number | undefined; clientOrderId?: string | undefined },
  now: number,
): Order | undefined => {
  const found =
    by.orderId !== undefined
      ? state.byOrderId.get(orderKey(symbol, by.orderId))
      : state.byClientId.get(clientKey(account.apiKey, symbol, by.clientOrderId ?? ''))
  if (!found || found.account !== account.apiKey || found.hiddenUntil > now) return undefined
  if (by.clientOrderId !== undefined && found.clientOrderId !== by.clientOrderId) return undefined
  return found
}

/** Whether one of the account's open orders, on any symbol, hidden or not, bears this client order id. */
export const hasOpenOrderWithId = (state: State, account: Account, clientOrderId: string): boolean => {
  for (const symbol of state.open.keys()) {
    const order = state.byClientId.get(clientKey(account.apiKey, symbol, clientOrderId))
    if (order && isOpen(order)) return true
  }
  return false
}
