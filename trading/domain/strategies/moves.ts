import type { Move } from './strategy.ts'

/** What a long and a short position do. */
export type Moves = { warm: boolean; long: Move; short: Move }

// Shared and frozen: a stream makes no object a candle.
export const COLD: Moves = Object.freeze({ warm: false, long: null, short: null })
export const STAY: Moves = Object.freeze({ warm: true, long: null, short: null })
export const GO_LONG: Moves = Object.freeze({ warm: true, long: 'ENTER', short: 'EXIT' })
export const GO_SHORT: Moves = Object.freeze({ warm: true, long: 'EXIT', short: 'ENTER' })

/** Above and below as "was not, and now is": a line that only touches the other has not crossed it. */
export function crossedAbove(before: number, now: number): boolean {
  return before <= 0 && now > 0
}

export function crossedBelow(before: number, now: number): boolean {
  return before >= 0 && now < 0
}
