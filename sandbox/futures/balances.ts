import { ceil8, Money, ZERO } from '../money.ts'
import { initialMargin, maintenanceOf, reducingPart, unrealizedOf } from './positions.ts'
import { markAt } from './prices.ts'
import { type FuturesOrder, isOpen, type Position, type Wallet } from './records.ts'
import { contractOf, type Futures, openOrdersOf, positionOf } from './state.ts'

export const TAKER_FEE = new Money('0.0005')
export const MAKER_FEE = new Money('0.0002')

export const remainingOf = (order: FuturesOrder): Money => order.quantity.minus(order.executed)

/** What an amount that opens or grows a position ties up: its margin, and the fee of a taker. */
export const entryNeed = (opening: Money, price: Money, leverage: number): Money => {
  if (opening.lte(ZERO)) return ZERO
  const notional = opening.mul(price)
  return initialMargin(notional, leverage).plus(ceil8(notional.mul(TAKER_FEE)))
}

/** What an open order ties up now: nothing while it waits for its stop price, or for what it would reduce. */
const reservedFor = (order: FuturesOrder, position: Position): Money => {
  if (!isOpen(order) || !order.working || order.reduceOnly || order.closePosition) return ZERO
  const rest = remainingOf(order)
  const opening = rest.minus(reducingPart(position, order.side, rest))
  const price = order.planned.reduce((worst, fill) => Money.max(worst, fill.price), order.price)
  return entryNeed(opening, price, position.leverage)
}

export const reservedOf = (state: Futures, wallet: Wallet): Money => {
  let all = ZERO
  for (const [symbol, orders] of state.open)
    for (const order of orders)
      if (order.account === wallet.account) all = all.plus(reservedFor(order, positionOf(wallet, symbol)))
  return all
}

/** Everything that account and balance endpoints tell of a wallet. */
export const summaryOf = (state: Futures, wallet: Wallet, now: number) => {
  let [margins, crossMargins, isolated, crossProfit, profit, maintenance] = [
    ZERO,
    ZERO,
    ZERO,
    ZERO,
    ZERO,
    ZERO,
  ]
  for (const position of Object.values(wallet.positions)) {
    if (position.amount.isZero()) continue
    const contract = contractOf(state, position.symbol)
    const mark = markAt(contract, now)
    const gain = unrealizedOf(position, mark)
    margins = margins.plus(position.margin)
    profit = profit.plus(gain)
    maintenance = maintenance.plus(maintenanceOf(contract.spec, position, mark))
    if (position.isolated) isolated = isolated.plus(position.margin)
    else {
      crossMargins = crossMargins.plus(position.margin)
      crossProfit = crossProfit.plus(gain)
    }
  }
  const reserved = reservedOf(state, wallet)
  const crossWallet = wallet.balance.minus(isolated)
  const available = crossWallet.plus(crossProfit).minus(crossMargins).minus(reserved)
  return {
    balance: wallet.balance,
    margins,
    reserved,
    maintenance,
    profit,
    crossWallet,
    crossProfit,
    available: Money.max(available, ZERO),
    /** What may leave: profit not yet realised may not. */
    withdrawable: Money.max(Money.min(available, available.minus(crossProfit)), ZERO),
  }
}

/** What stands behind a position: its own margin, and for a crossed one all that is free besides. */
export const coverOf = (wallet: Wallet, position: Position): Money => {
  if (position.isolated) return position.margin
  const others = Object.values(wallet.positions).filter((other) => other !== position)
  const tied = others.reduce((sum, other) => sum.plus(other.margin), ZERO)
  return Money.max(wallet.balance.minus(tied), position.margin)
}

export const ownOpenOrders = (state: Futures, account: string, symbol: string): FuturesOrder[] =>
  [...openOrdersOf(state, symbol)].filter((order) => order.account === account)
