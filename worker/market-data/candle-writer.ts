import type { Logger } from '#trading/config/logger.ts'
import type { Candle } from '#trading/domain/market.ts'
import type { Series } from '#trading/store/candle-feed.ts'
import { keyOf, markSeries, upsertCandles } from '#trading/store/candles.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { News } from './series-follower.ts'

/** At most one write a second, of all series together. */
const EVERY_MS = 1_000
/** `refreshed_at` of a series whose candles do not move is written this often. */
const MARK_EVERY_MS = 5_000

export type CandleWriter = {
  add(news: News): void
  /** Writes what waits, then no more. */
  stop(): Promise<void>
}

type Pending = { series: Series; candles: Map<number, Candle>; error: string | null }

/** Gathers what the followers bring and writes it in bulk: at once when it has been quiet, else once a second. */
export function makeCandleWriter(pool: Pool, logger: Logger): CandleWriter {
  const pending = new Map<string, Pending>()
  const marked = new Map<string, { at: number; error: string | null }>()
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let writtenAt = -Infinity
  let stopped = false

  async function write(): Promise<void> {
    const batch = [...pending.values()]
    pending.clear()
    writtenAt = performance.now()
    try {
      await upsertCandles(
        pool,
        batch.map(({ series, candles }) => ({ series, candles: [...candles.values()] })),
      )
      const due = batch.filter(isMarkDue)
      await markSeries(pool, due)
      for (const { series, error } of due) marked.set(keyOf(series), { at: performance.now(), error })
    } catch (error) {
      logger.warn({ err: error }, 'candles could not be written; trying again in a second')
      for (const { series, candles, error: fault } of batch) remember(series, candles.values(), fault, false)
    }
  }

  function isMarkDue({ series, candles, error }: Pending): boolean {
    const last = marked.get(keyOf(series))
    return (
      last === undefined ||
      candles.size > 0 ||
      last.error !== error ||
      performance.now() - last.at > MARK_EVERY_MS
    )
  }

  /** `newer` false: what is there already was learned later. */
  function remember(series: Series, candles: Iterable<Candle>, error: string | null, newer: boolean): void {
    const key = keyOf(series)
    const entry = pending.get(key) ?? { series, candles: new Map<number, Candle>(), error }
    for (const candle of candles) {
      const openTime = candle.openTime.getTime()
      if (newer || !entry.candles.has(openTime)) entry.candles.set(openTime, candle)
    }
    if (newer) entry.error = error
    pending.set(key, entry)
  }

  function schedule(): void {
    if (timer !== null || stopped || pending.size === 0) return
    timer = setTimeout(begin, Math.max(0, writtenAt + EVERY_MS - performance.now()))
  }

  function begin(): void {
    writing = write().finally(() => {
      timer = null
      schedule()
    })
  }

  return {
    add({ series, changed, error }) {
      if (stopped) return
      remember(series, changed, error, true)
      schedule()
    },
    async stop() {
      stopped = true
      await writing
      if (timer !== null) clearTimeout(timer)
      if (pending.size > 0) await write()
    },
  }
}
