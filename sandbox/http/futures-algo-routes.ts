import { BinanceError, noSuchOrder } from '../binance-error.ts'
import type { Account } from '../exchange/records.ts'
import { cancelAlgo, placeAlgo } from '../futures/engine.ts'
import { findAlgo } from '../futures/lookup.ts'
import { algoRow } from '../futures/order-rows.ts'
import { ALGO_NAMES, readFuturesRequest } from '../futures/order-request.ts'
import type { Algo } from '../futures/records.ts'
import { type Futures, openAlgosOf } from '../futures/state.ts'
import { mayFutures, mayTrade, page, specOf, symbolsAsked, timesOf } from './futures-trade-routes.ts'
import { limitOf, optionalInteger, optionalText, type Parameters, requiredText } from './parameters.ts'
import { type Routes, signed, type SignedHandler } from './routes.ts'

const printAlgo = (futures: Futures, algo: Algo) =>
  algoRow(specOf(futures, algo.symbol), algo, futures.byOrderId.get(`${algo.symbol} ${algo.actualOrderId}`))

const placeAlgoOrder: SignedHandler = ({ futures }, { parameters, now, fate }, account) => {
  if (requiredText(parameters, 'algoType') !== 'CONDITIONAL')
    throw new BinanceError(
      400,
      -1102,
      "Mandatory parameter 'algoType' was not sent, was empty/null, or malformed.",
    )
  return printAlgo(
    futures,
    placeAlgo(futures, account, readFuturesRequest(parameters, ALGO_NAMES), now, fate),
  )
}

const namedAlgo = (parameters: Parameters) => {
  const algoId = optionalInteger(parameters, 'algoId')
  const clientAlgoId = optionalText(parameters, 'clientAlgoId')
  if (algoId === undefined && clientAlgoId === undefined)
    throw new BinanceError(
      400,
      -1128,
      "Param 'clientalgoid' or 'algoid' must be sent, but both were empty/null!",
    )
  return { algoId, clientAlgoId }
}

const lookAlgo: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const algo = findAlgo(futures, account.apiKey, namedAlgo(parameters), now)
  if (!algo) throw noSuchOrder()
  return printAlgo(futures, algo)
}

const cancelAlgoOrder: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const algo = cancelAlgo(futures, account, namedAlgo(parameters), now)
  return { algoId: algo.algoId, clientAlgoId: algo.clientAlgoId, code: '200', msg: 'success' }
}

const ownAlgos = (futures: Futures, account: Account, parameters: Parameters, now: number): Algo[] => {
  const symbols = new Set(symbolsAsked(futures, parameters))
  return futures.algos.filter(
    (algo) => algo.account === account.apiKey && algo.hiddenUntil <= now && symbols.has(algo.symbol),
  )
}

const openAlgos: SignedHandler = ({ futures }, { parameters, now }, account) =>
  ownAlgos(futures, account, parameters, now)
    .filter((algo) => openAlgosOf(futures, algo.symbol).has(algo))
    .map((algo) => printAlgo(futures, algo))

const allAlgos: SignedHandler = ({ futures }, { parameters, now }, account) => {
  requiredText(parameters, 'symbol')
  const from = optionalInteger(parameters, 'algoId')
  const times = timesOf(parameters, now)
  const rows = ownAlgos(futures, account, parameters, now).filter((algo) =>
    from === undefined ? times.within(algo.createTime) : algo.algoId >= from,
  )
  const limit = limitOf(parameters, 500, 1000)
  return page(rows, limit, from !== undefined || times.given).map((algo) => printAlgo(futures, algo))
}

const cancelAllAlgos: SignedHandler = ({ futures }, { parameters, now }, account) => {
  requiredText(parameters, 'symbol')
  for (const { algoId, symbol } of ownAlgos(futures, account, parameters, now)) {
    const open = [...openAlgosOf(futures, symbol)].some((algo) => algo.algoId === algoId)
    if (open) cancelAlgo(futures, account, { algoId }, now)
  }
  return { code: 200, msg: 'The operation of cancel all open order is done.' }
}

/** Conditional orders, which Binance keeps apart from the others since December 2025. */
export const futuresAlgoRoutes: Routes = {
  'POST /fapi/v1/algoOrder': signed(1, mayTrade(placeAlgoOrder)),
  'GET /fapi/v1/algoOrder': signed(1, mayFutures(lookAlgo)),
  'DELETE /fapi/v1/algoOrder': signed(1, mayTrade(cancelAlgoOrder)),
  'GET /fapi/v1/openAlgoOrders': signed((p) => (p.has('symbol') ? 1 : 40), mayFutures(openAlgos)),
  'GET /fapi/v1/allAlgoOrders': signed(5, mayFutures(allAlgos)),
  'DELETE /fapi/v1/algoOpenOrders': signed(1, mayTrade(cancelAllAlgos)),
}
