import { VenueError } from '#trading/domain/exchange.ts'

/** What Binance lists at most at once. */
export const PAGE = 1000

/** `longestMs` between startTime and endTime; `latestIsAll`: what is asked for without any time is the latest page of all there is. */
export type HistoryRules = { longestMs: number; latestIsAll: boolean }
/** Of allOrders and myTrades. */
const SPOT_HISTORY: HistoryRules = { longestMs: 86_400_000 - 1, latestIsAll: true }
/** Of allOrders, userTrades and income: a week, and the last week where nothing is told. */
export const FUTURES_HISTORY: HistoryRules = { longestMs: 7 * 86_400_000 - 1, latestIsAll: false }
const MOST_WINDOWS = 100
const MOST_READS = 400

/** Without an end: until now. Without anything: the latest page. */
export type Window = { startTime?: number; endTime?: number }
type Span = { startTime: number; endTime?: number }

/**
 * Everything since `since` (ms) in as few reads as it takes; a row at the seam of two reads comes once. What goes further back than that is
 * looked for among the latest rows first: an account that did little has all of it there. A read of a window that comes back full may be
 * its first or its latest rows (Binance's documents promise neither), so it is not believed: the window is halved until each half is listed
 * whole. @throws VenueError of `read`, or UNREADABLE when there is more than can be read
 */
export async function* windowsSince<T>(
  since: number,
  now: number,
  read: (window: Window) => Promise<T[]>,
  timeOf: (row: T) => number,
  { longestMs, latestIsAll }: HistoryRules = SPOT_HISTORY,
): AsyncGenerator<T[]> {
  const from = Math.max(0, Math.floor(since))
  if (now - from <= longestMs) return yield* spansOf([{ startTime: from }], now, read)
  if (!latestIsAll) {
    const spans = cut(from, Math.floor(now), longestMs)
    const last = spans.pop()
    // The end of the last one is left open, for what comes meanwhile.
    return yield* spansOf(last === undefined ? spans : [...spans, { startTime: last.startTime }], now, read)
  }
  const latest = await read({})
  const earliest = latest.reduce((least, row) => Math.min(least, timeOf(row)), Number.POSITIVE_INFINITY)
  if (latest.length < PAGE || earliest < from) return yield latest.filter((row) => timeOf(row) >= from)
  // Those that share the earliest one's instant may be cut in two.
  yield* spansOf(cut(from, earliest, longestMs), now, read)
  yield latest.filter((row) => timeOf(row) > earliest)
}

async function* spansOf<T>(
  spans: readonly Span[],
  now: number,
  read: (window: Window) => Promise<T[]>,
): AsyncGenerator<T[]> {
  const open = spans.toReversed()
  for (let reads = 0; reads < MOST_READS; reads++) {
    const span = open.pop()
    if (span === undefined) return
    const rows = await read(span)
    if (rows.length < PAGE) {
      yield rows
      continue
    }
    const { startTime, endTime } = span
    // Rows that are added meanwhile are past `now`; the last part stays without an end.
    const last = endTime ?? Math.max(startTime + 1, Math.floor(now))
    const middle = Math.floor((startTime + last) / 2)
    if (endTime !== undefined && middle >= endTime)
      throw new VenueError('UNREADABLE', `${PAGE} rows and more bear the time ${startTime}.`)
    open.push(endTime === undefined ? { startTime: middle + 1 } : { startTime: middle + 1, endTime })
    open.push({ startTime, endTime: middle })
  }
  throw new VenueError('UNREADABLE', 'There is more in the history than can be read.')
}

/** Windows from `since` to `until`, both in them. */
function cut(since: number, until: number, longestMs: number): Span[] {
  const spans: Span[] = []
  for (let startTime = since; startTime <= until; startTime += longestMs + 1) {
    if (spans.length >= MOST_WINDOWS)
      throw new VenueError('UNREADABLE', 'There is more in the history than can be read.')
    spans.push({ startTime, endTime: Math.min(until, startTime + longestMs) })
  }
  return spans
}
