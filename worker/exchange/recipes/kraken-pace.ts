import { VenueError } from '#trading/domain/exchange.ts'
import type { Client } from '../ccxt.ts'

/** Kraken counts an account's calls: at most so many, of which it forgets so many a second (verified accounts; "Spot REST Rate Limits"). */
const MOST = 20
const FORGETS_PER_SECOND = 0.5
/** What is further away than this is for the caller to ask again. */
const PATIENCE_MS = 10_000

/**
 * Keeps an account below Kraken's own counter, instead of ccxt's even pace of one call a second, so that the few calls that follow an order do
 * not wait for each other. Orders and cancels are not counted there: `AddOrder` is paid for before, `CancelOrder` passes like the rest.
 */
export function keepPace(client: Client): void {
  withoutOwnPace(client)
  const throttle = client.throttle.bind(client)
  let count = 0
  let at = performance.now()
  client.throttle = async (cost) => {
    await throttle(cost)
    const now = performance.now()
    count = Math.max(0, count - ((now - at) / 1000) * FORGETS_PER_SECOND)
    at = now
    const wait = ((count + 1 - MOST) / FORGETS_PER_SECOND) * 1000
    if (wait > PATIENCE_MS)
      throw new VenueError('RATE_LIMITED', 'Our own requests have used up what Kraken lets an account ask.', {
        retryAfterMs: Math.ceil(wait),
      })
    count++
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

/** ccxt's own even pace, let go; ours counts instead. */
export function withoutOwnPace(client: Client): void {
  Object.assign(client, { tokenBucket: { ...client.tokenBucket, refillRate: 1 } })
  client.initThrottler()
}
