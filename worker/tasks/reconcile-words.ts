import { assertNever } from '#trading/domain/assert-never.ts'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { type Decimal, plain, ZERO } from '#trading/domain/money.ts'
import { isSettled } from '#trading/domain/order.ts'
import { isResting } from '#trading/domain/reconcile/orders.ts'
import type { BookedOrder, Finding } from '#trading/domain/reconcile/types.ts'
import type { Difference } from '#trading/jobs/reconcile-answer.ts'
import type { Judged } from './reconcile-judge.ts'

/** A difference without what only the tables know: the names of bots, and whether it was told already. */
export type Worded = Omit<Difference, 'bots' | 'state'> & { botIds: readonly string[] }

/** A finding in words and figures, for a person. */
export function inWords(judged: Judged, finding: Finding): Worded {
  const { one, there, shortage } = judged
  const { asset } = one.books
  const venue = one.key.exchange
  const trades = judged.asked.flatMap(({ deepTrades }) => deepTrades)
  switch (finding.kind) {
    case 'SETTLE':
      return ofSettle(finding, asset, venue, trades)
    case 'CANCEL':
      return {
        ...ofOrder(finding.order, finding.found, asset, trades),
        kind: 'STRAY_ORDER',
        ...amounts(ZERO, finding.found.amount.minus(finding.found.filled)),
        what: `${said(finding.order)} rests at ${venue} (${finding.found.exchangeOrderId}), though it is ${finding.order.status} in the books and nothing needs it.`,
        how: `--apply cancels it at ${venue}; what it filled until then is booked.`,
      }
    case 'TAKE_OVER': {
      const { found } = finding
      return {
        ...ofFound(finding.symbol, [finding.botId], found, asset, trades),
        kind: 'MISSING_ORDER',
        ...amounts(ZERO, found.filled),
        what: `${found.side} order ${found.exchangeOrderId} over ${plain(found.amount)} ${asset} (${found.status}, ${plain(found.filled)} filled) is TradeBot's by its id, and the books miss it.`,
        how: `--apply takes it over as the bot's, with each of its fills as ${venue} tells them.`,
      }
    }
    case 'FOREIGN': {
      const { found } = finding
      const state = isResting(found) ? 'rests' : `is ${found.status}`
      return {
        ...ofFound(finding.symbol, [], found, asset, trades),
        kind: 'FOREIGN_ORDER',
        ...amounts(null, found.filled),
        what: `${found.side} order ${found.exchangeOrderId} over ${plain(found.amount)} ${asset} ${state} (${plain(found.filled)} filled); it is not TradeBot's.`,
        how: 'It is left alone, always; --apply remembers it, so that it is told once.',
      }
    }
    case 'MANUAL_CLOSE':
      return ofClose(judged, finding)
    case 'PAUSE':
      return ofPause(judged, finding)
    case 'RECOUNT_ORDER':
      return {
        ...ofOrder(finding.order, finding.found, asset, trades),
        kind: 'WRONG_ORDER_AMOUNT',
        ...amounts(finding.order.filled, finding.found.filled),
        what: `The books have ${plain(finding.order.filled)} ${asset} of ${said(finding.order)} filled; its fills in the books add up to ${plain(finding.filled)}, and so ${venue} says.`,
        how: '--apply sets the amount to what the fills add up to.',
      }
    case 'RESTORE_FILLS': {
      const has = finding.found.filled.minus(sumOf(finding.fills))
      return {
        ...ofOrder(finding.order, finding.found, asset, finding.fills),
        kind: 'LOST_FILLS',
        ...amounts(has, finding.found.filled),
        what: `Of ${said(finding.order)} the books have fills of ${plain(has)} ${asset}, ${venue} has ${plain(finding.found.filled)}; the position holds what is missing, so only the rows are lost.`,
        how: `--apply writes the missing fills as ${venue} tells them, and leaves the position as it is.`,
      }
    }
    case 'RECOUNT_POSITION': {
      const side = one.books.bots.find(({ id }) => id === finding.botId)?.side
      const sign = (amount: Decimal) => (side === 'SELL' ? amount.neg() : amount)
      return {
        ...nothing(finding.symbol, [finding.botId], asset),
        kind: 'WRONG_POSITION',
        ...amounts(sign(finding.held), sign(finding.amount)),
        fills: told(trades),
        settledBy: 'APPLY',
        what: `The books say that the bot holds ${plain(finding.held)} ${asset}; its fills in the books come to ${plain(finding.amount)}, and the account has that (${plain(there)} in all${shortage.gt(0) ? '' : ', what is more is not the bots’'}).`,
        how: '--apply sets the position to what its fills come to; its cost and profit stay as they are.',
      }
    }
    default:
      return assertNever(finding)
  }
}

function ofSettle(
  { order, found, why }: Extract<Finding, { kind: 'SETTLE' }>,
  asset: string,
  venue: string,
  trades: readonly VenueFill[],
): Worded {
  const base = ofOrder(order, found, asset, trades)
  const how = `--apply looks it up at ${venue} and books what is found, each fill once.`
  const stop = order.purpose === 'PROTECTIVE_STOP'
  const unheard = found === null
  const doubted = ['UNKNOWN', 'SUBMITTING', 'NOT_PLACED', 'REJECTED'].includes(order.status)
  const ended = !unheard && !isResting(found) && !isSettled(order.status)
  const figures = amounts(order.filled, found?.filled ?? null)
  const is = `${said(order)} is ${order.status} in the books`
  if (stop && !doubted && (unheard || (ended && !found.filled.gt(order.filled))))
    return {
      ...base,
      kind: 'MISSING_STOP',
      ...figures,
      what: `${is}, but ${unheard ? `${venue} does not list it` : `${venue} says ${found.status}`}: the position has no stop there.`,
      how: `${how} A bot that runs or is paused then places a new stop; --apply waits for it.`,
    }
  if (unheard) return { ...base, kind: 'ORDER_VANISHED', ...figures, what: `${is}, but ${why}.`, how }
  if (doubted)
    return {
      ...base,
      kind: 'ORDER_FOUND',
      ...figures,
      what: `${is}, but ${venue} has it as ${found.exchangeOrderId} (${found.status}, ${plain(found.filled)} ${asset} filled).`,
      how,
    }
  if (found.filled.gt(order.filled) || !ended)
    return {
      ...base,
      kind: 'MISSING_FILL',
      ...figures,
      what: `${is} with ${plain(order.filled)} ${asset} filled; ${venue} has filled ${plain(found.filled)} (${found.status}).`,
      how,
    }
  return { ...base, kind: 'ORDER_ENDED', ...figures, what: `${is}, but ${venue} says ${found.status}.`, how }
}

function ofClose(judged: Judged, finding: Extract<Finding, { kind: 'MANUAL_CLOSE' }>): Worded {
  const { one, there } = judged
  const { asset, bots } = one.books
  const fills = finding.closes.flatMap((close) => close.fills)
  const ids = finding.closes.map(({ exchangeOrderId }) => exchangeOrderId).join(', ')
  const liquidated = finding.closes.some(({ liquidation }) => liquidation)
  const bot = bots.find(({ id }) => id === finding.botId)
  const held = bot?.held ?? ZERO
  const gone = sumOf(fills)
  const part = gone.lt(held) ? `a part of its ${plain(held)}` : 'all of it'
  const signed = bot?.side === 'SELL' ? held.neg() : held
  return {
    ...nothing(finding.symbol, [finding.botId], asset),
    kind: liquidated ? 'LIQUIDATION' : 'MANUAL_CLOSE',
    ...amounts(judged.venue === undefined ? there.plus(judged.shortage) : signed, there),
    exchangeOrderId: finding.closes[0]?.exchangeOrderId ?? null,
    fills: told(fills),
    settledBy: 'APPLY',
    what: `${plain(gone)} ${asset} of the bot's position, ${part}, left it by ${liquidated ? "the exchange's liquidation" : "orders that are not TradeBot's"} (${ids}).`,
    how: `--apply books ${liquidated ? 'the liquidation' : 'the close by hand'} with these fills.`,
  }
}

function ofPause(judged: Judged, finding: Extract<Finding, { kind: 'PAUSE' }>): Worded {
  const { one, there, shortage, venue } = judged
  const { asset, bots } = one.books
  const ofBooks = finding.subject.startsWith('BOOKS ')
  const ofOrders = finding.amount === null
  const first = bots.find(({ id }) => finding.botIds.includes(id))
  const number = ofOrders ? (finding.subject.split(' ').at(-1) ?? null) : null
  const found = judged.asked
    .flatMap(({ orders, open }) => [...orders, ...open])
    .find(({ exchangeOrderId }) => exchangeOrderId === number)
  const booked = bots.reduce(
    (sum, bot) =>
      bot.side === 'SELL'
        ? sum.minus(bot.held)
        : sum.plus(bot.held).plus(venue === undefined ? bot.dust : ZERO),
    ZERO,
  )
  const figures = ofOrders
    ? amounts(ZERO, found?.filled ?? null)
    : ofBooks
      ? { books: null, exchange: null, difference: plain(finding.amount ?? ZERO) }
      : {
          ...amounts(booked, there),
          difference: plain(venue === undefined ? shortage.neg() : there.minus(booked)),
        }
  return {
    ...nothing(first?.symbol ?? one.markets[0]?.symbol ?? '', finding.botIds, asset),
    kind: ofOrders
      ? 'AMBIGUOUS_ORDER'
      : ofBooks
        ? 'BOOKS_CONTRADICT'
        : venue === undefined
          ? 'UNEXPLAINED_SHORTAGE'
          : 'POSITION_DIFFERS',
    ...figures,
    exchangeOrderId: number,
    clientOrderId: found?.clientOrderId ?? null,
    settledBy: 'PERSON',
    what: finding.message,
    how: 'No machine can know what happened: --apply pauses the bots with this question and changes nothing else. A person puts right what differs and resumes them.',
  }
}

function ofOrder(
  order: BookedOrder,
  found: VenueOrder | null,
  asset: string,
  trades: readonly VenueFill[],
): Omit<Worded, 'kind' | 'what' | 'how' | 'books' | 'exchange' | 'difference'> {
  const exchangeOrderId = found?.exchangeOrderId ?? order.exchangeOrderId
  return {
    ...nothing(order.symbol, [order.botId], asset),
    orderId: order.id,
    exchangeOrderId,
    clientOrderId: order.clientOrderId,
    fills: told(trades.filter((fill) => fill.exchangeOrderId === exchangeOrderId)),
  }
}

function ofFound(
  symbol: string,
  botIds: readonly string[],
  found: VenueOrder,
  asset: string,
  trades: readonly VenueFill[],
): Omit<Worded, 'kind' | 'what' | 'how' | 'books' | 'exchange' | 'difference'> {
  return {
    ...nothing(symbol, botIds, asset),
    exchangeOrderId: found.exchangeOrderId,
    clientOrderId: found.clientOrderId,
    fills: told(trades.filter((fill) => fill.exchangeOrderId === found.exchangeOrderId)),
  }
}

export function nothing(symbol: string, botIds: readonly string[], asset: string) {
  const evidence = { orderId: null, exchangeOrderId: null, clientOrderId: null, fills: [] }
  const figures = { books: null, exchange: null, difference: null }
  return { symbol, botIds, asset, ...evidence, ...figures, settledBy: 'APPLY' as const }
}

function amounts(
  books: Decimal | null,
  exchange: Decimal | null,
): Pick<Difference, 'books' | 'exchange' | 'difference'> {
  const both = books !== null && exchange !== null
  return {
    books: books === null ? null : plain(books),
    exchange: exchange === null ? null : plain(exchange),
    difference: both ? plain(exchange.minus(books)) : null,
  }
}

function said({ id, purpose }: BookedOrder): string {
  return `${purpose} order ${id}`
}

function told(fills: readonly VenueFill[]): Difference['fills'] {
  return fills.map(({ tradeId, exchangeOrderId, side, amount, price, executedAt }) => ({
    tradeId,
    exchangeOrderId,
    side,
    amount: plain(amount),
    price: plain(price),
    at: executedAt.toISOString(),
  }))
}

function sumOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, { amount }) => sum.plus(amount), ZERO)
}
