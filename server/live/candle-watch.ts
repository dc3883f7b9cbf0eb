import {
  candlesSince,
  latestCandles,
  wantSeries,
  type Series,
  type StoredCandle,
} from '#trading/store/candle-feed.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { Pulse } from './pulse.ts'

export type CandleWatch = {
  /** The newest candle at once, then each change of it and each candle as it closes; the returned function stops it. */
  subscribe(series: Series, listener: (candle: StoredCandle) => void): Promise<() => void>
}

type Watched = {
  series: Series
  listeners: Set<(candle: StoredCandle) => void>
  /** By open time, what was last said of each of the newest candles. */
  said: Map<number, number>
  wantedAt: number
}

/** Workers follow a series for a minute after somebody wanted it. */
const WANT_AGAIN_MS = 20_000
const GAP_MS = 250

export function makeCandleWatch(pool: Pool, pulse: Pulse): CandleWatch {
  const watchedSeries = new Map<string, Watched>()

  pulse.add('candles', () => poll(pool, [...watchedSeries.values()]), GAP_MS)

  return {
    async subscribe(series, listener) {
      const key = `${series.exchange} ${series.symbol} ${series.timeframe}`
      await wantSeries(pool, series)
      const [newest] = await latestCandles(pool, series, 1)
      if (newest !== undefined) listener(newest)
      const watched: Watched = watchedSeries.get(key) ?? {
        series,
        listeners: new Set(),
        said: new Map(newest === undefined ? [] : [[newest.openTime.getTime(), newest.updatedAt.getTime()]]),
        wantedAt: performance.now(),
      }
      watchedSeries.set(key, watched)
      watched.listeners.add(listener)
      return () => {
        watched.listeners.delete(listener)
        if (watched.listeners.size === 0 && watchedSeries.get(key) === watched) watchedSeries.delete(key)
      }
    },
  }
}

async function poll(pool: Pool, all: Watched[]): Promise<void> {
  for (const watched of all) {
    if (performance.now() - watched.wantedAt > WANT_AGAIN_MS) {
      watched.wantedAt = performance.now()
      await wantSeries(pool, watched.series)
    }
    const since = Math.min(...watched.said.keys(), Number.MAX_SAFE_INTEGER)
    const candles =
      watched.said.size === 0
        ? await latestCandles(pool, watched.series, 1)
        : await candlesSince(pool, watched.series, new Date(since))
    for (const candle of candles) {
      const openTime = candle.openTime.getTime()
      if (watched.said.get(openTime) === candle.updatedAt.getTime()) continue
      watched.said.set(openTime, candle.updatedAt.getTime())
      for (const listener of watched.listeners) listener(candle)
    }
    // The last closed one may still be corrected by the venue; those before it are done.
    for (const openTime of [...watched.said.keys()].toSorted((a, b) => a - b).slice(0, -2))
      watched.said.delete(openTime)
  }
}
