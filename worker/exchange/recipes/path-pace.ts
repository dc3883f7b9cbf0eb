import { VenueError } from '#trading/domain/exchange.ts'

/** How many calls of one path a venue lets an account make within `windowMs`. */
export type PathLimits = { windowMs: number; most: Readonly<Record<string, number>>; otherwise: number }

/** What would have to wait longer is for the caller to ask again. */
const PATIENCE_MS = 5_000

/** Waits until a call of that path keeps within the venue's limit for it. @throws VenueError RATE_LIMITED when that is too far */
export function makePathPace({ windowMs, most, otherwise }: PathLimits): (path: string) => Promise<void> {
  const calls = new Map<string, number[]>()
  return async (path) => {
    const limit = most[path] ?? otherwise
    const now = performance.now()
    const made = (calls.get(path) ?? []).filter((at) => at > now - windowMs)
    const earliest = made.length < limit ? now : (made.at(-limit) ?? now) + windowMs
    const wait = earliest - now
    if (wait > PATIENCE_MS)
      throw new VenueError('RATE_LIMITED', `Too many calls of ${path} wait already.`, {
        retryAfterMs: Math.ceil(wait),
      })
    // Its turn is taken now, so that those who come meanwhile line up behind it.
    calls.set(path, [...made, earliest])
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }
}
