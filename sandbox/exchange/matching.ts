import { pathOf, priceAt } from '../market/market.ts'
import type { PathPoint } from '../market/path.ts'
import { minOf, Money, ZERO } from '../money.ts'
import { costOf, endOrder, planFills, remainingOf, reserve, settleDue } from './fills.ts'
import { bestPrice, takeFromBook } from './order-book.ts'
import { isOpen, type Order } from './records.ts'
import { listingOf, openOrdersOf, type State, touchOrder } from './state.ts'
import type { Changes } from './store.ts'

/** The path is not walked back further than this: an exchange that was away did not trade meanwhile. */
const LONGEST_WALK_MS = 60_000

/** Whether the price has to rise to the order's stop price (else it has to fall). */
export const triggersUpwards = (order: Pick<Order, 'type' | 'side'>): boolean =>
  order.type.startsWith('STOP_LOSS') === (order.side === 'BUY')

const atMarket = (order: Order): boolean => order.price.eq(ZERO)

const unplannedOf = (order: Order): Money =>
  order.planned.reduce((left, fill) => left.minus(fill.quantity), remainingOf(order))

/**
 * Lets an order that is on the book take what it can at once, and ends it where its time in force says so.
 * False: nothing was done, for what it costs is not there (orders at the market's price only).
 */
export const takeNow = (state: State, changes: Changes, order: Order, last: Money, now: number): boolean => {
  const { spec } = listingOf(state, order.symbol)
  const limit = atMarket(order) ? undefined : order.price
  const fills = takeFromBook(spec, last, now, order.side, remainingOf(order), limit)
  const total = fills.reduce((sum, fill) => sum.plus(fill.quantity), ZERO)
  if (atMarket(order)) {
    const needed = order.side === 'BUY' ? costOf(fills) : remainingOf(order)
    if (!reserve(state, changes, order, needed)) return false
  }
  touchOrder(state, changes, order, now)
  if (order.timeInForce === 'FOK' && total.lt(remainingOf(order))) {
    endOrder(state, changes, order, 'EXPIRED', now)
    return true
  }
  planFills(state, order, fills, false, now)
  settleDue(state, changes, order, now)
  expireIfDone(state, changes, order, now)
  return true
}

/** IOC and market orders end with what they could get. */
const expireIfDone = (state: State, changes: Changes, order: Order, now: number): void => {
  if (!isOpen(order) || order.planned.length > 0) return
  if (order.timeInForce === 'GTC' && !atMarket(order)) return
  endOrder(state, changes, order, 'EXPIRED', now)
}

/** What happens to one open order while the last price goes from `from` to `to`. */
const matchStep = (
  state: State,
  changes: Changes,
  order: Order,
  from: Money,
  to: Money,
  jump: boolean,
  now: number,
): void => {
  const { spec } = listingOf(state, order.symbol)
  let start = from
  if (order.workingTime < 0) {
    const upwards = triggersUpwards(order)
    const reached = upwards ? Money.max(from, to).gte(order.stopPrice) : minOf(from, to).lte(order.stopPrice)
    if (!reached) return
    // On a path without a gap the stop fires at its price; over a gap, wherever the price landed.
    const already = upwards ? from.gte(order.stopPrice) : from.lte(order.stopPrice)
    start = jump ? to : already ? from : order.stopPrice
    order.workingTime = now
    if (!takeNow(state, changes, order, start, now)) endOrder(state, changes, order, 'EXPIRED', now)
    if (!isOpen(order)) return
  }
  if (atMarket(order) || order.timeInForce !== 'GTC') return
  const rest = unplannedOf(order)
  if (rest.lte(ZERO)) return
  const bestLast = order.side === 'BUY' ? minOf(start, to) : Money.max(start, to)
  const best = bestPrice(spec, jump ? to : bestLast, order.side)
  const crossed = order.side === 'BUY' ? best.lte(order.price) : best.gte(order.price)
  if (!crossed) return
  planFills(state, order, [{ price: order.price, quantity: rest }], true, now)
  settleDue(state, changes, order, now)
}

/** Brings one symbol's open orders up to `now`. Returns the last price. */
export const advance = (state: State, changes: Changes, symbol: string, now: number): Money => {
  const listing = listingOf(state, symbol)
  const money = (price: number) => new Money(price.toFixed(listing.spec.priceDecimals))
  const since = state.matchedUntil.get(symbol) ?? 0
  const open = openOrdersOf(state, symbol)
  state.matchedUntil.set(symbol, Math.max(now, since))
  const last = money(priceAt(listing, now))
  if (open.size === 0) return last

  const here: PathPoint = { time: now, price: last.toNumber(), jump: true }
  const walkable = since < now && now - since <= LONGEST_WALK_MS
  const path = walkable ? pathOf(listing, since, now) : [here]
  let from = walkable ? money(priceAt(listing, since)) : last
  for (const point of path) {
    const to = money(point.price)
    for (const order of [...open]) matchStep(state, changes, order, from, to, point.jump, now)
    from = to
  }
  for (const order of [...open]) {
    if (order.planned.length === 0) continue
    settleDue(state, changes, order, now)
    expireIfDone(state, changes, order, now)
  }
  return last
}

/** Brings all symbols up to `now`. */
export const advanceAll = (state: State, changes: Changes, now: number): void => {
  for (const [symbol, open] of state.open) if (open.size > 0) advance(state, changes, symbol, now)
}
