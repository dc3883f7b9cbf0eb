import type { OrderRequest } from '#trading/domain/exchange.ts'
import { decimal, plain, type Decimal } from '#trading/domain/money.ts'
import type { Venue } from '../venue.ts'
import type { Desk, RecipeMarket } from './recipe.ts'
import { InvalidOrder } from './send-once.ts'

/** A price read for one order is worth nothing for one much later. */
const FRESH_MS = 10_000

/** Last prices, read before an order is claimed, for venues that would take a stop on the wrong side of the price for something else. */
export function lastPrices(ask: (desk: Desk, market: RecipeMarket) => Promise<string>) {
  const known = new WeakMap<Venue, Map<string, { price: Decimal; at: number }>>()
  return {
    async read(desk: Desk, market: RecipeMarket): Promise<void> {
      const price = decimal(await desk.venue.call(() => ask(desk, market)))
      const prices = known.get(desk.venue) ?? new Map<string, { price: Decimal; at: number }>()
      known.set(desk.venue, prices.set(market.symbol, { price, at: performance.now() }))
    },
    /** @throws InvalidOrder where the stop would trigger at once, Error where no price is known */
    refuseTriggered({ venue }: Desk, market: RecipeMarket, { terms, side }: OrderRequest): void {
      if (terms.type !== 'STOP_LIMIT' && terms.type !== 'STOP_MARKET') return
      const last = known.get(venue)?.get(market.symbol)
      if (last === undefined || performance.now() - last.at > FRESH_MS)
        throw new Error(`no price of ${market.symbol} was read before the order`)
      const { stopPrice } = terms
      if (side === 'SELL' ? stopPrice.lt(last.price) : stopPrice.gt(last.price)) return
      throw new InvalidOrder(`The stop price ${plain(stopPrice)} is reached already: ${plain(last.price)}.`)
    },
  }
}
