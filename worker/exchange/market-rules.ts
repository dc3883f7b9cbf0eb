import ccxt from 'ccxt'
import type { Market } from '#trading/domain/market.ts'
import { Decimal } from '#trading/domain/money.ts'

/** The part of ccxt's unified market that we read; numbers come as strings. */
export type CcxtMarket = {
  symbol?: unknown
  base?: unknown
  quote?: unknown
  settle?: unknown
  spot?: unknown
  swap?: unknown
  linear?: unknown
  contractSize?: unknown
  active?: unknown
  precision?: { price?: unknown; amount?: unknown }
  limits?: {
    amount?: { min?: unknown; max?: unknown }
    /** Of orders at market. */
    market?: { max?: unknown }
    cost?: { min?: unknown }
    leverage?: { max?: unknown }
  }
  /** The venue's own row. */
  info?: unknown
}

/** Where a venue does not say what must remain as margin, or what a liquidation costs, in percent of the notional. */
const USUAL_INITIAL_MARGIN_PERC = 5
const USUAL_LIQUIDATION_FEE_PERC = '1.25'

/** The rules of a spot market or of a perpetual that is settled in its quote currency; null for everything else. `precisionMode` is the exchange's. */
export function toMarket(exchangeId: string, market: CcxtMarket, precisionMode: number): Market | null {
  const { symbol, base, quote } = market
  if (typeof symbol !== 'string' || typeof base !== 'string' || typeof quote !== 'string') return null
  const rules = {
    exchange: exchangeId,
    symbol,
    base,
    quote,
    // ccxt leaves it open where the venue does not say; a delisted market is then noticed by its refusals.
    active: market.active !== false,
    priceTick: stepOf(market.precision?.price, precisionMode),
    amountStep: stepOf(market.precision?.amount, precisionMode),
    minAmount: positive(market.limits?.amount?.min),
    minCost: positive(market.limits?.cost?.min),
    maxLeverage: positive(market.limits?.leverage?.max)?.floor().toNumber() ?? null,
  }
  const most = mostOf(market)
  if (market.spot === true) return { ...rules, ...(most !== null && { maxAmount: most }), type: 'SPOT' }
  // The symbol tells everybody else what it is.
  const isLinear = market.swap === true && market.linear === true && market.settle === quote
  if (!isLinear || symbol !== `${base}/${quote}:${quote}`) return null
  // Venues that count contracts say how much each is worth.
  const each = positive(market.contractSize) ?? new Decimal(1)
  const own = marginsOf(market.info)
  const initial = own.initialMarginPerc ?? USUAL_INITIAL_MARGIN_PERC
  const maxLeverage =
    rules.maxLeverage ?? (own.initialMarginPerc === null ? null : leverageOf(own.initialMarginPerc))
  const highest = maxLeverage === null ? new Decimal(initial) : new Decimal(100).div(maxLeverage)
  return {
    ...rules,
    type: 'FUTURES',
    amountStep: rules.amountStep?.times(each) ?? null,
    minAmount: rules.minAmount?.times(each) ?? null,
    maxLeverage,
    ...(most !== null && { maxAmount: most.times(each) }),
    futures: {
      settle: quote,
      // Half of the initial margin at the highest leverage, about as venues do in their first tier.
      maintenanceMarginPerc: (own.maintenanceMarginPerc ?? highest.div(2)).toDecimalPlaces(8),
      liquidationFeePerc: own.liquidationFeePerc ?? new Decimal(USUAL_LIQUIDATION_FEE_PERC),
    },
  }
}

/** The smaller of what any order and an order at market may be over: a position that is larger could not be left at once. */
function mostOf({ limits }: CcxtMarket): Decimal | null {
  const bounds = [positive(limits?.amount?.max), positive(limits?.market?.max)].filter(
    (each) => each !== null,
  )
  return bounds.length === 0 ? null : Decimal.min(...bounds)
}

/** Percentages that Binance's exchangeInfo or Kraken's instruments name, null for what others call otherwise or do not say. */
function marginsOf(info: unknown) {
  const field = (name: string) =>
    typeof info === 'object' && info !== null ? positive(Reflect.get(info, name)) : null
  const level = firstLevel(info)
  return {
    initialMarginPerc: field('requiredMarginPercent') ?? level?.initial ?? null,
    maintenanceMarginPerc: field('maintMarginPercent') ?? level?.maintenance ?? null,
    // A part of 1.
    liquidationFeePerc: field('liquidationFee')?.times(100) ?? null,
  }
}

/** The first of Kraken's margin levels, which are parts of 1. */
function firstLevel(info: unknown): { initial: Decimal | null; maintenance: Decimal | null } | null {
  const levels: unknown = typeof info === 'object' && info !== null ? Reflect.get(info, 'marginLevels') : null
  const level: unknown = Array.isArray(levels) ? levels[0] : null
  if (typeof level !== 'object' || level === null) return null
  const perc = (name: string) => positive(Reflect.get(level, name))?.times(100) ?? null
  return { initial: perc('initialMargin'), maintenance: perc('maintenanceMargin') }
}

function leverageOf(initialMarginPerc: Decimal): number {
  return Math.max(1, new Decimal(100).div(initialMarginPerc).floor().toNumber())
}

/** A step (0.01) from what ccxt gives in the exchange's precision mode. Significant digits are no step: null. */
export function stepOf(precision: unknown, precisionMode: number): Decimal | null {
  if (precisionMode === ccxt.TICK_SIZE) return positive(precision)
  if (precisionMode === ccxt.DECIMAL_PLACES) {
    const digits = finite(precision)
    return digits === null ? null : new Decimal(10).pow(digits.negated())
  }
  return null
}

function positive(value: unknown): Decimal | null {
  const number = finite(value)
  return number !== null && number.gt(0) ? number : null
}

function finite(value: unknown): Decimal | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(String(value))) return null
  return new Decimal(value)
}
