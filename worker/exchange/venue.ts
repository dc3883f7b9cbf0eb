import { hostname } from 'node:os'
import type { Logger } from '#trading/config/logger.ts'
import { VenueError, type Wallet } from '#trading/domain/exchange.ts'
import { venueLimits } from '#trading/domain/venues.ts'
import { makeClient, onAnswer, paceOf, payFirst, speaksBinance, timeTeller, type Client } from './ccxt.ts'
import { isClockWrong, silenceMs, toVenueError } from './errors.ts'
import { answerOf, binanceProblem, headerNumber } from './http-answer.ts'
import { makeLimiter, memoryLimits, type CallKind, type Limiter, type LimitStore } from './limiter.ts'
import { makeVenueClock, type VenueClock } from './venue-clock.ts'
import { makeVenueWatch, type VenueWatch } from './venue-watch.ts'
import type { ExchangeSettings } from './settings.ts'

const RELOAD_AFTER_MS = 60_000
/** Binance refuses what is signed more than a second ahead of its clock, or longer than recvWindow behind it. */
const WORTH_TELLING_MS = 2_000
/** Where a venue says that we are too fast, and not for how long. */
const SHORT_SILENCE_MS = 1_000

/** What a venue shares with other processes. Without it, limits are this process' own and nothing is noted. */
export type VenueParts = {
  limits?: LimitStore
  watch?: VenueWatch
  logger?: Logger
  /** Of Binance, whose futures are an API of their own, with limits of their own. Other venues are one, whatever is said here. */
  side?: Wallet
  /** The next nonce of an API key, by its id; rising for all workers. */
  nonces?: (apiKeyId: string) => Promise<number>
}

/** One exchange as this process sees it: public client, clock, markets, and the rate limit that all its accounts share. */
export type Venue = {
  id: string
  client: Client
  clock: VenueClock
  /** Runs a call that may be repeated: refused at once while the venue has told us to wait. @throws VenueError only */
  call<T>(work: () => Promise<T>): Promise<T>
  /**
   * Lets a client of an account use this venue's rate limit; `orders` hears how many of the account's the venue has counted, `kindOf` says what a
   * call is for (without it: what weighs least sends).
   */
  adopt(client: Client, orders?: Limiter, kindOf?: (weight: number) => CallKind): void
  /** Waits for the rate limit's leave to send an order. @throws VenueError RATE_LIMITED */
  pay(weight: number): Promise<void>
  /** A limiter of an account's orders, shared with all workers when the account has a name. */
  orderLimiter(account: string | null): Limiter
  /** Takes from an error what it says beyond its call: to be silent, that our time is wrong, that nobody is there. */
  heed(error: unknown, orders?: Limiter): void
  /** How long the venue has told us to be silent, in milliseconds; 0 when it has not. */
  blockedForMs(): number
  loadMarkets(): Promise<void>
  /** A number above all that it gave out for this account before, for venues that want that; shared with all workers when the account has a name. */
  nonce(account: string | null): Promise<number>
  /** The venue's own name of a market ("BTCUSDT"); loads markets when needed. @throws VenueError MARKET_GONE */
  marketId(symbol: string): Promise<string>
}

/** @throws VenueError REFUSED when ccxt knows no such exchange */
export function makeVenue(exchangeId: string, settings: ExchangeSettings, parts: VenueParts = {}): Venue {
  const { limits = memoryLimits(), watch = makeVenueWatch(exchangeId, null), logger = null, nonces } = parts
  const side = speaksBinance(exchangeId) ? (parts.side ?? 'SPOT') : 'SPOT'
  const client = makeClient(exchangeId, settings, undefined, side)
  const facts = venueLimits(exchangeId, side)
  const scope = side === 'FUTURES' ? `${exchangeId}:futures` : exchangeId
  const limiter = makeLimiter({
    scope,
    limit: facts?.weightPerMinute ?? paceOf(client),
    windowMs: 60_000,
    store: limits,
    logger,
  })
  let loadedAt: number | null = null
  let loading: Promise<void> | null = null
  let skewTold = false
  let lastNonce = 0
  let publicKind: CallKind = 'DATA'

  function listen(to: Client, orders?: Limiter): void {
    onAnswer(to, (answer, url) => {
      const used = headerNumber(answer, 'x-mbx-used-weight-1m')
      if (used !== null) limiter.observed(used)
      const placed = headerNumber(answer, 'x-mbx-order-count-10s')
      if (placed !== null) orders?.observed(placed)
      if (answer.status < 400) watch.answered(url)
    })
  }
  listen(client)
  payFirst(client, (weight) => limiter.spend(weight, publicKind))

  // Of the spot API sending and cancelling weigh 1, every look-up more.
  const byWeight = (weight: number): CallKind => (weight <= 1 ? 'SEND' : 'ACCOUNT')

  function adopt(account: Client, orders?: Limiter, kindOf = byWeight): void {
    listen(account, orders)
    payFirst(account, (weight) => limiter.spend(weight, kindOf(weight)))
  }

  function heed(error: unknown, orders?: Limiter): void {
    const answer = answerOf(error)
    if (isClockWrong(error)) clock.distrust()
    const { kind, message: reason } = toVenueError(error)
    if (answer !== null && kind === 'RATE_LIMITED') {
      const silence = silenceMs(answer) ?? SHORT_SILENCE_MS
      // -1015 is about an account's orders alone; all others about the address that all of us share.
      if (binanceProblem(answer)?.code === -1015) orders?.block(silence, reason)
      // Calling on after a 429 turns it into a ban of the address, for everyone here.
      else limiter.block(silence, reason)
    }
    watch.failed(error, () => client)
  }

  async function call<T>(work: () => Promise<T>): Promise<T> {
    const wait = limiter.blockedForMs()
    if (wait > 0)
      throw new VenueError('RATE_LIMITED', `${exchangeId} asked us to wait ${Math.ceil(wait / 1000)} s.`, {
        retryAfterMs: Math.ceil(wait),
      })
    try {
      return await work()
    } catch (error) {
      heed(error)
      throw toVenueError(error)
    }
  }

  /** Binance judges the time of signing before anything else: what it refused for that was not done, and is tried once more. */
  async function callSigned<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await call(work)
    } catch (error) {
      if (!(error instanceof VenueError) || !isClockWrong(error.cause)) throw error
      await clock.ready()
      return call(work)
    }
  }

  const askTime = timeTeller(client)
  const clock = makeVenueClock(
    askTime === null ? null : () => call(async () => milliseconds(await asSender(askTime))),
    (skewMs) => {
      const worth = Math.abs(skewMs) > WORTH_TELLING_MS
      if (worth && !skewTold)
        logger?.warn(
          { exchange: exchangeId, host: hostname(), skewMs: Math.round(skewMs) },
          "this host's clock differs from the exchange's; it is corrected for",
        )
      skewTold = worth
    },
  )

  /** An order needs the time as well. ccxt pays before it first waits, so that nothing else runs in between. */
  function asSender<T>(work: () => Promise<T>): Promise<T> {
    publicKind = 'SEND'
    try {
      return work()
    } finally {
      publicKind = 'DATA'
    }
  }

  function loadMarkets(): Promise<void> {
    loading ??= call(() => client.loadMarkets(true))
      .then(() => {
        loadedAt = performance.now()
      })
      .finally(() => {
        loading = null
      })
    return loading
  }

  async function marketId(symbol: string): Promise<string> {
    if (loadedAt === null) await loadMarkets()
    else if (idOf(client, symbol) === null && performance.now() - loadedAt > RELOAD_AFTER_MS)
      await loadMarkets()
    const id = idOf(client, symbol)
    if (id === null) throw new VenueError('MARKET_GONE', `${exchangeId} has no market ${symbol}.`)
    return id
  }

  return {
    id: exchangeId,
    client,
    clock,
    call: callSigned,
    adopt,
    pay: (weight) => limiter.spend(weight, 'SEND'),
    orderLimiter: (account) =>
      makeLimiter({
        scope: `${scope}:key:${account ?? 'unnamed'}`,
        limit: facts?.ordersPer10Seconds ?? 10,
        windowMs: 10_000,
        store: account === null ? memoryLimits() : limits,
        logger,
      }),
    heed,
    async nonce(account) {
      if (account !== null && nonces !== undefined) return nonces(account)
      lastNonce = Math.max(lastNonce + 1, Date.now() * 1000)
      return lastNonce
    },
    blockedForMs: limiter.blockedForMs,
    loadMarkets,
    marketId,
  }
}

function idOf(client: Client, symbol: string): string | null {
  const markets = client.markets ?? {}
  const market: unknown = Object.hasOwn(markets, symbol) ? markets[symbol] : undefined
  return typeof market === 'object' && market !== null && 'id' in market ? String(market.id) : null
}

function milliseconds(time: unknown): number {
  const value = Number(time)
  if (!Number.isFinite(value) || value <= 0)
    throw new VenueError('UNREADABLE', `The exchange's time is not one: ${String(time)}`)
  return value
}
