import { initialMargin, liquidationPrice } from './futures.ts'
import type { FuturesRules } from './market.ts'
import { type Decimal, maximum, minimum, scale18, ZERO } from './money.ts'
import type { BookedFill, FillToBook, FuturesPosition, Holding } from './position.ts'

type Held = NonNullable<Holding['position']>

/**
 * Books one fill of a perpetual. On the position's own side (or while flat) it opens or grows the position, on the other it makes it smaller;
 * what goes beyond what is held is `excess` and no position: nothing is ever flipped. Every fee is money (`fee`, in quote currency) and part
 * of cost or profit. A long's `cost` is what its amount cost, fees included; a short's is what its sale brought, fees taken off. Cost and
 * margin are shared out by amount, rounded to 18 decimals, and the last fill takes what is left. `leverage` is of a position that is opened.
 */
export function bookFuturesFill(
  holding: Holding,
  fill: Pick<FillToBook, 'side' | 'amount' | 'price'>,
  fee: Decimal,
  rules: FuturesRules,
  leverage: number,
): BookedFill {
  const { position } = holding
  if (position !== null && position.side !== fill.side)
    return { ...reduce(holding, position, fill, fee, rules), fee }
  return {
    holding: { ...holding, position: grow(position, fill, fee, rules, leverage) },
    realized: null,
    fee,
    excess: ZERO,
  }
}

function grow(
  before: Held | null,
  { side, amount, price }: Pick<FillToBook, 'side' | 'amount' | 'price'>,
  fee: Decimal,
  rules: FuturesRules,
  leverage: number,
): Held {
  const notional = scale18(amount.times(price))
  const cost = side === 'BUY' ? notional.plus(fee) : notional.minus(fee)
  if (before === null) {
    const futures = { leverage, margin: initialMargin(notional, leverage), funding: ZERO }
    const held = {
      side,
      amount,
      cost,
      entryAmount: amount,
      entryNotional: notional,
      averagePrice: price,
      realizedPnl: ZERO,
      bestPrice: price,
    }
    return backed(held, futures, rules)
  }
  const entryAmount = before.entryAmount.plus(amount)
  const entryNotional = before.entryNotional.plus(notional)
  const held = before.amount.plus(amount)
  const averagePrice = before.amount.eq(before.entryAmount)
    ? entryNotional.div(entryAmount)
    : // Part of it was closed: venues average over what is held.
      before.averagePrice.times(before.amount).plus(notional).div(held)
  const futures = futuresOf(before)
  return backed(
    {
      ...before,
      amount: held,
      cost: before.cost.plus(cost),
      entryAmount,
      entryNotional,
      averagePrice: scale18(averagePrice),
      bestPrice: side === 'BUY' ? maximum(before.bestPrice, price) : minimum(before.bestPrice, price),
    },
    { ...futures, margin: futures.margin.plus(initialMargin(notional, futures.leverage)) },
    rules,
  )
}

function reduce(
  holding: Holding,
  position: Held,
  { amount, price }: Pick<FillToBook, 'amount' | 'price'>,
  fee: Decimal,
  rules: FuturesRules,
): Omit<BookedFill, 'fee'> {
  const gone = minimum(amount, position.amount)
  const excess = amount.minus(gone)
  const left = position.amount.minus(gone)
  const share = (whole: Decimal) => (left.isZero() ? whole : scale18(whole.times(gone).div(position.amount)))
  const cost = share(position.cost)
  const notional = scale18(gone.times(price))
  const realized = position.side === 'BUY' ? notional.minus(fee).minus(cost) : cost.minus(notional).minus(fee)
  if (left.isZero()) return { holding: { ...holding, position: null }, realized, excess }
  const futures = futuresOf(position)
  const held = {
    ...position,
    amount: left,
    cost: position.cost.minus(cost),
    realizedPnl: position.realizedPnl.plus(realized),
  }
  const margin = futures.margin.minus(share(futures.margin))
  return { holding: { ...holding, position: backed(held, { ...futures, margin }, rules) }, realized, excess }
}

/** The position after funding (received positive), which is profit and moves the margin; a margin never falls below 0. */
export function bookFundingOf<P extends Held>(position: P, amount: Decimal, rules: FuturesRules | null): P {
  const futures = futuresOf(position)
  const margin = maximum(futures.margin.plus(amount), ZERO)
  const moved = { ...futures, margin, funding: futures.funding.plus(amount) }
  const price = rules === null ? futures.liquidationPrice : liquidationPrice({ ...position, margin }, rules)
  return {
    ...position,
    realizedPnl: position.realizedPnl.plus(amount),
    futures: { ...moved, liquidationPrice: price },
  }
}

function backed(
  held: Omit<Held, 'futures'>,
  futures: Omit<FuturesPosition, 'liquidationPrice'>,
  rules: FuturesRules,
): Held {
  const price = liquidationPrice({ ...held, margin: futures.margin }, rules)
  return { ...held, futures: { ...futures, liquidationPrice: price } }
}

function futuresOf({ futures }: Pick<Held, 'futures'>): FuturesPosition {
  if (futures === undefined) throw new RangeError('a spot position on a perpetual')
  return futures
}
