import { VenueError, type LookResult, type VenueFill, type VenueOrder } from '#trading/domain/exchange.ts'
import { sumOf } from '../binance-shapes.ts'
import type { BinanceClient } from '../ccxt.ts'
import { isNoSuchOrder } from '../errors.ts'
import type { OrderQuery } from '../order-lookup.ts'
import { FUTURES_HISTORY, PAGE, windowsSince, type Window } from '../time-windows.ts'
import type { Venue } from '../venue.ts'
import { algoIdOf, algoRow, algoRows, orderRow, orderRows, tradeRows, type AlgoOrder } from './shapes.ts'

const MOST_PAGES = 20
const TRIES = 3
/** `since` is our database's clock, an order's time the venue's. Ids are random, so that none can be used twice within a minute. */
const CLOCK_SLACK_MS = 60_000

/** The account, as far as looking needs it. */
export type Reader = { venue: Venue; client: BinanceClient; market: string }

/**
 * Looks for an order of ours among orders and conditional orders: by client id, by the venue's number, among the open ones, among all since
 * then. A conditional order that has triggered is told as the order that it became, under the client id that we sent. @throws VenueError
 */
export async function findFuturesOrder(reader: Reader, query: OrderQuery): Promise<LookResult> {
  const earliest = query.since.getTime() - CLOCK_SLACK_MS
  const { clientOrderId, exchangeOrderId } = query
  const algoId = exchangeOrderId === null ? null : algoIdOf(exchangeOrderId)
  // A used id is taken again once its order has ended: an older order under it is another one.
  const isOurs = (order: VenueOrder) =>
    (order.clientOrderId === clientOrderId && order.createdAt.getTime() >= earliest) ||
    order.exchangeOrderId === exchangeOrderId

  if (algoId === null) {
    const byClientId = await getOrder(reader, { origClientOrderId: clientOrderId })
    if (byClientId !== null && isOurs(byClientId)) return withFills(reader, byClientId)
  }
  const algo =
    (algoId === null ? null : await getAlgo(reader, { algoId })) ??
    (await getAlgo(reader, { clientAlgoId: clientOrderId }))
  if (algo !== null && isOurs(algo.order)) return become(reader, algo)
  if (algoId === null && exchangeOrderId !== null) {
    const byVenueId = await getOrder(reader, { orderId: exchangeOrderId })
    if (byVenueId !== null) return withFills(reader, byVenueId)
  }
  const listed =
    (await openFuturesOrders(reader)).find(isOurs) ?? (await searchOrders(reader, earliest, isOurs))
  if (listed !== undefined && algoIdOf(listed.exchangeOrderId) === null) return withFills(reader, listed)
  const resting =
    listed === undefined
      ? await searchAlgos(reader, earliest, ({ order }) => isOurs(order))
      : await getAlgo(reader, { algoId: algoIdOf(listed.exchangeOrderId) ?? '' })
  return resting === undefined || resting === null ? { found: false } : become(reader, resting)
}

/** The account's resting orders on a market, conditional ones among them, oldest first. @throws VenueError */
export async function openFuturesOrders(reader: Reader): Promise<VenueOrder[]> {
  const { venue, client, market } = reader
  const [plain, algos] = await Promise.all([
    venue.call(async () =>
      of(market, orderRows.parse(await client.fapiPrivateGetOpenOrders({ symbol: market }))),
    ),
    venue.call(async () =>
      of(market, algoRows.parse(await client.fapiPrivateGetOpenAlgoOrders({ symbol: market }))),
    ),
  ])
  const waiting = algos.filter(
    ({ actualOrderId, order }) => actualOrderId === null && order.status === 'OPEN',
  )
  return merge(
    plain.map(({ order }) => order),
    algos,
    waiting.map(({ order }) => order),
  )
}

/** The account's orders on a market since then, of any status, oldest first; what a stop became bears the stop's client id. @throws VenueError */
export async function futuresOrdersSince(reader: Reader, since: number): Promise<VenueOrder[]> {
  const orders = new Map<string, VenueOrder>()
  await searchOrders(reader, since, (order) => {
    orders.set(order.exchangeOrderId, order)
    return false
  })
  const algos: AlgoOrder[] = []
  await searchAlgos(reader, since, (algo) => {
    algos.push(algo)
    return false
  })
  const ended = algos.filter(({ actualOrderId }) => actualOrderId === null)
  return merge(
    [...orders.values()],
    algos,
    ended.map(({ order }) => order),
  )
}

/** The account's trades on a market since then, oldest first, each once. @throws VenueError */
export async function futuresTradesSince(reader: Reader, since: number): Promise<VenueFill[]> {
  const fills = new Map<string, VenueFill>()
  const read = (window: Window) => tradePage(reader, window)
  const now = reader.venue.clock.now()
  const timeOf = (fill: VenueFill) => fill.executedAt.getTime()
  for await (const page of windowsSince(since, now, read, timeOf, FUTURES_HISTORY))
    for (const fill of page) fills.set(fill.tradeId, fill)
  return [...fills.values()].sort((a, b) => byNumber(a.tradeId, b.tradeId))
}

async function getOrder(
  { venue, client, market }: Reader,
  by: { origClientOrderId: string } | { orderId: string },
): Promise<VenueOrder | null> {
  return venue.call(async () => {
    try {
      const { symbol, order } = orderRow.parse(await client.fapiPrivateGetOrder({ symbol: market, ...by }))
      const asked =
        'orderId' in by ? by.orderId === order.exchangeOrderId : by.origClientOrderId === order.clientOrderId
      if (symbol !== market || !asked) throw another(`${symbol} ${order.exchangeOrderId}`)
      return order
    } catch (error) {
      if (isNoSuchOrder(error)) return null
      throw error
    }
  })
}

async function getAlgo(
  { venue, client, market }: Reader,
  by: { algoId: string } | { clientAlgoId: string },
): Promise<AlgoOrder | null> {
  return venue.call(async () => {
    try {
      const algo = algoRow.parse(await client.fapiPrivateGetAlgoOrder({ symbol: market, ...by }))
      const asked =
        'algoId' in by
          ? by.algoId === algoIdOf(algo.order.exchangeOrderId)
          : by.clientAlgoId === algo.order.clientOrderId
      if (algo.symbol !== market || !asked) throw another(`${algo.symbol} ${algo.order.exchangeOrderId}`)
      return algo
    } catch (error) {
      if (isNoSuchOrder(error)) return null
      throw error
    }
  })
}

/** What a conditional order has become: itself while it rests, else the order that its trigger sent. */
async function become(reader: Reader, algo: AlgoOrder): Promise<LookResult> {
  if (algo.actualOrderId === null) {
    if (algo.status === 'FINISHED')
      throw new VenueError(
        'UNREADABLE',
        `${algo.order.exchangeOrderId} has ended, and as which order is not told.`,
      )
    return { found: true, order: algo.order, fills: [] }
  }
  const actual = await getOrder(reader, { orderId: algo.actualOrderId })
  if (actual === null)
    throw new VenueError(
      'UNREADABLE',
      `${algo.order.exchangeOrderId} became order ${algo.actualOrderId}, which is not there yet.`,
    )
  const look = await withFills(reader, actual)
  return { ...look, order: asAlgo(look.order, algo) }
}

function asAlgo(order: VenueOrder, { order: algo }: AlgoOrder): VenueOrder {
  return { ...order, clientOrderId: algo.clientOrderId, stopPrice: algo.stopPrice, createdAt: algo.createdAt }
}

/** Orders, those that conditional ones became under their names, and the conditional ones that are told beside. */
function merge(
  orders: readonly VenueOrder[],
  algos: readonly AlgoOrder[],
  beside: readonly VenueOrder[],
): VenueOrder[] {
  const became = new Map(algos.map((algo) => [algo.actualOrderId, algo]))
  const named = orders.map((order) => {
    const algo = became.get(order.exchangeOrderId)
    return algo === undefined ? order : asAlgo(order, algo)
  })
  return [...named, ...beside].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

async function searchOrders(
  { venue, client, market }: Reader,
  earliest: number,
  isWanted: (order: VenueOrder) => boolean,
): Promise<VenueOrder | undefined> {
  const read = (window: Window) =>
    venue.call(async () =>
      of(
        market,
        orderRows.parse(await client.fapiPrivateGetAllOrders({ symbol: market, limit: PAGE, ...window })),
      ).map(({ order }) => order),
    )
  const timeOf = (order: VenueOrder) => order.createdAt.getTime()
  for await (const page of windowsSince(earliest, venue.clock.now(), read, timeOf, FUTURES_HISTORY)) {
    const found = page.find(isWanted)
    if (found !== undefined) return found
  }
  return undefined
}

async function searchAlgos(
  { venue, client, market }: Reader,
  earliest: number,
  isWanted: (algo: AlgoOrder) => boolean,
): Promise<AlgoOrder | undefined> {
  const read = (window: Window) =>
    venue.call(async () =>
      of(
        market,
        algoRows.parse(await client.fapiPrivateGetAllAlgoOrders({ symbol: market, limit: PAGE, ...window })),
      ),
    )
  const timeOf = ({ order }: AlgoOrder) => order.createdAt.getTime()
  for await (const page of windowsSince(earliest, venue.clock.now(), read, timeOf, FUTURES_HISTORY)) {
    const found = page.find(isWanted)
    if (found !== undefined) return found
  }
  return undefined
}

/** The order with each of its fills; read again where a fill came between the two answers. */
async function withFills(reader: Reader, found: VenueOrder): Promise<Extract<LookResult, { found: true }>> {
  let order = found
  for (let turn = 0; turn < TRIES; turn++) {
    const fills = order.filled.isZero() ? [] : await tradesOfOrder(reader, order)
    if (sumOf(fills).eq(order.filled)) return { found: true, order, fills }
    order = (await getOrder(reader, { orderId: order.exchangeOrderId })) ?? order
  }
  throw new VenueError(
    'UNREADABLE',
    `The trades of order ${order.exchangeOrderId} do not add up to its filled amount yet.`,
  )
}

/** Without a time Binance looks through the last week only; an order of ours fills at once, or within a week of its placing. */
async function tradesOfOrder(reader: Reader, order: VenueOrder): Promise<VenueFill[]> {
  const { exchangeOrderId: orderId, side } = order
  const read = async (more: Record<string, unknown>) =>
    (await tradePage(reader, { orderId, ...more })).map((fill) => {
      if (fill.exchangeOrderId === orderId && fill.side === side) return fill
      throw new VenueError('UNREADABLE', `Trade ${fill.tradeId} is not one of order ${orderId}.`)
    })
  const fills = new Map<string, VenueFill>()
  let page = await read({ startTime: Math.max(0, order.createdAt.getTime() - CLOCK_SLACK_MS) })
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    for (const fill of page) fills.set(fill.tradeId, fill)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return [...fills.values()]
    page = await read({ fromId: String(BigInt(last.tradeId) + 1n) })
  }
  throw new VenueError('UNREADABLE', `There are more trades than ${MOST_PAGES * PAGE} to read.`)
}

async function tradePage(reader: Reader, params: Record<string, unknown>): Promise<VenueFill[]> {
  const { venue, client, market } = reader
  return venue.call(async () =>
    of(
      market,
      tradeRows.parse(await client.fapiPrivateGetUserTrades({ symbol: market, limit: PAGE, ...params })),
    ).map(({ fill }) => fill),
  )
}

function of<T extends { symbol: string }>(market: string, rows: T[]): T[] {
  const stranger = rows.find(({ symbol }) => symbol !== market)
  if (stranger === undefined) return rows
  throw new VenueError('UNREADABLE', `The exchange answered about another market: ${stranger.symbol}.`)
}

function another(what: string): VenueError {
  return new VenueError('UNREADABLE', `The exchange answered about another order: ${what}.`)
}

/** Numbers count up within a market. */
function byNumber(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
