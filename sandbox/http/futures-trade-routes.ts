import { BinanceError, noSuchOrder } from '../binance-error.ts'
import type { Account } from '../exchange/records.ts'
import { cancelOrder, placeOrder } from '../futures/engine.ts'
import { ORDER_NAMES, readFuturesRequest } from '../futures/order-request.ts'
import { type FuturesOrder, isOpen } from '../futures/records.ts'
import { findOrder } from '../futures/lookup.ts'
import { acknowledgement, answerRow, orderRow, tradeRow } from '../futures/order-rows.ts'
import { contractOf, type Futures, openOrdersOf, ordersOf, tradesOf } from '../futures/state.ts'
import { limitOf, optionalInteger, optionalText, type Parameters, requiredText } from './parameters.ts'
import { type Routes, signed, type SignedHandler } from './routes.ts'

const WEEK = 7 * 86_400_000

/** Binance's refusal of a key that has no right to futures. */
export const mayFutures =
  (handle: SignedHandler): SignedHandler =>
  (exchange, call, account) => {
    if (!account.permissions.canFutures)
      throw new BinanceError(401, -2015, 'Invalid API-key, IP, or permissions for action.')
    return handle(exchange, call, account)
  }
export const mayTrade = (handle: SignedHandler): SignedHandler =>
  mayFutures((exchange, call, account) => {
    if (!account.permissions.canTrade)
      throw new BinanceError(401, -2015, 'Invalid API-key, IP, or permissions for action.')
    return handle(exchange, call, account)
  })

export const specOf = (futures: Futures, symbol: string) => contractOf(futures, symbol).spec

const place: SignedHandler = ({ futures }, { parameters, now, fate }, account) => {
  const request = readFuturesRequest(parameters, ORDER_NAMES)
  const order = placeOrder(futures, account, request, now, fate)
  const row = request.respType === 'RESULT' ? answerRow : acknowledgement
  return row(specOf(futures, order.symbol), order)
}

/** Which order a request means: by Binance's id, else by client id. */
const namedOrder = (parameters: Parameters) => {
  const orderId = optionalInteger(parameters, 'orderId')
  const clientOrderId = optionalText(parameters, 'origClientOrderId')
  if (orderId === undefined && clientOrderId === undefined)
    throw new BinanceError(
      400,
      -1128,
      "Param 'origclientorderid' or 'orderid' must be sent, but both were empty/null!",
    )
  return { orderId, clientOrderId }
}

const look: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  const spec = specOf(futures, symbol)
  const order = findOrder(futures, account.apiKey, symbol, namedOrder(parameters), now)
  if (!order) throw noSuchOrder()
  return orderRow(spec, order)
}

const lookOpen: SignedHandler = (exchange, call, account) => {
  const named = { symbol: requiredText(call.parameters, 'symbol'), ...namedOrder(call.parameters) }
  const order = findOrder(exchange.futures, account.apiKey, named.symbol, named, call.now)
  if (!order || !isOpen(order)) throw noSuchOrder()
  return look(exchange, call, account)
}

const cancel: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  const order = cancelOrder(futures, account, symbol, namedOrder(parameters), now)
  return answerRow(specOf(futures, symbol), order)
}

const visible = (orders: Iterable<FuturesOrder>, account: Account, now: number) =>
  [...orders].filter((order) => order.account === account.apiKey && order.hiddenUntil <= now)

const cancelAll: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  contractOf(futures, symbol)
  for (const { orderId } of visible(openOrdersOf(futures, symbol), account, now))
    cancelOrder(futures, account, symbol, { orderId }, now)
  return { code: 200, msg: 'The operation of cancel all open order is done.' }
}

export const symbolsAsked = (futures: Futures, parameters: Parameters): string[] => {
  const symbol = optionalText(parameters, 'symbol')
  return symbol === undefined ? [...futures.contracts.keys()] : [specOf(futures, symbol).symbol]
}

const openOrders: SignedHandler = ({ futures }, { parameters, now }, account) =>
  symbolsAsked(futures, parameters).flatMap((symbol) =>
    visible(openOrdersOf(futures, symbol), account, now).map((order) =>
      orderRow(specOf(futures, symbol), order),
    ),
  )

export const timesOf = (parameters: Parameters, now: number) => {
  const startTime = optionalInteger(parameters, 'startTime')
  const endTime = optionalInteger(parameters, 'endTime')
  const from = startTime ?? (endTime ?? now) - WEEK
  const to = endTime ?? from + WEEK
  if (to - from > WEEK)
    throw new BinanceError(400, -4165, 'Invalid time interval: the interval is longer than 7 days.')
  return { given: startTime !== undefined, within: (time: number) => time >= from && time <= to }
}

/** From a given beginning, the first ones; without one, the latest. Oldest first in both cases, as Binance has it. */
export const page = <T>(rows: T[], limit: number, fromBeginning: boolean): T[] =>
  fromBeginning ? rows.slice(0, limit) : rows.slice(-limit)

const allOrders: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  const spec = specOf(futures, symbol)
  const limit = limitOf(parameters, 500, 1000)
  const from = optionalInteger(parameters, 'orderId')
  const times = timesOf(parameters, now)
  const rows = visible(ordersOf(futures, symbol), account, now).filter((order) =>
    from === undefined ? times.within(order.time) : order.orderId >= from,
  )
  return page(rows, limit, from !== undefined || times.given).map((order) => orderRow(spec, order))
}

const forceOrders: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const times = timesOf(parameters, now)
  // Only liquidations: the sandbox has no auto-deleveraging.
  const wanted = optionalText(parameters, 'autoCloseType') ?? 'LIQUIDATION'
  return symbolsAsked(futures, parameters)
    .flatMap((symbol) =>
      visible(ordersOf(futures, symbol), account, now)
        .filter((order) => order.liquidation && wanted === 'LIQUIDATION' && times.within(order.time))
        .map((order) => orderRow(specOf(futures, symbol), order)),
    )
    .slice(-limitOf(parameters, 50, 100))
}

const userTrades: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  const spec = specOf(futures, symbol)
  const limit = limitOf(parameters, 500, 1000)
  const fromId = optionalInteger(parameters, 'fromId')
  const orderId = optionalInteger(parameters, 'orderId')
  const times = timesOf(parameters, now)
  const hidden = (id: number) => (futures.byOrderId.get(`${symbol} ${id}`)?.hiddenUntil ?? 0) > now
  const rows = tradesOf(futures, symbol).filter(
    (trade) =>
      trade.account === account.apiKey &&
      (orderId === undefined || trade.orderId === orderId) &&
      (fromId === undefined ? times.within(trade.time) : trade.id >= fromId) &&
      !hidden(trade.orderId),
  )
  return page(rows, limit, fromId !== undefined || times.given).map((trade) => tradeRow(spec, trade))
}

export const futuresTradeRoutes: Routes = {
  'POST /fapi/v1/order': signed(1, mayTrade(place)),
  'GET /fapi/v1/order': signed(1, mayFutures(look)),
  'GET /fapi/v1/openOrder': signed(1, mayFutures(lookOpen)),
  'DELETE /fapi/v1/order': signed(1, mayTrade(cancel)),
  'GET /fapi/v1/openOrders': signed((p) => (p.has('symbol') ? 1 : 40), mayFutures(openOrders)),
  'DELETE /fapi/v1/allOpenOrders': signed(1, mayTrade(cancelAll)),
  'GET /fapi/v1/allOrders': signed(5, mayFutures(allOrders)),
  'GET /fapi/v1/forceOrders': signed((p) => (p.has('symbol') ? 20 : 50), mayFutures(forceOrders)),
  'GET /fapi/v1/userTrades': signed(5, mayFutures(userTrades)),
}
