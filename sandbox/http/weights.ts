import { BinanceError } from '../binance-error.ts'

export type WeightLimits = {
  /** Request weight that an address may use in one minute; Binance's own is 6000. */
  perMinute: number
  /** How many requests beyond it, within the minute, turn 429 into a ban. */
  patience: number
  banMs: number
}

export const BINANCE_LIMITS: WeightLimits = { perMinute: 6000, patience: 100, banMs: 120_000 }

type Usage = { minute: number; used: number; refused: number; bannedUntil: number }

/** Counts request weight per address and calendar minute. `spend` throws 429, and 418 to who goes on regardless. */
export const makeWeights = (limits: WeightLimits) => {
  const usage = new Map<string, Usage>()

  const usageOf = (address: string, now: number): Usage => {
    const minute = Math.floor(now / 60_000)
    let known = usage.get(address)
    if (!known) {
      // Addresses of long ago must not pile up.
      if (usage.size > 10_000) usage.clear()
      known = { minute, used: 0, refused: 0, bannedUntil: 0 }
      usage.set(address, known)
    }
    if (known.minute !== minute) Object.assign(known, { minute, used: 0, refused: 0 })
    return known
  }

  const spend = (address: string, weight: number, now: number): number => {
    const mine = usageOf(address, now)
    if (mine.bannedUntil > now) throw bannedError(mine.bannedUntil, now)
    if (mine.used + weight > limits.perMinute) {
      mine.refused++
      if (mine.refused > limits.patience) {
        mine.bannedUntil = now + limits.banMs
        throw bannedError(mine.bannedUntil, now)
      }
      const retryAfter = Math.ceil(((mine.minute + 1) * 60_000 - now) / 1000)
      throw tooMuchError(limits.perMinute, retryAfter)
    }
    mine.used += weight
    return mine.used
  }
  return { spend }
}

export const tooMuchError = (limit: number, retryAfter: number): BinanceError =>
  new BinanceError(
    429,
    -1003,
    `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
    { 'retry-after': String(retryAfter) },
  )

export const bannedError = (until: number, now: number): BinanceError =>
  new BinanceError(
    418,
    -1003,
    `Way too much request weight used; IP banned until ${until}. Please use WebSocket Streams for live updates to avoid bans.`,
    { 'retry-after': String(Math.max(1, Math.ceil((until - now) / 1000))) },
  )
