import type { OrderSide } from '#trading/domain/bot.ts'
import { decimal, ZERO, type Decimal } from '#trading/domain/money.ts'
import { makeFunds, type Funds } from './funds.ts'

/** A market of a fake venue. `id`: the venue's own name of it. Steps as text, in base currency. */
export type CoreMarket = {
  symbol: string
  id: string
  kind: 'SPOT' | 'FUTURES'
  base: string
  quote: string
  step: string
  tick: string
  minAmount: string
  takerFee: string
  maxLeverage: number
  /** SPOT: buyers too pay the fee in quote currency. */
  feeInQuote?: boolean
}

export type CoreFill = {
  id: string
  orderId: string
  symbol: string
  side: OrderSide
  amount: Decimal
  price: Decimal
  fee: Decimal
  feeCurrency: string
  at: number
  liquidation: boolean
}

/** RESTING: a stop that waits for its trigger. WORKING: a limit in the book, or a market order that is being filled. */
export type CoreStatus = 'RESTING' | 'WORKING' | 'FILLED' | 'CANCELED' | 'EXPIRED'

export type CoreOrder = {
  id: string
  /** The number of what a stop becomes, for venues that count stops apart; null until it is triggered. */
  triggeredId: string | null
  clientId: string | null
  symbol: string
  side: OrderSide
  type: 'MARKET' | 'LIMIT' | 'STOP_LIMIT' | 'STOP_MARKET'
  immediate: boolean
  amount: Decimal
  price: Decimal | null
  stopPrice: Decimal | null
  triggerBy: 'LAST' | 'MARK'
  /** A stop waits for the price to come to its trigger from above, or from below. */
  waitsFor: 'FALL' | 'RISE'
  /** A resting sell keeps back what it would sell. */
  holds: boolean
  reduceOnly: boolean
  liquidation: boolean
  status: CoreStatus
  filled: Decimal
  fills: CoreFill[]
  createdAt: number
  updatedAt: number
  /** Lists and look-ups do not show it before then. */
  visibleAt: number
  /** What the venue calls its state instead of what it should; null: as it should. */
  oddStatus: string | null
}

export type CoreRefusal =
  'BALANCE' | 'MIN_AMOUNT' | 'STEP' | 'DUPLICATE' | 'REDUCE_ONLY' | 'WOULD_TRIGGER' | 'NO_MARKET'

export type NewCoreOrder = Pick<
  CoreOrder,
  'clientId' | 'symbol' | 'side' | 'type' | 'amount' | 'price' | 'stopPrice'
> &
  Partial<Pick<CoreOrder, 'immediate' | 'triggerBy' | 'holds' | 'reduceOnly'>> & {
    /** BY_SIDE: a sell waits for the price to fall, and is refused where it has. BY_PRICE: what it waits for is told by the price now. */
    trigger?: 'BY_SIDE' | 'BY_PRICE'
  }

/** The engine of a fake venue: one account, prices that the test sets, fills in two pieces. No network, no time of its own but the host's. */
export type Core = {
  markets: readonly CoreMarket[]
  orders: CoreOrder[]
  funds: Funds
  market(idOrSymbol: string): CoreMarket | undefined
  place(order: NewCoreOrder): CoreOrder | CoreRefusal
  cancel(order: CoreOrder): boolean
  /** What look-ups show. */
  shown(): CoreOrder[]
  fills(): CoreFill[]
  price(symbol: string): Decimal
  mark(symbol: string): Decimal
  setPrice(symbol: string, price: string): void
  setMark(symbol: string, price: string): void
  fund(symbol: string, rate: string): void
  /** The next orders placed are not shown for so long. */
  hideNext(ms: number): void
  /** The next order fills its first piece at once; the rest when `finish` is called. */
  fillNextInParts(): { finish(): void }
  /** The next order is told of with a state that nobody knows. */
  nextIsOdd(status: string): void
  now(): number
  nextId(): string
}

export function makeCore(markets: readonly CoreMarket[], balances: Record<string, string>): Core {
  const orders: CoreOrder[] = []
  const prices = new Map<string, Decimal>()
  const marks = new Map<string, Decimal>()
  const funds = makeFunds(balances)
  let lastTime = 0
  let lastId = 1_700_000_000_000
  let hideMs = 0
  let inParts = false
  let odd: string | null = null

  const now = () => (lastTime = Math.max(lastTime + 1, Date.now()))
  const nextId = () => String((lastId += 7))
  const market = (name: string) => markets.find(({ id, symbol }) => id === name || symbol === name)
  const known = (symbol: string): CoreMarket => {
    const found = market(symbol)
    if (found === undefined) throw new Error(`no market ${symbol}`)
    return found
  }
  const price = (symbol: string) => prices.get(symbol) ?? decimal('60000')
  const mark = (symbol: string) => marks.get(symbol) ?? price(symbol)
  const isOver = ({ status }: CoreOrder) => status !== 'RESTING' && status !== 'WORKING'

  function refusalOf(order: NewCoreOrder): CoreRefusal | null {
    const its = market(order.symbol)
    if (its === undefined) return 'NO_MARKET'
    if (order.clientId !== null && orders.some((one) => one.clientId === order.clientId)) return 'DUPLICATE'
    if (!order.amount.mod(its.step).isZero()) return 'STEP'
    if (order.amount.lt(its.minAmount)) return 'MIN_AMOUNT'
    const last = order.triggerBy === 'MARK' ? mark(its.symbol) : price(its.symbol)
    const { stopPrice, side } = order
    if (stopPrice !== null && order.trigger !== 'BY_PRICE')
      if (side === 'SELL' ? stopPrice.gte(last) : stopPrice.lte(last)) return 'WOULD_TRIGGER'
    if (order.reduceOnly === true)
      return stopPrice === null && funds.reducible(its, side).isZero() ? 'REDUCE_ONLY' : null
    if (stopPrice !== null && order.holds !== true) return null
    return funds.affords(its, side, order.amount, order.price ?? price(its.symbol)) ? null : 'BALANCE'
  }

  function place(wish: NewCoreOrder): CoreOrder | CoreRefusal {
    const refusal = refusalOf(wish)
    if (refusal !== null) return refusal
    const its = known(wish.symbol)
    const at = now()
    const { trigger, ...terms } = wish
    const last = wish.triggerBy === 'MARK' ? mark(its.symbol) : price(its.symbol)
    const falls = trigger === 'BY_PRICE' ? (wish.stopPrice?.lt(last) ?? true) : wish.side === 'SELL'
    const order: CoreOrder = {
      id: nextId(),
      triggeredId: null,
      immediate: wish.type === 'MARKET',
      triggerBy: 'LAST',
      holds: false,
      reduceOnly: false,
      ...terms,
      symbol: its.symbol,
      waitsFor: falls ? 'FALL' : 'RISE',
      liquidation: false,
      status: wish.stopPrice === null ? 'WORKING' : 'RESTING',
      filled: ZERO,
      fills: [],
      createdAt: at,
      updatedAt: at,
      visibleAt: at + hideMs,
      oddStatus: odd,
    }
    hideMs = 0
    odd = null
    orders.push(order)
    if (order.status === 'WORKING') match(order)
    keepBack()
    return order
  }

  /** Fills what the price allows; what is immediate and not filled then is over. */
  function match(order: CoreOrder): void {
    const its = known(order.symbol)
    const last = price(order.symbol)
    const { side } = order
    const fits = order.price === null || (side === 'BUY' ? last.lte(order.price) : last.gte(order.price))
    let left = order.amount.minus(order.filled)
    if (order.reduceOnly) {
      const reducible = funds.reducible(its, side)
      if (reducible.lt(left)) left = reducible
    }
    if (fits && left.gt(0)) {
      const first = left.times('0.6').toNearest(its.step)
      const whole = first.isZero() || first.gte(left)
      take(order, whole ? left : first, last)
      if (!whole && inParts) {
        inParts = false
        return
      }
      if (!whole) take(order, left.minus(first), nextPrice(order, its, last))
    }
    if (order.filled.eq(order.amount)) order.status = 'FILLED'
    else if (order.immediate || order.type === 'STOP_MARKET') order.status = 'EXPIRED'
  }

  /** The second piece costs a tick more, within the limit. */
  function nextPrice(order: CoreOrder, its: CoreMarket, last: Decimal): Decimal {
    const worse = order.side === 'BUY' ? last.plus(its.tick) : last.minus(its.tick)
    if (order.price === null) return worse
    const beyond = order.side === 'BUY' ? worse.gt(order.price) : worse.lt(order.price)
    return beyond ? last : worse
  }

  function take(order: CoreOrder, amount: Decimal, at: Decimal): void {
    const its = known(order.symbol)
    const { fee, feeCurrency } = funds.settle(its, order.side, amount, at)
    const time = now()
    order.fills.push({
      id: nextId(),
      orderId: order.triggeredId ?? order.id,
      symbol: order.symbol,
      side: order.side,
      ...{ amount, price: at, fee, feeCurrency, at: time },
      liquidation: order.liquidation,
    })
    order.filled = order.filled.plus(amount)
    order.updatedAt = time
  }

  function judge(symbol: string): void {
    for (const order of orders.filter((one) => one.symbol === symbol && !isOver(one))) {
      if (order.status === 'RESTING') {
        const last = order.triggerBy === 'MARK' ? mark(symbol) : price(symbol)
        const stop = order.stopPrice ?? ZERO
        if (order.waitsFor === 'FALL' ? last.gt(stop) : last.lt(stop)) continue
        order.triggeredId = nextId()
        order.status = 'WORKING'
      }
      match(order)
    }
    liquidate(symbol)
    keepBack()
  }

  function liquidate(symbol: string): void {
    const its = known(symbol)
    const position = funds.position(symbol)
    const limit = funds.liquidationPrice(symbol)
    if (position === null || limit === null) return
    const last = mark(symbol)
    if (position.side === 'BUY' ? last.gt(limit) : last.lt(limit)) return
    for (const order of orders) if (order.symbol === symbol && !isOver(order)) order.status = 'CANCELED'
    const at = now()
    const order: CoreOrder = {
      ...{ id: nextId(), triggeredId: null, clientId: null, symbol, type: 'MARKET', immediate: true },
      side: position.side === 'BUY' ? 'SELL' : 'BUY',
      amount: position.amount,
      ...{
        price: null,
        stopPrice: null,
        triggerBy: 'LAST',
        waitsFor: 'FALL',
        holds: false,
        reduceOnly: true,
      },
      ...{ liquidation: true, status: 'FILLED', filled: ZERO, fills: [], oddStatus: null },
      ...{ createdAt: at, updatedAt: at, visibleAt: at },
    }
    orders.push(order)
    take(order, position.amount, funds.bankruptcyPrice(its.symbol) ?? last)
  }

  function keepBack(): void {
    funds.keepBack(
      orders
        .filter((order) => !isOver(order) && (order.status === 'WORKING' || order.holds))
        .map((order) => ({ market: known(order.symbol), order })),
    )
  }

  return {
    ...{ markets, orders, funds, market, place, price, mark, now, nextId },
    cancel(order) {
      if (isOver(order)) return false
      order.status = 'CANCELED'
      order.updatedAt = now()
      keepBack()
      return true
    },
    shown: () =>
      orders.filter((order) => order.visibleAt === order.createdAt || order.visibleAt <= Date.now()),
    fills: () =>
      orders
        .filter((order) => order.visibleAt === order.createdAt || order.visibleAt <= Date.now())
        .flatMap((order) => order.fills)
        .sort((a, b) => a.at - b.at),
    setPrice(symbol, text) {
      prices.set(symbol, decimal(text))
      marks.set(symbol, decimal(text))
      judge(symbol)
    },
    setMark(symbol, text) {
      marks.set(symbol, decimal(text))
      judge(symbol)
    },
    fund: (symbol, rate) => funds.fund(known(symbol), mark(symbol), decimal(rate), nextId(), now()),
    hideNext: (ms) => void (hideMs = ms),
    fillNextInParts() {
      inParts = true
      return {
        finish() {
          for (const order of orders) if (order.status === 'WORKING' && order.filled.gt(0)) match(order)
          keepBack()
        },
      }
    },
    nextIsOdd: (status) => void (odd = status),
  }
}
