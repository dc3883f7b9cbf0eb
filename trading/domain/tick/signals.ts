import type { BotState, OrderSide } from '../bot.ts'
import { timeframeMs } from '../market.ts'
import { sidesOf } from '../sides.ts'
import type { CandleSignal, Move } from '../strategies/strategy.ts'
import type { TickInput } from './types.ts'

/** A tick looks back at no more candles than this: what a late tick missed beyond them is history. */
const MOST_CANDLES = 5

/** A candle's signal, with the side of the position that it is about. */
export type FoundSignal = CandleSignal & { side: OrderSide }

/**
 * The newest signal among the closed candles that no earlier tick has looked at and that closed after START. `latest` is what the
 * strategy says of the newest candle, for people to read, whether or not it may be traded on.
 *
 * While a position is held only what the strategy says of its side counts. While flat, each side that the bot may trade is heard by
 * itself: an exit of shorts does not hide an entry of longs. The newer entry wins, and the long one where a candle calls for both.
 */
export function findSignal({
  bot,
  state,
  data,
  position = null,
}: Pick<TickInput, 'bot' | 'state' | 'data'> & { position?: TickInput['position'] }): {
  found: FoundSignal | null
  latest: CandleSignal | null
  lastCandleAt: Date | null
} {
  const newest = data?.signals.at(-1)
  if (newest === undefined || (state.lastCandleAt !== null && newest.openTime <= state.lastCandleAt)) {
    return { found: null, latest: null, lastCandleAt: state.lastCandleAt }
  }
  const length = lengthOf(bot.timeframe)
  const news = data?.signals.slice(-MOST_CANDLES).filter((each) => isNew(each, state, length)) ?? []
  const sides = position === null ? sidesOf(bot.direction) : [position.side]
  let found: FoundSignal | null = null
  for (const side of sides) {
    const one = news.findLast((each) => moveOf(each, side) !== null)
    if (one !== undefined && (found === null || outweighs(one, side, found))) found = { ...one, side }
  }
  return { found, latest: newest, lastCandleAt: newest.openTime }
}

/** What a signal says of a position of this side. */
export function moveOf({ signal }: CandleSignal, side: OrderSide): Move {
  return side === 'BUY' ? signal.long : signal.short
}

/** Of two sides while flat: an entry before an exit, then the newer. */
function outweighs(one: CandleSignal, side: OrderSide, other: FoundSignal): boolean {
  const [enters, otherEnters] = [moveOf(one, side) === 'ENTER', moveOf(other, other.side) === 'ENTER']
  return enters === otherEnters ? one.openTime > other.openTime : enters
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
