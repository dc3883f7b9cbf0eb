import type { Logger } from '#trading/config/logger.ts'
import type {
  Credentials,
  KeyRights,
  LeverageLimits,
  MarketDataSource,
  TradingAccount,
  Wallet,
} from '#trading/domain/exchange.ts'
import type { Pool } from '#trading/store/pool.ts'
import { blockScope, takeLease } from '#trading/store/venue-limits.ts'
import { nextNonce } from '#trading/store/venue-nonces.ts'
import { speaksBinance } from './ccxt.ts'
import { readKeyRights } from './key-rights.ts'
import { readLeverageLimits } from './leverage-limits.ts'
import { makeMarketDataSource } from './market-data-source.ts'
import type { ExchangeSettings } from './settings.ts'
import { makeTradingAccount } from './trading-account.ts'
import { makeVenueWatch } from './venue-watch.ts'
import { askBoth, type VenueHealth } from './venue-health.ts'
import { makeVenue, type Venue, type VenueParts } from './venue.ts'

/** All exchanges of this process, each made at its first use. All methods throw VenueError for an id that ccxt does not know. */
export type Venues = {
  marketData(exchangeId: string): MarketDataSource
  /** A new account, which shares the venue's markets, clock and rate limit. `name`: the key's id, for what all workers share. */
  account(exchangeId: string, credentials: Credentials, name?: string): TradingAccount
  /** What a key may do; null where the exchange does not tell. `name`: as above. */
  keyRights(exchangeId: string, credentials: Credentials, name?: string): Promise<KeyRights | null>
  /** Of perpetuals, as far as only a customer is told; null: the markets' own say all there is. */
  leverageLimits(exchangeId: string, credentials: Credentials): Promise<LeverageLimits | null>
  /** How it answers a public call now, with both of its APIs where it has two. */
  ask(exchangeId: string): Promise<VenueHealth>
}

/** `shared`: the database through which rate limits and what venues say of themselves are shared; without it they stay in this process. */
export function makeVenues(parts: {
  env: ExchangeSettings
  shared?: { pool: Pool; logger: Logger }
}): Venues {
  const { env: settings, shared } = parts
  const partsOf = (exchangeId: string, side: Wallet): VenueParts =>
    shared === undefined
      ? { side }
      : {
          limits: {
            take: (wish) => takeLease(shared.pool, wish),
            block: (scope, ms, reason) => blockScope(shared.pool, scope, ms, reason),
          },
          // Whether the venue is maintained is one status: the spot API's, which tells it.
          ...(side === 'SPOT' && { watch: makeVenueWatch(exchangeId, shared) }),
          logger: shared.logger,
          side,
          nonces: (apiKeyId) => nextNonce(shared.pool, apiKeyId),
        }
  const venues = new Map<string, Venue>()
  const sources = new Map<string, MarketDataSource>()
  const venue = (exchangeId: string) =>
    remembered(venues, exchangeId, () => makeVenue(exchangeId, settings, partsOf(exchangeId, 'SPOT')))
  /** Binance's futures API is a venue of its own, so that spot goes on while it is away; of any other exchange it is the same one. */
  const futuresVenue = (exchangeId: string) =>
    speaksBinance(exchangeId)
      ? remembered(venues, `${exchangeId}:futures`, () =>
          makeVenue(exchangeId, settings, partsOf(exchangeId, 'FUTURES')),
        )
      : venue(exchangeId)
  return {
    marketData: (exchangeId) =>
      remembered(sources, exchangeId, () =>
        makeMarketDataSource(exchangeId, settings, venue(exchangeId), () => futuresVenue(exchangeId)),
      ),
    account: (exchangeId, credentials, name) =>
      makeTradingAccount(exchangeId, credentials, settings, venue(exchangeId), name ?? null, () =>
        futuresVenue(exchangeId),
      ),
    keyRights: async (exchangeId, credentials, name) =>
      readKeyRights(venue(exchangeId), credentials, settings, name ?? null),
    leverageLimits: async (exchangeId, credentials) =>
      readLeverageLimits(futuresVenue(exchangeId), credentials, settings),
    ask: async (exchangeId) => askBoth(venue(exchangeId), futuresVenue(exchangeId)),
  }
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = make()
  known.set(key, made)
  return made
}
