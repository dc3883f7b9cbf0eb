import type { BotConfig } from '../bot.ts'
import type { Candle } from '../market.ts'
import type { Range } from '../bot-config.ts'

export type StrategyParameter = { name: string; label: string; help: string; range: Range; default: string }

/** What a strategy says of the newest closed candle. `reason` is the sentence that people read. */
export type Signal = { action: 'ENTER_LONG' | 'EXIT_LONG' | 'NONE'; reason: string }

/** A strategy is a pure function of closed candles and the bot's parameters; it never sees the forming candle. */
export type Strategy = {
  id: string
  name: string
  description: string
  parameters: readonly StrategyParameter[]
  /** Closed candles needed so that any worker computes the same signal: at least ten times the slowest period. */
  warmUp(config: BotConfig): number
  /** `candles`: closed, oldest first, at least `warmUp` of them. Looks at the last one against the one before it. */
  evaluate(config: BotConfig, candles: readonly Candle[]): Signal
}
