import { VenueError, type LookResult, type VenueFill, type VenueOrder } from '#trading/domain/exchange.ts'
import { orderRow, orderRows, sumOf, tradeRows } from './binance-shapes.ts'
import type { BinanceClient } from './ccxt.ts'
import { isNoSuchOrder } from './errors.ts'
import { PAGE, windowsSince, type Window } from './time-windows.ts'
import type { Venue } from './venue.ts'

const MOST_PAGES = 20
const TRIES = 3
/** `since` is our database's clock, an order's time the venue's. Ids are random, so that none can be used twice within a minute. */
const CLOCK_SLACK_MS = 60_000

export type OrderQuery = {
  symbol: string
  clientOrderId: string
  exchangeOrderId: string | null
  since: Date
}

/**
 * Looks for an order of ours: by client id, by the venue's id, among the open orders, among all orders since then. Each of the four
 * can miss one that another shows. `found: false` means that all of them answered and none had it. @throws VenueError
 */
export async function findOrder(venue: Venue, client: BinanceClient, query: OrderQuery): Promise<LookResult> {
  const market = await venue.marketId(query.symbol)
  const earliest = query.since.getTime() - CLOCK_SLACK_MS
  // Binance takes a used id again once its order has filled: an older order under it is another one.
  const isOurs = (order: VenueOrder) =>
    (order.clientOrderId === query.clientOrderId && order.createdAt.getTime() >= earliest) ||
    order.exchangeOrderId === query.exchangeOrderId

  const byClientId = await getOrder(venue, client, market, { origClientOrderId: query.clientOrderId })
  if (byClientId !== null && isOurs(byClientId)) return withFills(venue, client, market, byClientId)
  if (query.exchangeOrderId !== null) {
    const byVenueId = await getOrder(venue, client, market, { orderId: query.exchangeOrderId })
    if (byVenueId !== null) return withFills(venue, client, market, byVenueId)
  }
  const open = await openOrders(venue, client, market)
  const listed = open.find(isOurs) ?? (await searchAllOrders(venue, client, market, earliest, isOurs))
  return listed === undefined ? { found: false } : withFills(venue, client, market, listed)
}

/** The account's trades on a market since then, oldest first, each once. @throws VenueError */
export async function tradesSince(
  venue: Venue,
  client: BinanceClient,
  market: string,
  since: number,
): Promise<VenueFill[]> {
  const fills = new Map<string, VenueFill>()
  const read = (window: Window) => tradePage(venue, client, market, window)
  for await (const page of windowsSince(since, venue.clock.now(), read, (fill) => fill.executedAt.getTime()))
    for (const fill of page) fills.set(fill.tradeId, fill)
  return [...fills.values()].sort((a, b) => byId(a.tradeId, b.tradeId))
}

async function getOrder(
  venue: Venue,
  client: BinanceClient,
  market: string,
  by: { origClientOrderId: string } | { orderId: string },
): Promise<VenueOrder | null> {
  return venue.call(async () => {
    try {
      const { symbol, order } = orderRow.parse(await client.privateGetOrder({ symbol: market, ...by }))
      const asked =
        'orderId' in by ? by.orderId === order.exchangeOrderId : by.origClientOrderId === order.clientOrderId
      if (symbol !== market || !asked)
        throw new VenueError(
          'UNREADABLE',
          `The exchange answered about another order: ${symbol} ${order.exchangeOrderId}.`,
        )
      return order
    } catch (error) {
      if (isNoSuchOrder(error)) return null
      throw error
    }
  })
}

/** The account's resting orders on a market. @throws VenueError */
export async function openOrders(venue: Venue, client: BinanceClient, market: string): Promise<VenueOrder[]> {
  return venue.call(async () =>
    ordersOf(market, orderRows.parse(await client.privateGetOpenOrders({ symbol: market }))),
  )
}

/** The account's orders on a market since then, of any status, oldest first. @throws VenueError */
export async function ordersSince(
  venue: Venue,
  client: BinanceClient,
  market: string,
  since: number,
): Promise<VenueOrder[]> {
  const orders = new Map<string, VenueOrder>()
  await searchAllOrders(venue, client, market, since, (order) => {
    orders.set(order.exchangeOrderId, order)
    return false
  })
  return [...orders.values()].sort((a, b) => byId(a.exchangeOrderId, b.exchangeOrderId))
}

async function searchAllOrders(
  venue: Venue,
  client: BinanceClient,
  market: string,
  earliest: number,
  isOurs: (order: VenueOrder) => boolean,
): Promise<VenueOrder | undefined> {
  const read = (window: Window) =>
    venue.call(async () =>
      ordersOf(
        market,
        orderRows.parse(await client.privateGetAllOrders({ symbol: market, limit: PAGE, ...window })),
      ),
    )
  for await (const page of windowsSince(earliest, venue.clock.now(), read, (order) =>
    order.createdAt.getTime(),
  )) {
    const found = page.find(isOurs)
    if (found !== undefined) return found
  }
  return undefined
}

/** The order with each of its fills; read again where a fill came between the two answers. */
async function withFills(
  venue: Venue,
  client: BinanceClient,
  market: string,
  found: VenueOrder,
): Promise<LookResult> {
  let order = found
  for (let turn = 0; turn < TRIES; turn++) {
    const fills = order.filled.isZero() ? [] : await tradesOfOrder(venue, client, market, order)
    if (sumOf(fills).eq(order.filled)) return { found: true, order, fills }
    const again = await getOrder(venue, client, market, { orderId: order.exchangeOrderId })
    if (again !== null) order = again
  }
  throw new VenueError(
    'UNREADABLE',
    `The trades of order ${order.exchangeOrderId} do not add up to its filled amount yet.`,
  )
}

/** By order id alone Binance gives the latest ones; where that is a whole page, they are read from the first one on. */
async function tradesOfOrder(
  venue: Venue,
  client: BinanceClient,
  market: string,
  order: VenueOrder,
): Promise<VenueFill[]> {
  const { exchangeOrderId: orderId, side } = order
  const read = (more: Record<string, unknown>) =>
    tradePage(venue, client, market, { orderId, ...more }).then((page) =>
      page.map((fill) => {
        if (fill.exchangeOrderId === orderId && fill.side === side) return fill
        throw new VenueError('UNREADABLE', `Trade ${fill.tradeId} is not one of order ${orderId}.`)
      }),
    )
  const fills = new Map<string, VenueFill>()
  let page = await read({})
  if (page.length >= PAGE) page = await read({ fromId: '0' })
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    for (const fill of page) fills.set(fill.tradeId, fill)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return [...fills.values()]
    page = await read({ fromId: String(BigInt(last.tradeId) + 1n) })
  }
  throw new VenueError('UNREADABLE', `There are more trades than ${MOST_PAGES * PAGE} to read.`)
}

async function tradePage(
  venue: Venue,
  client: BinanceClient,
  market: string,
  params: Record<string, unknown>,
): Promise<VenueFill[]> {
  const rows = await venue.call(async () =>
    tradeRows.parse(await client.privateGetMyTrades({ symbol: market, limit: PAGE, ...params })),
  )
  return rows.map(({ symbol, fill }) => {
    if (symbol !== market) throw elsewhere(symbol)
    return fill
  })
}

function ordersOf(market: string, rows: readonly { symbol: string; order: VenueOrder }[]): VenueOrder[] {
  return rows.map(({ symbol, order }) => {
    if (symbol !== market) throw elsewhere(symbol)
    return order
  })
}

function elsewhere(symbol: string): VenueError {
  return new VenueError('UNREADABLE', `The exchange answered about another market: ${symbol}.`)
}

/** Ids count up within a market. */
function byId(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
