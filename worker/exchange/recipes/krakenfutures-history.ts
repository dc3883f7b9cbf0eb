import { VenueError, type VenueOrder } from '#trading/domain/exchange.ts'
import { type Decimal, ZERO } from '#trading/domain/money.ts'
import {
  accountLogAnswer,
  checked,
  executionsAnswer,
  historyAnswer,
  type FuturesFill,
  type PastEvent,
} from './krakenfutures-past-shapes.ts'
import type { Desk, RecipeMarket } from './recipe.ts'

// The history has a budget of its own (100 in ten minutes; each of these questions costs 1 to 3), and shows an event some moments after it.

const MOST_PAGES = 20
const LOGS_AT_ONCE = 500

/** What happened to orders on a market since then, oldest first. */
export async function pastEvents(desk: Desk, market: RecipeMarket, since: number): Promise<PastEvent[]> {
  const found: PastEvent[] = []
  for (const path of ['triggers', 'orders'])
    for await (const answer of pages(desk, path, market, since)) {
      const { events, next } = historyAnswer.parse(answer.body)
      found.push(...events.filter((event) => event.order.tradeable === market.id))
      answer.go(next)
    }
  // At one instant a trigger is placed before it goes off, and an order before it is over.
  return found.sort((a, b) => a.at.getTime() - b.at.getTime())
}

/** The account's executions on a market since then, with their fees. */
export async function executions(desk: Desk, market: RecipeMarket, since: number): Promise<FuturesFill[]> {
  const found: FuturesFill[] = []
  for await (const answer of pages(desk, 'executions', market, since)) {
    const { fills, next } = executionsAnswer.parse(answer.body)
    found.push(...fills.filter((fill) => fill.symbol === market.id))
    answer.go(next)
  }
  return found
}

/** Rows of the account's log since then that realised funding of a market's position: at the hour, and whenever the position changed. */
export async function fundingRows(desk: Desk, market: RecipeMarket, since: number) {
  const found: { id: string; amount: Decimal; currency: string; at: Date }[] = []
  let from: number | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const logs = accountLogAnswer.parse(
      await desk.ask('history', 'GET', 'account-log', {
        since: Math.floor(since),
        sort: 'asc',
        count: LOGS_AT_ONCE,
        ...(from !== null && { from }),
      }),
    )
    for (const log of logs) {
      const { realized_funding: amount, contract, asset } = log
      // The other leg of a trade is the position's size, with the contract as its asset.
      if (contract?.toUpperCase() !== market.id || asset.toUpperCase() === market.id) continue
      if (amount === null || amount === undefined || amount.isZero()) continue
      const currency = desk.client.safeCurrencyCode(asset.toUpperCase()) ?? asset.toUpperCase()
      found.push({ id: log.booking_uid, amount, currency, at: log.date })
    }
    if (logs.length < LOGS_AT_ONCE) return found
    from = Math.max(...logs.map(({ id }) => id)) + 1
  }
  throw tooMuch()
}

/** One order of what happened to it; null for nothing. A stop keeps its id when it goes off. */
export function orderOf(events: readonly PastEvent[]): VenueOrder | null {
  const first = events[0]
  if (first === undefined) return null
  const placed = events.filter(({ kind }) => !kind.startsWith('TRIGGER') && kind !== 'ACTIVATED')
  const trigger = events.find(({ order }) => order.triggerOptions != null)
  const filled = largest(placed.map(({ order }) => order.filled ?? ZERO))
  const total =
    placed.length === 0
      ? first.order.quantity
      : largest(placed.map(({ order }) => order.quantity.plus(order.filled ?? ZERO)))
  const limit = events.findLast(({ order }) => order.limitPrice !== null)?.order.limitPrice ?? null
  const ofMarket = trigger !== undefined || events.some(({ order }) => order.orderType === 'Market')
  return checked({
    exchangeOrderId: first.order.uid,
    clientOrderId: events.find(({ order }) => order.clientId !== null)?.order.clientId ?? null,
    side: first.order.direction,
    status: statusOf(events, filled, total),
    amount: total,
    filled,
    averagePrice: null,
    // Of a market order it is how far Kraken lets it go.
    price: ofMarket ? null : limit,
    stopPrice: trigger?.order.triggerOptions?.triggerPrice ?? null,
    createdAt: first.order.timestamp,
    ...(events.some(({ order }) => order.orderType === 'Liquidation') && { liquidation: true as const }),
  })
}

function statusOf(events: readonly PastEvent[], filled: Decimal, total: Decimal): VenueOrder['status'] {
  const of = (kind: PastEvent['kind']) => events.find((event) => event.kind === kind)
  const immediate = events.some(({ order }) => /^(ioc|market|liquidation)$/i.test(order.orderType))
  if (filled.gt(0) && filled.eq(total)) return 'FILLED'
  const rejected = of('REJECTED')
  if (rejected !== undefined) {
    const nothing = /ioc_?would_?not_?execute/i.test(rejected.reason)
    return nothing || filled.gt(0) ? 'EXPIRED' : 'REJECTED'
  }
  if (of('TRIGGER_CANCELLED') !== undefined) return 'CANCELED'
  if (of('CANCELLED') !== undefined)
    return immediate && of('TRIGGER_PLACED') === undefined ? 'EXPIRED' : 'CANCELED'
  // What is immediate does not rest: the rest of it is gone.
  if (of('PLACED') !== undefined && immediate) return 'EXPIRED'
  return filled.gt(0) ? 'PARTIALLY_FILLED' : 'OPEN'
}

function largest(values: readonly Decimal[]): Decimal {
  return values.reduce((most, value) => (value.gt(most) ? value : most), ZERO)
}

type Page = { body: unknown; go(next: string | null): void }

/** Pages of the history, each after the token that the one before it gave. */
async function* pages(desk: Desk, path: string, market: RecipeMarket, since: number): AsyncGenerator<Page> {
  let token: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const body: unknown = await desk.ask('history', 'GET', path, {
      version: 'v3',
      tradeable: market.id,
      since: Math.floor(since),
      sort: 'asc',
      ...(token !== null && { continuation_token: token }),
    })
    let next: string | null = null
    yield { body, go: (given) => void (next = given) }
    if (next === null || next === token) return
    token = next
  }
  throw tooMuch()
}

function tooMuch(): VenueError {
  return new VenueError('UNREADABLE', 'There is more in the history than can be read.')
}
