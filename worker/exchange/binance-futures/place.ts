import type { OrderRequest, OrderTerms, PlaceResult, VenueOrder } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import type { BinanceClient } from '../ccxt.ts'
import { withDeadline } from '../deadline.ts'
import { toPlaceResult } from '../errors.ts'
import type { Limiter } from '../limiter.ts'
import { notSent } from '../place-order.ts'
import type { ExchangeSettings } from '../settings.ts'
import type { Venue } from '../venue.ts'
import { FUTURES_REFUSALS } from './refusals.ts'
import { algoRow, describeOrder, orderRow } from './shapes.ts'

/**
 * Sends an order of a perpetual, once: signed with the time of its claim, and at once or not at all, as place-order.ts does and says why.
 * Conditional ones go to the service of their own that Binance moved them to in December 2025.
 */
export async function placeFuturesOrder(
  venue: Venue,
  client: BinanceClient,
  orders: Limiter,
  settings: ExchangeSettings,
  marketId: string,
  request: OrderRequest,
): Promise<PlaceResult> {
  const wait = Math.max(venue.blockedForMs(), orders.blockedForMs())
  if (wait > 0) return notSent(`${venue.id} asked us to wait ${Math.ceil(wait / 1000)} s.`)
  const isAlgo = request.terms.type === 'STOP_MARKET'
  let signed
  try {
    signed = client.sign(isAlgo ? 'algoOrder' : 'order', 'fapiPrivate', 'POST', {
      symbol: marketId,
      side: request.side,
      ...termsOf(request.terms),
      quantity: plain(request.amount),
      // Left out it is false; as text, for a boolean is not taken in every version.
      ...(request.reduceOnly === true && { reduceOnly: 'true' }),
      [isAlgo ? 'clientAlgoId' : 'newClientOrderId']: request.clientOrderId,
      newOrderRespType: 'RESULT',
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
    const { symbol, order, known } = isAlgo ? readAlgo(answer) : readOrder(answer)
    return judge(symbol, order, known, marketId, request)
  } catch (error) {
    venue.heed(error, orders)
    return toPlaceResult(error, FUTURES_REFUSALS)
  }
}

function termsOf(terms: OrderTerms): Record<string, string> {
  switch (terms.type) {
    case 'MARKET':
      return { type: 'MARKET' }
    case 'LIMIT_IOC':
      return { type: 'LIMIT', timeInForce: 'IOC', price: plain(terms.price) }
    case 'STOP_MARKET':
      return {
        algoType: 'CONDITIONAL',
        type: 'STOP_MARKET',
        triggerPrice: plain(terms.stopPrice),
        workingType: 'MARK_PRICE',
      }
    case 'STOP_LIMIT':
      throw new Error('a perpetual has no STOP_LIMIT here')
  }
}

/** The answer to an order never lists its trades. */
function readOrder(answer: unknown) {
  const { symbol, order } = orderRow.parse(answer)
  return { symbol, order, known: order.filled.isZero() }
}

function readAlgo(answer: unknown) {
  const { symbol, order, actualOrderId } = algoRow.parse(answer)
  return { symbol, order, known: actualOrderId === null }
}

/** `known`: there are no fills, so that nothing is left to be looked up. */
function judge(
  symbol: string,
  order: VenueOrder,
  known: boolean,
  marketId: string,
  request: OrderRequest,
): PlaceResult {
  const right =
    symbol === marketId &&
    order.clientOrderId === request.clientOrderId &&
    order.side === request.side &&
    order.amount.eq(request.amount)
  if (right) return { kind: 'ACCEPTED', order, fills: known ? [] : null }
  const told = describeOrder({ symbol, side: order.side, id: order.clientOrderId, amount: order.amount })
  return { kind: 'UNKNOWN', message: `The exchange answered about another order: ${told}.` }
}
