import { eventsAfter, lastSeqs, type FeedEvent } from '#trading/store/event-feed.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { Pulse } from './pulse.ts'

export type EventWatch = {
  /** Every event of the user after `after` (null: from now on), in order, none lost, none twice. */
  subscribe(userId: string, after: bigint | null): Promise<AsyncIterableIterator<FeedEvent>>
}

type Watched = { lastSeq: bigint; recent: FeedEvent[]; waiting: Set<() => void>; readers: number }

/** So many of the newest events are kept for readers that keep up; who is further behind reads the table. */
const KEPT = 500
const PAGE = 200

/**
 * Readers pull by their own cursor, so a slow one costs no memory and loses nothing; those that keep up share one read of the table.
 */
export function makeEventWatch(pool: Pool, pulse: Pulse): EventWatch {
  const users = new Map<string, Watched>()

  pulse.add('events', async () => {
    if (users.size === 0) return
    const asked = new Map(users)
    const seqs = await lastSeqs(pool, [...asked.keys()])
    for (const [userId, watched] of asked) {
      const before = watched.lastSeq
      while ((seqs.get(userId) ?? 0n) > watched.lastSeq) {
        const events = await eventsAfter(pool, userId, watched.lastSeq, KEPT)
        const last = events.at(-1)
        if (last === undefined) break
        watched.recent = [...watched.recent, ...events].slice(-KEPT)
        watched.lastSeq = last.seq
      }
      if (watched.lastSeq > before) for (const wake of [...watched.waiting]) wake()
    }
  })

  const read = async (userId: string, watched: Watched, cursor: bigint): Promise<FeedEvent[]> => {
    const first = watched.recent[0]
    const cached =
      first === undefined || first.seq > cursor + 1n
        ? []
        : watched.recent.slice(Number(cursor + 1n - first.seq))
    return cached.length > 0 ? cached : eventsAfter(pool, userId, cursor, PAGE)
  }

  return {
    async subscribe(userId, after) {
      const last = (await lastSeqs(pool, [userId])).get(userId) ?? 0n
      // A cursor from the future is one of another life of this database (a restored backup): it begins where this one is.
      let cursor = after === null || after > last ? last : after
      const watched = users.get(userId) ?? { lastSeq: last, recent: [], waiting: new Set(), readers: 0 }
      users.set(userId, watched)
      watched.readers += 1

      let page: FeedEvent[] = []
      let left = false
      let wake: (() => void) | undefined
      const leave = () => {
        if (left) return
        left = true
        watched.readers -= 1
        if (watched.readers === 0 && users.get(userId) === watched) users.delete(userId)
        wake?.()
      }
      const sleep = (atMostMs: number | null) =>
        new Promise<void>((resolve) => {
          const timer = atMostMs === null ? undefined : setTimeout(() => wake?.(), atMostMs)
          wake = () => {
            clearTimeout(timer)
            if (wake !== undefined) watched.waiting.delete(wake)
            wake = undefined
            resolve()
          }
          watched.waiting.add(wake)
        })

      const events: AsyncIterableIterator<FeedEvent> = {
        [Symbol.asyncIterator]: () => events,
        async next() {
          while (!left) {
            const event = page.shift()
            if (event !== undefined) {
              cursor = event.seq
              return { done: false, value: event }
            }
            const behind = watched.lastSeq > cursor || cursor < last
            if (behind) page = await read(userId, watched, cursor)
            // Behind, and yet nothing to read: rows have been taken away. Never ask in a tight loop.
            if (page.length === 0 && !left && (behind || watched.lastSeq <= cursor))
              await sleep(behind ? 1_000 : null)
          }
          return { done: true, value: undefined }
        },
        return() {
          leave()
          return Promise.resolve({ done: true, value: undefined })
        },
        throw(error) {
          leave()
          return Promise.reject(error instanceof Error ? error : new Error(String(error)))
        },
      }
      return events
    },
  }
}
