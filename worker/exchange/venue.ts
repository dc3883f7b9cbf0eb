import { VenueError } from '#trading/domain/exchange.ts'
import { makeClient, type Client } from './ccxt.ts'
import { toVenueError } from './errors.ts'
import { makeVenueClock, type VenueClock } from './venue-clock.ts'
import type { ExchangeSettings } from './settings.ts'

const RELOAD_AFTER_MS = 60_000
const LONGEST_BLOCK_MS = 300_000

/** One exchange as this process sees it: public client, clock, markets, and the rate limit that all its accounts share. */
export type Venue = {
  id: string
  client: Client
  clock: VenueClock
  /** Runs a call: refused at once while the venue has told us to wait. @throws VenueError only */
  call<T>(work: () => Promise<T>): Promise<T>
  /** How long the venue has told us to be silent, in milliseconds; 0 when it has not. */
  blockedForMs(): number
  block(ms: number): void
  loadMarkets(): Promise<void>
  /** The venue's own name of a market ("BTCUSDT"); loads markets when needed. @throws VenueError MARKET_GONE */
  marketId(symbol: string): Promise<string>
}

/** @throws VenueError REFUSED when ccxt knows no such exchange */
export function makeVenue(exchangeId: string, settings: ExchangeSettings): Venue {
  const client = makeClient(exchangeId, settings)
  let blockedUntil = 0
  let loadedAt: number | null = null
  let loading: Promise<void> | null = null

  const blockedForMs = () => Math.max(0, blockedUntil - performance.now())
  const block = (ms: number) => {
    blockedUntil = Math.max(blockedUntil, performance.now() + Math.min(ms, LONGEST_BLOCK_MS))
  }

  async function call<T>(work: () => Promise<T>): Promise<T> {
    const wait = blockedForMs()
    if (wait > 0)
      throw new VenueError('RATE_LIMITED', `${exchangeId} asked us to wait ${Math.ceil(wait / 1000)} s.`, {
        retryAfterMs: Math.ceil(wait),
      })
    try {
      return await work()
    } catch (error) {
      const venueError = toVenueError(error)
      // Calling on after a 429 turns it into a ban of the address, for everyone here.
      if (venueError.kind === 'RATE_LIMITED') block(venueError.retryAfterMs ?? 1000)
      throw venueError
    }
  }

  const clock = makeVenueClock(
    client.has['fetchTime'] === true ? () => call(async () => milliseconds(await client.fetchTime())) : null,
  )

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

  return { id: exchangeId, client, clock, call, blockedForMs, block, loadMarkets, marketId }
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
