import { bestPrice, takeFromBook } from '../exchange/order-book.ts'
import type { Changes } from '../exchange/store.ts'
import { type Listing, pathOf, priceAt } from '../market/market.ts'
import type { PathPoint } from '../market/path.ts'
import { Money, ZERO } from '../money.ts'
import { entryNeed, remainingOf, summaryOf } from './balances.ts'
import { allowedOf, endOrder, planFills, settleDue } from './fills.ts'
import { settleFundings } from './funding.ts'
import { liquidateReached } from './liquidation.ts'
import { reducingPart } from './positions.ts'
import { type Contract, lastAt } from './prices.ts'
import { type Algo, type FuturesOrder, isOpen } from './records.ts'
import {
  addOrder,
  contractOf,
  type Futures,
  holdersOf,
  nextOrderId,
  openAlgosOf,
  openOrdersOf,
  positionOf,
  touchAlgo,
  touchOrder,
  walletOfOrder,
} from './state.ts'

/** The path is not walked back further than this: an exchange that was away did not trade meanwhile. */
const LONGEST_WALK_MS = 60_000

type Conditional = Pick<FuturesOrder, 'side'> & { type: string; stopPrice: Money }

/** Whether the price has to rise to the stop price (else it has to fall). */
export const triggersUpwards = ({ type, side }: Pick<Conditional, 'side' | 'type'>): boolean =>
  type.startsWith('STOP') === (side === 'BUY')

const atMarket = (order: FuturesOrder): boolean => order.price.isZero()

const unplannedOf = (order: FuturesOrder): Money =>
  order.planned.reduce((left, fill) => left.minus(fill.quantity), remainingOf(order))

/** What an order that is on the book can get at once; FOK orders get all or nothing. */
export const fillsAtOnce = (state: Futures, order: FuturesOrder, last: Money, now: number) => {
  const { spec } = contractOf(state, order.symbol)
  const quantity = allowedOf(state, order, remainingOf(order))
  return takeFromBook(spec, last, now, order.side, quantity, atMarket(order) ? undefined : order.price)
}

/** Whether the wallet can pay for what the order would open at these prices. */
export const isAffordable = (
  state: Futures,
  order: FuturesOrder,
  prices: readonly Money[],
  now: number,
): boolean => {
  const wallet = walletOfOrder(state, order)
  const position = positionOf(wallet, order.symbol)
  const rest = remainingOf(order)
  const reducing = reducingPart(position, order.side, rest)
  if (order.reduceOnly || order.closePosition || reducing.eq(rest)) return true
  const price = prices.reduce((worst, some) => Money.max(worst, some), order.price)
  return entryNeed(rest.minus(reducing), price, position.leverage).lte(
    summaryOf(state, wallet, now).available,
  )
}

/** Lets an order that is on the book take what it can at once, and ends it where its time in force says so. */
export const takeNow = (
  state: Futures,
  changes: Changes,
  order: FuturesOrder,
  last: Money,
  now: number,
): void => {
  planFills(state, order, fillsAtOnce(state, order, last, now), false, now)
  touchOrder(state, changes, order, now)
  settleDue(state, changes, order, now)
  expireIfDone(state, changes, order, now)
}

/** IOC and market orders end with what they could get. */
const expireIfDone = (state: Futures, changes: Changes, order: FuturesOrder, now: number): void => {
  if (!isOpen(order) || order.planned.length > 0 || !order.working) return
  if (order.timeInForce !== 'IOC' && order.timeInForce !== 'FOK' && !atMarket(order)) return
  endOrder(state, changes, order, 'EXPIRED', now)
}

/** Sends a conditional order that fired to the book. Without what it needs (a position to reduce, margin) it expires. */
const fire = (state: Futures, changes: Changes, order: FuturesOrder, last: Money, now: number): void => {
  order.working = true
  order.type = 'MARKET'
  if (canFire(state, order, last, now)) takeNow(state, changes, order, last, now)
  else endOrder(state, changes, order, 'EXPIRED', now)
}

/** Whether there is something to fill, and margin for it. A closePosition order learns here how much it is for. */
const canFire = (state: Futures, order: FuturesOrder, last: Money, now: number): boolean => {
  if (order.closePosition) order.quantity = positionOf(walletOfOrder(state, order), order.symbol).amount.abs()
  const fills = fillsAtOnce(state, order, last, now)
  const prices = fills.map(({ price }) => price)
  return fills.length > 0 && isAffordable(state, order, prices, now)
}

/** Makes an order of an algo order that fired, under the same client id; where that order would be refused, none. */
const fireAlgo = (state: Futures, changes: Changes, algo: Algo, last: Money, now: number): void => {
  const order: FuturesOrder = {
    account: algo.account,
    symbol: algo.symbol,
    orderId: nextOrderId(state, algo.symbol),
    clientOrderId: algo.clientAlgoId,
    side: algo.side,
    type: 'MARKET',
    origType: 'MARKET',
    timeInForce: 'GTC',
    price: ZERO,
    stopPrice: ZERO,
    workingType: algo.workingType,
    reduceOnly: algo.reduceOnly,
    closePosition: algo.closePosition,
    quantity: algo.quantity,
    executed: ZERO,
    quoteExecuted: ZERO,
    status: 'NEW',
    time: now,
    updateTime: now,
    working: true,
    liquidation: false,
    hiddenUntil: algo.hiddenUntil,
    slow: algo.slow,
    planned: [],
  }
  algo.triggerTime = now
  if (!canFire(state, order, last, now)) {
    algo.status = 'REJECTED'
    touchAlgo(state, changes, algo, now)
    return
  }
  algo.status = 'TRIGGERED'
  algo.actualOrderId = order.orderId
  touchAlgo(state, changes, algo, now)
  addOrder(state, changes, order)
  fire(state, changes, order, last, now)
}

const reached = (conditional: Conditional, from: Money, to: Money): boolean =>
  triggersUpwards(conditional)
    ? Money.max(from, to).gte(conditional.stopPrice)
    : Money.min(from, to).lte(conditional.stopPrice)

/** At which last price a stop fires: on a path without a gap at its own, over a gap wherever the price landed. */
const firedAt = (conditional: Conditional, from: Money, to: Money, jump: boolean): Money => {
  if (jump) return to
  const already = triggersUpwards(conditional)
    ? from.gte(conditional.stopPrice)
    : from.lte(conditional.stopPrice)
  return already ? from : conditional.stopPrice
}

const conditionOf = (algo: Algo): Conditional => ({
  side: algo.side,
  type: algo.type,
  stopPrice: algo.triggerPrice,
})

/** Fires what waits for this price while it goes from `from` to `to`. `last` absent: the price is the last price itself. */
const fireReached = (
  state: Futures,
  changes: Changes,
  { symbol }: { symbol: string },
  workingType: FuturesOrder['workingType'],
  [from, to, jump]: readonly [Money, Money, boolean],
  now: number,
  last?: Money,
): void => {
  for (const order of [...openOrdersOf(state, symbol)]) {
    if (order.working || order.workingType !== workingType || !reached(order, from, to)) continue
    fire(state, changes, order, last ?? firedAt(order, from, to, jump), now)
  }
  for (const algo of [...openAlgosOf(state, symbol)]) {
    const condition = conditionOf(algo)
    if (algo.workingType !== workingType || !reached(condition, from, to)) continue
    fireAlgo(state, changes, algo, last ?? firedAt(condition, from, to, jump), now)
  }
}

/** Fills a resting order as maker when the book reaches its price. */
const matchResting = (
  state: Futures,
  changes: Changes,
  order: FuturesOrder,
  [from, to, jump]: readonly [Money, Money, boolean],
  now: number,
): void => {
  const resting = order.timeInForce === 'GTC' || order.timeInForce === 'GTX'
  if (!order.working || atMarket(order) || !resting || !isOpen(order)) return
  const rest = unplannedOf(order)
  if (rest.lte(ZERO)) return
  const bestLast = order.side === 'BUY' ? Money.min(from, to) : Money.max(from, to)
  const best = bestPrice(contractOf(state, order.symbol).spec, jump ? to : bestLast, order.side)
  const crossed = order.side === 'BUY' ? best.lte(order.price) : best.gte(order.price)
  if (!crossed) return
  planFills(state, order, [{ price: order.price, quantity: rest }], true, now)
  settleDue(state, changes, order, now)
}

type Step = readonly [Money, Money, boolean]

/** The steps of a price over (since, now]; one jump to now if that is too long. */
const stepsOf = (listing: Listing, since: number, now: number): Step[] => {
  const money = (price: number) => new Money(price.toFixed(listing.spec.priceDecimals))
  const here = priceAt(listing, now)
  const walkable = since < now && now - since <= LONGEST_WALK_MS
  const path: PathPoint[] = walkable ? pathOf(listing, since, now) : [{ time: now, price: here, jump: true }]
  let from = money(walkable ? priceAt(listing, since) : here)
  return path.map((point) => {
    const step: Step = [from, money(point.price), point.jump]
    from = step[1]
    return step
  })
}

const isIdle = (state: Futures, symbol: string): boolean =>
  openOrdersOf(state, symbol).size + openAlgosOf(state, symbol).size + holdersOf(state, symbol).size === 0

/** Brings one perpetual up to `now`: orders, stops, liquidations, fundings. Returns its last price. */
export const advance = (state: Futures, changes: Changes, symbol: string, now: number): Money => {
  const contract = contractOf(state, symbol)
  const since = contract.matchedUntil
  contract.matchedUntil = Math.max(now, since)
  const last = lastAt(contract, now)
  if (!isIdle(state, symbol)) walk(state, changes, contract, since, last, now)
  settleFundings(state, changes, contract, now)
  return last
}

const walk = (
  state: Futures,
  changes: Changes,
  contract: Contract,
  since: number,
  last: Money,
  now: number,
): void => {
  const { spec } = contract
  const marks = stepsOf(contract.mark, since, now)
  // Where the mark price jumps over stop and liquidation at once, the liquidation comes first: it cancels the orders.
  for (const step of marks) if (step[2]) liquidateReached(state, changes, contract, step, now)
  for (const step of stepsOf(contract.last, since, now)) {
    fireReached(state, changes, spec, 'CONTRACT_PRICE', step, now)
    for (const order of [...openOrdersOf(state, spec.symbol)]) matchResting(state, changes, order, step, now)
  }
  for (const step of marks) {
    fireReached(state, changes, spec, 'MARK_PRICE', step, now, last)
    liquidateReached(state, changes, contract, step, now)
  }
  for (const order of [...openOrdersOf(state, spec.symbol)]) {
    if (order.planned.length === 0) continue
    settleDue(state, changes, order, now)
    expireIfDone(state, changes, order, now)
  }
}

export const advanceAll = (state: Futures, changes: Changes, now: number): void => {
  for (const symbol of state.contracts.keys()) advance(state, changes, symbol, now)
}
