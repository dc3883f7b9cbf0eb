import {
  VenueError,
  type Credentials,
  type TradingAccount,
  type VenueOrder,
} from '#trading/domain/exchange.ts'
import { decimal, ZERO } from '#trading/domain/money.ts'
import { venueRecipe } from '#trading/domain/venue-recipes.ts'
import { makeClient } from '../ccxt.ts'
import { withDeadline } from '../deadline.ts'
import { toPlaceResult } from '../errors.ts'
import type { ExchangeSettings } from '../settings.ts'
import { makeVenue, type Venue } from '../venue.ts'
import { findOrder, inTime } from './find-order.ts'
import { withoutOwnPace } from './kraken-pace.ts'
import { makePathPace } from './path-pace.ts'
import { asksToWait, type Counter, notSent, placeByRecipe } from './place-by-recipe.ts'
import type { Desk, FuturesRecipe, Recipe, RecipeMarket } from './recipe.ts'
import { sendOnce } from './send-once.ts'

/** ccxt counts most calls as 1 of its pace, which is 5 of ours. */
const SEND_WEIGHT = 5
/** `since` is our database's clock, an order's time the venue's. Ids are random, so that none can be used twice within a minute. */
const CLOCK_SLACK_MS = 60_000

/** One account at a venue with a recipe, whatever the venue. */
export function makeRecipeAccount(
  recipe: Recipe,
  credentials: Credentials,
  settings: ExchangeSettings,
  venue: Venue = makeVenue(recipe.exchange, settings),
  name: string | null = null,
): TradingAccount {
  const client = makeClient(recipe.exchange, settings, credentials)
  const orders = venue.orderLimiter(name)
  venue.adopt(client, orders)
  client.nonce = () => Math.floor(venue.clock.now())
  recipe.setUpClient?.(client, venue, credentials, name)
  const pace = recipe.pace === undefined ? null : makePathPace(recipe.pace)
  if (pace !== null) withoutOwnPace(client)
  const desk: Desk = {
    venue,
    client,
    settleSkewMs: settings.timing.settleSkewMs,
    async ask(api, method, path, params = {}) {
      await pace?.(path)
      return client.request(path, api, method, Array.isArray(params) ? params : { ...params })
    },
  }

  async function counterOf(symbol: string): Promise<Counter> {
    const id = await venue.marketId(symbol)
    const [spotOrFutures, kind] = symbol.includes(':')
      ? ([recipe.futures, 'FUTURES'] as const)
      : ([recipe.spot, 'SPOT'] as const)
    const table = venueRecipe(recipe.exchange, kind)
    if (spotOrFutures === null || table === null)
      throw new VenueError('REFUSED', `${recipe.exchange} has no recipe for ${symbol}: PAPER only.`)
    return { market: marketOf(venue, symbol, id), recipe: spotOrFutures, table }
  }
  async function futuresOf(symbol: string): Promise<{ market: RecipeMarket; recipe: FuturesRecipe }> {
    const { market } = await counterOf(symbol)
    if (recipe.futures === null || market.settle === null)
      throw new VenueError('REFUSED', `${symbol} is no perpetual.`)
    return { market, recipe: recipe.futures }
  }
  async function signed<T>(work: () => Promise<T>): Promise<T> {
    await venue.clock.ready()
    return venue.call(work)
  }
  const sinceOf = (since: Date, slack: number) => Math.max(0, since.getTime() - slack)

  return {
    async prepare(symbol) {
      const [counter] = await Promise.all([counterOf(symbol), venue.clock.ready()])
      await counter.recipe.prepare?.(desk, counter.market)
      await venue.call(() =>
        withDeadline(
          Promise.all([venue.pay(SEND_WEIGHT), orders.spend(1, 'SEND')]),
          settings.timing.httpTimeoutMs,
          () =>
            new VenueError(
              'RATE_LIMITED',
              `Our own requests to ${venue.id} have used up its rate limit for now.`,
            ),
        ),
      )
    },
    async placeOrder(request) {
      let counter: Counter
      try {
        counter = await counterOf(request.symbol)
      } catch (error) {
        return notSent(error instanceof Error ? error.message : String(error))
      }
      return placeByRecipe({ desk, counter, orders, settings, request })
    },
    async findOrder({ symbol, clientOrderId, exchangeOrderId, since }) {
      const { market, recipe: own, table } = await counterOf(symbol)
      await venue.clock.ready()
      const question = { clientOrderId, exchangeOrderId, since: sinceOf(since, CLOCK_SLACK_MS) }
      return findOrder(desk, own, table.lookups, market, question)
    },
    async fetchOpenOrders(symbol) {
      const { market, recipe: own } = await counterOf(symbol)
      return oldestFirst(await signed(() => own.openOrders(desk, market)))
    },
    async fetchOrders(symbol, since) {
      const { market, recipe: own } = await counterOf(symbol)
      const from = sinceOf(since, desk.settleSkewMs)
      const found = await signed(() => own.ordersSince(desk, market, from))
      return oldestFirst(found.filter((order) => order.createdAt.getTime() >= from))
    },
    async fetchTrades(symbol, since) {
      const { market, recipe: own } = await counterOf(symbol)
      const from = sinceOf(since, desk.settleSkewMs)
      const found = await signed(() => own.fillsSince(desk, market, from))
      return inTime(found.filter((fill) => fill.executedAt.getTime() >= from))
    },
    async cancelOrder({ symbol, clientOrderId, exchangeOrderId }) {
      const { market, recipe: own } = await counterOf(symbol)
      await signed(() => own.cancel(desk, market, { clientOrderId, exchangeOrderId }))
    },
    fetchBalance: (wallet) => signed(() => recipe.balance(desk, wallet)),
    async setUpFutures(symbol, leverage) {
      const { market, recipe: own } = await futuresOf(symbol)
      await signed(() => own.setUp(desk, market, leverage))
    },
    async fetchPosition(symbol) {
      const { market, recipe: own } = await futuresOf(symbol)
      return signed(() => own.position(desk, market))
    },
    async fetchFunding(symbol, since) {
      const { market, recipe: own } = await futuresOf(symbol)
      const from = sinceOf(since, desk.settleSkewMs)
      const found = await signed(() => own.funding(desk, market, from))
      return [...new Map(found.map((one) => [one.id, one])).values()]
        .filter(({ at }) => at.getTime() >= from)
        .sort((a, b) => a.at.getTime() - b.at.getTime())
    },
    async transfer(request) {
      const { transfers } = recipe
      if (transfers === undefined)
        return { kind: 'REFUSED', code: 'NOT_SENT', message: `${recipe.exchange} has one wallet for both.` }
      const wait = venue.blockedForMs()
      if (wait > 0) return { kind: 'REFUSED', code: 'NOT_SENT', message: asksToWait(venue, wait) }
      const pinned = venueRecipe(recipe.exchange, 'SPOT')?.nonce === 'TIME'
      const build = (at: number) => transfers.build(request, at)
      const sent = await sendOnce({ venue, client, settings, ...request, pinned, build })
      if (sent.kind === 'NOT_SENT') return { kind: 'REFUSED', code: 'NOT_SENT', message: sent.message }
      try {
        if (sent.kind === 'FAILED') throw sent.error
        return transfers.readSent(sent.answer, request)
      } catch (error) {
        venue.heed(error)
        return toPlaceResult(error)
      }
    },
    async fetchTransfers(currency, since) {
      const { transfers } = recipe
      if (transfers === undefined) return []
      const found = await signed(() => transfers.since(desk, currency, sinceOf(since, desk.settleSkewMs)))
      return found.sort((a, b) => a.at.getTime() - b.at.getTime())
    },
    probeRights: () => signed(() => recipe.rights(desk)),
    close: () => client.close(true),
  }
}

/** Each once, the last one told counts. */
function oldestFirst(orders: readonly VenueOrder[]): VenueOrder[] {
  const each = new Map(orders.map((order) => [order.exchangeOrderId, order]))
  return [...each.values()].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

function marketOf(venue: Venue, symbol: string, id: string): RecipeMarket {
  const known: unknown = venue.client.markets?.[symbol]
  const field = (name: string): unknown =>
    typeof known === 'object' && known !== null ? Reflect.get(known, name) : undefined
  const text = (name: string) => {
    const value = field(name)
    return typeof value === 'string' && value !== '' ? value : null
  }
  const size = field('contractSize')
  const contractSize = size === undefined || size === null ? decimal(1) : decimal(String(size))
  if (contractSize.lte(ZERO))
    throw new VenueError('UNREADABLE', `${symbol} has a contract size of ${String(size)}.`)
  return {
    symbol,
    id,
    base: text('base') ?? '',
    quote: text('quote') ?? '',
    settle: text('settle'),
    contractSize,
  }
}
