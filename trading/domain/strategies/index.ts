import { emaRsi } from './ema-rsi.ts'
import type { Strategy } from './strategy.ts'

/** Every strategy there is; adding one touches this list alone. */
export const STRATEGIES: readonly Strategy[] = [emaRsi]

export function strategyById(id: string): Strategy | null {
  return STRATEGIES.find((strategy) => strategy.id === id) ?? null
}
