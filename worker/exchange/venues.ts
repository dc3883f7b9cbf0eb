import type { Credentials, KeyRights, MarketDataSource, TradingAccount } from '#trading/domain/exchange.ts'
import { readKeyRights } from './key-rights.ts'
import { makeMarketDataSource } from './market-data-source.ts'
import type { ExchangeSettings } from './settings.ts'
import { makeTradingAccount } from './trading-account.ts'
import { makeVenue, type Venue } from './venue.ts'

/** All exchanges of this process, each made at its first use. All methods throw VenueError for an id that ccxt does not know. */
export type Venues = {
  marketData(exchangeId: string): MarketDataSource
  /** A new account, which shares the venue's markets, clock and rate limit. */
  account(exchangeId: string, credentials: Credentials): TradingAccount
  /** What a key may do; null where the exchange does not tell. */
  keyRights(exchangeId: string, credentials: Credentials): Promise<KeyRights | null>
}

export function makeVenues({ env: settings }: { env: ExchangeSettings }): Venues {
  const venues = new Map<string, Venue>()
  const sources = new Map<string, MarketDataSource>()
  const venue = (exchangeId: string) => remembered(venues, exchangeId, () => makeVenue(exchangeId, settings))
  return {
    marketData: (exchangeId) =>
      remembered(sources, exchangeId, () => makeMarketDataSource(exchangeId, settings, venue(exchangeId))),
    account: (exchangeId, credentials) =>
      makeTradingAccount(exchangeId, credentials, settings, venue(exchangeId)),
    keyRights: async (exchangeId, credentials) => readKeyRights(venue(exchangeId), credentials, settings),
  }
}

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key)
  if (found !== undefined) return found
  const made = make()
  known.set(key, made)
  return made
}
