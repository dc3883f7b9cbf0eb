import type { Candle } from '#trading/domain/market.ts'

/** What is known of one series: closed candles, oldest first, and the moving one. */
export type CandleCache = { closed: readonly Candle[]; forming: Candle | null }

export const EMPTY_CACHE: CandleCache = { closed: [], forming: null }

/** True when the fetched candles reach back to what is known, so that nothing can be missing between. */
export function overlaps(cache: CandleCache, fetched: readonly Candle[]): boolean {
  const newest = cache.closed.at(-1)
  const oldestFetched = fetched[0]
  return newest !== undefined && oldestFetched !== undefined && oldestFetched.openTime <= newest.openTime
}

/**
 * The cache with the fetched candles in place of what it had for their stretch of time, at most `keep` closed ones, and those of them that
 * are new or different. A candle once closed stays so.
 */
export function mergeCandles(
  cache: CandleCache,
  fetched: readonly Candle[],
  keep: number,
): { cache: CandleCache; changed: Candle[] } {
  const from = fetched[0]?.openTime
  if (from === undefined) return { cache, changed: [] }
  const first = cache.closed.findIndex((candle) => candle.openTime >= from)
  const before = first === -1 ? cache.closed : cache.closed.slice(0, first)
  const known = new Map(
    [
      ...(first === -1 ? [] : cache.closed.slice(first)),
      ...(cache.forming === null ? [] : [cache.forming]),
    ].map((candle) => [candle.openTime.getTime(), candle]),
  )
  const closed: Candle[] = []
  const changed: Candle[] = []
  let forming: Candle | null = null
  for (const candle of fetched) {
    const old = known.get(candle.openTime.getTime())
    const next = old?.closed === true && !candle.closed ? old : candle
    if (next.closed) closed.push(next)
    else forming = next
    if (old === undefined || !isSame(old, next)) changed.push(next)
  }
  // An answer that was under way while a newer one came in shows an older moving candle: the newest closed one ends it.
  const newest = closed.at(-1)
  if (forming !== null && newest !== undefined && forming.openTime <= newest.openTime) forming = null
  return { cache: { closed: [...before, ...closed].slice(-keep), forming }, changed }
}

function isSame(a: Candle, b: Candle): boolean {
  return (
    a.closed === b.closed &&
    a.close.eq(b.close) &&
    a.high.eq(b.high) &&
    a.low.eq(b.low) &&
    a.open.eq(b.open) &&
    a.volume.eq(b.volume)
  )
}
