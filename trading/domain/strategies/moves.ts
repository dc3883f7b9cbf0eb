import { decimal, plain } from '../money.ts'
import type { Move } from './strategy.ts'

/** What a long and a short position do. */
export type Moves = { warm: boolean; long: Move; short: Move }

// Shared and frozen: a stream makes no object a candle.
export const COLD: Moves = Object.freeze({ warm: false, long: null, short: null })
export const STAY: Moves = Object.freeze({ warm: true, long: null, short: null })
export const GO_LONG: Moves = Object.freeze({ warm: true, long: 'ENTER', short: 'EXIT' })
export const GO_SHORT: Moves = Object.freeze({ warm: true, long: 'EXIT', short: 'ENTER' })
export const LEAVE_LONG: Moves = Object.freeze({ warm: true, long: 'EXIT', short: null })
export const LEAVE_SHORT: Moves = Object.freeze({ warm: true, long: null, short: 'EXIT' })

const NOTHING = 1e-9

/**
 * How far `a` lies above `b`; 0 where less than a billionth of the price tells them apart. What is left there is rounding, and what the
 * warm-up has not quite forgotten: in a market that stands still, it would cross at random.
 */
export function gapOf(a: number, b: number, price: number): number {
  const gap = a - b
  return Math.abs(gap) <= NOTHING * price ? 0 : gap
}

/** From at or below to above: a line that only touches the other has not crossed it. */
export function crossedAbove(before: number, now: number): boolean {
  return before <= 0 && now > 0
}

/** From at or above to below. */
export function crossedBelow(before: number, now: number): boolean {
  return before >= 0 && now < 0
}

/** "above", "below" or "at". */
export function sideOf(gap: number): string {
  return gap > 0 ? 'above' : gap < 0 ? 'below' : 'at'
}

/** A number for people to read: seven digits, no exponent. */
export function figure(value: number): string {
  return plain(decimal(value.toPrecision(7)))
}
