import { VenueError } from '#trading/domain/exchange.ts'

const MOST_PAGES = 200

/** All pages of a list whose answers name the next one; null or "" ends it. @throws VenueError UNREADABLE when there is no end */
export async function allPages<T>(
  read: (cursor: string | null) => Promise<{ rows: T[]; next: string | null }>,
): Promise<T[]> {
  const all: T[] = []
  let cursor: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const { rows, next }: { rows: T[]; next: string | null } = await read(cursor)
    all.push(...rows)
    if (rows.length === 0 || next === null || next === '' || next === cursor) return all
    cursor = next
  }
  throw new VenueError('UNREADABLE', 'There is more in the history than can be read.')
}

/** Spans of at most `longestMs` from `since` to `now`, newest first, the newest a little past `now`. */
export function spans(since: number, now: number, longestMs: number): { from: number; to: number }[] {
  const all: { from: number; to: number }[] = []
  for (let to = Math.ceil(now) + 60_000; to > since && all.length < MOST_PAGES; to -= longestMs)
    all.push({ from: Math.max(Math.floor(since), to - longestMs), to })
  return all
}
