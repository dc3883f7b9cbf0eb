import type { OrderRequest, OrderTerms, PlaceResult } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { placedOrder } from './binance-shapes.ts'
import type { BinanceClient } from './ccxt.ts'
import { withDeadline } from './deadline.ts'
import { toPlaceResult } from './errors.ts'
import type { Limiter } from './limiter.ts'
import type { ExchangeSettings } from './settings.ts'
import type { Venue } from './venue.ts'

/**
 * Sends an order, once. ccxt's own way (`createOrder`) waits in its throttler and then signs with the time of that moment; so a
 * process that froze there would send a fresh order when it wakes. Here the request is signed with `signedAt` and goes out at once or
 * not at all; the rate limit was paid by `prepare`.
 */
export async function placeOrder(
  venue: Venue,
  client: BinanceClient,
  orders: Limiter,
  settings: ExchangeSettings,
  marketId: string,
  request: OrderRequest,
): Promise<PlaceResult> {
  const wait = Math.max(venue.blockedForMs(), orders.blockedForMs())
  if (wait > 0) return notSent(`${venue.id} asked us to wait ${Math.ceil(wait / 1000)} s.`)
  let signed
  try {
    signed = client.sign('order', 'private', 'POST', {
      symbol: marketId,
      side: request.side,
      ...termsOf(request.terms),
      quantity: plain(request.amount),
      newClientOrderId: request.clientOrderId,
      newOrderRespType: 'FULL',
      timestamp: Math.floor(venue.clock.fromHost(request.signedAt)),
      recvWindow: request.recvWindowMs,
    })
  } catch (error) {
    return notSent(error instanceof Error ? error.message : String(error))
  }
  const elapsed = Date.now() - request.signedAt
  // Negative: somebody set the clock back since, so that the time gone by is not known.
  if (elapsed > settings.timing.sendBudgetMs || elapsed < -settings.timing.settleSkewMs)
    return notSent(`The time to send it was over: ${elapsed} ms since its claim.`)
  try {
    const answer: unknown = await withDeadline(
      client.fetch(signed['url'], signed['method'], signed['headers'], signed['body']),
      request.timeoutMs,
      () => new Error(`${venue.id} did not answer within ${request.timeoutMs} ms`),
    )
    return readAnswer(answer, marketId, request)
  } catch (error) {
    venue.heed(error, orders)
    return toPlaceResult(error)
  }
}

function termsOf(terms: OrderTerms): Record<string, string> {
  switch (terms.type) {
    case 'MARKET':
      return { type: 'MARKET' }
    case 'LIMIT_IOC':
      return { type: 'LIMIT', timeInForce: 'IOC', price: plain(terms.price) }
    case 'STOP_LIMIT':
      return {
        type: 'STOP_LOSS_LIMIT',
        timeInForce: 'GTC',
        price: plain(terms.price),
        stopPrice: plain(terms.stopPrice),
      }
    case 'STOP_MARKET':
      throw new Error('a spot market has no STOP_MARKET here')
  }
}

function readAnswer(answer: unknown, marketId: string, request: OrderRequest): PlaceResult {
  const { symbol, order, fills } = placedOrder.parse(answer)
  if (symbol !== marketId || order.clientOrderId !== request.clientOrderId || order.side !== request.side)
    return {
      kind: 'UNKNOWN',
      message: `The exchange answered about another order: ${symbol} ${order.side} ${order.clientOrderId}`,
    }
  if (!order.amount.eq(request.amount))
    return {
      kind: 'UNKNOWN',
      message: `The exchange answered about ${plain(order.amount)} where ${plain(request.amount)} was ordered.`,
    }
  return { kind: 'ACCEPTED', order, fills }
}

/** Proven not to have left: nothing was sent yet when this was found out. */
export function notSent(message: string): PlaceResult {
  return { kind: 'REFUSED', code: 'NOT_SENT', message }
}
