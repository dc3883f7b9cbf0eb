import type { Logger } from '#trading/config/logger.ts'
import { keyOf, pruneCandles } from '#trading/store/candles.ts'
import { listFollowedSeries, type FollowedSeries } from '#trading/store/followed-series.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { Venues } from '../exchange/venues.ts'
import { makeCandleWriter } from './candle-writer.ts'
import { followMark, type MarkFollower } from './mark-follower.ts'
import { followedMarks, followOnly, markOf } from './marks.ts'
import { pollEveryMs } from './pace.ts'
import { followSeries, type Follower } from './series-follower.ts'
import { makeSlots, type Slots } from './slots.ts'
import type { MarketData } from './snapshot.ts'

const LOOK_EVERY_MS = 1_000
const PRUNE_EVERY_MS = 600_000
/** Between two looks that were asked for: many ticks may ask at once. */
const LOOK_GAP_MS = 100
/** Fetches at a time of one venue; and those among them that read a whole warm-up. */
const FETCHES_AT_ONCE = 8
const LONG_FETCHES_AT_ONCE = 4

/**
 * Fetches what running bots and open charts want, one fetch per market and timeframe however many of them there are, and keeps it in memory
 * for ticks and in `candles` for everyone else; of perpetuals that bots trade the mark price and fundings too. Reads each second what is wanted.
 */
export function startMarketData(parts: {
  pool: Pool
  venues: Pick<Venues, 'marketData'>
  logger: Logger
}): MarketData {
  const { pool, venues, logger } = parts
  const followers = new Map<string, Follower>()
  const markFollowers = new Map<string, MarkFollower>()
  const slotsByVenue = new Map<string, { all: Slots; long: Slots }>()
  const writer = makeCandleWriter(pool, logger)
  let stopped = false
  let state: 'idle' | 'looking' | 'again' = 'idle'
  let looking: Promise<void> = Promise.resolve()
  let failures = 0
  let prunedAt = performance.now()

  async function look(): Promise<void> {
    const wanted = await listFollowedSeries(pool)
    if (stopped) return
    const keys = new Set(wanted.map(keyOf))
    for (const [key, follower] of followers) {
      if (keys.has(key)) continue
      follower.stop()
      followers.delete(key)
    }
    const marks = followedMarks(wanted)
    const counts = new Map<string, number>()
    for (const { exchange } of [...wanted, ...marks.values()])
      counts.set(exchange, (counts.get(exchange) ?? 0) + 1)
    for (const series of wanted) follow(series, counts.get(series.exchange) ?? 1)
    followOnly(
      markFollowers,
      marks,
      ({ exchange, checkIntervalSeconds }) => pollEveryMs(checkIntervalSeconds, counts.get(exchange) ?? 1),
      ({ exchange, symbol }, pollMs) => {
        const source = () => venues.marketData(exchange)
        return followMark({ exchange, symbol, source, slots: slotsOf(exchange).all, logger }, pollMs)
      },
    )
    if (performance.now() - prunedAt > PRUNE_EVERY_MS) {
      prunedAt = performance.now()
      for (const series of wanted) await pruneCandles(pool, series)
    }
  }

  function follow({ needed, checkIntervalSeconds, ...series }: FollowedSeries, atVenue: number): void {
    const wish = { needed, pollMs: pollEveryMs(checkIntervalSeconds, atVenue) }
    const known = followers.get(keyOf(series))
    if (known !== undefined) return known.wish(wish)
    const slots = slotsOf(series.exchange)
    const source = () => venues.marketData(series.exchange)
    const follower = followSeries({ series, source, slots, logger, onNews: (news) => writer.add(news) }, wish)
    followers.set(keyOf(series), follower)
  }

  function slotsOf(exchange: string): { all: Slots; long: Slots } {
    const slots = slotsByVenue.get(exchange) ?? {
      all: makeSlots(FETCHES_AT_ONCE),
      long: makeSlots(LONG_FETCHES_AT_ONCE),
    }
    slotsByVenue.set(exchange, slots)
    return slots
  }

  /** Looks now; asked while it looks, once more after that. */
  function nudge(): void {
    if (stopped) return
    if (state !== 'idle') state = 'again'
    else looking = lookWhileAsked()
  }

  async function lookWhileAsked(): Promise<void> {
    do {
      state = 'looking'
      try {
        await look()
        failures = 0
      } catch (error) {
        // The database is away: what is followed goes on being followed.
        if (++failures === 1) logger.warn({ err: error }, 'could not read which market data is wanted')
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_GAP_MS))
    } while (isAskedAgain() && !stopped)
    state = 'idle'
  }
  const isAskedAgain = () => state === 'again'

  const timer = setInterval(nudge, LOOK_EVERY_MS)
  nudge()

  return {
    snapshot(exchange, symbol, timeframe) {
      const series = followers.get(keyOf({ exchange, symbol, timeframe }))?.snapshot() ?? null
      return series && { ...series, ...markOf(markFollowers, exchange, symbol) }
    },
    nudge,
    async stop() {
      stopped = true
      clearInterval(timer)
      for (const follower of [...followers.values(), ...markFollowers.values()]) follower.stop()
      await looking
      await writer.stop()
    },
  }
}
