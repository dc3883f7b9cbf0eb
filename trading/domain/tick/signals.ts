import type { Bot, BotState, OrderSide } from '../bot.ts'
import { timeframeMs } from '../market.ts'
import { sidesOf } from '../sides.ts'
import type { CandleSignal, Move } from '../strategies/strategy.ts'
import type { TickInput } from './types.ts'

/** A tick looks back at no more candles than this: what a late tick missed beyond them is history. */
const MOST_CANDLES = 5

/** A candle that is kept was looked at up to so long before it opened. */
const KEPT_BY_MS = 1

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

/**
 * Does what the strategy says from this exit's candle on call for the other side, and does the bot go there? Then the exit's candle is not
 * done with: it is looked at once more when the bot is flat and settled. An exit that came since takes the call back.
 */
export function reverses({ bot, data }: Pick<TickInput, 'bot' | 'data'>, exit: FoundSignal): boolean {
  const since = data?.signals.slice(-MOST_CANDLES).filter(({ openTime }) => openTime >= exit.openTime) ?? []
  return sidesOf(bot.direction).some((side) => {
    if (side === exit.side) return false
    const one = since.findLast((each) => moveOf(each, side) !== null)
    return one !== undefined && moveOf(one, side) === 'ENTER'
  })
}

/** Leaves the exit's candle, and what comes after it, to the tick that finds the bot flat. */
export function keepForReversal(state: BotState, exit: FoundSignal): void {
  state.lastCandleAt = new Date(exit.openTime.getTime() - KEPT_BY_MS)
}

/** A signal has the position left, and until that is done no candle is looked at: what they call for is heard by the flat bot. */
export function leavesFirst(
  { bot, position, unsettled }: Pick<TickInput, 'bot' | 'position' | 'unsettled'>,
  { exitPurpose, closing }: Pick<BotState, 'exitPurpose' | 'closing'>,
): boolean {
  if (bot.direction !== 'BOTH' || closing) return false
  return position === null ? unsettled?.purpose === 'EXIT' : exitPurpose === 'EXIT'
}

/**
 * The position was not left by the signal that wanted to leave it: a stop, a close or a person was first. So nothing is entered on that
 * signal, nor on any candle that has closed by now.
 */
export function forgetReversal({
  bot,
  state,
  now,
}: {
  bot: Pick<Bot, 'timeframe'>
  state: BotState
  now: Date
}): void {
  if (state.exitPurpose !== 'EXIT') return
  const closed = now.getTime() - lengthOf(bot.timeframe)
  // The exit's own candle in any case: by the venue's clock it may have closed earlier than by ours.
  state.lastCandleAt = new Date(Math.max(closed, (state.lastCandleAt?.getTime() ?? -Infinity) + KEPT_BY_MS))
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
