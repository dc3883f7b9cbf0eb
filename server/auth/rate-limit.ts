import { RateLimitedError } from './account-errors.ts'

export type RateLimiter = {
  /** @throws RateLimitedError when `key` has failed too often lately */
  check(key: string): void
  fail(key: string): void
  forget(key: string): void
}

/**
 * Counts failures by key in this process, in windows that begin with a key's first failure. In memory: several servers allow as many times
 * more, which is still far from what guessing needs.
 */
export function makeRateLimiter(
  { most, windowMs, mostKeys = 50_000 }: { most: number; windowMs: number; mostKeys?: number },
  now: () => number = () => performance.now(),
): RateLimiter {
  const windows = new Map<string, { since: number; failures: number }>()
  const current = (key: string) => {
    const found = windows.get(key)
    if (found === undefined || now() - found.since < windowMs) return found
    windows.delete(key)
    return undefined
  }
  return {
    check(key) {
      const found = current(key)
      if (found === undefined || found.failures < most) return
      throw new RateLimitedError(Math.max(1, Math.ceil((found.since + windowMs - now()) / 1000)))
    },
    fail(key) {
      const found = current(key)
      if (found !== undefined) {
        found.failures += 1
        return
      }
      // A Map keeps the order of insertion: the oldest window goes, so that memory stays bounded under an attack from many addresses.
      const oldest = windows.size >= mostKeys ? windows.keys().next().value : undefined
      if (oldest !== undefined) windows.delete(oldest)
      windows.set(key, { since: now(), failures: 1 })
    },
    forget(key) {
      windows.delete(key)
    },
  }
}
