import { print, ZERO } from '../money.ts'
import type { Account, Order, Trade } from './records.ts'

/** Orders, trades and accounts as Binance prints them. */

const stopFields = (order: Order) => (order.stopPrice.gt(ZERO) ? { stopPrice: print(order.stopPrice) } : {})

const progress = (order: Order) => ({
  price: print(order.price),
  origQty: print(order.quantity),
  executedQty: print(order.executed),
  origQuoteOrderQty: print(order.quoteOrderQty),
  cummulativeQuoteQty: print(order.quoteExecuted),
  status: order.status,
  timeInForce: order.timeInForce,
  type: order.type,
  side: order.side,
})

const identity = (order: Order) => ({
  symbol: order.symbol,
  orderId: order.orderId,
  orderListId: -1,
  clientOrderId: order.clientOrderId,
})

/** A row of GET order, openOrders and allOrders. */
export const orderRow = (order: Order) => ({
  ...identity(order),
  ...progress(order),
  stopPrice: print(order.stopPrice),
  icebergQty: '0.00000000',
  time: order.time,
  updateTime: order.updateTime,
  isWorking: order.workingTime >= 0,
  workingTime: order.workingTime,
  selfTradePreventionMode: 'NONE',
})

/** The answer to POST order, as full as was asked for. */
export const placedAnswer = (order: Order, trades: readonly Trade[], respType: 'ACK' | 'RESULT' | 'FULL') => {
  const ack = { ...identity(order), transactTime: order.time }
  if (respType === 'ACK') return ack
  const result = {
    ...ack,
    ...progress(order),
    ...stopFields(order),
    workingTime: order.workingTime,
    selfTradePreventionMode: 'NONE',
  }
  if (respType === 'RESULT') return result
  return {
    ...result,
    fills: trades.map((trade) => ({
      price: print(trade.price),
      qty: print(trade.quantity),
      commission: print(trade.commission),
      commissionAsset: trade.commissionAsset,
      tradeId: trade.id,
    })),
  }
}

/** The answer to DELETE order: the cancel has a client id of its own. */
export const cancelledAnswer = (order: Order, cancelId: string) => ({
  ...identity(order),
  origClientOrderId: order.clientOrderId,
  clientOrderId: cancelId,
  transactTime: order.updateTime,
  ...progress(order),
  ...stopFields(order),
  selfTradePreventionMode: 'NONE',
})

/** A row of myTrades. */
export const tradeRow = (trade: Trade) => ({
  symbol: trade.symbol,
  id: trade.id,
  orderId: trade.orderId,
  orderListId: -1,
  price: print(trade.price),
  qty: print(trade.quantity),
  quoteQty: print(trade.quoteQuantity),
  commission: print(trade.commission),
  commissionAsset: trade.commissionAsset,
  time: trade.time,
  isBuyer: trade.isBuyer,
  isMaker: trade.isMaker,
  isBestMatch: true,
})

export const balanceRows = (account: Account, assets: readonly string[]) =>
  assets.map((asset) => {
    const balance = account.balances[asset]
    return { asset, free: print(balance?.free ?? ZERO), locked: print(balance?.locked ?? ZERO) }
  })
