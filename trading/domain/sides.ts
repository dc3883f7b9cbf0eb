import type { Direction, OrderSide } from './bot.ts'
import { type Decimal, maximum, minimum } from './money.ts'

/**
 * What prices mean to who is long (BUY) and who is short (SELL), in one place: everything else asks here, so that a short is a long in the
 * mirror.
 */

/** The side of the order that leaves a position of `side`. */
export function opposite(side: OrderSide): OrderSide {
  return side === 'BUY' ? 'SELL' : 'BUY'
}

/** The price is at `level` or worse: lower for a long, higher for a short. */
export function isAtOrWorse(side: OrderSide, price: Decimal, level: Decimal): boolean {
  return side === 'BUY' ? price.lte(level) : price.gte(level)
}

/** The price is at `level` or better: higher for a long, lower for a short. */
export function isAtOrBetter(side: OrderSide, price: Decimal, level: Decimal): boolean {
  return isAtOrWorse(opposite(side), price, level)
}

export function worsePrice(side: OrderSide, a: Decimal, b: Decimal): Decimal {
  return side === 'BUY' ? minimum(a, b) : maximum(a, b)
}

/** In words, of a price that is bad for `side`. */
export function atOrWorse(side: OrderSide): string {
  return side === 'BUY' ? 'at or below' : 'at or above'
}

export function atOrBetter(side: OrderSide): string {
  return atOrWorse(opposite(side))
}

/** Sides on which a bot of this direction may hold a position. */
export function sidesOf(direction: Direction): readonly OrderSide[] {
  return SIDES[direction]
}

const SIDES: Record<Direction, readonly OrderSide[]> = {
  LONG: ['BUY'],
  SHORT: ['SELL'],
  BOTH: ['BUY', 'SELL'],
}
