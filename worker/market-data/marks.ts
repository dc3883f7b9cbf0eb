import type { FollowedSeries } from '#trading/store/followed-series.ts'
import { isPerpetual } from '#trading/domain/market.ts'
import type { MarkView } from '#trading/domain/tick/types.ts'
import type { MarkFollower } from './mark-follower.ts'

/** A perpetual that bots hold or watch, and the shortest interval at which one of them looks. */
export type FollowedMark = { exchange: string; symbol: string; checkIntervalSeconds: number }

/** Each perpetual of bots once, whatever their timeframes. Charts show no mark price. */
export function followedMarks(series: readonly FollowedSeries[]): Map<string, FollowedMark> {
  const marks = new Map<string, FollowedMark>()
  for (const { exchange, symbol, checkIntervalSeconds } of series) {
    if (checkIntervalSeconds === null || !isPerpetual(symbol)) continue
    const known = marks.get(markKey(exchange, symbol))?.checkIntervalSeconds ?? checkIntervalSeconds
    const shortest = Math.min(known, checkIntervalSeconds)
    marks.set(markKey(exchange, symbol), { exchange, symbol, checkIntervalSeconds: shortest })
  }
  return marks
}

function markKey(exchange: string, symbol: string): string {
  return `${exchange} ${symbol}`
}

/** Follows what is wanted from now on, and nothing else. */
export function followOnly(
  followers: Map<string, MarkFollower>,
  wanted: ReadonlyMap<string, FollowedMark>,
  pollMsOf: (mark: FollowedMark) => number,
  start: (mark: FollowedMark, pollMs: number) => MarkFollower,
): void {
  for (const [key, follower] of followers) {
    if (wanted.has(key)) continue
    follower.stop()
    followers.delete(key)
  }
  for (const [key, mark] of wanted) {
    const known = followers.get(key)
    if (known === undefined) followers.set(key, start(mark, pollMsOf(mark)))
    else known.wish(pollMsOf(mark))
  }
}

/** What a snapshot says of the mark: absent for SPOT. */
export function markOf(
  followers: ReadonlyMap<string, MarkFollower>,
  exchange: string,
  symbol: string,
): { mark?: MarkView | null } {
  return isPerpetual(symbol) ? { mark: followers.get(markKey(exchange, symbol))?.snapshot() ?? null } : {}
}
