import { filterFailure } from '../binance-error.ts'
import type { SymbolSpec } from '../market/symbols.ts'
import { Money, ZERO } from '../money.ts'
import type { OrderRequest } from './order-request.ts'

const MAX_PRICE = new Money(10_000_000)
const PERCENT_UP = new Money(5)
const PERCENT_DOWN = new Money('0.2')
/** Open orders, and stops among them, that an account may have on one symbol. Binance's own are 200 and 5. */
export const MAX_OPEN_ORDERS = 1000

/** The filters as exchangeInfo prints them; `checkFilters` enforces exactly these. */
export const filtersOf = (spec: SymbolSpec) => [
  {
    filterType: 'PRICE_FILTER',
    minPrice: new Money(spec.tick).toFixed(8),
    maxPrice: MAX_PRICE.toFixed(8),
    tickSize: new Money(spec.tick).toFixed(8),
  },
  {
    filterType: 'LOT_SIZE',
    minQty: new Money(spec.step).toFixed(8),
    maxQty: spec.maxQuantity,
    stepSize: new Money(spec.step).toFixed(8),
  },
  {
    filterType: 'MARKET_LOT_SIZE',
    minQty: '0.00000000',
    maxQty: spec.maxMarketQuantity,
    stepSize: '0.00000000',
  },
  {
    filterType: 'PERCENT_PRICE_BY_SIDE',
    bidMultiplierUp: PERCENT_UP.toString(),
    bidMultiplierDown: PERCENT_DOWN.toString(),
    askMultiplierUp: PERCENT_UP.toString(),
    askMultiplierDown: PERCENT_DOWN.toString(),
    avgPriceMins: 5,
  },
  {
    filterType: 'NOTIONAL',
    minNotional: spec.minNotional,
    applyMinToMarket: true,
    maxNotional: '9000000.00000000',
    applyMaxToMarket: false,
    avgPriceMins: 5,
  },
  { filterType: 'MAX_NUM_ORDERS', maxNumOrders: MAX_OPEN_ORDERS },
  { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: MAX_OPEN_ORDERS },
]

const outside = (value: Money, min: string | Money, max: string | Money) => value.lt(min) || value.gt(max)

/**
 * Throws Binance's -1013 for the first filter that a request breaks, `last` being the last price (the sandbox
 * takes it for Binance's five-minute average).
 */
export const checkFilters = (spec: SymbolSpec, request: OrderRequest, last: Money): void => {
  const { quantity, quoteOrderQty, price, stopPrice } = request
  for (const sent of [price, stopPrice]) {
    if (!sent) continue
    if (outside(sent, spec.tick, MAX_PRICE) || !sent.mod(spec.tick).eq(ZERO))
      throw filterFailure('PRICE_FILTER')
  }
  if (price && outside(price, last.mul(PERCENT_DOWN), last.mul(PERCENT_UP)))
    throw filterFailure('PERCENT_PRICE_BY_SIDE')
  if (quantity) {
    if (outside(quantity, spec.step, spec.maxQuantity) || !quantity.mod(spec.step).eq(ZERO))
      throw filterFailure('LOT_SIZE')
    const byMarket =
      request.type === 'MARKET' || request.type === 'STOP_LOSS' || request.type === 'TAKE_PROFIT'
    if (byMarket && quantity.gt(spec.maxMarketQuantity)) throw filterFailure('MARKET_LOT_SIZE')
  }
  const notional = quoteOrderQty ?? (quantity ?? ZERO).mul(price ?? stopPrice ?? last)
  if (notional.lt(spec.minNotional)) throw filterFailure('NOTIONAL')
  if (!quoteOrderQty && price && notional.gt('9000000')) throw filterFailure('NOTIONAL')
  if (quoteOrderQty && quoteOrderQty.div(last).gt(spec.maxMarketQuantity))
    throw filterFailure('MARKET_LOT_SIZE')
}
