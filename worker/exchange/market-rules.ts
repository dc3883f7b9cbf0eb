import ccxt from 'ccxt'
import type { Market } from '#trading/domain/market.ts'
import { Decimal } from '#trading/domain/money.ts'

/** The part of ccxt's unified market that we read; numbers come as strings. */
export type CcxtMarket = {
  symbol?: unknown
  base?: unknown
  quote?: unknown
  spot?: unknown
  active?: unknown
  precision?: { price?: unknown; amount?: unknown }
  limits?: {
    amount?: { min?: unknown }
    cost?: { min?: unknown }
    leverage?: { max?: unknown }
  }
}

/** A spot market's rules, or null for what is no spot market. `precisionMode` is the exchange's. */
export function toMarket(exchangeId: string, market: CcxtMarket, precisionMode: number): Market | null {
  const { symbol, base, quote } = market
  if (
    market.spot !== true ||
    typeof symbol !== 'string' ||
    typeof base !== 'string' ||
    typeof quote !== 'string'
  )
    return null
  return {
    exchange: exchangeId,
    symbol,
    base,
    quote,
    type: 'SPOT',
    // ccxt leaves it open where the venue does not say; a delisted market is then noticed by its refusals.
    active: market.active !== false,
    priceTick: stepOf(market.precision?.price, precisionMode),
    amountStep: stepOf(market.precision?.amount, precisionMode),
    minAmount: positive(market.limits?.amount?.min),
    minCost: positive(market.limits?.cost?.min),
    maxLeverage: positive(market.limits?.leverage?.max)?.floor().toNumber() ?? null,
  }
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
