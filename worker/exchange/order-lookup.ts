import { VenueError, type LookResult, type VenueFill, type VenueOrder } from '#trading/domain/exchange.ts'
import { orderRow, orderRows, sumOf, tradeRows } from './binance-shapes.ts'
import type { BinanceClient } from './ccxt.ts'
import { isNoSuchOrder, toVenueError } from './errors.ts'
import type { Venue } from './venue.ts'

const PAGE = 1000
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

/** The account's trades on a market since then, oldest first. @throws VenueError */
export async function tradesSince(
  venue: Venue,
  client: BinanceClient,
  market: string,
  since: number,
): Promise<VenueFill[]> {
  return pagedTrades(venue, client, { symbol: market, startTime: since }, { symbol: market })
}

async function getOrder(
  venue: Venue,
  client: BinanceClient,
  market: string,
  by: { origClientOrderId: string } | { orderId: string },
): Promise<VenueOrder | null> {
  return venue.call(async () => {
    try {
      return orderRow.parse(await client.privateGetOrder({ symbol: market, ...by }))
    } catch (error) {
      if (isNoSuchOrder(error)) return null
      throw error
    }
  })
}

/** The account's resting orders on a market. @throws VenueError */
export async function openOrders(venue: Venue, client: BinanceClient, market: string): Promise<VenueOrder[]> {
  return venue.call(async () => orderRows.parse(await client.privateGetOpenOrders({ symbol: market })))
}

/** The account's orders on a market since then, of any status, oldest first. @throws VenueError */
export async function ordersSince(
  venue: Venue,
  client: BinanceClient,
  market: string,
  since: number,
): Promise<VenueOrder[]> {
  const orders: VenueOrder[] = []
  await searchAllOrders(venue, client, market, since, (order) => {
    orders.push(order)
    return false
  })
  return orders
}

async function searchAllOrders(
  venue: Venue,
  client: BinanceClient,
  market: string,
  earliest: number,
  isOurs: (order: VenueOrder) => boolean,
): Promise<VenueOrder | undefined> {
  let params: Record<string, unknown> = { startTime: Math.max(0, earliest) }
  for (let page = 0; page < MOST_PAGES; page++) {
    const orders = await venue.call(async () =>
      orderRows.parse(await client.privateGetAllOrders({ symbol: market, limit: PAGE, ...params })),
    )
    const found = orders.find(isOurs)
    const last = orders.at(-1)
    if (found !== undefined || last === undefined || orders.length < PAGE) return found
    params = { orderId: String(BigInt(last.exchangeOrderId) + 1n) }
  }
  throw new VenueError('UNREADABLE', `There are more orders than ${MOST_PAGES * PAGE} to look through.`)
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
    const base = { symbol: market, orderId: order.exchangeOrderId }
    const fills = order.filled.isZero() ? [] : await pagedTrades(venue, client, base, base)
    if (sumOf(fills).eq(order.filled)) return { found: true, order, fills }
    const again = await getOrder(venue, client, market, { orderId: order.exchangeOrderId })
    if (again !== null) order = again
  }
  throw new VenueError(
    'UNREADABLE',
    `The trades of order ${order.exchangeOrderId} do not add up to its filled amount yet.`,
  )
}

async function pagedTrades(
  venue: Venue,
  client: BinanceClient,
  first: Record<string, unknown>,
  next: Record<string, unknown>,
): Promise<VenueFill[]> {
  const fills = new Map<string, VenueFill>()
  let params = first
  for (let page = 0; page < MOST_PAGES; page++) {
    const rows = await venue.call(async () =>
      tradeRows.parse(await client.privateGetMyTrades({ ...params, limit: PAGE })),
    )
    for (const row of rows) fills.set(row.tradeId, row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return [...fills.values()]
    params = { ...next, fromId: nextId(last.tradeId) }
  }
  throw new VenueError('UNREADABLE', `There are more trades than ${MOST_PAGES * PAGE} to read.`)
}

function nextId(tradeId: string): string {
  try {
    return String(BigInt(tradeId) + 1n)
  } catch (error) {
    throw toVenueError(error)
  }
}
