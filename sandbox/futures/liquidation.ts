import type { Changes } from '../exchange/store.ts'
import { ceil8, Money, ZERO } from '../money.ts'
import { coverOf } from './balances.ts'
import { endOrder, executeFill } from './fills.ts'
import { bankruptcyPriceOf, liquidationPriceOf } from './positions.ts'
import type { Contract } from './prices.ts'
import type { FuturesOrder, Wallet } from './records.ts'
import {
  addIncome,
  addOrder,
  type Futures,
  holdersOf,
  nextOrderId,
  openAlgosOf,
  openOrdersOf,
  positionOf,
  touchAlgo,
} from './state.ts'

/** Ends every position of this contract whose liquidation price the mark price meets on its way. */
export const liquidateReached = (
  state: Futures,
  changes: Changes,
  contract: Contract,
  [from, to, jump]: readonly [Money, Money, boolean],
  now: number,
): void => {
  const { symbol } = contract.spec
  for (const wallet of [...holdersOf(state, symbol)]) {
    const position = positionOf(wallet, symbol)
    const price = liquidationPriceOf(contract.spec, position, coverOf(wallet, position))
    if (!price) continue
    const long = position.amount.gt(ZERO)
    const met = long ? Money.min(jump ? to : from, to).lte(price) : Money.max(jump ? to : from, to).gte(price)
    if (!met) continue
    // On a path without a gap the mark price is at the liquidation price when it happens.
    const mark = jump ? to : long ? Money.min(from, price) : Money.max(from, price)
    liquidate(state, changes, contract, wallet, mark, now)
  }
}

/**
 * Closes a position at the mark price, on the tick, never worse than where its cover is used up. The liquidation fee
 * comes out of what is left of the cover; the rest stays in the wallet. All orders of the symbol are cancelled first.
 */
const liquidate = (
  state: Futures,
  changes: Changes,
  contract: Contract,
  wallet: Wallet,
  mark: Money,
  now: number,
): void => {
  const { spec } = contract
  cancelAll(state, changes, wallet, spec.symbol, now)
  const position = positionOf(wallet, spec.symbol)
  const cover = coverOf(wallet, position)
  const bankrupt = bankruptcyPriceOf(position, cover)
  const long = position.amount.gt(ZERO)
  const tick = new Money(spec.tick)
  const price = long
    ? Money.max(mark, bankrupt).div(tick).ceil().mul(tick)
    : Money.max(Money.min(mark, bankrupt).div(tick).floor().mul(tick), tick)
  const quantity = position.amount.abs()
  const order = liquidationOrder(state, contract, wallet, { long, quantity, price }, now)
  addOrder(state, changes, order)
  const gain = long ? price.mul(quantity).minus(position.cost) : position.cost.minus(price.mul(quantity))
  executeFill(state, changes, order, { price, quantity, maker: false }, now, ZERO)
  endOrder(state, changes, order, 'FILLED', now)

  const left = Money.max(cover.plus(gain), ZERO)
  const fee = Money.min(ceil8(price.mul(quantity).mul(spec.liquidationFee)), left)
  const tradeId = String(order.orderId)
  if (fee.gt(ZERO))
    addIncome(
      state,
      changes,
      wallet,
      { symbol: spec.symbol, type: 'INSURANCE_CLEAR', amount: fee.neg(), tradeId, info: order.clientOrderId },
      now,
    )
}

const liquidationOrder = (
  state: Futures,
  { spec }: Contract,
  wallet: Wallet,
  { long, quantity, price }: { long: boolean; quantity: Money; price: Money },
  now: number,
): FuturesOrder => {
  const orderId = nextOrderId(state, spec.symbol)
  return {
    account: wallet.account,
    symbol: spec.symbol,
    orderId,
    clientOrderId: `autoclose-${now}${String(orderId).padStart(6, '0')}`,
    side: long ? 'SELL' : 'BUY',
    type: 'LIMIT',
    origType: 'LIMIT',
    timeInForce: 'IOC',
    price,
    stopPrice: ZERO,
    workingType: 'CONTRACT_PRICE',
    reduceOnly: false,
    closePosition: false,
    quantity,
    executed: ZERO,
    quoteExecuted: ZERO,
    status: 'NEW',
    time: now,
    updateTime: now,
    working: true,
    liquidation: true,
    hiddenUntil: 0,
    slow: null,
    planned: [],
  }
}

const cancelAll = (state: Futures, changes: Changes, wallet: Wallet, symbol: string, now: number): void => {
  for (const order of [...openOrdersOf(state, symbol)])
    if (order.account === wallet.account) endOrder(state, changes, order, 'CANCELED', now)
  for (const algo of [...openAlgosOf(state, symbol)]) {
    if (algo.account !== wallet.account) continue
    algo.status = 'CANCELED'
    touchAlgo(state, changes, algo, now)
  }
}
