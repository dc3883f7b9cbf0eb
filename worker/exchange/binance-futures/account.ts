import {
  VenueError,
  type Credentials,
  type TradingAccount,
  type VenueFunding,
  type VenuePosition,
} from '#trading/domain/exchange.ts'
import { queueFull } from '../binance-spot-account.ts'
import { makeBinanceClient } from '../ccxt.ts'
import { withDeadline } from '../deadline.ts'
import { isBinanceCode, isNoSuchOrder } from '../errors.ts'
import type { CallKind } from '../limiter.ts'
import { notSent } from '../place-order.ts'
import type { ExchangeSettings } from '../settings.ts'
import { FUTURES_HISTORY, PAGE, windowsSince, type Window } from '../time-windows.ts'
import type { Venue } from '../venue.ts'
import { findFuturesOrder, futuresOrdersSince, futuresTradesSince, openFuturesOrders } from './lookup.ts'
import { placeFuturesOrder } from './place.ts'
import { leaveHedgeMode, setUpMarket, symbolConfig } from './set-up.ts'
import { algoIdOf, balanceRows, fundingRows, positionRows } from './shapes.ts'

/** What an account gets and pays for a position beyond its trades. */
const PAYMENTS = ['FUNDING_FEE', 'INSURANCE_CLEAR'] as const

/** Binance counts an order by itself, and nothing of the address' weight; it is paid for all the same. */
const ORDER_WEIGHT = 1
/** Asking for the mode weighs 30. Whoever changes it meanwhile has their bot's next order refused, which says so. */
const ONE_WAY_MS = 60_000

export type FuturesAccount = Omit<
  TradingAccount,
  'fetchBalance' | 'transfer' | 'fetchTransfers' | 'probeRights'
> & { fetchBalance(): ReturnType<TradingAccount['fetchBalance']> }

/** The USDⓈ-M futures side of an account at `sandbox` or `binance`. Give the venue that market data of the futures API uses. */
export function makeBinanceFuturesAccount(
  exchangeId: string,
  credentials: Credentials,
  settings: ExchangeSettings,
  venue: Venue,
  name: string | null,
): FuturesAccount {
  const client = makeBinanceClient(exchangeId, settings, credentials, 'FUTURES')
  const orders = venue.orderLimiter(name)
  let kind: CallKind = 'ACCOUNT'
  let oneWayUntil = Number.NEGATIVE_INFINITY
  venue.adopt(client, orders, () => kind)
  // ccxt signs all but our orders with this.
  client.nonce = () => Math.floor(venue.clock.now())
  const readerOf = async (symbol: string) => {
    const market = await venue.marketId(symbol)
    await venue.clock.ready()
    return { venue, client, market }
  }
  const from = (since: Date) => since.getTime() - settings.timing.settleSkewMs

  /** Cancels come before reads. ccxt pays before it first waits, so that nothing else runs in between. */
  function asSender<T>(work: () => Promise<T>): Promise<T> {
    kind = 'SEND'
    try {
      return work()
    } finally {
      kind = 'ACCOUNT'
    }
  }

  /** False where there is no such order (any more): filled, cancelled or expired meanwhile; the look that follows tells which. */
  async function cancelled(work: () => Promise<unknown>): Promise<boolean> {
    return venue.call(async () => {
      try {
        await asSender(work)
        return true
      } catch (error) {
        if (isNoSuchOrder(error) || isBinanceCode(error, -2011)) return false
        throw error
      }
    })
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
      return placeFuturesOrder(venue, client, orders, settings, marketId, request)
    },
    findOrder: async (query) => findFuturesOrder(await readerOf(query.symbol), query),
    fetchOpenOrders: async (symbol) => openFuturesOrders(await readerOf(symbol)),
    fetchOrders: async (symbol, since) => futuresOrdersSince(await readerOf(symbol), from(since)),
    fetchTrades: async (symbol, since) => futuresTradesSince(await readerOf(symbol), from(since)),
    async cancelOrder({ symbol, clientOrderId, exchangeOrderId }) {
      const { market } = await readerOf(symbol)
      const algoId = exchangeOrderId === null ? null : algoIdOf(exchangeOrderId)
      if (algoId !== null)
        return void (await cancelled(() => client.fapiPrivateDeleteAlgoOrder({ symbol: market, algoId })))
      const by =
        exchangeOrderId === null ? { origClientOrderId: clientOrderId } : { orderId: exchangeOrderId }
      if (await cancelled(() => client.fapiPrivateDeleteOrder({ symbol: market, ...by }))) return
      if (exchangeOrderId === null)
        await cancelled(() =>
          client.fapiPrivateDeleteAlgoOrder({ symbol: market, clientAlgoId: clientOrderId }),
        )
    },
    async fetchBalance() {
      await venue.clock.ready()
      return venue.call(async () => {
        const rows = balanceRows.parse(await client.fapiPrivateV3GetBalance())
        return new Map(
          rows.map(({ asset, balance, availableBalance }) => [
            asset,
            { free: availableBalance, total: balance },
          ]),
        )
      })
    },
    async setUpFutures(symbol, leverage) {
      const { market } = await readerOf(symbol)
      if (performance.now() > oneWayUntil) {
        await leaveHedgeMode(venue, client)
        oneWayUntil = performance.now() + ONE_WAY_MS
      }
      await setUpMarket(venue, client, market, leverage)
    },
    async fetchPosition(symbol) {
      const { market } = await readerOf(symbol)
      const rows = await venue.call(async () =>
        positionRows.parse(await client.fapiPrivateV3GetPositionRisk({ symbol: market })),
      )
      const held = rows.filter((row) => row.symbol === market && !row.positionAmt.isZero())
      const [row, second] = held
      if (row === undefined) return null
      if (second !== undefined || row.positionSide !== 'BOTH')
        throw new VenueError(
          'REFUSED',
          `The futures account at ${venue.id} is in hedge mode: close its positions and switch it to one-way mode.`,
        )
      const { leverage, isolated } = await symbolConfig(venue, client, market)
      return {
        side: row.positionAmt.gt(0) ? 'BUY' : 'SELL',
        amount: row.positionAmt.abs(),
        entryPrice: row.entryPrice,
        markPrice: row.markPrice.gt(0) ? row.markPrice : null,
        liquidationPrice: row.liquidationPrice.gt(0) ? row.liquidationPrice : null,
        leverage,
        isolated,
        margin: isolated ? (row.isolatedWallet ?? row.isolatedMargin) : null,
      } satisfies VenuePosition
    },
    async fetchFunding(symbol, since) {
      const { market } = await readerOf(symbol)
      const found = new Map<string, VenueFunding>()
      const readOf = (incomeType: (typeof PAYMENTS)[number]) => (window: Window) =>
        venue.call(async () =>
          fundingRows
            .parse(
              await client.fapiPrivateGetIncome({
                symbol: market,
                incomeType,
                limit: PAGE,
                ...window,
              }),
            )
            .map((row) => {
              if (row.symbol === market) return row.funding
              throw new VenueError('UNREADABLE', `The exchange answered about another market: ${row.symbol}.`)
            }),
        )
      for (const incomeType of PAYMENTS) {
        const pages = windowsSince(
          from(since),
          venue.clock.now(),
          readOf(incomeType),
          (one) => one.at.getTime(),
          FUTURES_HISTORY,
        )
        for await (const page of pages) for (const one of page) found.set(one.id, one)
      }
      return [...found.values()].sort((a, b) => a.at.getTime() - b.at.getTime())
    },
    close: () => client.close(true),
  }
}
