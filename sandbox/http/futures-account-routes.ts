import { BinanceError, illegalCharacters, missingParameter } from '../binance-error.ts'
import { maxNotionalAt } from '../futures/contracts.ts'
import { positionSideSame } from '../futures/refusals.ts'
import type { Position, Wallet } from '../futures/records.ts'
import { incomeRow } from '../futures/order-rows.ts'
import { setLeverage, setMarginType } from '../futures/settings.ts'
import { contractOf, type Futures, positionOf, walletOf } from '../futures/state.ts'
import {
  accountBody,
  accountPositionRow,
  balanceRow,
  riskRow,
  riskRowBefore3,
} from '../futures/wallet-rows.ts'
import { mayFutures } from './futures-trade-routes.ts'
import { limitOf, optionalInteger, optionalText, type Parameters, requiredText } from './parameters.ts'
import { type Routes, signed, type SignedHandler } from './routes.ts'

const WEEK = 7 * 86_400_000

const postLeverage: SignedHandler = ({ futures }, { parameters, now }, account) => {
  const symbol = requiredText(parameters, 'symbol')
  const leverage = optionalInteger(parameters, 'leverage')
  if (leverage === undefined) throw missingParameter('leverage')
  const most = setLeverage(futures, account, symbol, leverage, now)
  return { symbol, leverage, maxNotionalValue: String(most) }
}

const postMarginType: SignedHandler = ({ futures }, { parameters }, account) => {
  const type = requiredText(parameters, 'marginType')
  if (type !== 'ISOLATED' && type !== 'CROSSED') throw illegalCharacters('marginType', '^(ISOLATED|CROSSED)$')
  setMarginType(futures, account, requiredText(parameters, 'symbol'), type === 'ISOLATED')
  return { code: 200, msg: 'success' }
}

/** One-way mode is the only one here: asking for it is "no need to change", asking for the other is refused. */
const postPositionSide: SignedHandler = (_, { parameters }) => {
  const dual = requiredText(parameters, 'dualSidePosition').toLowerCase()
  if (dual === 'false') throw positionSideSame()
  throw new BinanceError(400, -4067, 'The sandbox has no hedge mode: position side cannot be changed.')
}

const leverageBracket: SignedHandler = ({ futures }, { parameters }) => {
  const symbol = optionalText(parameters, 'symbol')
  const contracts = symbol === undefined ? [...futures.contracts.values()] : [contractOf(futures, symbol)]
  return contracts.map(({ spec }) => ({
    symbol: spec.symbol,
    notionalCoef: 1,
    brackets: spec.brackets.map((bracket, i) => ({
      bracket: i + 1,
      initialLeverage: bracket.leverage,
      notionalCap: bracket.cap,
      notionalFloor: bracket.floor,
      maintMarginRatio: bracket.maintenance.toNumber(),
      cum: bracket.cum.toNumber(),
    })),
  }))
}

/** The wallet's positions that a request names; every symbol's, also the flat ones, where `all`. */
const positionsOf = (futures: Futures, wallet: Wallet, parameters: Parameters, all: boolean): Position[] => {
  const symbol = optionalText(parameters, 'symbol')
  const symbols =
    symbol === undefined ? [...futures.contracts.keys()] : [contractOf(futures, symbol).spec.symbol]
  const positions = symbols.map((name) => positionOf(wallet, name))
  return all ? positions : positions.filter((position) => !position.amount.isZero())
}

const positionRisk =
  (row: typeof riskRow | typeof riskRowBefore3, all: boolean): SignedHandler =>
  ({ futures }, { parameters, now }, account) => {
    const wallet = walletOf(futures, account)
    return positionsOf(futures, wallet, parameters, all).map((position) =>
      row(futures, wallet, position, now),
    )
  }

const account =
  (all: boolean): SignedHandler =>
  ({ futures }, { parameters, now }, owner) => {
    const wallet = walletOf(futures, owner)
    const positions = positionsOf(futures, wallet, parameters, all)
    return {
      feeTier: 0,
      canTrade: owner.permissions.canTrade,
      canDeposit: true,
      canWithdraw: owner.permissions.canTransfer,
      tradeGroupId: -1,
      updateTime: 0,
      multiAssetsMargin: false,
      ...accountBody(futures, wallet, now),
      positions: positions.map((position) => accountPositionRow(futures, wallet, position, now)),
    }
  }

const balance: SignedHandler = ({ futures }, { now }, owner) => [
  balanceRow(futures, walletOf(futures, owner), now),
]

/** From a given beginning, the first ones; without one, the latest of the last week. Oldest first. */
const income: SignedHandler = ({ futures }, { parameters, now }, owner) => {
  const symbol = optionalText(parameters, 'symbol')
  const type = optionalText(parameters, 'incomeType')
  const start = optionalInteger(parameters, 'startTime')
  const end = optionalInteger(parameters, 'endTime') ?? now
  const from = start ?? end - WEEK
  const limit = limitOf(parameters, 100, 1000)
  const rows = futures.incomes.filter(
    (row) =>
      row.account === owner.apiKey &&
      (symbol === undefined || row.symbol === symbol) &&
      (type === undefined || row.type === type) &&
      row.time >= from &&
      row.time <= end,
  )
  return (start === undefined ? rows.slice(-limit) : rows.slice(0, limit)).map(incomeRow)
}

const symbolConfig: SignedHandler = ({ futures }, { parameters }, owner) => {
  const wallet = walletOf(futures, owner)
  return positionsOf(futures, wallet, parameters, true).map((position) => ({
    symbol: position.symbol,
    marginType: position.isolated ? 'ISOLATED' : 'CROSSED',
    isAutoAddMargin: false,
    leverage: position.leverage,
    maxNotionalValue: String(maxNotionalAt(contractOf(futures, position.symbol).spec, position.leverage)),
  }))
}

export const futuresAccountRoutes: Routes = {
  'POST /fapi/v1/leverage': signed(1, mayFutures(postLeverage)),
  'POST /fapi/v1/marginType': signed(1, mayFutures(postMarginType)),
  'GET /fapi/v1/positionSide/dual': signed(
    30,
    mayFutures(() => ({ dualSidePosition: false })),
  ),
  'POST /fapi/v1/positionSide/dual': signed(1, mayFutures(postPositionSide)),
  'GET /fapi/v1/multiAssetsMargin': signed(
    30,
    mayFutures(() => ({ multiAssetsMargin: false })),
  ),
  'GET /fapi/v1/leverageBracket': signed(1, mayFutures(leverageBracket)),
  'GET /fapi/v1/symbolConfig': signed(5, mayFutures(symbolConfig)),
  'GET /fapi/v1/positionRisk': signed(5, mayFutures(positionRisk(riskRowBefore3, true))),
  'GET /fapi/v2/positionRisk': signed(5, mayFutures(positionRisk(riskRowBefore3, true))),
  'GET /fapi/v3/positionRisk': signed(5, mayFutures(positionRisk(riskRow, false))),
  'GET /fapi/v2/account': signed(5, mayFutures(account(true))),
  'GET /fapi/v3/account': signed(5, mayFutures(account(false))),
  'GET /fapi/v2/balance': signed(5, mayFutures(balance)),
  'GET /fapi/v3/balance': signed(5, mayFutures(balance)),
  'GET /fapi/v1/income': signed(30, mayFutures(income)),
  'GET /fapi/v1/commissionRate': signed(
    20,
    mayFutures(({ futures }, { parameters }) => ({
      symbol: contractOf(futures, requiredText(parameters, 'symbol')).spec.symbol,
      makerCommissionRate: '0.000200',
      takerCommissionRate: '0.000500',
    })),
  ),
  'GET /fapi/v1/apiTradingStatus': signed(
    1,
    mayFutures((_, { now }) => ({ indicators: {}, updateTime: now })),
  ),
}
