import type { OrderRequest, VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { isNoSuchOrder } from '../errors.ts'
import { bybitExecution, bybitIds, bybitOrder, bybitPage, fillsAmong } from './bybit-shapes.ts'
import { onlyOf } from './fields.ts'
import { allPages, spans } from './pages.ts'
import type { Desk, Look, MarketRecipe, RecipeMarket, Unsigned } from './recipe.ts'

const ORDER_PAGE = 50
const FILL_PAGE = 100
/** The longest time between startTime and endTime. */
const WEEK_MS = 7 * 86_400_000 - 1

type Category = 'spot' | 'linear'

/** Orders of one of Bybit's categories, by its v5 API. `termsOf`: what differs between them. */
export function bybitOrders(
  category: Category,
  termsOf: (request: OrderRequest) => Record<string, unknown>,
): MarketRecipe {
  const page = bybitPage(bybitOrder(category))

  /** Newest first, as Bybit lists them; no further back than the page on which `since` lies. */
  async function list(
    desk: Desk,
    market: RecipeMarket,
    path: string,
    more: object,
    since = 0,
  ): Promise<VenueOrder[]> {
    const rows = await allPages(async (cursor) => {
      const { rows: found, next } = page.parse(
        await desk.ask('private', 'GET', path, {
          ...{ category, symbol: market.id, limit: ORDER_PAGE, ...more },
          ...(cursor !== null && { cursor }),
        }),
      )
      const older = found.some(({ order }) => order.createdAt.getTime() < since)
      return { rows: found, next: older ? null : next }
    })
    return onlyOf(market, rows).map(({ order }) => order)
  }
  /** One page: Bybit names a next one even where there is none. */
  const one =
    (path: string, by: 'CLIENT_ID' | 'VENUE_ID'): Look =>
    async (desk, market, { clientOrderId, exchangeOrderId }) => {
      const asked = by === 'CLIENT_ID' ? { orderLinkId: clientOrderId } : { orderId: exchangeOrderId }
      try {
        const answer = await desk.ask('private', 'GET', path, { category, symbol: market.id, ...asked })
        const found = onlyOf(market, page.parse(answer).rows).map(({ order }) => order)
        const isIt = (order: VenueOrder) =>
          by === 'CLIENT_ID'
            ? order.clientOrderId === clientOrderId
            : order.exchangeOrderId === exchangeOrderId
        return found.find(isIt) ?? null
      } catch (error) {
        if (isNoSuchOrder(error)) return null
        throw error
      }
    }
  const openOrders = (desk: Desk, market: RecipeMarket) => list(desk, market, REALTIME, { openOnly: 0 })

  async function history(desk: Desk, market: RecipeMarket, since: number): Promise<VenueOrder[]> {
    const all: VenueOrder[] = []
    for (const { from, to } of spans(since, desk.venue.clock.now(), WEEK_MS))
      all.push(...(await list(desk, market, HISTORY, { startTime: from, endTime: to })))
    return all
  }

  async function executions(desk: Desk, market: RecipeMarket, more: object): Promise<VenueFill[]> {
    const rows = await allPages(async (cursor) =>
      bybitPage(bybitExecution).parse(
        await desk.ask('private', 'GET', 'v5/execution/list', {
          ...{ category, symbol: market.id, limit: FILL_PAGE, ...more },
          ...(cursor !== null && { cursor }),
        }),
      ),
    )
    // Listed newest first.
    return fillsAmong(onlyOf(market, rows).reverse(), market)
  }

  return {
    build: (market, request): Unsigned => ({
      api: 'private',
      method: 'POST',
      path: 'v5/order/create',
      params: {
        category,
        symbol: market.id,
        side: request.side === 'BUY' ? 'Buy' : 'Sell',
        qty: plain(request.amount),
        orderLinkId: request.clientOrderId,
        ...termsOf(request),
      },
    }),
    readPlaced(answer, _market, request) {
      const { orderId, orderLinkId } = bybitIds.parse(answer).result
      if (orderLinkId !== request.clientOrderId)
        throw new Error(`The exchange answered about another order: ${orderLinkId}`)
      return { kind: 'IDS', exchangeOrderId: orderId }
    },
    looks: {
      REALTIME_CLIENT_ID: one(REALTIME, 'CLIENT_ID'),
      HISTORY_CLIENT_ID: one(HISTORY, 'CLIENT_ID'),
      REALTIME_VENUE_ID: one(REALTIME, 'VENUE_ID'),
      HISTORY_VENUE_ID: one(HISTORY, 'VENUE_ID'),
      OPEN: async (desk, market, question) =>
        (await openOrders(desk, market)).find(isAsked(question)) ?? null,
      HISTORY: async (desk, market, question) =>
        (await history(desk, market, question.since)).find(isAsked(question)) ?? null,
    },
    openOrders: async (desk, market) => (await openOrders(desk, market)).filter(isOpen),
    // What is over shows in the history a moment later than among the recent ones; the later word counts.
    async ordersSince(desk, market, since) {
      const recent = await list(desk, market, REALTIME, { openOnly: 1 }, since)
      return [...(await history(desk, market, since)), ...recent, ...(await openOrders(desk, market))]
    },
    fillsOf: (desk, market, order) => executions(desk, market, { orderId: order.exchangeOrderId }),
    async fillsSince(desk, market, since) {
      const all: VenueFill[][] = []
      for (const { from, to } of spans(since, desk.venue.clock.now(), WEEK_MS))
        all.push(await executions(desk, market, { startTime: from, endTime: to }))
      return all.reverse().flat()
    },
    async cancel(desk, market, { clientOrderId, exchangeOrderId }) {
      const by = exchangeOrderId === null ? { orderLinkId: clientOrderId } : { orderId: exchangeOrderId }
      for (const filter of CANCEL_FILTERS[category]) {
        try {
          await desk.ask('private', 'POST', 'v5/order/cancel', {
            ...{ category, symbol: market.id, ...by, ...filter },
          })
          return
        } catch (error) {
          // Filled, cancelled or expired meanwhile: the look that follows tells which.
          if (!isNoSuchOrder(error)) throw error
        }
      }
    },
  }
}

/** Of SPOT, Bybit looks among the orders of one kind only; a stop that was triggered is one of the other kind then. */
const CANCEL_FILTERS: Record<Category, readonly object[]> = {
  spot: [{ orderFilter: 'tpslOrder' }, { orderFilter: 'Order' }],
  linear: [{}],
}

const REALTIME = 'v5/order/realtime'
const HISTORY = 'v5/order/history'

function isOpen({ status }: VenueOrder): boolean {
  return status === 'OPEN' || status === 'PARTIALLY_FILLED'
}

function isAsked({
  clientOrderId,
  exchangeOrderId,
}: {
  clientOrderId: string
  exchangeOrderId: string | null
}) {
  return (order: VenueOrder) =>
    order.clientOrderId === clientOrderId || order.exchangeOrderId === exchangeOrderId
}
