const FIRST_DELAYS_MS = [10_000, 30_000, 120_000, 600_000]
const LATER_DELAY_MS = 3_600_000
const GIVE_UP_MS = 24 * 3_600_000

/**
 * How long to wait after the `attempts`-th failed attempt (from 1): 10 s, 30 s, 2 min, 10 min, then 1 h each; null once 24 h of waiting are
 * over. `askedMs`: the wait that the receiver asked for (429), heeded where it is the longer, up to an hour.
 */
export function retryDelayMs(attempts: number, askedMs = 0): number | null {
  let waited = 0
  for (let failed = 1; failed < attempts; failed++) waited += delayAfter(failed)
  const delay = delayAfter(attempts)
  return waited + delay > GIVE_UP_MS ? null : Math.max(delay, Math.min(askedMs, LATER_DELAY_MS))
}

function delayAfter(attempts: number): number {
  return FIRST_DELAYS_MS[attempts - 1] ?? LATER_DELAY_MS
}
