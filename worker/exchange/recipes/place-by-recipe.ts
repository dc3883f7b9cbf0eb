import type { OrderRequest, PlaceResult, VenueOrder } from '#trading/domain/exchange.ts'
import { plain, ZERO } from '#trading/domain/money.ts'
import { toPlaceResult, toVenueError } from '../errors.ts'
import type { Limiter } from '../limiter.ts'
import type { ExchangeSettings } from '../settings.ts'
import { findOrder } from './find-order.ts'
import type { VenueRecipe } from '#trading/domain/venue-recipes.ts'
import type { Venue } from '../venue.ts'
import type { Desk, MarketRecipe, RecipeMarket } from './recipe.ts'
import { sendOnce } from './send-once.ts'

/** After an answer of ids alone: how often, and after which pauses, the order is looked for before that is left to settle_order. */
const LOOK_AFTER_MS = [0, 150, 400]
const CLOCK_SLACK_MS = 60_000

/** What an account has for one market. */
export type Counter = { market: RecipeMarket; recipe: MarketRecipe; table: VenueRecipe }

/** Sends an order once and tells what became of it. Everything that is not proven to be a refusal is UNKNOWN. */
export async function placeByRecipe(parts: {
  desk: Desk
  counter: Counter
  orders: Limiter
  settings: ExchangeSettings
  request: OrderRequest
}): Promise<PlaceResult> {
  const { desk, counter, orders, settings, request } = parts
  const { venue, client } = desk
  const { market, recipe, table } = counter
  const wait = Math.max(venue.blockedForMs(), orders.blockedForMs())
  if (wait > 0) return notSent(asksToWait(venue, wait))
  const recvWindowMs = Math.min(request.recvWindowMs, table.expiry?.longestMs ?? request.recvWindowMs)
  const sent = await sendOnce({
    venue,
    client,
    settings,
    signedAt: request.signedAt,
    timeoutMs: request.timeoutMs,
    recvWindowMs,
    pinned: table.nonce === 'TIME',
    build: (at) => recipe.build(market, { ...request, recvWindowMs }, at, desk),
  })
  if (sent.kind === 'NOT_SENT') return { kind: 'REFUSED', code: sent.code, message: sent.message }
  try {
    if (sent.kind === 'FAILED') throw sent.error
    const placed = recipe.readPlaced(sent.answer, market, request)
    if (placed.kind === 'IDS') return await lookAfter(desk, counter, request, placed.exchangeOrderId)
    const other = strangeness(request, placed.order)
    return other === null ? { ...placed, kind: 'ACCEPTED' } : { kind: 'UNKNOWN', message: other }
  } catch (error) {
    venue.heed(error, orders)
    return toPlaceResult(error)
  }
}

/**
 * The venue has taken the order and given it a number; what became of it stands elsewhere. Where that does not show yet, the number itself is the
 * evidence: an open order without a fill so far, which settle_order looks up by it.
 */
async function lookAfter(
  desk: Desk,
  { market, recipe, table }: Counter,
  request: OrderRequest,
  exchangeOrderId: string,
): Promise<PlaceResult> {
  const { clientOrderId } = request
  const since = desk.venue.clock.fromHost(request.signedAt) - CLOCK_SLACK_MS
  for (const pause of LOOK_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    try {
      const lookups = table.lookups.filter((lookup) => lookup.by !== 'LIST')
      const look = await findOrder(desk, recipe, lookups, market, { clientOrderId, exchangeOrderId, since })
      if (!look.found) continue
      const other = strangeness(request, look.order)
      if (other !== null) return { kind: 'UNKNOWN', message: other }
      // A market or IOC order is being worked on for a moment.
      if (isMoving(request, look.order) && pause !== LOOK_AFTER_MS.at(-1)) continue
      return { kind: 'ACCEPTED', order: look.order, fills: look.fills }
    } catch (error) {
      // The order stands whatever became of the look, which settle_order repeats.
      if (toVenueError(error).kind === 'RATE_LIMITED') break
    }
  }
  return { kind: 'ACCEPTED', order: barely(desk, request, exchangeOrderId), fills: null }
}

function isMoving({ terms }: OrderRequest, { status }: VenueOrder): boolean {
  const atOnce = terms.type === 'MARKET' || terms.type === 'LIMIT_IOC'
  return atOnce && (status === 'OPEN' || status === 'PARTIALLY_FILLED')
}

/** All that an id proves. */
function barely(
  desk: Desk,
  { terms, side, amount, clientOrderId }: OrderRequest,
  exchangeOrderId: string,
): VenueOrder {
  return {
    exchangeOrderId,
    clientOrderId,
    side,
    status: 'OPEN',
    amount,
    filled: ZERO,
    averagePrice: null,
    price: 'price' in terms ? terms.price : null,
    stopPrice: 'stopPrice' in terms ? terms.stopPrice : null,
    createdAt: new Date(Math.floor(desk.venue.clock.now())),
  }
}

/** Why the answer is not about the order that was sent; null: it is. */
function strangeness(request: OrderRequest, order: VenueOrder): string | null {
  if (order.clientOrderId !== request.clientOrderId || order.side !== request.side)
    return `The exchange answered about another order: ${order.side} ${order.clientOrderId ?? order.exchangeOrderId}`
  if (!order.amount.eq(request.amount))
    return `The exchange answered about ${plain(order.amount)} where ${plain(request.amount)} was ordered.`
  return null
}

export function asksToWait(venue: Venue, ms: number): string {
  return `${venue.id} asked us to wait ${Math.ceil(ms / 1000)} s.`
}

/** Proven not to have left. */
export function notSent(message: string): PlaceResult {
  return { kind: 'REFUSED', code: 'NOT_SENT', message }
}
