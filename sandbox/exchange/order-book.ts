import { hash32, hashText, unit } from '../market/hash.ts'
import type { SymbolSpec } from '../market/symbols.ts'
import { floorTo, minOf, Money, ZERO } from '../money.ts'

export type Level = { price: Money; quantity: Money }
type Side = 'BUY' | 'SELL'

/** Half the distance between bid and ask, and the distance between two levels, as parts of the price. */
const HALF_SPREAD = new Money('0.00005')
const LEVEL_GAP = new Money('0.00002')
/** Mean worth of a level in quote, for a quote worth a dollar. */
const LEVEL_WORTH = new Money(4000)
/** A market order meets at most this many levels; the last one takes whatever is left. */
const LEVELS_MET = 3

const atLeastATick = (amount: Money, tick: Money): Money => {
  const whole = floorTo(amount, tick)
  return whole.lt(tick) ? tick : whole
}

/** The best ask (for a BUY) or bid (for a SELL) while the last price is `last`. */
export const bestPrice = (spec: SymbolSpec, last: Money, side: Side): Money => {
  const half = atLeastATick(last.mul(HALF_SPREAD), new Money(spec.tick))
  return side === 'BUY' ? last.plus(half) : Money.max(last.minus(half), new Money(spec.tick))
}

/** One side of the book, best first: the asks that a BUY would meet, or the bids that a SELL would. Its sizes change each second. */
export const levelsOf = (spec: SymbolSpec, last: Money, time: number, side: Side, count: number): Level[] => {
  const tick = new Money(spec.tick)
  const step = new Money(spec.step)
  const best = bestPrice(spec, last, side)
  const gap = atLeastATick(last.mul(LEVEL_GAP), tick)
  const worth = LEVEL_WORTH.mul(new Money(spec.minNotional)).div(5)
  const salt = hash32(hashText(spec.symbol + side), Math.floor(time / 1000))
  const levels: Level[] = []
  for (let i = 0; i < count; i++) {
    const price = side === 'BUY' ? best.plus(gap.mul(i)) : best.minus(gap.mul(i))
    if (price.lt(tick)) break
    const quantity = floorTo(worth.mul((0.5 + unit(salt, i)).toFixed(6)).div(price), step)
    levels.push({ price, quantity: Money.max(quantity, step) })
  }
  return levels
}

/** What an order of `quantity` gets from the book at once, at `limit` or better. */
export const takeFromBook = (
  spec: SymbolSpec,
  last: Money,
  time: number,
  side: Side,
  quantity: Money,
  limit?: Money,
): Level[] => {
  const levels = levelsOf(spec, last, time, side, LEVELS_MET)
  const fills: Level[] = []
  let left = quantity
  levels.forEach((level, i) => {
    const tooFar = limit !== undefined && (side === 'BUY' ? level.price.gt(limit) : level.price.lt(limit))
    if (tooFar || left.lte(ZERO)) return
    const taken = i === levels.length - 1 ? left : minOf(left, level.quantity)
    fills.push({ price: level.price, quantity: taken })
    left = left.minus(taken)
  })
  return fills
}

/** What a MARKET order that is to spend or receive `quote` gets: at most that much, in whole steps. */
export const takeForQuote = (
  spec: SymbolSpec,
  last: Money,
  time: number,
  side: Side,
  quote: Money,
): Level[] => {
  const step = new Money(spec.step)
  const levels = levelsOf(spec, last, time, side, LEVELS_MET)
  const fills: Level[] = []
  let left = quote
  levels.forEach((level, i) => {
    const affordable = floorTo(left.div(level.price), step)
    const taken = i === levels.length - 1 ? affordable : minOf(affordable, level.quantity)
    if (taken.lte(ZERO)) return
    fills.push({ price: level.price, quantity: taken })
    left = left.minus(taken.mul(level.price))
  })
  return fills
}
