import {
  VenueError,
  type Credentials,
  type KeyRights,
  type TradingAccount,
} from '#trading/domain/exchange.ts'
import { fetchTransfers, sendTransfer } from './binance-transfers.ts'
import { accountRow, apiRestrictions } from './binance-shapes.ts'
import { makeBinanceClient, type BinanceClient } from './ccxt.ts'
import { withDeadline } from './deadline.ts'
import { isNoSuchOrder } from './errors.ts'
import { answerOf } from './http-answer.ts'
import { findOrder, openOrders, ordersSince, tradesSince } from './order-lookup.ts'
import { notSent, placeOrder } from './place-order.ts'
import type { ExchangeSettings } from './settings.ts'
import type { Venue } from './venue.ts'

/** What Binance charges for POST order. */
const ORDER_WEIGHT = 1

/** What a futures account of the same key does otherwise. */
export type SpotAccount = Omit<TradingAccount, 'setUpFutures' | 'fetchPosition' | 'fetchFunding'>

/** The spot side of an account at `sandbox` or `binance`, and what belongs to the whole key: its rights, and transfers between wallets. */
export function makeBinanceSpotAccount(
  exchangeId: string,
  credentials: Credentials,
  settings: ExchangeSettings,
  venue: Venue,
  name: string | null,
): SpotAccount {
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
    transfer: (request) => sendTransfer(venue, client, settings, request),
    fetchTransfers: (currency, since) =>
      signed(() =>
        fetchTransfers(client, currency, since.getTime() - settings.timing.settleSkewMs, venue.clock.now()),
      ),
    probeRights: () => signed(() => probeRights(client)),
    close: () => client.close(true),
  }
}

/** What `prepare` fails with when its leave to send does not come. */
export function queueFull(venue: Venue): VenueError {
  return new VenueError(
    'RATE_LIMITED',
    `Our own requests to ${venue.id} have used up its rate limit for now.`,
  )
}

async function probeRights(client: BinanceClient): Promise<KeyRights> {
  try {
    const rights = apiRestrictions.parse(await client.sapiGetAccountApiRestrictions())
    return {
      // A key for one of the two is a good key: which of them a bot needs is told by its first refusal.
      canTrade: rights.enableSpotAndMarginTrading || rights.enableFutures,
      // Between the wallets of the account; the "internal" right is about other accounts.
      canTransfer: rights.permitsUniversalTransfer,
      canWithdraw: rights.enableWithdrawals,
    }
  } catch (error) {
    if (answerOf(error)?.status !== 404) throw error
    // A venue that speaks the spot API only: the account says whether it may trade, and nobody what the key may do beyond.
    const { canTrade } = accountRow.parse(await client.privateGetAccount())
    return { canTrade, canTransfer: null, canWithdraw: null }
  }
}
