import { isOurClientOrderId } from '../client-order-id.ts'
import type { VenueFill, VenueOrder } from '../exchange.ts'
import { plain } from '../money.ts'
import { isSettled, opensPosition } from '../order.ts'
import type { AccountMarket, AssetBooks, BookedOrder, ForeignClose, OrderFinding } from './types.ts'

function isOurs(order: Pick<VenueOrder, 'clientOrderId'>): boolean {
  return order.clientOrderId !== null && isOurClientOrderId(order.clientOrderId)
}

/** Compares our orders on one market with the exchange's list, oldest first. Nothing is concluded from orders that move. */
export function compareOrders(books: AssetBooks, market: AccountMarket): OrderFinding[] {
  const ours = books.orders.filter((order) => order.symbol === market.symbol)
  const listed = listOf(market)
  const findings: OrderFinding[] = []
  for (const found of listed.values()) {
    if (found.clientOrderId !== null && books.elsewhere.has(found.clientOrderId)) continue
    const order = ours.find((one) => isSame(one, found))
    const finding =
      order === undefined ? judgeUnknown(books, market, found) : judgeKnown(books, order, found, market)
    if (finding !== null) findings.push(finding)
  }
  for (const order of ours) {
    const rests = order.status === 'OPEN' || order.status === 'PARTIALLY_FILLED'
    if (rests && !order.moved && ![...listed.values()].some((found) => isSame(order, found)))
      findings.push({ kind: 'SETTLE', order, found: null, why: 'the exchange does not list it' })
  }
  return findings
}

/** Newest word on each order, oldest order first: the list of all was asked after the open ones. */
export function listOf(market: AccountMarket): Map<string, VenueOrder> {
  const all = new Map([...market.open, ...market.orders].map((order) => [order.exchangeOrderId, order]))
  return new Map([...all].sort(([, a], [, b]) => a.createdAt.getTime() - b.createdAt.getTime()))
}

export function isSame(
  order: Pick<BookedOrder, 'clientOrderId' | 'exchangeOrderId'>,
  found: VenueOrder,
): boolean {
  return order.exchangeOrderId === found.exchangeOrderId || order.clientOrderId === found.clientOrderId
}

export function isResting(found: VenueOrder): boolean {
  return found.status === 'OPEN' || found.status === 'PARTIALLY_FILLED'
}

function judgeKnown(
  books: AssetBooks,
  order: BookedOrder,
  found: VenueOrder,
  market: AccountMarket,
): OrderFinding | null {
  // A person's order, or the venue's own, is booked as far as it concerned a bot, no further.
  const others = order.origin === 'MANUAL' || order.origin === 'LIQUIDATION'
  if (order.moved || order.status === 'INTENDED' || others) return null
  const settle = (why: string): OrderFinding => ({ kind: 'SETTLE', order, found, why })
  const rests = isResting(found)
  if (!isSettled(order.status)) {
    if (!rests) return settle(`the exchange says ${found.status}`)
    if (found.filled.gt(order.filled)) return settle('the exchange has filled more of it')
    return order.status === 'SUBMITTING' || order.status === 'UNKNOWN'
      ? settle('the exchange lists it')
      : null
  }
  if (order.status === 'NOT_PLACED' || order.status === 'REJECTED') {
    if (rests && !canReopen(books, order)) return { kind: 'CANCEL', order, found }
    if (found.status === 'REJECTED' && !found.filled.gt(order.filled)) return null
    return settle('the exchange lists it all the same')
  }
  // Both lists must say that it rests: one of them alone may be behind.
  if (rests && market.open.some((one) => one.exchangeOrderId === found.exchangeOrderId))
    return { kind: 'CANCEL', order, found }
  return found.filled.gt(order.filled) ? settle('the exchange has filled more of it') : null
}

/**
 * Would a resting order that we thought never placed have a place in the books, and something to sell? A stop needs neither: settle_order
 * cancels one that was given up, for another may have been placed.
 */
function canReopen(books: AssetBooks, order: BookedOrder): boolean {
  if (order.purpose === 'PROTECTIVE_STOP') return true
  const taken = books.orders.some(
    (one) => one.botId === order.botId && one.purpose !== 'PROTECTIVE_STOP' && !isSettled(one.status),
  )
  const holds = books.bots.some((bot) => bot.id === order.botId && bot.held.gt(0))
  return !taken && (opensPosition(order.purpose) || holds)
}

function judgeUnknown(books: AssetBooks, market: AccountMarket, found: VenueOrder): OrderFinding | null {
  if (found.status === 'REJECTED') return null
  const foreign: OrderFinding = { kind: 'FOREIGN', symbol: market.symbol, found }
  // Bots that are younger than the order cannot have sent it: an earlier installation did, with the same account.
  const senders = books.bots.filter((bot) => bot.symbol === market.symbol && bot.createdAt <= found.createdAt)
  if (isOurs(found) && senders.length > 0) {
    const only = senders.length === 1 ? senders[0] : undefined
    if (only !== undefined) return { kind: 'TAKE_OVER', botId: only.id, symbol: market.symbol, found }
    return {
      kind: 'PAUSE',
      subject: `ORDER ${market.symbol} ${found.exchangeOrderId}`,
      amount: null,
      botIds: senders.map((bot) => bot.id),
      message: `The exchange lists ${found.side} order ${found.exchangeOrderId} over ${plain(found.amount)} ${books.asset} (${plain(found.filled)} filled) with a client id of TradeBot's, which the books miss. ${names(senders)} trade ${market.symbol} with this key, so it cannot be told whose it is. Compare the account with the bots' orders, put right what differs, then resume.`,
    }
  }
  if (isResting(found)) return foreign
  return market.firstLook || found.filled.isZero() ? null : foreign
}

/** Fills by orders that are none of ours, by order. Ours that the books miss count as ours: they are taken over, or asked about. */
export function foreignFills(books: AssetBooks, market: AccountMarket): ForeignClose[] {
  // Numbers of orders are unique within their market only.
  const known = books.orders.filter((order) => order.symbol === market.symbol)
  const listed = listOf(market)
  const ours = new Set(
    [...listed.values()]
      .filter((found) => isOurs(found) || known.some((order) => isSame(order, found)))
      .map((found) => found.exchangeOrderId),
  )
  for (const { exchangeOrderId } of known) if (exchangeOrderId !== null) ours.add(exchangeOrderId)
  const byOrder = new Map<string, VenueFill[]>()
  for (const fill of market.trades) {
    if (ours.has(fill.exchangeOrderId)) continue
    byOrder.set(fill.exchangeOrderId, [...(byOrder.get(fill.exchangeOrderId) ?? []), fill])
  }
  return [...byOrder].map(([exchangeOrderId, fills]) => ({
    exchangeOrderId,
    fills,
    liquidation: listed.get(exchangeOrderId)?.liquidation === true,
  }))
}

export function names(bots: readonly { name: string }[]): string {
  const quoted = bots.map((bot) => `"${bot.name}"`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}
