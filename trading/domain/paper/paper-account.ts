import {
  type LookResult,
  type OrderRequest,
  type PlaceResult,
  type RefusalCode,
  type TradingAccount,
  VenueError,
  type VenueFill,
  type VenueOrder,
} from '../exchange.ts'
import type { Market } from '../market.ts'
import { Decimal, ZERO } from '../money.ts'
import { type PaperCosts, paperOutcome, paperPrice } from './paper-fill.ts'

type Held = VenueOrder & {
  symbol: string
  clientOrderId: string
  type: OrderRequest['terms']['type']
  triggered: boolean
}

/** What the paper account is told from outside: it reads no clock and no market by itself. */
export type PaperParts = {
  markets: readonly Market[]
  /** The price now; null: the market has none. */
  price: (symbol: string) => Decimal | null
  now: () => Date
  costs: PaperCosts
  /** What the account begins with, by asset. */
  balances: Record<string, Decimal>
}

/**
 * A TradingAccount in memory: orders fill whole, at the price and the fee that PAPER bots get, or not at all. A resting stop is looked at
 * whenever the account is asked something. Nothing here is ever in doubt.
 */
export function makePaperAccount(parts: PaperParts): TradingAccount {
  const { price, now, costs } = parts
  const markets = new Map(parts.markets.map((market) => [market.symbol, market]))
  const totals = new Map(Object.entries(parts.balances))
  const orders: Held[] = []
  const fills: (VenueFill & { symbol: string })[] = []

  const totalOf = (asset: string) => totals.get(asset) ?? ZERO
  const isOpen = (order: Held) => order.status === 'OPEN'
  const add = (asset: string, change: Decimal) => void totals.set(asset, totalOf(asset).plus(change))

  function marketOf(symbol: string): Market {
    const market = markets.get(symbol)
    if (market === undefined)
      throw new VenueError('MARKET_GONE', `The paper account has no market ${symbol}.`)
    return market
  }

  /** What resting orders hold back. */
  function lockedOf(asset: string): Decimal {
    return orders.filter(isOpen).reduce((sum, order) => {
      const { base, quote } = marketOf(order.symbol)
      if (order.side === 'SELL') return base === asset ? sum.plus(order.amount) : sum
      return quote === asset ? sum.plus(order.amount.times(order.price ?? ZERO)) : sum
    }, ZERO)
  }

  /** Fills an order where the price allows it, as a PAPER bot's order fills. False, and nothing done, where it does not. */
  function tryFill(order: Held, last: Decimal): boolean {
    const market = marketOf(order.symbol)
    const outcome = paperOutcome(order, costs, market, last, now())
    for (const [index, fill] of outcome.fills.entries()) {
      const way = order.side === 'BUY' ? 1 : -1
      add(market.base, fill.amount.times(way))
      add(market.quote, fill.price.times(fill.amount).times(-way))
      add(fill.feeCurrency, fill.fee.negated())
      fills.push({ ...fill, tradeId: String(fills.length + 1), symbol: order.symbol })
      if (index === 0)
        Object.assign(order, { status: 'FILLED', filled: order.amount, averagePrice: fill.price })
    }
    return outcome.fills.length > 0
  }

  /** Resting stops that the price has reached since. */
  function advance(): void {
    for (const order of orders.filter(isOpen)) {
      const last = price(order.symbol)
      if (last === null || order.stopPrice === null) continue
      order.triggered ||= order.side === 'SELL' ? last.lte(order.stopPrice) : last.gte(order.stopPrice)
      if (order.triggered) tryFill(order, last)
    }
  }

  function place(request: OrderRequest): PlaceResult {
    const market = markets.get(request.symbol)
    const last = price(request.symbol)
    if (market === undefined || last === null)
      return refused('NOT_SENT', `The paper account has no market ${request.symbol}.`)
    const refusal = refusalOf(request, market, last)
    if (refusal !== null) return refused('ORDER_INVALID', refusal)
    const { terms, side, amount, symbol, clientOrderId } = request
    if (terms.type === 'STOP_MARKET') return refused('ORDER_INVALID', SPOT_ONLY)
    const limit = terms.type === 'MARKET' ? null : terms.price
    const order: Held = {
      exchangeOrderId: String(orders.length + 1),
      ...{ symbol, clientOrderId, side, amount, type: terms.type, triggered: false, price: limit },
      status: 'OPEN',
      filled: ZERO,
      averagePrice: null,
      stopPrice: terms.type === 'STOP_LIMIT' ? terms.stopPrice : null,
      createdAt: now(),
    }
    const worst = limit ?? paperPrice(side, last, costs.paperSlippagePerc, market.priceTick)
    const [asset, needed] = side === 'SELL' ? [market.base, amount] : [market.quote, worst.times(amount)]
    if (needed.gt(totalOf(asset).minus(lockedOf(asset))))
      return refused('BALANCE_INSUFFICIENT', `The paper account has too little ${asset}.`)
    orders.push(order)
    if (terms.type !== 'STOP_LIMIT' && !tryFill(order, last)) order.status = 'EXPIRED'
    return { kind: 'ACCEPTED', order: toOrder(order), fills: fillsOf(order) }
  }

  const fillsOf = (order: Held) =>
    fills.filter((one) => one.exchangeOrderId === order.exchangeOrderId).map(toFill)

  return {
    prepare: async (symbol) => void marketOf(symbol),
    async placeOrder(request) {
      advance()
      return place(request)
    },
    async findOrder({ symbol, clientOrderId, exchangeOrderId }): Promise<LookResult> {
      marketOf(symbol)
      advance()
      const found = orders.findLast(
        (order) =>
          order.symbol === symbol &&
          (order.clientOrderId === clientOrderId || order.exchangeOrderId === exchangeOrderId),
      )
      return found === undefined
        ? { found: false }
        : { found: true, order: toOrder(found), fills: fillsOf(found) }
    },
    async fetchOpenOrders(symbol) {
      marketOf(symbol)
      advance()
      return orders.filter((order) => isOpen(order) && order.symbol === symbol).map(toOrder)
    },
    async fetchOrders(symbol, since) {
      marketOf(symbol)
      advance()
      return orders.filter((order) => order.symbol === symbol && order.createdAt >= since).map(toOrder)
    },
    async fetchTrades(symbol, since) {
      marketOf(symbol)
      advance()
      return fills.filter((one) => one.symbol === symbol && one.executedAt >= since).map(toFill)
    },
    async cancelOrder({ symbol, clientOrderId, exchangeOrderId }) {
      marketOf(symbol)
      advance()
      for (const order of orders.filter(isOpen))
        if (order.clientOrderId === clientOrderId || order.exchangeOrderId === exchangeOrderId)
          order.status = 'CANCELED'
    },
    async fetchBalance() {
      advance()
      return new Map(
        [...totals].map(([asset, total]) => [asset, { free: total.minus(lockedOf(asset)), total }]),
      )
    },
    setUpFutures: async () => spotOnly(),
    fetchPosition: async () => spotOnly(),
    fetchFunding: async () => spotOnly(),
    transfer: async () => ({ kind: 'REFUSED', code: 'NOT_SENT', message: SPOT_ONLY }),
    fetchTransfers: async () => spotOnly(),
    probeRights: async () => ({ canTrade: true, canTransfer: false, canWithdraw: false }),
    close: async () => {},
  }
}

const SPOT_ONLY = 'The paper account trades on spot markets only.'

function spotOnly(): never {
  throw new VenueError('REFUSED', SPOT_ONLY)
}

/** What a venue refuses before it looks at the account. */
function refusalOf({ terms, amount, side }: OrderRequest, market: Market, last: Decimal): string | null {
  const { amountStep, priceTick, minAmount, minCost } = market
  if (terms.type === 'STOP_MARKET') return SPOT_ONLY
  const prices =
    terms.type === 'MARKET' ? [] : terms.type === 'LIMIT_IOC' ? [terms.price] : [terms.price, terms.stopPrice]
  const off = (value: Decimal, step: Decimal | null) =>
    step !== null && step.gt(0) && !value.mod(step).isZero()
  if (amount.lte(0) || off(amount, amountStep)) return `The amount is not on the step of ${market.symbol}.`
  if (prices.some((one) => one.lte(0) || off(one, priceTick)))
    return `A price is not on the tick of ${market.symbol}.`
  if (minAmount !== null && amount.lt(minAmount)) return `The amount is below the least of ${market.symbol}.`
  if (minCost !== null && amount.times(prices[0] ?? last).lt(minCost))
    return `The order is worth less than ${market.symbol} allows.`
  if (
    terms.type === 'STOP_LIMIT' &&
    (side === 'SELL' ? last.lte(terms.stopPrice) : last.gte(terms.stopPrice))
  )
    return 'The stop price would trigger immediately.'
  return null
}

function refused(code: RefusalCode, message: string): PlaceResult {
  return { kind: 'REFUSED', code, message }
}

function toOrder(order: Held): VenueOrder {
  const { symbol: _symbol, type: _type, triggered: _triggered, ...shown } = order
  return shown
}

function toFill({ symbol: _symbol, ...fill }: VenueFill & { symbol: string }): VenueFill {
  return fill
}
