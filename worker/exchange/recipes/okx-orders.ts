import type { OrderRequest, VenueOrder } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { isNoSuchOrder } from '../errors.ts'
import {
  algoBy,
  fillsOf,
  fillsSince,
  orderBy,
  ordersSince,
  restingOrders,
  wholeOrders,
  wholeStop,
} from './okx-lists.ts'
import { childOf, okxPlaced } from './okx-shapes.ts'
import type { Desk, MarketRecipe, OrderQuestion, RecipeMarket, Unsigned } from './recipe.ts'

/** Orders at OKX, by its v5 API: stops are orders of another kind, with numbers of their own, and become orders when triggered. */
export function okxOrders(tdMode: 'cash' | 'isolated'): MarketRecipe {
  return {
    build(market, request, at): Unsigned {
      const { terms, clientOrderId } = request
      const stops = terms.type === 'STOP_LIMIT' || terms.type === 'STOP_MARKET'
      return {
        api: 'private',
        method: 'POST',
        path: stops ? 'trade/order-algo' : 'trade/order',
        params: {
          instId: market.id,
          tdMode,
          side: request.side === 'BUY' ? 'buy' : 'sell',
          sz: plain(request.amount.div(market.contractSize)),
          ...(stops ? { algoClOrdId: clientOrderId } : { clOrdId: clientOrderId }),
          ...termsOf(request, tdMode),
        },
        // Milliseconds of the venue's clock after which the order is not taken any more.
        headers: { expTime: String(at + request.recvWindowMs) },
      }
    },
    readPlaced(answer, _market, { clientOrderId }) {
      const [placed] = okxPlaced.parse(answer)
      if (placed === undefined || placed.sCode !== '0')
        throw new Error(`${placed?.sMsg ?? 'No word on the order.'} (${placed?.sCode ?? 'none'})`)
      // The answer to a stop need not repeat our id.
      const said = placed.clOrdId === '' ? placed.algoClOrdId : placed.clOrdId
      const exchangeOrderId = placed.algoId === '' ? placed.ordId : placed.algoId
      if (exchangeOrderId === '' || (said !== '' && said !== clientOrderId))
        throw new Error(`The exchange answered about another order: ${said}`)
      return { kind: 'IDS', exchangeOrderId }
    },
    looks: {
      ORDER_CLIENT_ID: (desk, market, { clientOrderId }) => order(desk, market, { clOrdId: clientOrderId }),
      ALGO_CLIENT_ID: (desk, market, { clientOrderId }) => stop(desk, market, { algoClOrdId: clientOrderId }),
      ORDER_VENUE_ID: (desk, market, question) => order(desk, market, { ordId: numberOf(question) }),
      ALGO_VENUE_ID: (desk, market, question) => stop(desk, market, { algoId: numberOf(question) }),
      OPEN: async (desk, market, question) =>
        (await restingOrders(desk, market)).find(isAsked(question)) ?? null,
      HISTORY: async (desk, market, question) =>
        (await ordersSince(desk, market, question.since)).find(isAsked(question)) ?? null,
    },
    openOrders: restingOrders,
    ordersSince,
    // Under the stop's number there are no trades: they are of the order that it became.
    async fillsOf(desk, market, { exchangeOrderId }) {
      const own = await fillsOf(desk, market, exchangeOrderId, exchangeOrderId)
      if (own.length > 0) return own
      const row = await algoBy(desk, market, { algoId: exchangeOrderId })
      const child = row === null ? null : childOf(row)
      return child === null ? [] : fillsOf(desk, market, child, exchangeOrderId)
    },
    fillsSince,
    async cancel(desk, market, { clientOrderId, exchangeOrderId }) {
      const known = exchangeOrderId === null ? { clOrdId: clientOrderId } : { ordId: exchangeOrderId }
      if (
        await cancelled(() =>
          desk.ask('private', 'POST', 'trade/cancel-order', { instId: market.id, ...known }),
        )
      )
        return
      const by = exchangeOrderId === null ? { algoClOrdId: clientOrderId } : { algoId: exchangeOrderId }
      const row = await algoBy(desk, market, by)
      if (row === null) return
      const { algoId } = row
      if (
        await cancelled(() =>
          desk.ask('private', 'POST', 'trade/cancel-algos', [{ instId: market.id, algoId }]),
        )
      )
        return
      // It became an order meanwhile, which may rest.
      const ordId = childOf((await algoBy(desk, market, { algoId })) ?? row)
      if (ordId !== null)
        await cancelled(() => desk.ask('private', 'POST', 'trade/cancel-order', { instId: market.id, ordId }))
    },
  }
}

async function order(
  desk: Desk,
  market: RecipeMarket,
  by: Parameters<typeof orderBy>[2],
): Promise<VenueOrder | null> {
  const row = await orderBy(desk, market, by)
  return row === null ? null : ((await wholeOrders(desk, market, [row], []))[0] ?? null)
}

async function stop(
  desk: Desk,
  market: RecipeMarket,
  by: Parameters<typeof algoBy>[2],
): Promise<VenueOrder | null> {
  const row = await algoBy(desk, market, by)
  return row === null ? null : wholeStop(desk, market, row)
}

/** False: there was nothing to cancel (any more). */
async function cancelled(cancel: () => Promise<unknown>): Promise<boolean> {
  try {
    await cancel()
    return true
  } catch (error) {
    if (isNoSuchOrder(error)) return false
    throw error
  }
}

function numberOf({ exchangeOrderId }: OrderQuestion): string {
  return exchangeOrderId ?? '0'
}

function isAsked({ clientOrderId, exchangeOrderId }: OrderQuestion) {
  return (one: VenueOrder) => one.clientOrderId === clientOrderId || one.exchangeOrderId === exchangeOrderId
}

function termsOf(
  { terms, reduceOnly = false }: OrderRequest,
  tdMode: 'cash' | 'isolated',
): Record<string, unknown> {
  const perpetual = tdMode === 'isolated'
  if (reduceOnly && !perpetual) throw new Error('a spot market has no reduce-only orders')
  const only = perpetual ? { reduceOnly } : {}
  switch (terms.type) {
    case 'MARKET':
      // Without it OKX counts a market purchase of SPOT in quote currency.
      return { ordType: 'market', ...(perpetual ? only : { tgtCcy: 'base_ccy' }) }
    case 'LIMIT_IOC':
      return { ordType: 'ioc', px: plain(terms.price), ...only }
    case 'STOP_LIMIT':
      if (perpetual) throw new Error('a perpetual has no STOP_LIMIT here')
      return {
        ordType: 'conditional',
        slTriggerPx: plain(terms.stopPrice),
        slOrdPx: plain(terms.price),
        slTriggerPxType: 'last',
      }
    case 'STOP_MARKET':
      if (!perpetual) throw new Error('a spot market has no STOP_MARKET here')
      return {
        ordType: 'conditional',
        slTriggerPx: plain(terms.stopPrice),
        slOrdPx: '-1',
        slTriggerPxType: 'mark',
        ...only,
      }
  }
}
