import { VenueError, type OrderRequest } from '#trading/domain/exchange.ts'
import { decimal, plain } from '#trading/domain/money.ts'
import { noteAnswer } from '../http-answer.ts'
import { sentAnswer } from './krakenfutures-shapes.ts'
import type { Placed, RecipeMarket, Unsigned } from './recipe.ts'

/** An order, as Kraken's futures take it. */
export function build(market: RecipeMarket, request: OrderRequest, at: number): Unsigned {
  return {
    api: 'private',
    method: 'POST',
    path: 'sendorder',
    params: {
      ...termsOf(request),
      symbol: market.id,
      side: request.side.toLowerCase(),
      size: plain(request.amount),
      cliOrdId: request.clientOrderId,
      ...(request.reduceOnly === true && { reduceOnly: 'true' }),
      processBefore: new Date(at + request.recvWindowMs).toISOString(),
    },
  }
}

function termsOf({ terms }: OrderRequest): Record<string, string> {
  switch (terms.type) {
    case 'MARKET':
      return { orderType: 'mkt' }
    case 'LIMIT_IOC':
      return { orderType: 'ioc', limitPrice: plain(terms.price) }
    case 'STOP_MARKET':
      return { orderType: 'stp', stopPrice: plain(terms.stopPrice), triggerSignal: 'mark' }
    case 'STOP_LIMIT':
      throw new Error('a perpetual has no STOP_LIMIT here')
  }
}

/**
 * "placed" comes with what happened at once. Fees are told by the history alone, so fills are left to the look. Anything else was not placed: an
 * error with Kraken's own answer, which errors.ts judges.
 */
export function readPlaced(answer: unknown, market: RecipeMarket, request: OrderRequest): Placed {
  const { status, order_id: id, orderEvents } = sentAnswer.parse(answer).sendStatus
  const events = orderEvents
    .map((event) => event.order ?? event.orderPriorExecution ?? null)
    .filter((one) => one !== null)
  const stop = orderEvents.find(({ orderTrigger }) => orderTrigger != null)?.orderTrigger ?? null
  const exchangeOrderId = id ?? events[0]?.orderId ?? stop?.uid
  const expired = status === 'iocWouldNotExecute'
  if (
    (status !== 'placed' && status !== 'filled' && status !== 'partiallyFilled' && !expired) ||
    exchangeOrderId === undefined
  )
    throw asKrakensAnswer(answer, `Kraken answered with the status ${status}.`)
  const [told] = events
  if (
    told !== undefined &&
    (told.symbol.toUpperCase() !== market.id ||
      (told.cliOrdId ?? request.clientOrderId) !== request.clientOrderId)
  )
    throw new VenueError(
      'UNREADABLE',
      `The exchange answered about another order: ${told.symbol} ${told.orderId}.`,
    )
  const filled = orderEvents.reduce(
    (sum, { type, amount }) => (type === 'EXECUTION' && amount != null ? sum.plus(amount) : sum),
    decimal(0),
  )
  const { terms } = request
  const rests = terms.type === 'STOP_MARKET'
  return {
    kind: 'ORDER',
    order: {
      exchangeOrderId,
      clientOrderId: request.clientOrderId,
      side: request.side,
      status: expired
        ? 'EXPIRED'
        : filled.isZero()
          ? 'OPEN'
          : filled.lt(request.amount)
            ? 'PARTIALLY_FILLED'
            : 'FILLED',
      amount: request.amount,
      filled,
      averagePrice: null,
      price: terms.type === 'LIMIT_IOC' ? terms.price : null,
      stopPrice: rests ? terms.stopPrice : null,
      createdAt: told?.timestamp ?? stop?.timestamp ?? new Date(request.signedAt),
    },
    fills: filled.isZero() && (expired || rests) ? [] : null,
  }
}

function asKrakensAnswer(answer: unknown, sentence: string): Error {
  const error = new Error(sentence)
  noteAnswer(error, { status: 200, headers: {}, body: JSON.stringify(answer), venue: 'krakenfutures' })
  return error
}
