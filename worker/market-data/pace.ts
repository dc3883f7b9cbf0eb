import type { VenueError } from '#trading/domain/exchange.ts'

const SHORTEST_MS = 500
const LONGEST_MS = 15_000
/** For a chart without a bot. */
const CHART_MS = 2_000
/** Binance allows 50 fetches a second to an address, all its processes together. */
const SHARE_MS = 50
const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 15_000
/** What a person must change is asked again now and then. */
const LASTING_BACKOFF_MS = 60_000

/**
 * How often a series is fetched: twice within the shortest interval of its bots, from 0.5 to 15 s. `series`: how many are followed at the
 * same venue; together they may use some half of its rate limit, for orders come out of the same one.
 */
export function pollEveryMs(checkIntervalSeconds: number | null, series: number): number {
  const wanted =
    checkIntervalSeconds === null
      ? CHART_MS
      : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, checkIntervalSeconds * 500))
  return Math.max(wanted, series * SHARE_MS)
}

/**
 * How long to wait after the `failures`-th failure in a row: doubling, with up to half of it taken off by `random` (0 to 1), so that many
 * series do not come back at once; never sooner than the venue asked.
 */
export function backoffMs(error: VenueError, failures: number, pollMs: number, random: number): number {
  const lasting = error.kind === 'MARKET_GONE' || error.kind === 'REFUSED' || error.kind === 'KEY_REFUSED'
  const longest = lasting ? LASTING_BACKOFF_MS : LONGEST_BACKOFF_MS
  const first = Math.max(FIRST_BACKOFF_MS, Math.min(pollMs, 5_000))
  const wait = lasting ? longest : Math.min(longest, first * 2 ** Math.min(failures - 1, 10))
  return Math.max(wait * (1 - random / 2), error.retryAfterMs ?? 0)
}
