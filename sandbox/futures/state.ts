import { invalidSymbol } from '../binance-error.ts'
import type { Account } from '../exchange/records.ts'
import { type Changes, noChanges, numbered, type Store, touchRow } from '../exchange/store.ts'
import type { Hold } from '../market/holds.ts'
import type { Market } from '../market/market.ts'
import { type Money, ZERO } from '../money.ts'
import { contractsOf } from './contracts.ts'
import { type Contract, openContract } from './prices.ts'
import {
  type Algo,
  algoSchema,
  contractRecordSchema,
  type ExtraFunding,
  extraFundingSchema,
  type FuturesOrder,
  futuresOrderSchema,
  type FuturesTrade,
  futuresTradeSchema,
  type Income,
  incomeSchema,
  isOpen,
  type Position,
  type Transfer,
  transferSchema,
  type Wallet,
  walletSchema,
} from './records.ts'

/** The futures exchange in memory: the store's records, with indexes. */
export type Futures = {
  store: Store
  contracts: Map<string, Contract>
  wallets: Map<string, Wallet>
  /** All orders and trades, per symbol, in order of id. */
  orders: Map<string, FuturesOrder[]>
  trades: Map<string, FuturesTrade[]>
  open: Map<string, Set<FuturesOrder>>
  byClientId: Map<string, FuturesOrder>
  byOrderId: Map<string, FuturesOrder>
  algos: Algo[]
  openAlgos: Map<string, Set<Algo>>
  /** Whose position in a symbol is not flat. */
  holders: Map<string, Set<Wallet>>
  incomes: Income[]
  transfers: Transfer[]
  extraFundings: ExtraFunding[]
  lastTranId: number
}

const FUNDING_EVERY_MS = 8 * 3_600_000

export const openFutures = (market: Market, store: Store, holds: readonly Hold[], now: number): Futures => {
  const settled = Math.floor(now / FUNDING_EVERY_MS) * FUNDING_EVERY_MS
  // Kept from the first start on: a restart settles what was missed since.
  const kept = new Map(store.read('contract', contractRecordSchema).map((c) => [c.symbol, c.fundedUntil]))
  const state: Futures = {
    store,
    contracts: new Map(
      contractsOf(market).map((spec) => [
        spec.symbol,
        openContract(spec, market, holds, kept.get(spec.symbol) ?? settled),
      ]),
    ),
    wallets: new Map(store.read('futures-wallet', walletSchema).map((wallet) => [wallet.account, wallet])),
    orders: new Map(),
    trades: new Map(),
    open: new Map(),
    byClientId: new Map(),
    byOrderId: new Map(),
    algos: [],
    openAlgos: new Map(),
    holders: new Map(),
    incomes: store.read('futures-income', incomeSchema),
    transfers: store.read('transfer', transferSchema),
    extraFundings: store.read('extra-funding', extraFundingSchema),
    lastTranId: 0,
  }
  const fresh = noChanges()
  for (const { spec, fundedUntil } of state.contracts.values())
    touchRow(fresh, 'contract', spec.symbol, { symbol: spec.symbol, fundedUntil })
  store.save(fresh)
  for (const order of store.read('futures-order', futuresOrderSchema)) indexOrder(state, order)
  for (const trade of store.read('futures-trade', futuresTradeSchema))
    listIn(state.trades, trade.symbol).push(trade)
  for (const algo of store.read('futures-algo', algoSchema)) indexAlgo(state, algo)
  for (const wallet of state.wallets.values())
    for (const position of Object.values(wallet.positions)) noteHolder(state, wallet, position)
  const tranIds = [...state.incomes, ...state.transfers].map(({ tranId }) => tranId)
  state.lastTranId = tranIds.reduce((highest, id) => Math.max(highest, id), 43_000_000_000)
  return state
}

const listIn = <T>(map: Map<string, T[]>, key: string): T[] => {
  const known = map.get(key)
  if (known) return known
  const made: T[] = []
  map.set(key, made)
  return made
}
const setIn = <T>(map: Map<string, Set<T>>, key: string): Set<T> => {
  const known = map.get(key)
  if (known) return known
  const made = new Set<T>()
  map.set(key, made)
  return made
}

export const orderKey = (symbol: string, orderId: number) => `${symbol} ${orderId}`
export const clientKey = (account: string, symbol: string, clientOrderId: string) =>
  `${account} ${symbol} ${clientOrderId}`

export const ordersOf = (state: Futures, symbol: string): FuturesOrder[] => listIn(state.orders, symbol)
export const tradesOf = (state: Futures, symbol: string): FuturesTrade[] => listIn(state.trades, symbol)
export const openOrdersOf = (state: Futures, symbol: string): Set<FuturesOrder> => setIn(state.open, symbol)
export const openAlgosOf = (state: Futures, symbol: string): Set<Algo> => setIn(state.openAlgos, symbol)
export const holdersOf = (state: Futures, symbol: string): Set<Wallet> => setIn(state.holders, symbol)

const indexOrder = (state: Futures, order: FuturesOrder): void => {
  ordersOf(state, order.symbol).push(order)
  state.byClientId.set(clientKey(order.account, order.symbol, order.clientOrderId), order)
  state.byOrderId.set(orderKey(order.symbol, order.orderId), order)
  if (isOpen(order)) openOrdersOf(state, order.symbol).add(order)
}

const indexAlgo = (state: Futures, algo: Algo): void => {
  state.algos.push(algo)
  if (algo.status === 'NEW') openAlgosOf(state, algo.symbol).add(algo)
}

const noteHolder = (state: Futures, wallet: Wallet, position: Position): void => {
  const holders = holdersOf(state, position.symbol)
  if (position.amount.isZero()) holders.delete(wallet)
  else holders.add(wallet)
}

export const contractOf = (state: Futures, symbol: string): Contract => {
  const contract = state.contracts.get(symbol)
  if (!contract) throw invalidSymbol()
  return contract
}

/** The account's futures wallet; an empty one if it was never used. */
export const walletOf = (state: Futures, account: Pick<Account, 'apiKey' | 'createdAt'>): Wallet => {
  const known = state.wallets.get(account.apiKey)
  if (known) return known
  const made: Wallet = {
    account: account.apiKey,
    createdAt: account.createdAt,
    initial: ZERO,
    balance: ZERO,
    positions: {},
  }
  state.wallets.set(account.apiKey, made)
  return made
}

export const walletOfOrder = (state: Futures, order: Pick<FuturesOrder, 'account'>): Wallet => {
  const wallet = state.wallets.get(order.account)
  if (!wallet) throw new Error(`an order belongs to no futures wallet: ${order.account}`)
  return wallet
}

const STANDARD_LEVERAGE = 20

/** The account's settings and holdings of a symbol, to be changed in place. Crossed and 20x at first, as at Binance. */
export const positionOf = (wallet: Wallet, symbol: string): Position => {
  const known = wallet.positions[symbol]
  if (known) return known
  const made: Position = {
    symbol,
    leverage: STANDARD_LEVERAGE,
    isolated: false,
    amount: ZERO,
    cost: ZERO,
    margin: ZERO,
    updateTime: 0,
  }
  wallet.positions[symbol] = made
  return made
}

export const touchWallet = (state: Futures, changes: Changes, wallet: Wallet, symbol?: string): void => {
  touchRow(changes, 'futures-wallet', wallet.account, wallet)
  if (symbol !== undefined) noteHolder(state, wallet, positionOf(wallet, symbol))
}

export const addOrder = (state: Futures, changes: Changes, order: FuturesOrder): void => {
  indexOrder(state, order)
  touchRow(changes, 'futures-order', numbered(order.symbol, order.orderId), order)
}

/** Notes that an order changed, and takes it off the open ones when it is done. */
export const touchOrder = (state: Futures, changes: Changes, order: FuturesOrder, now: number): void => {
  order.updateTime = now
  touchRow(changes, 'futures-order', numbered(order.symbol, order.orderId), order)
  if (!isOpen(order)) openOrdersOf(state, order.symbol).delete(order)
}

export const addTrade = (state: Futures, changes: Changes, trade: FuturesTrade): void => {
  tradesOf(state, trade.symbol).push(trade)
  touchRow(changes, 'futures-trade', numbered(trade.symbol, trade.id), trade)
}

export const addAlgo = (state: Futures, changes: Changes, algo: Algo): void => {
  indexAlgo(state, algo)
  touchRow(changes, 'futures-algo', numbered('', algo.algoId), algo)
}

export const touchAlgo = (state: Futures, changes: Changes, algo: Algo, now: number): void => {
  algo.updateTime = now
  touchRow(changes, 'futures-algo', numbered('', algo.algoId), algo)
  if (algo.status !== 'NEW') openAlgosOf(state, algo.symbol).delete(algo)
}

/** Books an amount to the wallet, with the row that tells of it. */
export const addIncome = (
  state: Futures,
  changes: Changes,
  wallet: Wallet,
  income: {
    symbol: string
    type: Income['type']
    amount: Money
    info?: string
    tradeId?: string
    tranId?: number
  },
  now: number,
): void => {
  wallet.balance = wallet.balance.plus(income.amount)
  const row: Income = {
    account: wallet.account,
    tranId: income.tranId ?? ++state.lastTranId,
    symbol: income.symbol,
    type: income.type,
    amount: income.amount,
    time: now,
    info: income.info ?? income.type,
    tradeId: income.tradeId ?? '',
  }
  state.incomes.push(row)
  touchRow(changes, 'futures-income', numbered('', row.tranId), row)
  touchRow(changes, 'futures-wallet', wallet.account, wallet)
}

export const addTransfer = (state: Futures, changes: Changes, transfer: Transfer): void => {
  state.transfers.push(transfer)
  touchRow(changes, 'transfer', numbered('', transfer.tranId), transfer)
}

export const nextOrderId = (state: Futures, symbol: string): number =>
  (ordersOf(state, symbol).at(-1)?.orderId ?? 0) + 1
export const nextAlgoId = (state: Futures): number => (state.algos.at(-1)?.algoId ?? 1_000_000) + 1
