import { VenueError, type LookResult, type VenueFill, type VenueOrder } from '#trading/domain/exchange.ts'
import { ZERO } from '#trading/domain/money.ts'
import type { Lookup } from '#trading/domain/venue-recipes.ts'
import type { Desk, MarketRecipe, OrderQuestion, RecipeMarket } from './recipe.ts'

const TRIES = 3
/** Between two reads whose fills did not add up. */
const PAUSE_MS = 100

/**
 * Asks each of the table's lookups in turn. `found: false` means that all of them answered and none had it. An order's own ids tell that it is
 * the one that was asked for, whatever the question. @throws VenueError
 */
export async function findOrder(
  desk: Desk,
  recipe: MarketRecipe,
  lookups: readonly Lookup[],
  market: RecipeMarket,
  question: OrderQuestion,
): Promise<LookResult> {
  const isOurs = (order: VenueOrder) =>
    (order.clientOrderId === question.clientOrderId && order.createdAt.getTime() >= question.since) ||
    order.exchangeOrderId === question.exchangeOrderId
  for (const lookup of lookups) {
    if (lookup.by === 'VENUE_ID' && question.exchangeOrderId === null) continue
    const look = recipe.looks[lookup.name]
    if (look === undefined) throw new Error(`no recipe for the lookup ${lookup.name}`)
    const order = await desk.venue.call(() => look(desk, market, question))
    if (order !== null && isOurs(order)) return withFills(desk, recipe, look, market, question, order)
  }
  return { found: false }
}

/** The order with each of its fills; read again where a fill came between the two answers. */
async function withFills(
  desk: Desk,
  recipe: MarketRecipe,
  look: MarketRecipe['looks'][string],
  market: RecipeMarket,
  question: OrderQuestion,
  found: VenueOrder,
): Promise<LookResult> {
  let order = found
  for (let turn = 0; turn < TRIES; turn++) {
    if (turn > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    const fills = order.filled.isZero()
      ? []
      : onlyOf(order, await desk.venue.call(() => recipe.fillsOf(desk, market, order)))
    if (fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO).eq(order.filled))
      return { found: true, order, fills }
    const again = await desk.venue.call(() => look(desk, market, question))
    if (again !== null && again.exchangeOrderId === order.exchangeOrderId) order = again
  }
  throw new VenueError(
    'UNREADABLE',
    `The trades of order ${order.exchangeOrderId} do not add up to its filled amount yet.`,
  )
}

/** Each once, oldest first, and none of another order. */
function onlyOf(order: VenueOrder, fills: readonly VenueFill[]): VenueFill[] {
  for (const fill of fills)
    if (fill.exchangeOrderId !== order.exchangeOrderId || fill.side !== order.side)
      throw new VenueError(
        'UNREADABLE',
        `Trade ${fill.tradeId} is not one of order ${order.exchangeOrderId}.`,
      )
  return inTime(fills)
}

/** Each once, oldest first; of one instant in the order that the venue listed them. */
export function inTime(fills: readonly VenueFill[]): VenueFill[] {
  const each = new Map(fills.map((fill) => [fill.tradeId, fill]))
  return [...each.values()].sort((a, b) => a.executedAt.getTime() - b.executedAt.getTime())
}
