import type { OrderSide } from '#trading/domain/bot.ts'
import { decimal, ZERO, type Decimal } from '#trading/domain/money.ts'
import type { CoreMarket, CoreOrder } from './core.ts'

export type CorePosition = {
  side: OrderSide
  amount: Decimal
  entryPrice: Decimal
  margin: Decimal
  leverage: number
}
export type CoreFunding = {
  id: string
  symbol: string
  amount: Decimal
  rate: Decimal
  at: number
  position: CorePosition
}

/** Of the notional, as margin, or a position is liquidated. */
const MAINTENANCE = decimal('0.005')

/** What the account of a fake venue has: balances, what resting orders keep back, and isolated one-way positions. */
export type Funds = {
  total(currency: string): Decimal
  free(currency: string): Decimal
  currencies(): string[]
  position(symbol: string): CorePosition | null
  liquidationPrice(symbol: string): Decimal | null
  bankruptcyPrice(symbol: string): Decimal | null
  leverage(symbol: string): number
  setLeverage(symbol: string, leverage: number): void
  /** What an order of that side could take off the position. */
  reducible(market: CoreMarket, side: OrderSide): Decimal
  affords(market: CoreMarket, side: OrderSide, amount: Decimal, price: Decimal): boolean
  /** Books a fill; the fee of SPOT is taken from what is received, of FUTURES from the quote currency. */
  settle(
    market: CoreMarket,
    side: OrderSide,
    amount: Decimal,
    price: Decimal,
  ): { fee: Decimal; feeCurrency: string }
  keepBack(working: readonly { market: CoreMarket; order: CoreOrder }[]): void
  fund(market: CoreMarket, mark: Decimal, rate: Decimal, id: string, at: number): void
  fundings: CoreFunding[]
}

export function makeFunds(begin: Record<string, string>): Funds {
  const balances = new Map(Object.entries(begin).map(([currency, amount]) => [currency, decimal(amount)]))
  const positions = new Map<string, CorePosition>()
  const quotes = new Map<string, string>()
  const leverages = new Map<string, number>()
  let kept = new Map<string, Decimal>()
  const fundings: CoreFunding[] = []

  const total = (currency: string) => balances.get(currency) ?? ZERO
  const add = (currency: string, change: Decimal) => balances.set(currency, total(currency).plus(change))
  const marginOf = (currency: string) =>
    [...positions]
      .filter(([symbol]) => quotes.get(symbol) === currency)
      .reduce((sum, [, { margin }]) => sum.plus(margin), ZERO)
  const free = (currency: string) =>
    total(currency)
      .minus(kept.get(currency) ?? ZERO)
      .minus(marginOf(currency))
  const leverage = (symbol: string) => leverages.get(symbol) ?? 10
  const sign = (side: OrderSide) => (side === 'BUY' ? 1 : -1)

  function settlePosition(market: CoreMarket, side: OrderSide, amount: Decimal, price: Decimal): void {
    const { symbol, quote } = market
    quotes.set(symbol, quote)
    const held = positions.get(symbol)
    if (held === undefined || held.side === side) {
      const whole = (held?.amount ?? ZERO).plus(amount)
      const cost = (held?.amount ?? ZERO).times(held?.entryPrice ?? ZERO).plus(amount.times(price))
      const margin = (held?.margin ?? ZERO).plus(amount.times(price).div(leverage(symbol)))
      positions.set(symbol, {
        side,
        amount: whole,
        entryPrice: cost.div(whole),
        margin,
        leverage: leverage(symbol),
      })
      return
    }
    const closed = held.amount.lt(amount) ? held.amount : amount
    add(quote, price.minus(held.entryPrice).times(closed).times(sign(held.side)))
    const left = held.amount.minus(closed)
    if (left.isZero()) positions.delete(symbol)
    else positions.set(symbol, { ...held, amount: left, margin: held.margin.times(left).div(held.amount) })
    const over = amount.minus(closed)
    if (over.gt(0)) settlePosition(market, side, over, price)
  }

  /** Where the loss has used up the margin but for a share of the notional. */
  function priceAtMargin(symbol: string, remaining: Decimal): Decimal | null {
    const held = positions.get(symbol)
    if (held === undefined) return null
    const { side, amount, entryPrice, margin } = held
    const cost = entryPrice.times(amount)
    const one = decimal(1)
    return side === 'BUY'
      ? cost.minus(margin).div(amount.times(one.minus(remaining)))
      : cost.plus(margin).div(amount.times(one.plus(remaining)))
  }

  return {
    ...{ total, free, leverage, fundings },
    currencies: () => [...balances.keys()],
    position: (symbol) => positions.get(symbol) ?? null,
    liquidationPrice: (symbol) => priceAtMargin(symbol, MAINTENANCE),
    bankruptcyPrice: (symbol) => priceAtMargin(symbol, ZERO),
    setLeverage(symbol, value) {
      leverages.set(symbol, value)
      const held = positions.get(symbol)
      if (held === undefined) return
      const margin = held.amount.times(held.entryPrice).div(value)
      positions.set(symbol, { ...held, leverage: value, margin })
    },
    reducible({ symbol }, side) {
      const held = positions.get(symbol)
      return held === undefined || held.side === side ? ZERO : held.amount
    },
    affords({ kind, symbol, base, quote, feeInQuote, takerFee }, side, amount, price) {
      const quoteFee = feeInQuote === true ? Number(takerFee) : 0
      if (kind === 'SPOT')
        return side === 'BUY'
          ? amount
              .times(price)
              .times(1 + quoteFee)
              .lte(free(quote))
          : amount.lte(free(base))
      const held = positions.get(symbol)
      if (held !== undefined && held.side !== side && held.amount.gte(amount)) return true
      return amount.times(price).div(leverage(symbol)).lte(free(quote))
    },
    settle(market, side, amount, price) {
      const notional = amount.times(price)
      if (market.kind === 'FUTURES') {
        const fee = notional.times(market.takerFee)
        settlePosition(market, side, amount, price)
        add(market.quote, fee.negated())
        return { fee, feeCurrency: market.quote }
      }
      const [given, got] =
        side === 'BUY'
          ? ([
              [market.quote, notional],
              [market.base, amount],
            ] as const)
          : ([
              [market.base, amount],
              [market.quote, notional],
            ] as const)
      if (market.feeInQuote === true) {
        const fee = notional.times(market.takerFee)
        add(given[0], given[1].negated())
        add(got[0], got[1])
        add(market.quote, fee.negated())
        return { fee, feeCurrency: market.quote }
      }
      const fee = got[1].times(market.takerFee)
      add(given[0], given[1].negated())
      add(got[0], got[1].minus(fee))
      return { fee, feeCurrency: got[0] }
    },
    keepBack(working) {
      const next = new Map<string, Decimal>()
      for (const { market, order } of working) {
        if (market.kind === 'FUTURES') continue
        const left = order.amount.minus(order.filled)
        const [currency, amount] =
          order.side === 'SELL' ? [market.base, left] : [market.quote, left.times(order.price ?? ZERO)]
        next.set(currency, (next.get(currency) ?? ZERO).plus(amount))
      }
      kept = next
    },
    fund({ symbol, quote }, mark, rate, id, at) {
      const position = positions.get(symbol)
      if (position === undefined) return
      const amount = position.amount.times(mark).times(rate).times(-sign(position.side))
      add(quote, amount)
      fundings.push({ id, symbol, amount, rate, at, position: { ...position } })
    },
  }
}
