import { Money, ZERO } from '../money.ts'
import type { ContractSpec } from './contracts.ts'
import type { FuturesRequest } from './order-request.ts'
import {
  notionalTooSmall,
  priceOffTick,
  priceTooHigh,
  priceTooLow,
  quantityTooLarge,
  quantityTooSmall,
  tooPrecise,
} from './refusals.ts'

const MAX_PRICE = new Money(10_000_000)
/** How far a limit price may be on the wrong side of the mark price, and the book's best for a market order. */
export const PERCENT_UP = new Money('1.15')
export const PERCENT_DOWN = new Money('0.85')
/** Open orders that an account may have on one symbol, and algo orders. Binance's own are 200 each. */
export const MAX_OPEN_ORDERS = 1000

/** The filters as exchangeInfo prints them; `checkFilters` enforces exactly these. */
export const filtersOf = (spec: ContractSpec) => [
  { filterType: 'PRICE_FILTER', minPrice: spec.tick, maxPrice: MAX_PRICE.toString(), tickSize: spec.tick },
  { filterType: 'LOT_SIZE', minQty: spec.step, maxQty: spec.maxQuantity, stepSize: spec.step },
  { filterType: 'MARKET_LOT_SIZE', minQty: spec.step, maxQty: spec.maxMarketQuantity, stepSize: spec.step },
  { filterType: 'MAX_NUM_ORDERS', limit: MAX_OPEN_ORDERS },
  { filterType: 'MAX_NUM_ALGO_ORDERS', limit: MAX_OPEN_ORDERS },
  { filterType: 'MIN_NOTIONAL', notional: spec.minimum },
  {
    filterType: 'PERCENT_PRICE',
    multiplierUp: PERCENT_UP.toFixed(4),
    multiplierDown: PERCENT_DOWN.toFixed(4),
    multiplierDecimal: '4',
  },
]

/** Throws Binance's refusal for the first rule that a request breaks. */
export const checkFilters = (spec: ContractSpec, request: FuturesRequest, last: Money, mark: Money): void => {
  const { quantity, price, stopPrice } = request
  for (const sent of [price, stopPrice]) {
    if (!sent) continue
    if (sent.decimalPlaces() > spec.priceDecimals) throw tooPrecise()
    if (!sent.mod(spec.tick).eq(ZERO)) throw priceOffTick()
    if (sent.gt(MAX_PRICE)) throw priceTooHigh(MAX_PRICE.toString())
  }
  if (price && request.side === 'BUY' && price.gt(mark.mul(PERCENT_UP)))
    throw priceTooHigh(mark.mul(PERCENT_UP).toFixed(spec.priceDecimals))
  if (price && request.side === 'SELL' && price.lt(mark.mul(PERCENT_DOWN)))
    throw priceTooLow(mark.mul(PERCENT_DOWN).toFixed(spec.priceDecimals))
  if (!quantity) return
  if (quantity.decimalPlaces() > spec.quantityDecimals) throw tooPrecise()
  if (quantity.lt(spec.step)) throw quantityTooSmall()
  if (quantity.gt(request.price ? spec.maxQuantity : spec.maxMarketQuantity)) throw quantityTooLarge()
  const notional = quantity.mul(price ?? stopPrice ?? last)
  if (!request.reduceOnly && notional.lt(spec.minimum)) throw notionalTooSmall(spec.minimum)
}
