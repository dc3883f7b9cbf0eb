import type { OrderSide } from './bot.ts'
import { bookFuturesFill } from './futures-fill.ts'
import type { Market } from './market.ts'
import { Decimal, ZERO, maximum, minimum, percentOf, scale18 } from './money.ts'
import { roundAmount } from './rounding.ts'

/** What a futures position has beyond a spot one. Money in quote currency. */
export type FuturesPosition = {
  leverage: number
  /** Isolated margin that backs what is held: grows with entries, shrinks with exits in proportion, moves with funding. */
  margin: Decimal
  /** Where the mark price liquidates it; null: nowhere above 0. */
  liquidationPrice: Decimal | null
  /** Booked so far; received is positive. */
  funding: Decimal
}

/** A position: long (side BUY) or, FUTURES only, short (SELL). Amounts in base currency and above 0, money in quote. */
export type Position = {
  id: string
  side: OrderSide
  amount: Decimal
  /** Of the entry's fills, before fees; stop loss and take profit are percent of it. */
  averagePrice: Decimal
  entryAmount: Decimal
  entryNotional: Decimal
  /** What `amount` cost, entry fees and earlier dust included; of a short what its sale brought, entry fees taken off. */
  cost: Decimal
  realizedPnl: Decimal
  /** The best price seen since the entry: the highest of a long, the lowest of a short. */
  bestPrice: Decimal
  stopLossPrice: Decimal | null
  takeProfitPrice: Decimal | null
  openedAt: Date
  /** Absent for SPOT. */
  futures?: FuturesPosition
}

/** What a bot holds: a position, and dust (an amount below the market's minimum and the value it was booked at) while flat. */
export type Holding = {
  position: Omit<Position, 'id' | 'stopLossPrice' | 'takeProfitPrice' | 'openedAt'> | null
  dustAmount: Decimal
  dustCost: Decimal
}

export type FillToBook = {
  side: OrderSide
  amount: Decimal
  price: Decimal
  fee: Decimal
  feeCurrency: string
}

/**
 * `realized`: of this fill, net of its fee and of its share of the entry's fees; null for an entry. `fee`: its value in quote currency, 0 where
 * none is known. `excess`: what a fill of FUTURES closed beyond what was held, in base currency; in no figure.
 */
export type BookedFill = { holding: Holding; realized: Decimal | null; fee: Decimal; excess: Decimal }

/**
 * The fee in quote currency, rounded to 18 decimals. A fee in base is worth the fill's own price; one in a third currency (BNB) what
 * `prices` says that the currency is worth in quote now: null when that is not known, for nothing is guessed.
 */
export function feeValue(
  fill: Pick<FillToBook, 'fee' | 'feeCurrency' | 'price'>,
  market: Pick<Market, 'base' | 'quote'>,
  prices: FeePrices,
): Decimal | null {
  if (fill.fee.isZero() || fill.feeCurrency === market.quote) return fill.fee
  const price = fill.feeCurrency === market.base ? fill.price : prices.get(fill.feeCurrency)
  return price === undefined ? null : scale18(fill.fee.times(price))
}

/** Prices of fee currencies in quote currency. */
export type FeePrices = ReadonlyMap<string, Decimal>

/**
 * Books one fill. A buy opens or grows the position (dust joins it), a sell reduces it. Fees in quote are money; fees in base change the
 * amount; a fee in a third currency is money too, at its value of now, and no part of cost or profit where that is not known. Cost is shared
 * out by amount, rounded to 18 decimals, and the last fill takes what is left, so nothing is lost to rounding. FUTURES: bookFuturesFill, with
 * the leverage that the bot has.
 * @throws RangeError for a sell of SPOT without a position
 */
export function bookFill(
  holding: Holding,
  fill: FillToBook,
  market: Pick<Market, 'base' | 'quote' | 'futures'>,
  prices: FeePrices = NO_PRICES,
  leverage = 1,
): BookedFill {
  const fee = feeValue(fill, market, prices) ?? ZERO
  if (market.futures !== undefined) return bookFuturesFill(holding, fill, fee, market.futures, leverage)
  const inBase = fill.feeCurrency === market.base
  const baseFee = inBase ? fill.fee : ZERO
  const paidFee = inBase ? ZERO : fee
  const notional = fill.amount.times(fill.price)
  return fill.side === 'BUY'
    ? { holding: bookBuy(holding, fill, notional, paidFee, baseFee), realized: null, fee, excess: ZERO }
    : { ...bookSell(holding, fill, notional, paidFee, baseFee), fee, excess: ZERO }
}

const NO_PRICES: FeePrices = new Map()

/** Unrealised profit in quote currency at `price`, net of entry fees: long amount × price − cost, short cost − amount × price. */
export function unrealizedPnl(
  position: Pick<Position, 'side' | 'amount' | 'cost'> | null,
  price: Decimal | null,
): Decimal {
  if (position === null || price === null) return ZERO
  const value = position.amount.times(price)
  return position.side === 'BUY' ? value.minus(position.cost) : position.cost.minus(value)
}

/**
 * The amount by which a position can be left: on the market's step, and not below its minimum at `price`; null when there is no such amount.
 * Exits of FUTURES are reduce-only, which venues let be as small as one step.
 */
export function sellableAmount(
  amount: Decimal,
  price: Decimal,
  market: MinimumRules & Pick<Market, 'futures'>,
): Decimal | null {
  const rounded = withinOneOrder(amount, market)
  if (market.futures !== undefined) return rounded.gt(0) ? rounded : null
  return reachesMinimum(rounded, price, market) ? rounded : null
}

/** What one order may be over, on the step: a position that became larger is left by several, one after the other. */
export function withinOneOrder(amount: Decimal, market: Pick<Market, 'amountStep' | 'maxAmount'>): Decimal {
  const most = market.maxAmount
  return roundAmount(most !== undefined && amount.gt(most) ? most : amount, market)
}

/** The better of two prices for who holds that side: the higher of a long, the lower of a short. */
export function betterPrice(side: OrderSide, a: Decimal, b: Decimal): Decimal {
  return side === 'BUY' ? maximum(a, b) : minimum(a, b)
}

export type MinimumRules = Pick<Market, 'amountStep' | 'minAmount' | 'minCost' | 'maxAmount'>

export function reachesMinimum(amount: Decimal, price: Decimal, market: MinimumRules): boolean {
  if (!amount.gt(0)) return false
  if (market.minAmount !== null && amount.lt(market.minAmount)) return false
  return market.minCost === null || amount.times(price).gte(market.minCost)
}

/**
 * Turns a remainder that cannot be sold into dust at `price`: the position is flat, the remainder's value is booked. `realized` is that
 * value less what the remainder had cost.
 */
export function bookDust(holding: Holding, price: Decimal): { holding: Holding; realized: Decimal } {
  const { position } = holding
  if (position === null) return { holding, realized: ZERO }
  const value = position.amount.times(price).toDecimalPlaces(18, Decimal.ROUND_DOWN)
  return {
    holding: {
      position: null,
      dustAmount: holding.dustAmount.plus(position.amount),
      dustCost: holding.dustCost.plus(value),
    },
    realized: value.minus(position.cost),
  }
}

type ExitRules = { stopLossPerc: Decimal; takeProfitPerc: Decimal; trailingStopPerc: Decimal | null }
type ExitPrices = { stopLoss: Decimal; takeProfit: Decimal | null }

/**
 * Prices at which the position is left: stop loss and take profit in percent of the average price (a short's stop above it, its take profit
 * below), the trailing stop in percent of the best price, where that is nearer than the stop loss. Take profit null: none.
 */
export function exitPrices(
  { side, averagePrice, bestPrice }: Pick<Position, 'side' | 'averagePrice' | 'bestPrice'>,
  rules: ExitRules,
): ExitPrices {
  const { stopLoss, takeProfit } = fixedPrices(side, averagePrice, rules)
  if (rules.trailingStopPerc === null) return { stopLoss, takeProfit }
  const distance = percentOf(bestPrice, rules.trailingStopPerc)
  return side === 'BUY'
    ? { stopLoss: maximum(stopLoss, scale18(bestPrice.minus(distance))), takeProfit }
    : { stopLoss: minimum(stopLoss, scale18(bestPrice.plus(distance))), takeProfit }
}

type Asked = {
  side: OrderSide
  averagePrice: Decimal
  stopLossPerc: Decimal
  takeProfitPerc: Decimal
  prices: ExitPrices
}
let asked: Asked | null = null

/**
 * Stop loss and take profit as the average price alone gives them. The last answer is kept for the very same (immutable) decimals: a backtest
 * asks at the fill and again at each tick of the position, which was 3 % of its time.
 */
function fixedPrices(
  side: OrderSide,
  averagePrice: Decimal,
  { stopLossPerc, takeProfitPerc }: ExitRules,
): ExitPrices {
  if (
    asked?.averagePrice === averagePrice &&
    asked.side === side &&
    asked.stopLossPerc === stopLossPerc &&
    asked.takeProfitPerc === takeProfitPerc
  )
    return asked.prices
  const [loss, profit] = [percentOf(averagePrice, stopLossPerc), percentOf(averagePrice, takeProfitPerc)]
  const take = side === 'BUY' ? averagePrice.plus(profit) : averagePrice.minus(profit)
  const prices = {
    stopLoss: scale18(side === 'BUY' ? averagePrice.minus(loss) : averagePrice.plus(loss)),
    // Of a short with 100 % or more no price can be.
    takeProfit: takeProfitPerc.isZero() || !take.gt(0) ? null : scale18(take),
  }
  asked = { side, averagePrice, stopLossPerc, takeProfitPerc, prices }
  return prices
}

function bookBuy(
  holding: Holding,
  fill: FillToBook,
  notional: Decimal,
  paidFee: Decimal,
  baseFee: Decimal,
): Holding {
  const before = holding.position
  const bought = fill.amount.minus(baseFee)
  const paid = notional.plus(paidFee)
  const entryAmount = before === null ? fill.amount : before.entryAmount.plus(fill.amount)
  const entryNotional = before === null ? notional : before.entryNotional.plus(notional)
  return {
    dustAmount: ZERO,
    dustCost: ZERO,
    position: {
      side: 'BUY',
      amount: (before === null ? bought : before.amount.plus(bought)).plus(holding.dustAmount),
      cost: scale18((before === null ? paid : before.cost.plus(paid)).plus(holding.dustCost)),
      entryAmount,
      entryNotional,
      averagePrice: scale18(before === null ? fill.price : entryNotional.div(entryAmount)),
      realizedPnl: before?.realizedPnl ?? ZERO,
      bestPrice: before === null ? fill.price : maximum(before.bestPrice, fill.price),
    },
  }
}

function bookSell(
  holding: Holding,
  fill: FillToBook,
  notional: Decimal,
  paidFee: Decimal,
  baseFee: Decimal,
): { holding: Holding; realized: Decimal } {
  const { position } = holding
  if (position === null) throw new RangeError('a sell without a position')
  const gone = fill.amount.plus(baseFee)
  const left = position.amount.minus(gone)
  const costShare = left.gt(0) ? scale18(position.cost.times(gone).div(position.amount)) : position.cost
  const realized = scale18(notional.minus(paidFee)).minus(costShare)
  if (!left.gt(0)) return { holding: { ...holding, position: null }, realized }
  return {
    holding: {
      ...holding,
      position: {
        ...position,
        amount: left,
        cost: position.cost.minus(costShare),
        realizedPnl: position.realizedPnl.plus(realized),
      },
    },
    realized,
  }
}
