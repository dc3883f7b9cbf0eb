import type { Logger } from '#trading/config/logger.ts'
import { VenueError } from '#trading/domain/exchange.ts'
import { withDeadline } from './deadline.ts'
import type { Lease, LeaseWish } from '#trading/store/venue-limits.ts'

/**
 * SEND: orders and cancels. ACCOUNT: look-ups and balances of accounts. DATA: candles and markets. Each must leave those before it their
 * share, so that an exit gets through however much is read.
 */
export type CallKind = 'SEND' | 'ACCOUNT' | 'DATA'

/** Where leases come from: the database that all workers share, or this process' memory. */
export type LimitStore = {
  take(wish: LeaseWish): Promise<Lease>
  block(scope: string, ms: number, reason: string): Promise<void>
}

export type Limiter = {
  /** Waits for its turn, for a few seconds at most. @throws VenueError RATE_LIMITED */
  spend(weight: number, kind: CallKind): Promise<void>
  /** The venue's own count of the present window. */
  observed(used: number): void
  /** The venue told us to be silent: at once here, within a second in every other worker. */
  block(ms: number, reason: string): void
  /** As far as this process knows, without asking. */
  blockedForMs(): number
}

/** Of the venue's limit, what all of ours use at most (others may share the address), and what each kind may use of that. */
const OUR_SHARE = 0.95
const SHARES: Record<CallKind, number> = { SEND: 1, ACCOUNT: 0.9, DATA: 0.75 }
/** A worker hears within this time that another one was told to be silent. */
const LOOK_EVERY_MS = 1_000
/** A database that does not answer holds nobody up for longer, and is left alone for a while. */
const STORE_PATIENCE_MS = 2_000
const STORE_PAUSE_MS = 5_000
/** How long a call waits for the next window rather than fail. */
const PATIENCE_MS: Record<CallKind, number> = { SEND: 5_000, ACCOUNT: 5_000, DATA: 2_000 }
/** Taken at once, as a part of the whole and at most: what a worker has taken and does not use is lost for the window. */
const PIECE_SHARE = 0.02
const LARGEST_PIECE: Record<CallKind, number> = { SEND: 10, ACCOUNT: 100, DATA: 100 }
/** The venue's windows begin by its own clock: in the first seconds of ours its count may be of the window before. */
const SETTLED_MS = 5_000
/** Questions that one call asks at most: others may take what was brought. */
const MOST_TURNS = 100

type Pool = { windowStart: number; left: number; until: number }

/** Shares one limit of a venue among all who use `scope`. `limit` per `windowMs`. */
export function makeLimiter(parts: {
  scope: string
  limit: number
  windowMs: number
  store: LimitStore
  logger: Logger | null
}): Limiter {
  const { scope, windowMs, store, logger } = parts
  const whole = Math.max(1, Math.floor(parts.limit * OUR_SHARE))
  const limitOf = (kind: CallKind) => Math.max(1, Math.floor(whole * SHARES[kind]))
  const pieceOf = (kind: CallKind) =>
    Math.max(1, Math.min(LARGEST_PIECE[kind], Math.floor(whole * PIECE_SHARE)))
  const empty: Pool = { windowStart: -1, left: 0, until: 0 }
  const pools: Record<CallKind, Pool> = { SEND: empty, ACCOUNT: empty, DATA: empty }
  // While the database is away, as if this process were alone.
  const alone = memoryLimits()
  let storeFails = false
  let aloneUntil = 0
  let blockedUntil = 0
  let blockedReason = ''
  let lookedAt = Number.NEGATIVE_INFINITY
  let seen = { windowStart: -1, used: 0, until: 0 }
  const asking: Record<CallKind, Promise<void> | null> = { SEND: null, ACCOUNT: null, DATA: null }

  const blockedForMs = () => Math.max(0, blockedUntil - performance.now())

  function silent(ms: number, reason: string): boolean {
    const until = performance.now() + ms
    if (until <= blockedUntil + 500) return false
    blockedUntil = until
    blockedReason = reason
    return true
  }

  async function take(wish: LeaseWish): Promise<Lease> {
    if (performance.now() < aloneUntil) return alone.take(wish)
    try {
      const lease = await withDeadline(
        store.take(wish),
        STORE_PATIENCE_MS,
        () => new Error('the database is slow'),
      )
      lookedAt = performance.now()
      if (storeFails) logger?.info({ scope }, 'rate limits are shared again')
      storeFails = false
      return lease
    } catch (error) {
      if (!storeFails)
        logger?.warn({ err: error, scope }, 'rate limits could not be shared with other workers')
      storeFails = true
      lookedAt = aloneUntil = performance.now() + STORE_PAUSE_MS
      return alone.take(wish)
    }
  }

  /** Looks, and takes a piece where `weight` is not at hand. Waits for the next window, or throws when that is too far. */
  async function ask(weight: number, kind: CallKind, deadline: number): Promise<void> {
    const pool = pools[kind]
    const lacking = performance.now() >= pool.until ? weight : weight - pool.left
    const observed = performance.now() < seen.until ? seen.used : 0
    const wish = { scope, windowMs, limit: limitOf(kind), observed }
    const piece = pieceOf(kind)
    const wants = lacking <= 0 ? [0] : lacking < piece ? [piece, lacking] : [lacking]
    for (const want of wants) {
      const asked = performance.now()
      const lease = await take({ ...wish, want: Math.min(want, limitOf(kind)) })
      if (lease.windowStart !== seen.windowStart)
        seen = { windowStart: lease.windowStart, used: 0, until: asked + lease.windowLeftMs }
      if (lease.blockedForMs > 0 && silent(lease.blockedForMs, lease.blockedReason ?? ''))
        logger?.info({ scope, waitMs: lease.blockedForMs }, 'another worker was told to wait')
      const left = pool.windowStart === lease.windowStart ? pool.left : 0
      if (lease.granted || want === 0) {
        const granted = lease.granted ? want : 0
        pools[kind] = {
          windowStart: lease.windowStart,
          left: left + granted,
          until: asked + lease.windowLeftMs,
        }
        return
      }
      if (lease.blockedForMs > 0 || want !== wants.at(-1)) continue
      await nextWindow(lease.windowLeftMs, kind, deadline)
    }
  }

  async function nextWindow(ms: number, kind: CallKind, deadline: number): Promise<void> {
    if (performance.now() + ms > deadline)
      throw new VenueError(
        'RATE_LIMITED',
        `Our own requests have used up the rate limit of ${scope}${kind === 'SEND' ? '' : ' that is not kept for orders'}; it goes on in ${Math.ceil(ms / 1000)} s.`,
        { retryAfterMs: Math.max(1, Math.ceil(ms)) },
      )
    await new Promise((resolve) => setTimeout(resolve, ms + 5))
  }

  return {
    async spend(weight, kind) {
      const deadline = performance.now() + PATIENCE_MS[kind]
      const needed = Math.min(weight, limitOf(kind))
      for (let turn = 0; turn < MOST_TURNS; turn++) {
        const wait = blockedForMs()
        if (wait > 0) throw blocked(scope, wait, blockedReason)
        const now = performance.now()
        const pool = pools[kind]
        if (now < pool.until && pool.left >= needed && now - lookedAt < LOOK_EVERY_MS) {
          pool.left -= needed
          return
        }
        // One question at a time; the others look again at what it brought.
        asking[kind] ??= ask(needed, kind, deadline).finally(() => {
          asking[kind] = null
        })
        await asking[kind]
      }
      throw new VenueError('RATE_LIMITED', `Too many requests wait for ${scope}.`, { retryAfterMs: 1_000 })
    },
    observed(used) {
      const age = windowMs - (seen.until - performance.now())
      if (age > SETTLED_MS && age < windowMs) seen.used = Math.max(seen.used, used)
    },
    block(ms, reason) {
      if (!silent(ms, reason)) return
      logger?.warn({ scope, waitMs: Math.ceil(ms) }, `told to wait: ${reason}`)
      store.block(scope, Math.ceil(ms), reason).catch((error: unknown) => {
        logger?.warn({ err: error, scope }, 'other workers could not be told to wait')
      })
    },
    blockedForMs,
  }
}

function blocked(scope: string, waitMs: number, reason: string): VenueError {
  return new VenueError(
    'RATE_LIMITED',
    `${scope} asked us to wait, ${Math.ceil(waitMs / 1000)} s more. ${reason}`.trim(),
    { retryAfterMs: Math.ceil(waitMs) },
  )
}

/** Limits of this process alone: for tests without a database, and while it is away. */
export function memoryLimits(): LimitStore {
  const rows = new Map<string, { windowStart: number; used: number }>()
  return {
    async take({ scope, windowMs, want, limit, observed }) {
      const now = Date.now()
      const windowStart = Math.floor(now / windowMs) * windowMs
      const row = rows.get(scope)
      const used = Math.max(row?.windowStart === windowStart ? row.used : 0, observed)
      const granted = want > 0 && used + want <= limit
      if (granted) rows.set(scope, { windowStart, used: used + want })
      return {
        granted,
        windowStart,
        windowLeftMs: windowStart + windowMs - now,
        blockedForMs: 0,
        blockedReason: null,
      }
    },
    block: async () => {},
  }
}
