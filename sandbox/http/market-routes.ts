import { BinanceError, invalidSymbol } from '../binance-error.ts'
import { filtersOf } from '../exchange/filters.ts'
import { bestPrice, levelsOf } from '../exchange/order-book.ts'
import { listingOf } from '../exchange/state.ts'
import { unit } from '../market/hash.ts'
import { INTERVALS, klinesOf } from '../market/klines.ts'
import { candleOf, type Listing, priceAt } from '../market/market.ts'
import type { SymbolSpec } from '../market/symbols.ts'
import { Money } from '../money.ts'
import { limitOf, optionalInteger, optionalText, type Parameters, requiredText } from './parameters.ts'
import { type Call, type Exchange, open, type Routes } from './routes.ts'

const DAY = 86_400_000

const money = (listing: Listing, price: number) => new Money(price.toFixed(listing.spec.priceDecimals))
const lastOf = (listing: Listing, now: number) => money(listing, priceAt(listing, now))

/** The markets that a request names by `symbol`, `symbols` or not at all; one object or a list, as it asked. */
const perSymbol = ({ state }: Exchange, { parameters }: Call, row: (listing: Listing) => unknown) => {
  const one = optionalText(parameters, 'symbol')
  if (one !== undefined) return row(listingOf(state, one))
  return namedSymbols(parameters, [...state.market.keys()]).map((name) => row(listingOf(state, name)))
}

const namedSymbols = (parameters: Parameters, all: string[]): string[] => {
  const list = optionalText(parameters, 'symbols')
  if (list === undefined) return all
  let names: unknown
  try {
    names = JSON.parse(list)
  } catch {
    throw invalidSymbol()
  }
  if (!Array.isArray(names)) throw invalidSymbol()
  return names.map(String)
}

const byCount = (one: number, all: number) => (parameters: Parameters) =>
  parameters.has('symbol') ? one : all

const symbolInfo = (spec: SymbolSpec) => ({
  symbol: spec.symbol,
  status: 'TRADING',
  baseAsset: spec.base,
  baseAssetPrecision: 8,
  quoteAsset: spec.quote,
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  baseCommissionPrecision: 8,
  quoteCommissionPrecision: 8,
  orderTypes: [
    'LIMIT',
    'LIMIT_MAKER',
    'MARKET',
    'STOP_LOSS',
    'STOP_LOSS_LIMIT',
    'TAKE_PROFIT',
    'TAKE_PROFIT_LIMIT',
  ],
  icebergAllowed: false,
  ocoAllowed: false,
  otoAllowed: false,
  quoteOrderQtyMarketAllowed: true,
  allowTrailingStop: false,
  cancelReplaceAllowed: false,
  amendAllowed: false,
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  filters: filtersOf(spec),
  permissions: [],
  permissionSets: [['SPOT']],
  defaultSelfTradePreventionMode: 'NONE',
  allowedSelfTradePreventionModes: ['NONE'],
})

const exchangeInfo = (exchange: Exchange, call: Call) => {
  const one = optionalText(call.parameters, 'symbol')
  const names = one ? [one] : namedSymbols(call.parameters, [...exchange.state.market.keys()])
  return {
    timezone: 'UTC',
    serverTime: call.now,
    rateLimits: [
      {
        rateLimitType: 'REQUEST_WEIGHT',
        interval: 'MINUTE',
        intervalNum: 1,
        limit: exchange.weightPerMinute,
      },
    ],
    exchangeFilters: [],
    symbols: names.map((name) => symbolInfo(listingOf(exchange.state, name).spec)),
  }
}

const klines = ({ state }: Exchange, call: Call) =>
  klinesFor(listingOf(state, requiredText(call.parameters, 'symbol')), call, 1000)

/** The candles of a listing that a request asks for. */
export const klinesFor = (listing: Listing, { parameters, now }: Call, most: number) => {
  const interval = requiredText(parameters, 'interval')
  if (INTERVALS[interval] === undefined) throw new BinanceError(400, -1120, 'Invalid interval.')
  const query = {
    interval,
    startTime: optionalInteger(parameters, 'startTime'),
    endTime: optionalInteger(parameters, 'endTime'),
    limit: limitOf(parameters, 500, most),
  }
  return klinesOf(listing, query, now)
}

export const bookTicker = (listing: Listing, now: number) => {
  const last = lastOf(listing, now)
  const size = (side: 'BUY' | 'SELL') =>
    levelsOf(listing.spec, last, now, side, 1)[0]?.quantity.toFixed(8) ?? '0.00000000'
  return {
    symbol: listing.spec.symbol,
    bidPrice: bestPrice(listing.spec, last, 'SELL').toFixed(8),
    bidQty: size('SELL'),
    askPrice: bestPrice(listing.spec, last, 'BUY').toFixed(8),
    askQty: size('BUY'),
  }
}

export const dayTicker = (listing: Listing, now: number) => {
  // From a whole second, so that the answer comes from remembered hours and not from 86,400 looks.
  const from = Math.floor((now - DAY) / 1000) * 1000
  const bar = candleOf(listing, from, now)
  const [open, last] = [money(listing, bar.open), lastOf(listing, now)]
  const average = (bar.high + bar.low + bar.open + bar.close) / 4
  const { bidPrice, bidQty, askPrice, askQty } = bookTicker(listing, now)
  return {
    symbol: listing.spec.symbol,
    priceChange: last.minus(open).toFixed(8),
    priceChangePercent: last.minus(open).div(open).mul(100).toFixed(3),
    weightedAvgPrice: average.toFixed(8),
    prevClosePrice: open.toFixed(8),
    lastPrice: last.toFixed(8),
    lastQty: new Money(listing.spec.step).toFixed(8),
    bidPrice,
    bidQty,
    askPrice,
    askQty,
    openPrice: open.toFixed(8),
    highPrice: bar.high.toFixed(8),
    lowPrice: bar.low.toFixed(8),
    volume: bar.volume.toFixed(8),
    quoteVolume: (bar.volume * average).toFixed(8),
    openTime: from,
    closeTime: now,
    firstId: Math.floor(from / 1000),
    lastId: Math.floor(now / 1000),
    count: Math.floor((now - from) / 1000),
  }
}

const depth = ({ state }: Exchange, call: Call) =>
  depthOf(
    listingOf(state, requiredText(call.parameters, 'symbol')),
    call.now,
    limitOf(call.parameters, 100, 5000),
  )

/** Both sides of the book, `limit` levels each. */
export const depthOf = (listing: Listing, now: number, limit: number) => {
  const last = lastOf(listing, now)
  const side = (which: 'BUY' | 'SELL') =>
    levelsOf(listing.spec, last, now, which, limit).map((l) => [l.price.toFixed(8), l.quantity.toFixed(8)])
  return { lastUpdateId: now, bids: side('SELL'), asks: side('BUY') }
}

const depthWeight = (parameters: Parameters) => {
  const limit = Number(parameters.get('limit') ?? 100)
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250
}

/** One public trade a second, made of the price path: its id is the second. */
const publicTrades = ({ state }: Exchange, { parameters, now }: Call) => {
  const listing = listingOf(state, requiredText(parameters, 'symbol'))
  const limit = limitOf(parameters, 500, 1000)
  const second = Math.floor(now / 1000)
  return Array.from({ length: limit }, (_, i) => {
    const id = second - limit + 1 + i
    const price = lastOf(listing, id * 1000)
    const quantity = new Money(
      (listing.spec.volumePerSecond * (0.5 + unit(7, id))).toFixed(listing.spec.quantityDecimals),
    )
    return { id, price, quantity, time: id * 1000, isBuyerMaker: unit(11, id) < 0.5 }
  })
}

export const marketRoutes: Routes = {
  'GET /api/v3/ping': open(1, () => ({})),
  'GET /api/v3/time': open(1, (_, { now }) => ({ serverTime: now })),
  'GET /api/v3/exchangeInfo': open(20, exchangeInfo),
  'GET /api/v3/klines': open(2, klines),
  'GET /api/v3/uiKlines': open(2, klines),
  'GET /api/v3/depth': open(depthWeight, depth),
  'GET /api/v3/avgPrice': open(2, ({ state }, { parameters, now }) => ({
    mins: 5,
    price: lastOf(listingOf(state, requiredText(parameters, 'symbol')), now).toFixed(8),
    closeTime: now,
  })),
  'GET /api/v3/ticker/price': open(byCount(2, 4), (exchange, call) =>
    perSymbol(exchange, call, (listing) => ({
      symbol: listing.spec.symbol,
      price: lastOf(listing, call.now).toFixed(8),
    })),
  ),
  'GET /api/v3/ticker/bookTicker': open(byCount(2, 4), (exchange, call) =>
    perSymbol(exchange, call, (listing) => bookTicker(listing, call.now)),
  ),
  'GET /api/v3/ticker/24hr': open(byCount(2, 80), (exchange, call) =>
    perSymbol(exchange, call, (listing) => dayTicker(listing, call.now)),
  ),
  'GET /api/v3/trades': open(25, (exchange, call) =>
    publicTrades(exchange, call).map((trade) => ({
      id: trade.id,
      price: trade.price.toFixed(8),
      qty: trade.quantity.toFixed(8),
      quoteQty: trade.price.mul(trade.quantity).toFixed(8),
      time: trade.time,
      isBuyerMaker: trade.isBuyerMaker,
      isBestMatch: true,
    })),
  ),
  'GET /api/v3/aggTrades': open(4, (exchange, call) =>
    publicTrades(exchange, call).map((trade) => ({
      a: trade.id,
      p: trade.price.toFixed(8),
      q: trade.quantity.toFixed(8),
      f: trade.id,
      l: trade.id,
      T: trade.time,
      m: trade.isBuyerMaker,
      M: true,
    })),
  ),
}
