import { setImmediate as nextTurn } from 'node:timers/promises'
import { candleOf, type Listing } from './market.ts'
import type { Bar } from './price-source.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const INTERVALS: Readonly<Record<string, number>> = {
  '1s': SECOND,
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '6h': 6 * HOUR,
  '8h': 8 * HOUR,
  '12h': 12 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
  '1w': 7 * DAY,
}

/** Weeks open on Mondays; the epoch was a Thursday. */
const offsetOf = (length: number): number => (length === 7 * DAY ? 4 * DAY : 0)

const openTimeOf = (time: number, length: number): number =>
  Math.floor((time - offsetOf(length)) / length) * length + offsetOf(length)

type KlineQuery = {
  interval: string
  startTime?: number | undefined
  endTime?: number | undefined
  limit: number
}

const rowOf = (bar: Bar, openTime: number, length: number) => {
  const typical = (bar.open + bar.high + bar.low + bar.close) / 4
  return [
    openTime,
    bar.open.toFixed(8),
    bar.high.toFixed(8),
    bar.low.toFixed(8),
    bar.close.toFixed(8),
    bar.volume.toFixed(8),
    openTime + length - 1,
    (bar.volume * typical).toFixed(8),
    Math.ceil(length / SECOND),
    (bar.volume / 2).toFixed(8),
    ((bar.volume * typical) / 2).toFixed(8),
    '0',
  ]
}

/** How long one request may compute at a stretch before others get their turn. */
const TURN_MS = 15

/** Binance's kline rows, oldest first; the last one may still be forming at `now`. */
export const klinesOf = async (listing: Listing, query: KlineQuery, now: number): Promise<unknown[][]> => {
  const length = INTERVALS[query.interval]
  if (length === undefined) throw new RangeError(`unknown interval ${query.interval}`)
  const newest = openTimeOf(Math.min(query.endTime ?? now, now), length)
  const oldest =
    query.startTime === undefined
      ? newest - (query.limit - 1) * length
      : openTimeOf(Math.max(query.startTime, 0) + length - 1, length)
  const rows: unknown[][] = []
  let turnEnds = performance.now() + TURN_MS
  for (let open = Math.max(oldest, 0); open <= newest && rows.length < query.limit; open += length) {
    // A candle opened this very millisecond has no stretch of time yet: give it the millisecond.
    const end = Math.min(open + length, Math.max(now, open + 1))
    rows.push(rowOf(candleOf(listing, open, end), open, length))
    if (performance.now() > turnEnds) {
      await nextTurn()
      turnEnds = performance.now() + TURN_MS
    }
  }
  return rows
}
