import type { Algo, FuturesOrder } from './records.ts'
import { clientKey, type Futures, orderKey } from './state.ts'

/** An account's order by Binance's id or else by client id (the latest of that id), as far as it may be seen. */
export const findOrder = (
  state: Futures,
  account: string,
  symbol: string,
  by: { orderId?: number | undefined; clientOrderId?: string | undefined },
  now: number,
): FuturesOrder | undefined => {
  const found =
    by.orderId !== undefined
      ? state.byOrderId.get(orderKey(symbol, by.orderId))
      : state.byClientId.get(clientKey(account, symbol, by.clientOrderId ?? ''))
  return found && found.account === account && found.hiddenUntil <= now ? found : undefined
}

export const findAlgo = (
  state: Futures,
  account: string,
  by: { algoId?: number | undefined; clientAlgoId?: string | undefined },
  now: number,
): Algo | undefined =>
  state.algos.findLast(
    (algo) =>
      algo.account === account &&
      algo.hiddenUntil <= now &&
      (by.algoId !== undefined ? algo.algoId === by.algoId : algo.clientAlgoId === by.clientAlgoId),
  )

/** Whether one of the account's open orders, on any symbol, hidden or not, bears this client id. */
export const hasOpenOrderWithId = (state: Futures, account: string, clientOrderId: string): boolean => {
  for (const open of state.open.values())
    for (const order of open)
      if (order.account === account && order.clientOrderId === clientOrderId) return true
  return false
}
export const hasOpenAlgoWithId = (state: Futures, account: string, clientAlgoId: string): boolean => {
  for (const open of state.openAlgos.values())
    for (const algo of open) if (algo.account === account && algo.clientAlgoId === clientAlgoId) return true
  return false
}
