import type { Logger } from '#trading/config/logger.ts'
import { VenueError, type MarketDataSource } from '#trading/domain/exchange.ts'
import { timeframeMs, type Candle } from '#trading/domain/market.ts'
import type { Series } from '#trading/store/candle-feed.ts'
import { EMPTY_CACHE, mergeCandles, overlaps, type CandleCache } from './merge-candles.ts'
import { backoffMs } from './pace.ts'
import { makePause } from './pause.ts'
import type { Slots } from './slots.ts'
import type { MarketSnapshot } from './snapshot.ts'

/** What one fetch brought, to be written down. */
export type News = { series: Series; changed: readonly Candle[]; error: string | null }

export type Wish = { needed: number; pollMs: number }

export type Follower = {
  /** What is wanted from now on; more history than before is fetched at once. */
  wish(wish: Wish): void
  snapshot(): MarketSnapshot | null
  stop(): void
}

/** Candles before the newest closed one that each fetch reads again: venues correct the last ones. */
const OVERLAP = 3
/** Candles at the end that may not be closed: the moving one, and at the turn one that our reading of the venue's clock still holds open. */
const MOVING = 2

type Parts = {
  series: Series
  source: () => MarketDataSource
  /** All fetches of the venue, and those of long histories, which must not hold up the others. */
  slots: { all: Slots; long: Slots }
  logger: Logger
  onNews: (news: News) => void
}

/** Keeps one series up to date until stopped: its whole warm-up first, then the newest few candles again and again. */
export function followSeries({ series, source, slots, logger, onNews }: Parts, first: Wish): Follower {
  let wish = first
  let cache: CandleCache = EMPTY_CACHE
  let warmedFor = 0
  let begunAt: number | null = null
  let error: VenueError | null = null
  let failures = 0
  let stopped = false
  const pause = makePause()

  async function fetchTail(): Promise<{ candles: Candle[]; begun: number }> {
    const { symbol, timeframe } = series
    return slots.all.use(async () => {
      const begun = performance.now()
      return {
        candles: await source().fetchCandles(symbol, timeframe, tailLength(series, cache, wish.needed)),
        begun,
      }
    })
  }

  async function fetchAll(needed: number): Promise<{ candles: Candle[]; begun: number }> {
    const { symbol, timeframe } = series
    return slots.long.use(() =>
      slots.all.use(async () => {
        const begun = performance.now()
        return { candles: await source().fetchCandles(symbol, timeframe, needed + MOVING), begun }
      }),
    )
  }

  async function fetchOnce(): Promise<void> {
    const needed = wish.needed
    let fetched = warmedFor >= needed ? await fetchTail() : null
    // A gap between what is known and what came (the process slept, the venue was away): read all of it again.
    if (fetched === null || !overlaps(cache, fetched.candles)) fetched = await fetchAll(needed)
    if (stopped) return
    if (fetched.candles.length === 0)
      throw new VenueError(
        'UNREADABLE',
        `${series.exchange} gave no ${series.timeframe} candles of ${series.symbol}.`,
      )
    const merged = mergeCandles(cache, fetched.candles, needed)
    cache = merged.cache
    warmedFor = needed
    begunAt = fetched.begun
    if (failures > 0) logger.info({ ...series, failures }, 'market data is back')
    failures = 0
    error = null
    onNews({ series, changed: merged.changed, error: null })
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const began = performance.now()
      try {
        await fetchOnce()
      } catch (caught) {
        if (stopped) return
        error =
          caught instanceof VenueError
            ? caught
            : new VenueError('UNREADABLE', String(caught), { cause: caught })
        failures++
        // Once an outage, not once a try.
        if (failures === 1) logger.warn({ ...series, err: error }, 'market data could not be read')
        onNews({ series, changed: [], error: error.message })
      }
      if (stopped) return
      const due =
        error === null
          ? wish.pollMs - (performance.now() - began)
          : backoffMs(error, failures, wish.pollMs, Math.random())
      await pause.wait(Math.max(20, due))
    }
  }
  void run()

  return {
    wish(next) {
      const hurried = next.needed > warmedFor && next.needed > wish.needed
      const faster = next.pollMs < wish.pollMs
      wish = next
      if ((hurried || faster) && error === null) pause.end()
    },
    snapshot() {
      const price = cache.forming ?? cache.closed.at(-1)
      if (begunAt === null || price === undefined) return null
      return {
        candles: cache.closed,
        forming: cache.forming,
        lastPrice: price.close,
        ageMs: performance.now() - begunAt,
        error: error?.message ?? null,
      }
    },
    stop() {
      stopped = true
      pause.end()
    },
  }
}

/** How many candles reach from now back over the newest closed one. */
function tailLength(series: Series, cache: CandleCache, needed: number): number {
  const newest = cache.closed.at(-1)
  const length = timeframeMs(series.timeframe)
  if (newest === undefined || length === null) return needed + MOVING
  const since = Math.ceil((Date.now() - newest.openTime.getTime()) / length)
  return Math.min(needed + MOVING, Math.max(0, since) + OVERLAP)
}
