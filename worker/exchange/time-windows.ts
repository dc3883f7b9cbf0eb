import { VenueError } from '#trading/domain/exchange.ts'

/** What Binance lists at most at once, and the longest time between startTime and endTime (allOrders, myTrades). */
export const PAGE = 1000
const LONGEST_MS = 86_400_000 - 1
/** Binance keeps orders that never filled for 90 days. */
const MOST_WINDOWS = 100
const MOST_READS = 400

/** `endTime` missing: until now. */
export type Window = { startTime: number; endTime?: number }

/**
 * Everything since `since` (ms), oldest first, in as many reads as it takes. A read that comes back full may be the first or the latest
 * rows of its window (Binance's documents promise neither), so it is not believed: its window is halved until each half is listed whole.
 * @throws VenueError of `read`, or UNREADABLE when there is more than can be read
 */
export async function* windowsSince<T>(
  since: number,
  now: number,
  read: (window: Window) => Promise<T[]>,
): AsyncGenerator<T[]> {
  const open = cut(Math.max(0, Math.floor(since)), now).reverse()
  for (let reads = 0; reads < MOST_READS; reads++) {
    const window = open.pop()
    if (window === undefined) return
    const rows = await read(window)
    if (rows.length < PAGE) {
      yield rows
      continue
    }
    const { startTime, endTime } = window
    // Rows that are added meanwhile are past `now`; the last part stays without an end.
    const last = endTime ?? Math.max(startTime + 1, Math.floor(now))
    const middle = Math.floor((startTime + last) / 2)
    if (endTime !== undefined && middle >= endTime)
      throw new VenueError('UNREADABLE', `${PAGE} rows and more bear the time ${startTime}.`)
    open.push(endTime === undefined ? { startTime: middle + 1 } : { startTime: middle + 1, endTime })
    open.push({ startTime, endTime: middle })
  }
  throw new VenueError('UNREADABLE', `There is more since ${new Date(since).toISOString()} than can be read.`)
}

function cut(since: number, now: number): Window[] {
  const windows: Window[] = []
  let startTime = since
  while (now - startTime > LONGEST_MS) {
    windows.push({ startTime, endTime: startTime + LONGEST_MS })
    startTime += LONGEST_MS + 1
    if (windows.length > MOST_WINDOWS)
      throw new VenueError(
        'UNREADABLE',
        `${new Date(since).toISOString()} is further back than the exchange's history is read.`,
      )
  }
  windows.push({ startTime })
  return windows
}
