import {
  VenueError,
  type Credentials,
  type KeyRights,
  type TradingAccount,
  type TransferResult,
} from '#trading/domain/exchange.ts'
import { accountRow, apiRestrictions } from './binance-shapes.ts'
import { makeBinanceClient, speaksBinance, type BinanceClient } from './ccxt.ts'
import { withDeadline } from './deadline.ts'
import { isNoSuchOrder } from './errors.ts'
import { answerOf } from './http-answer.ts'
import { findOrder, openOrders, ordersSince, tradesSince } from './order-lookup.ts'
import { notSent, placeOrder } from './place-order.ts'
import { makeRecipeAccount } from './recipes/recipe-account.ts'
import { recipeOf } from './recipes/recipes.ts'
import type { ExchangeSettings } from './settings.ts'
import { makeVenue, type Venue } from './venue.ts'

/** What Binance charges for POST order. */
const ORDER_WEIGHT = 1

/**
 * One account at `sandbox` or `binance`, or at a venue with a recipe. Give the `venue` that market data of the same exchange uses, so that markets are loaded once and
 * the rate limit, which is the address', is shared; `name` is what all workers know the account by, for its own limit. @throws VenueError REFUSED for an exchange whose order recipe is not proven
 */
export function makeTradingAccount(
  exchangeId: string,
  credentials: Credentials,
  settings: ExchangeSettings,
  venue: Venue = makeVenue(exchangeId, settings),
  name: string | null = null,
): TradingAccount {
  const recipe = recipeOf(exchangeId)
  if (recipe !== null) return makeRecipeAccount(recipe, credentials, settings, venue, name)
  if (!speaksBinance(exchangeId))
    throw new VenueError(
      'REFUSED',
      `Orders at ${exchangeId} are not supported: its order recipe is not proven.`,
    )
  const client = makeBinanceClient(exchangeId, settings, credentials)
  const orders = venue.orderLimiter(name)
  venue.adopt(client, orders)
  // ccxt signs all but our orders with this.
  client.nonce = () => Math.floor(venue.clock.now())
  const signed = async <T>(work: () => Promise<T>): Promise<T> => {
    await venue.clock.ready()
    return venue.call(work)
  }

  return {
    async prepare(symbol) {
      await Promise.all([venue.marketId(symbol), venue.clock.ready()])
      await venue.call(() =>
        withDeadline(
          Promise.all([venue.pay(ORDER_WEIGHT), orders.spend(1, 'SEND')]),
          settings.timing.httpTimeoutMs,
          () => queueFull(venue),
        ),
      )
    },
    async placeOrder(request) {
      let marketId: string
      try {
        marketId = await venue.marketId(request.symbol)
      } catch (error) {
        return notSent(error instanceof Error ? error.message : String(error))
      }
      return placeOrder(venue, client, orders, settings, marketId, request)
    },
    async findOrder(query) {
      await venue.clock.ready()
      return findOrder(venue, client, query)
    },
    async fetchOpenOrders(symbol) {
      const market = await venue.marketId(symbol)
      await venue.clock.ready()
      return openOrders(venue, client, market)
    },
    async fetchOrders(symbol, since) {
      const market = await venue.marketId(symbol)
      await venue.clock.ready()
      return ordersSince(venue, client, market, since.getTime() - settings.timing.settleSkewMs)
    },
    async fetchTrades(symbol, since) {
      const market = await venue.marketId(symbol)
      await venue.clock.ready()
      return tradesSince(venue, client, market, since.getTime() - settings.timing.settleSkewMs)
    },
    async cancelOrder({ symbol, clientOrderId, exchangeOrderId }) {
      const market = await venue.marketId(symbol)
      const by =
        exchangeOrderId === null ? { origClientOrderId: clientOrderId } : { orderId: exchangeOrderId }
      await signed(async () => {
        try {
          await client.privateDeleteOrder({ symbol: market, ...by })
        } catch (error) {
          // Filled, cancelled or expired meanwhile: the look that follows tells which.
          if (!isNoSuchOrder(error)) throw error
        }
      })
    },
    fetchBalance: () =>
      signed(async () => {
        const { balances } = accountRow.parse(await client.privateGetAccount())
        return new Map(balances.map(({ asset, free, locked }) => [asset, { free, total: free.plus(locked) }]))
      }),
    setUpFutures: async () => noFutures(),
    fetchPosition: async () => noFutures(),
    fetchFunding: async () => noFutures(),
    transfer: async () => notSentTransfer(),
    fetchTransfers: async () => noFutures(),
    probeRights: () => signed(() => probeRights(client)),
    close: () => client.close(true),
  }
}

function noFutures(): never {
  throw new VenueError('REFUSED', 'Perpetuals are not traded yet.')
}

function notSentTransfer(): TransferResult {
  return { kind: 'REFUSED', code: 'NOT_SENT', message: 'Transfers are not made yet.' }
}

function queueFull(venue: Venue): VenueError {
  return new VenueError(
    'RATE_LIMITED',
    `Our own requests to ${venue.id} have used up its rate limit for now.`,
  )
}

async function probeRights(client: BinanceClient): Promise<KeyRights> {
  try {
    const rights = apiRestrictions.parse(await client.sapiGetAccountApiRestrictions())
    return {
      canTrade: rights.enableSpotAndMarginTrading,
      canTransfer: rights.enableInternalTransfer || rights.permitsUniversalTransfer,
      canWithdraw: rights.enableWithdrawals,
    }
  } catch (error) {
    if (answerOf(error)?.status !== 404) throw error
    // A venue that speaks the spot API only: the account says whether it may trade, and nobody what the key may do beyond.
    const { canTrade } = accountRow.parse(await client.privateGetAccount())
    return { canTrade, canTransfer: null, canWithdraw: null }
  }
}
