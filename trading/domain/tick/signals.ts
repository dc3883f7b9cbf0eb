import type { Bot, BotState } from '../bot.ts'
import { timeframeMs } from '../market.ts'
import type { CandleSignal } from '../strategies/strategy.ts'
import type { TickInput } from './types.ts'

/** A tick looks back at no more candles than this: what a late tick missed beyond them is history. */
const MOST_CANDLES = 5

/**
 * The newest signal among the closed candles that no earlier tick has looked at and that closed after START. `latest` is what the
 * strategy says of the newest candle, for people to read, whether or not it may be traded on.
 */
export function findSignal({ bot, state, data }: Pick<TickInput, 'bot' | 'state' | 'data'>): {
  found: CandleSignal | null
  latest: CandleSignal | null
  lastCandleAt: Date | null
} {
  const newest = data?.signals.at(-1)
  if (newest === undefined || (state.lastCandleAt !== null && newest.openTime <= state.lastCandleAt)) {
    return { found: null, latest: null, lastCandleAt: state.lastCandleAt }
  }
  const length = lengthOf(bot.timeframe)
  const found = data?.signals
    .slice(-MOST_CANDLES)
    .findLast((each) => isNew(each, state, length) && concerns(each, bot))
  return { found: found ?? null, latest: newest, lastCandleAt: newest.openTime }
}

const lengths = new Map<string, number>()

/** Remembered: reading a timeframe anew at each tick was 2 % of a backtest's time. There are few timeframes, so the map stays small. */
function lengthOf(timeframe: string): number {
  const known = lengths.get(timeframe)
  if (known !== undefined) return known
  const length = timeframeMs(timeframe) ?? 0
  lengths.set(timeframe, length)
  return length
}

function isNew({ openTime }: CandleSignal, state: BotState, lengthMs: number): boolean {
  if (state.lastCandleAt !== null && openTime <= state.lastCandleAt) return false
  return state.startedAt !== null && openTime.getTime() + lengthMs > state.startedAt.getTime()
}

/** A short move says nothing to a bot that is only ever long. */
function concerns({ signal }: CandleSignal, { direction }: Bot): boolean {
  return (signal.long !== null && direction !== 'SHORT') || (signal.short !== null && direction !== 'LONG')
}
