import { print, ZERO } from '../money.ts'
import type { ContractSpec } from './contracts.ts'
import type { Algo, FuturesOrder, FuturesTrade, Income, Transfer } from './records.ts'

/** Orders, trades, income and transfers as Binance prints them. */

/** A row of GET order, openOrders and allOrders, and the answer to POST and DELETE. */
export const orderRow = (spec: ContractSpec, order: FuturesOrder) => ({
  orderId: order.orderId,
  symbol: order.symbol,
  status: order.status,
  clientOrderId: order.clientOrderId,
  price: order.price.toFixed(spec.priceDecimals),
  avgPrice: order.executed.isZero() ? '0.00' : order.quoteExecuted.div(order.executed).toFixed(8),
  origQty: order.quantity.toFixed(spec.quantityDecimals),
  executedQty: order.executed.toFixed(spec.quantityDecimals),
  cumQuote: print(order.quoteExecuted),
  timeInForce: order.timeInForce,
  type: order.type,
  reduceOnly: order.reduceOnly,
  closePosition: order.closePosition,
  side: order.side,
  positionSide: 'BOTH',
  stopPrice: order.stopPrice.toFixed(spec.priceDecimals),
  workingType: order.workingType,
  priceProtect: false,
  origType: order.origType,
  priceMatch: 'NONE',
  selfTradePreventionMode: 'EXPIRE_MAKER',
  goodTillDate: 0,
  time: order.time,
  updateTime: order.updateTime,
})

/** The answer to POST and DELETE order: no `time`, but `cumQty`. */
export const answerRow = (spec: ContractSpec, order: FuturesOrder) => {
  const { time: _, ...row } = orderRow(spec, order)
  return { ...row, cumQty: row.executedQty }
}

/** The answer to POST order that asked for an ACK: the order as it was before it met the book. */
export const acknowledgement = (spec: ContractSpec, order: FuturesOrder) =>
  answerRow(spec, {
    ...order,
    status: 'NEW',
    type: order.origType,
    executed: ZERO,
    quoteExecuted: ZERO,
  })

export const algoRow = (spec: ContractSpec, algo: Algo, actual: FuturesOrder | undefined) => ({
  algoId: algo.algoId,
  clientAlgoId: algo.clientAlgoId,
  algoType: 'CONDITIONAL',
  orderType: algo.type,
  symbol: algo.symbol,
  side: algo.side,
  positionSide: 'BOTH',
  timeInForce: 'GTC',
  quantity: algo.quantity.toFixed(spec.quantityDecimals),
  algoStatus: algo.status,
  actualOrderId: algo.actualOrderId === 0 ? '' : String(algo.actualOrderId),
  actualPrice:
    actual && actual.executed.gt(ZERO) ? actual.quoteExecuted.div(actual.executed).toFixed(8) : '0.00000',
  triggerPrice: algo.triggerPrice.toFixed(spec.priceDecimals),
  price: '0.00',
  icebergQuantity: null,
  tpTriggerPrice: '0.000',
  tpPrice: '0.000',
  slTriggerPrice: '0.000',
  slPrice: '0.000',
  tpOrderType: '',
  selfTradePreventionMode: 'EXPIRE_MAKER',
  workingType: algo.workingType,
  priceMatch: 'NONE',
  closePosition: algo.closePosition,
  priceProtect: false,
  reduceOnly: algo.reduceOnly,
  createTime: algo.createTime,
  updateTime: algo.updateTime,
  triggerTime: algo.triggerTime,
  goodTillDate: 0,
})

/** A row of userTrades. */
export const tradeRow = (spec: ContractSpec, trade: FuturesTrade) => ({
  symbol: trade.symbol,
  id: trade.id,
  orderId: trade.orderId,
  side: trade.side,
  price: trade.price.toFixed(spec.priceDecimals),
  qty: trade.quantity.toFixed(spec.quantityDecimals),
  realizedPnl: print(trade.realized),
  quoteQty: print(trade.quoteQuantity),
  commission: print(trade.commission),
  commissionAsset: 'USDT',
  time: trade.time,
  positionSide: 'BOTH',
  maker: trade.isMaker,
  buyer: trade.side === 'BUY',
})

export const incomeRow = (income: Income) => ({
  symbol: income.symbol,
  incomeType: income.type,
  income: print(income.amount),
  asset: 'USDT',
  time: income.time,
  info: income.info,
  tranId: income.tranId,
  tradeId: income.tradeId,
})

export const transferRow = (transfer: Transfer) => ({
  timestamp: transfer.time,
  asset: transfer.asset,
  amount: transfer.amount.toString(),
  type: transfer.type,
  status: 'CONFIRMED',
  tranId: transfer.tranId,
})
