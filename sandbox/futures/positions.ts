import { ceil8, Money, ZERO } from '../money.ts'
import { bracketAt, type ContractSpec } from './contracts.ts'
import type { Position, Side } from './records.ts'

/** What a fill does to a position: pure but for the position itself. */

/** 8 decimals, half to even: the share of a cost that a part of a position has. */
const round8 = (amount: Money): Money => amount.toDecimalPlaces(8, Money.ROUND_HALF_EVEN)

export const signOf = (side: Side): 1 | -1 => (side === 'BUY' ? 1 : -1)

/** How much of `quantity` on this side would reduce the position; the rest would open or grow it. */
export const reducingPart = (position: Position, side: Side, quantity: Money): Money => {
  const against = position.amount.mul(signOf(side)).isNegative() && !position.amount.isZero()
  return against ? Money.min(quantity, position.amount.abs()) : ZERO
}

/** Books a fill at a price; returns the profit that it realised. Cost and margin shrink in proportion; what a last fill leaves is 0. */
export const fillPosition = (
  position: Position,
  side: Side,
  quantity: Money,
  price: Money,
  now: number,
): Money => {
  const reduced = reducingPart(position, side, quantity)
  let realized = ZERO
  if (reduced.gt(ZERO)) {
    const held = position.amount.abs()
    const all = reduced.eq(held)
    const cost = all ? position.cost : round8(position.cost.mul(reduced).div(held))
    const margin = all ? position.margin : round8(position.margin.mul(reduced).div(held))
    const long = position.amount.gt(ZERO)
    realized = long ? price.mul(reduced).minus(cost) : cost.minus(price.mul(reduced))
    position.amount = position.amount.plus(reduced.mul(signOf(side)))
    position.cost = position.cost.minus(cost)
    position.margin = position.margin.minus(margin)
  }
  const grown = quantity.minus(reduced)
  if (grown.gt(ZERO)) {
    position.amount = position.amount.plus(grown.mul(signOf(side)))
    position.cost = position.cost.plus(price.mul(grown))
    position.margin = position.margin.plus(initialMargin(price.mul(grown), position.leverage))
  }
  position.updateTime = now
  return realized
}

export const initialMargin = (notional: Money, leverage: number): Money => ceil8(notional.div(leverage))

export const entryPriceOf = (position: Position): Money =>
  position.amount.isZero() ? ZERO : position.cost.div(position.amount.abs())

export const unrealizedOf = (position: Position, mark: Money): Money =>
  position.amount.gt(ZERO)
    ? position.amount.mul(mark).minus(position.cost)
    : position.cost.minus(position.amount.abs().mul(mark))

/** The margin that must stay for it: its notional by the bracket's rate, less what the lower brackets save. */
export const maintenanceOf = (spec: ContractSpec, position: Position, mark: Money): Money => {
  const notional = position.amount.abs().mul(mark)
  const { maintenance, cum } = bracketAt(spec, notional)
  return Money.max(notional.mul(maintenance).minus(cum), ZERO)
}

/**
 * Where the mark price ends the position (Binance, "Liquidation price of USDⓈ-M futures", isolated and one-way):
 * long (cost - cover - cum) / (amount (1 - rate)), short (cost + cover + cum) / (amount (1 + rate)). `cover` is the
 * margin of an isolated position; a crossed one has the free balance too. Undefined where it is not above 0.
 */
export const liquidationPriceOf = (
  spec: ContractSpec,
  position: Position,
  cover: Money,
): Money | undefined => {
  const held = position.amount.abs()
  if (held.isZero()) return undefined
  const { maintenance, cum } = bracketAt(spec, position.cost)
  const long = position.amount.gt(ZERO)
  const price = long
    ? position.cost
        .minus(cover)
        .minus(cum)
        .div(held.mul(new Money(1).minus(maintenance)))
    : position.cost
        .plus(cover)
        .plus(cum)
        .div(held.mul(new Money(1).plus(maintenance)))
  return price.gt(ZERO) ? price : undefined
}

/** Where the cover is used up. */
export const bankruptcyPriceOf = (position: Position, cover: Money): Money => {
  const held = position.amount.abs()
  const price = position.amount.gt(ZERO)
    ? position.cost.minus(cover).div(held)
    : position.cost.plus(cover).div(held)
  return Money.max(price, ZERO)
}
