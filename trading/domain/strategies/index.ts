import { bollinger } from './bollinger.ts'
import { donchian } from './donchian.ts'
import { emaCross } from './ema-cross.ts'
import { emaRsi } from './ema-rsi.ts'
import { macd } from './macd.ts'
import { rsiReversion } from './rsi-reversion.ts'
import type { Strategy } from './strategy.ts'

/** Every strategy there is; adding one touches this list alone. */
export const STRATEGIES: readonly Strategy[] = [emaRsi, emaCross, rsiReversion, macd, bollinger, donchian]

export function strategyById(id: string): Strategy | null {
  return STRATEGIES.find((strategy) => strategy.id === id) ?? null
}
