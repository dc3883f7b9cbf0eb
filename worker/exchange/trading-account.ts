import { VenueError, type Credentials, type TradingAccount } from '#trading/domain/exchange.ts'
import { isPerpetual } from '#trading/domain/market.ts'
import { makeBinanceFuturesAccount, type FuturesAccount } from './binance-futures/account.ts'
import { makeBinanceSpotAccount } from './binance-spot-account.ts'
import { speaksBinance } from './ccxt.ts'
import { makeRecipeAccount } from './recipes/recipe-account.ts'
import { recipeOf } from './recipes/recipes.ts'
import type { ExchangeSettings } from './settings.ts'
import { makeVenue, type Venue } from './venue.ts'

/**
 * One account at `sandbox` or `binance`, or at a venue with a recipe. Give the `venue` that market data of the same exchange uses, so that markets are loaded once and
 * the rate limit, which is the address', is shared; `name` is what all workers know the account by, for its own limit. `futuresVenue`: the
 * same of Binance's futures API, made when it is first needed. @throws VenueError REFUSED for an exchange whose order recipe is not proven
 */
export function makeTradingAccount(
  exchangeId: string,
  credentials: Credentials,
  settings: ExchangeSettings,
  venue: Venue = makeVenue(exchangeId, settings),
  name: string | null = null,
  futuresVenue: () => Venue = () => makeVenue(exchangeId, settings, { side: 'FUTURES' }),
): TradingAccount {
  const recipe = recipeOf(exchangeId)
  if (recipe !== null) return makeRecipeAccount(recipe, credentials, settings, venue, name)
  if (!speaksBinance(exchangeId))
    throw new VenueError(
      'REFUSED',
      `Orders at ${exchangeId} are not supported: its order recipe is not proven.`,
    )
  const spot = makeBinanceSpotAccount(exchangeId, credentials, settings, venue, name)
  let made: FuturesAccount | null = null
  const futures = () =>
    (made ??= makeBinanceFuturesAccount(exchangeId, credentials, settings, futuresVenue(), name))
  const sideOf = (symbol: string) => (isPerpetual(symbol) ? futures() : spot)

  return {
    prepare: async (symbol) => sideOf(symbol).prepare(symbol),
    placeOrder: async (request) => sideOf(request.symbol).placeOrder(request),
    findOrder: async (query) => sideOf(query.symbol).findOrder(query),
    fetchOpenOrders: async (symbol) => sideOf(symbol).fetchOpenOrders(symbol),
    fetchOrders: async (symbol, since) => sideOf(symbol).fetchOrders(symbol, since),
    fetchTrades: async (symbol, since) => sideOf(symbol).fetchTrades(symbol, since),
    cancelOrder: async (query) => sideOf(query.symbol).cancelOrder(query),
    fetchBalance: async (wallet) =>
      wallet === 'FUTURES' ? futures().fetchBalance() : spot.fetchBalance('SPOT'),
    setUpFutures: async (symbol, leverage) => perpetual(symbol).setUpFutures(symbol, leverage),
    fetchPosition: async (symbol) => perpetual(symbol).fetchPosition(symbol),
    fetchFunding: async (symbol, since) => perpetual(symbol).fetchFunding(symbol, since),
    transfer: (request) => spot.transfer(request),
    fetchTransfers: (currency, since) => spot.fetchTransfers(currency, since),
    probeRights: () => spot.probeRights(),
    async close() {
      await Promise.all([spot.close(), made?.close()])
    },
  }

  function perpetual(symbol: string): FuturesAccount {
    if (!isPerpetual(symbol)) throw new VenueError('REFUSED', `${symbol} is no perpetual.`)
    return futures()
  }
}
