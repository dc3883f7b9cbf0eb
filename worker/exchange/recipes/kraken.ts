import { VenueError, type OrderRequest, type VenueFill, type VenueOrder } from '#trading/domain/exchange.ts'
import { decimal, type Decimal, plain, ZERO } from '#trading/domain/money.ts'
import { isNoSuchOrder } from '../errors.ts'
import { keepPace } from './kraken-pace.ts'
import {
  addedAnswer,
  balanceAnswer,
  closedOrdersAnswer,
  keyInfoAnswer,
  openOrdersAnswer,
  queryOrdersAnswer,
  queryTradesAnswer,
  tradesHistoryAnswer,
  type KrakenOrder,
  type KrakenTrade,
} from './kraken-shapes.ts'
import { giveTurns } from './nonce-turns.ts'
import type { Desk, MarketRecipe, Recipe, RecipeMarket, Unsigned } from './recipe.ts'

/** What Kraken lists at once. */
const PAGE = 50
const MOST_PAGES = 40
/** Ids in one question. */
const MOST_IDS = 20

const spot: MarketRecipe = {
  build,
  readPlaced: (answer) => ({ kind: 'IDS', exchangeOrderId: addedAnswer.parse(answer) }),
  looks: {
    OPEN_CLIENT_ID: async (desk, market, { clientOrderId }) =>
      oursIn(await askOpen(desk, { cl_ord_id: clientOrderId }), desk, market, clientOrderId),
    CLOSED_CLIENT_ID: async (desk, market, { clientOrderId, since }) =>
      oursIn(await askClosed(desk, since, { cl_ord_id: clientOrderId }), desk, market, clientOrderId),
    VENUE_ID: async (desk, market, { exchangeOrderId }) => {
      const found = exchangeOrderId === null ? [] : await askById(desk, [exchangeOrderId])
      return on(desk, market, found).find((one) => one.exchangeOrderId === exchangeOrderId) ?? null
    },
    OPEN: async (desk, market, { clientOrderId }) => oursIn(await askOpen(desk), desk, market, clientOrderId),
    CLOSED: async (desk, market, { clientOrderId, since }) => {
      for await (const page of closedPages(desk, since)) {
        const found = oursIn(page, desk, market, clientOrderId)
        if (found !== null) return found
      }
      return null
    },
  },
  openOrders: async (desk, market) => on(desk, market, await askOpen(desk)),
  async ordersSince(desk, market, since) {
    const orders = on(desk, market, await askOpen(desk))
    for await (const page of closedPages(desk, since)) orders.push(...on(desk, market, page))
    return orders
  },
  async fillsOf(desk, market, order) {
    const [told] = await askById(desk, [order.exchangeOrderId])
    if (told === undefined) return []
    const trades: KrakenTrade[] = []
    for (const ids of chunks(told.trades, MOST_IDS))
      trades.push(
        ...queryTradesAnswer.parse(await desk.ask('private', 'POST', 'QueryTrades', { txid: ids.join(',') })),
      )
    return trades.map((trade) => toFill(trade, market, told.feeInBase))
  },
  async fillsSince(desk, market, since) {
    const trades = new Map<string, KrakenTrade>()
    const own = (pair: string) => isOn(desk, market, pair)
    for (let page = 0; ; page++) {
      if (page >= MOST_PAGES) throw tooMuch()
      const found = tradesHistoryAnswer.parse(
        await desk.ask('private', 'POST', 'TradesHistory', { start: seconds(since), ofs: page * PAGE }),
      )
      for (const trade of found) if (own(trade.pair)) trades.set(trade.tradeId, trade)
      if (found.length < PAGE) break
    }
    const orders = new Map<string, KrakenOrder>()
    const ids = [...new Set([...trades.values()].map((trade) => trade.exchangeOrderId))]
    for (const some of chunks(ids, MOST_IDS))
      for (const one of await askById(desk, some)) orders.set(one.order.exchangeOrderId, one)
    return [...trades.values()].map((trade) =>
      toFill(trade, market, orders.get(trade.exchangeOrderId)?.feeInBase ?? false),
    )
  },
  async cancel(desk, _market, { clientOrderId, exchangeOrderId }) {
    try {
      await desk.ask(
        'private',
        'POST',
        'CancelOrder',
        exchangeOrderId === null ? { cl_ord_id: clientOrderId } : { txid: exchangeOrderId },
      )
    } catch (error) {
      // Filled, cancelled or expired meanwhile: the look that follows tells which.
      if (!isNoSuchOrder(error)) throw error
    }
  },
}

/** Kraken's spot market, by ccxt's class `kraken`. Its perpetuals are an exchange of their own: krakenfutures. */
export const KRAKEN: Recipe = {
  exchange: 'kraken',
  spot,
  futures: null,
  setUpClient(client, venue, _credentials, name) {
    keepPace(client)
    giveTurns(client, () => venue.nonce(name))
  },
  async balance(desk) {
    const rows = balanceAnswer.parse(await desk.ask('private', 'POST', 'BalanceEx'))
    const balances = new Map<string, { free: Decimal; total: Decimal }>()
    for (const [asset, { balance, hold_trade: held }] of Object.entries(rows)) {
      const code = tradable(desk, asset)
      if (code === null) continue
      const before = balances.get(code) ?? { free: ZERO, total: ZERO }
      balances.set(code, {
        free: before.free.plus(balance.minus(held)),
        total: before.total.plus(balance),
      })
    }
    return balances
  },
  async rights(desk) {
    const may = new Set(keyInfoAnswer.parse(await desk.ask('private', 'POST', 'GetApiKeyInfo')))
    const needed = [
      'query-funds',
      'query-open-trades',
      'query-closed-trades',
      'modify-trades',
      'close-trades',
    ]
    return {
      canTrade: needed.every((right) => may.has(right)),
      canTransfer: null,
      canWithdraw: may.has('withdraw-funds'),
    }
  },
}

/** UUID, 32 hex digits, or at most 18 letters and digits. */
const CLIENT_ID = /^([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|[\x21-\x7e]{1,18})$/i

function build(market: RecipeMarket, request: OrderRequest, at: number): Unsigned {
  if (!CLIENT_ID.test(request.clientOrderId))
    throw new Error('Kraken takes a UUID, 32 hexadecimal digits or up to 18 characters as an id of ours.')
  return {
    api: 'private',
    method: 'POST',
    path: 'AddOrder',
    params: {
      pair: market.id,
      type: request.side.toLowerCase(),
      ...termsOf(request),
      volume: plain(request.amount),
      cl_ord_id: request.clientOrderId,
      // The fee in quote currency, of buys and sells: what was bought is there whole.
      oflags: 'fciq',
      deadline: new Date(at + request.recvWindowMs).toISOString(),
    },
  }
}

function termsOf({ terms }: OrderRequest): Record<string, string> {
  switch (terms.type) {
    case 'MARKET':
      return { ordertype: 'market' }
    case 'LIMIT_IOC':
      return { ordertype: 'limit', price: plain(terms.price), timeinforce: 'IOC' }
    case 'STOP_LIMIT':
      return {
        ordertype: 'stop-loss-limit',
        price: plain(terms.stopPrice),
        price2: plain(terms.price),
        trigger: 'last',
      }
    case 'STOP_MARKET':
      throw new Error('a spot market has no STOP_MARKET here')
  }
}

async function askOpen(desk: Desk, by: object = {}): Promise<KrakenOrder[]> {
  return openOrdersAnswer.parse(await desk.ask('private', 'POST', 'OpenOrders', { trades: true, ...by }))
}

async function askClosed(desk: Desk, since: number, by: object): Promise<KrakenOrder[]> {
  const answer = await desk.ask('private', 'POST', 'ClosedOrders', {
    trades: true,
    without_count: true,
    start: seconds(since),
    ...by,
  })
  return closedOrdersAnswer.parse(answer)
}

/** Whatever was opened or closed since then, the latest first. */
async function* closedPages(desk: Desk, since: number): AsyncGenerator<KrakenOrder[]> {
  for (let page = 0; page < MOST_PAGES; page++) {
    const found = await askClosed(desk, since, { ofs: page * PAGE })
    yield found
    if (found.length < PAGE) return
  }
  throw tooMuch()
}

async function askById(desk: Desk, ids: readonly string[]): Promise<KrakenOrder[]> {
  try {
    return queryOrdersAnswer.parse(
      await desk.ask('private', 'POST', 'QueryOrders', { txid: ids.join(','), trades: true }),
    )
  } catch (error) {
    if (isNoSuchOrder(error)) return []
    throw error
  }
}

/** With the client id that was asked for, whatever the filter let through. */
function oursIn(
  found: readonly KrakenOrder[],
  desk: Desk,
  market: RecipeMarket,
  clientOrderId: string,
): VenueOrder | null {
  return on(desk, market, found).find((order) => order.clientOrderId === clientOrderId) ?? null
}

function on(desk: Desk, market: RecipeMarket, found: readonly KrakenOrder[]): VenueOrder[] {
  return found.filter((one) => isOn(desk, market, one.pair)).map((one) => one.order)
}

/** Kraken has three names of a market: "XXBTZUSD", "XBTUSD" and "XBT/USD". @throws VenueError for a name that none of its markets has */
function isOn(desk: Desk, market: RecipeMarket, pair: string): boolean {
  if (pair === market.id) return true
  for (const known of Object.values(desk.venue.client.markets ?? {})) {
    if (known === undefined) continue
    const info: unknown = known.info
    const altname = typeof info === 'object' && info !== null ? Reflect.get(info, 'altname') : undefined
    const wsname = typeof info === 'object' && info !== null ? Reflect.get(info, 'wsname') : undefined
    if (pair === altname || pair === wsname) return known.id === market.id
  }
  // Of a market that is listed under that id, or no more.
  return false
}

function toFill(trade: KrakenTrade, market: RecipeMarket, feeInBase: boolean): VenueFill {
  const { pair: _pair, ...fill } = trade
  return { ...fill, feeCurrency: feeInBase ? market.base : market.quote }
}

/** "XXBT" is BTC, and so is "XBT.F", which earns and can be traded all the same; what is locked up (".S", ".B", …) is not counted. */
function tradable(desk: Desk, asset: string): string | null {
  const [name = asset, suffix] = asset.split('.')
  if (suffix !== undefined && suffix !== 'F') return null
  return desk.client.safeCurrencyCode(name) ?? null
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  )
}

/** `start` is exclusive and in seconds. */
function seconds(ms: number): number {
  return Math.max(0, Math.floor(decimal(ms).div(1000).toNumber()) - 1)
}

function tooMuch(): VenueError {
  return new VenueError('UNREADABLE', 'There is more in the history than can be read.')
}
