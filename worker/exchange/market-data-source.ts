import { z } from 'zod'
import { VenueError, type MarketDataSource } from '#trading/domain/exchange.ts'
import { isPerpetual, timeframeMs, type Candle } from '#trading/domain/market.ts'
import { decimal } from '#trading/domain/money.ts'
import { speaksBinance } from './ccxt.ts'
import { toVenueError } from './errors.ts'
import { listMarkets, timeframesOf } from './market-lists.ts'
import { fetchFundingRates, fetchMark } from './perpetual-data.ts'
import type { ExchangeSettings } from './settings.ts'
import { makeVenue, type Venue } from './venue.ts'

const DEFAULT_PAGE = 300
const MOST_PAGES = 100

/**
 * Public data of one exchange, any ccxt id. `futuresOf`: where its perpetuals are an API of their own, the venue of that. @throws VenueError
 * REFUSED when ccxt knows no such exchange
 */
export function makeMarketDataSource(
  exchangeId: string,
  settings: ExchangeSettings,
  spot: Venue = makeVenue(exchangeId, settings),
  futuresOf: () => Venue = speaksBinance(exchangeId)
    ? once(() => makeVenue(exchangeId, settings, { side: 'FUTURES' }))
    : () => spot,
): MarketDataSource {
  const venueOf = (symbol: string) => (isPerpetual(symbol) ? futuresOf() : spot)
  return {
    loadMarkets: () => listMarkets(spot, futuresOf()),
    async fetchCandles(symbol, timeframe, limit, since) {
      const venue = venueOf(symbol)
      const length = knownTimeframe(venue, timeframe)
      await venue.marketId(symbol)
      await venue.clock.ready()
      const page = pageLimit(venue, symbol)
      const candles =
        limit <= page
          ? await fetchPage(venue, { symbol, timeframe, length, limit, since: since?.getTime() })
          : await fetchPages(venue, { symbol, timeframe, length, limit, since: since?.getTime() }, page)
      return since === undefined ? candles.slice(-limit) : candles.slice(0, limit)
    },
    fetchMark: async (symbol) => fetchMark(perpetual(symbol), symbol),
    fetchFundingRates: async (symbol, since) => fetchFundingRates(perpetual(symbol), symbol, since),
  }

  function perpetual(symbol: string): Venue {
    if (isPerpetual(symbol)) return venueOf(symbol)
    throw new VenueError('REFUSED', `${symbol} is no perpetual.`)
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => (made ??= { value: make() }).value
}

type Query = { symbol: string; timeframe: string; length: number; limit: number; since: number | undefined }

/** One request. A candle that ended before the request was sent is closed: the answer cannot hold an unfinished state of it. */
async function fetchPage(venue: Venue, query: Query): Promise<Candle[]> {
  const asked = venue.clock.now()
  const rows: unknown = await venue.call(() =>
    venue.client.fetchOHLCV(query.symbol, query.timeframe, query.since, query.limit),
  )
  try {
    return ohlcv.parse(rows).map(([openTime, open, high, low, close, volume]) => ({
      openTime: new Date(openTime),
      closed: openTime + query.length <= asked,
      open: decimal(open),
      high: decimal(high),
      low: decimal(low),
      close: decimal(close),
      volume: decimal(volume),
    }))
  } catch (error) {
    throw toVenueError(error)
  }
}

/** More candles than the venue gives at once, from the oldest on. Ends early where the venue has no more history. */
async function fetchPages(venue: Venue, query: Query, page: number): Promise<Candle[]> {
  const now = venue.clock.now()
  let from = query.since ?? Math.floor(now / query.length) * query.length - query.limit * query.length
  const found = new Map<number, Candle>()
  const pages = Math.min(MOST_PAGES, Math.ceil(query.limit / page) + 2)
  for (let turn = 0; turn < pages; turn++) {
    const candles = await fetchPage(venue, { ...query, since: from, limit: page })
    for (const candle of candles) found.set(candle.openTime.getTime(), candle)
    const last = candles.at(-1)
    if (last === undefined || !last.closed) break
    const next = last.openTime.getTime() + query.length
    if (next <= from) break
    from = next
  }
  return [...found.values()].sort((a, b) => a.openTime.getTime() - b.openTime.getTime())
}

const figure = z.union([z.string(), z.number()])
const ohlcv = z.array(
  z
    .tuple([z.number(), figure, figure, figure, figure, figure.nullish().transform((v) => v ?? '0')])
    .rest(z.unknown()),
)

function knownTimeframe(venue: Venue, timeframe: string): number {
  const length = timeframeMs(timeframe)
  if (length === null || !timeframesOf(venue).includes(timeframe))
    throw new VenueError('REFUSED', `${venue.id} has no ${timeframe} candles.`)
  return length
}

function pageLimit(venue: Venue, symbol: string): number {
  const limit: unknown = venue.client.featureValue(symbol, 'fetchOHLCV', 'limit')
  return typeof limit === 'number' && limit > 0 ? limit : DEFAULT_PAGE
}
