import { BinanceError, cancelRejected, noSuchOrder } from '../binance-error.ts'
import { cancelOrder, checkOrder, placeOrder } from '../exchange/engine.ts'
import { readOrderRequest } from '../exchange/order-request.ts'
import { type Account, isOpen, type Order } from '../exchange/records.ts'
import { balanceRows, cancelledAnswer, orderRow, placedAnswer, tradeRow } from '../exchange/rows.ts'
import { findOrder, listingOf, openOrdersOf, ordersOf, type State, tradesOf } from '../exchange/state.ts'
import { randomBytes } from 'node:crypto'
import { limitOf, optionalInteger, optionalText, type Parameters, requiredText } from './parameters.ts'
import { type Routes, signed, type SignedHandler } from './routes.ts'

const DAY = 86_400_000

const mustTrade = (account: Account): void => {
  if (!account.permissions.canTrade)
    throw new BinanceError(401, -2015, 'Invalid API-key, IP, or permissions for action.')
}

const place: SignedHandler = ({ state }, { parameters, now, fate }, account) => {
  mustTrade(account)
  const request = readOrderRequest(parameters)
  const { order, trades } = placeOrder(state, account, request, now, fate)
  return placedAnswer(order, trades, request.respType)
}

const test: SignedHandler = ({ state }, { parameters, now }, account) => {
  mustTrade(account)
  checkOrder(state, account, readOrderRequest(parameters), now)
  return {}
}

/** Which order a request means: by Binance's id, else by client id. */
const namedOrder = (parameters: Parameters) => {
  const orderId = optionalInteger(parameters, 'orderId')
  const clientOrderId = optionalText(parameters, 'origClientOrderId')
  if (orderId === undefined && clientOrderId === undefined)
    throw new BinanceError(
      400,
      -1128,
      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
    )
  return { orderId, clientOrderId }
}

const look: SignedHandler = ({ state }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  listingOf(state, symbol)
  const order = findOrder(state, account, symbol, namedOrder(parameters), now)
  if (!order) throw noSuchOrder()
  return orderRow(order)
}

const newCancelId = (parameters: Parameters) =>
  optionalText(parameters, 'newClientOrderId') ?? randomBytes(11).toString('hex')

const cancel: SignedHandler = ({ state }, { parameters, now }, account) => {
  mustTrade(account)
  const symbol = requiredText(parameters, 'symbol')
  const order = cancelOrder(state, account, symbol, namedOrder(parameters), now)
  return cancelledAnswer(order, newCancelId(parameters))
}

const cancelAll: SignedHandler = ({ state }, { parameters, now }, account) => {
  mustTrade(account)
  const symbol = requiredText(parameters, 'symbol')
  listingOf(state, symbol)
  const orders = visible([...openOrdersOf(state, symbol)], account, now)
  if (orders.length === 0) throw cancelRejected('Unknown order sent.')
  return orders.map((order) =>
    cancelledAnswer(
      cancelOrder(state, account, symbol, { orderId: order.orderId }, now),
      newCancelId(parameters),
    ),
  )
}

const visible = (orders: readonly Order[], account: Account, now: number) =>
  orders.filter((order) => order.account === account.apiKey && order.hiddenUntil <= now)

const openOrders: SignedHandler = ({ state }, { parameters, now }, account) => {
  const symbol = optionalText(parameters, 'symbol')
  if (symbol !== undefined) listingOf(state, symbol)
  const symbols = symbol === undefined ? [...state.open.keys()] : [symbol]
  return symbols
    .flatMap((name) => visible([...openOrdersOf(state, name)], account, now))
    .filter(isOpen)
    .map(orderRow)
}

const timesOf = (parameters: Parameters) => {
  const startTime = optionalInteger(parameters, 'startTime')
  const endTime = optionalInteger(parameters, 'endTime')
  if (startTime !== undefined && endTime !== undefined && endTime - startTime > DAY)
    throw new BinanceError(400, -1127, 'More than 24 hours between startTime and endTime.')
  return {
    startTime,
    endTime,
    within: (time: number) => time >= (startTime ?? 0) && time <= (endTime ?? Number.MAX_SAFE_INTEGER),
  }
}

/** From a given beginning, the first ones; without one, the latest. Oldest first in both cases, as Binance has it. */
const page = <T>(rows: T[], limit: number, fromBeginning: boolean): T[] =>
  fromBeginning ? rows.slice(0, limit) : rows.slice(-limit)

const allOrders: SignedHandler = ({ state }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  listingOf(state, symbol)
  const limit = limitOf(parameters, 500, 1000)
  const from = optionalInteger(parameters, 'orderId')
  const times = timesOf(parameters)
  const rows = visible(ordersOf(state, symbol), account, now).filter((order) =>
    from === undefined ? times.within(order.time) : order.orderId >= from,
  )
  return page(rows, limit, from !== undefined || times.startTime !== undefined).map(orderRow)
}

const myTrades: SignedHandler = ({ state }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  listingOf(state, symbol)
  const limit = limitOf(parameters, 500, 1000)
  const fromId = optionalInteger(parameters, 'fromId')
  const orderId = optionalInteger(parameters, 'orderId')
  const times = timesOf(parameters)
  const rows = tradesOf(state, symbol).filter(
    (trade) =>
      trade.account === account.apiKey &&
      (orderId === undefined || trade.orderId === orderId) &&
      (fromId === undefined ? times.within(trade.time) : trade.id >= fromId) &&
      !isHidden(state, symbol, trade.orderId, now),
  )
  return page(rows, limit, fromId !== undefined || times.startTime !== undefined).map(tradeRow)
}

const isHidden = (state: State, symbol: string, orderId: number, now: number): boolean =>
  (state.byOrderId.get(`${symbol} ${orderId}`)?.hiddenUntil ?? 0) > now

/** Every asset that a listed market trades. */
export const assetsOf = (state: State): string[] => [
  ...new Set([...state.market.values()].flatMap(({ spec }) => [spec.base, spec.quote])),
]

const account: SignedHandler = ({ state }, { parameters, now }, owner) => {
  const rows = balanceRows(owner, [...new Set([...assetsOf(state), ...Object.keys(owner.balances)])])
  const omitZero = optionalText(parameters, 'omitZeroBalances') === 'true'
  return {
    makerCommission: 10,
    takerCommission: 10,
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: '0.00100000', taker: '0.00100000', buyer: '0.00000000', seller: '0.00000000' },
    canTrade: owner.permissions.canTrade,
    canWithdraw: owner.permissions.canWithdraw,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: now,
    accountType: 'SPOT',
    balances: omitZero ? rows.filter((row) => Number(row.free) + Number(row.locked) > 0) : rows,
    permissions: ['SPOT'],
    uid: Number.parseInt(owner.apiKey.slice(0, 8), 16),
  }
}

export const tradeRoutes: Routes = {
  'POST /api/v3/order': signed(1, place),
  'POST /api/v3/order/test': signed(1, test),
  'GET /api/v3/order': signed(4, look),
  'DELETE /api/v3/order': signed(1, cancel),
  'GET /api/v3/openOrders': signed((p) => (p.has('symbol') ? 6 : 80), openOrders),
  'DELETE /api/v3/openOrders': signed(1, cancelAll),
  'GET /api/v3/allOrders': signed(20, allOrders),
  'GET /api/v3/myTrades': signed((p) => (p.has('orderId') ? 5 : 20), myTrades),
  'GET /api/v3/account': signed(20, account),
}
