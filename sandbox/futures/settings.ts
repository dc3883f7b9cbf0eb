import type { Account } from '../exchange/records.ts'
import { noChanges } from '../exchange/store.ts'
import { ownOpenOrders } from './balances.ts'
import { maxLeverageOf, maxNotionalAt } from './contracts.ts'
import { advance } from './matching.ts'
import { markAt } from './prices.ts'
import {
  invalidLeverage,
  leverageLowered,
  marginTypeOrders,
  marginTypePosition,
  marginTypeSame,
  positionTooLarge,
} from './refusals.ts'
import { contractOf, type Futures, openAlgosOf, positionOf, touchWallet, walletOf } from './state.ts'

/** Sets a symbol's leverage; returns the notional that may be held at it. An open isolated position keeps its margin. */
export const setLeverage = (
  state: Futures,
  account: Account,
  symbol: string,
  leverage: number,
  now: number,
): number => {
  const contract = contractOf(state, symbol)
  if (leverage < 1 || leverage > maxLeverageOf(contract.spec)) throw invalidLeverage(leverage)
  const changes = noChanges()
  advance(state, changes, symbol, now)
  state.store.save(changes)
  const wallet = walletOf(state, account)
  const position = positionOf(wallet, symbol)
  const notional = position.amount.abs().mul(markAt(contract, now))
  if (position.isolated && !position.amount.isZero() && leverage < position.leverage) throw leverageLowered()
  const most = maxNotionalAt(contract.spec, leverage)
  if (notional.gt(most)) throw positionTooLarge()
  position.leverage = leverage
  const made = noChanges()
  touchWallet(state, made, wallet, symbol)
  state.store.save(made)
  return most
}

/** Switches a symbol between isolated and crossed margin: only while it has neither orders nor a position. */
export const setMarginType = (state: Futures, account: Account, symbol: string, isolated: boolean): void => {
  contractOf(state, symbol)
  const wallet = walletOf(state, account)
  const position = positionOf(wallet, symbol)
  if (position.isolated === isolated) throw marginTypeSame()
  if (!position.amount.isZero()) throw marginTypePosition()
  const waiting = [...openAlgosOf(state, symbol)].some((algo) => algo.account === account.apiKey)
  if (waiting || ownOpenOrders(state, account.apiKey, symbol).length > 0) throw marginTypeOrders()
  position.isolated = isolated
  const changes = noChanges()
  touchWallet(state, changes, wallet, symbol)
  state.store.save(changes)
}
