/** Open, high, low, close and volume of a stretch of time. Prices are multiples of the market's tick. */
export type Bar = { open: number; high: number; low: number; close: number; volume: number }

/**
 * A price history without beginning or end, as bars of one length: bar `i` covers
 * [originMs + i * barMs, originMs + (i + 1) * barMs). A pure function of the index.
 */
export type PriceSource = {
  barMs: number
  originMs: number
  bar(index: number): Bar
  /** The bars [from, to) as one; from < to. */
  span(from: number, to: number): Bar
}

/** Widens `into` by a later bar. */
export const mergeBar = (into: Bar | undefined, next: Bar): Bar =>
  into
    ? {
        open: into.open,
        high: Math.max(into.high, next.high),
        low: Math.min(into.low, next.low),
        close: next.close,
        volume: into.volume + next.volume,
      }
    : { ...next }
