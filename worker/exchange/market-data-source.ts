import { z } from 'zod'
import { VenueError, type MarketDataSource } from '#trading/domain/exchange.ts'
import { timeframeMs, type Candle, type ListedMarket } from '#trading/domain/market.ts'
import { decimal } from '#trading/domain/money.ts'
import { toVenueError } from './errors.ts'
import { toMarket } from './market-rules.ts'
import type { ExchangeSettings } from './settings.ts'
import { makeVenue, type Venue } from './venue.ts'

const DEFAULT_PAGE = 300
const MOST_PAGES = 100

/** Public data of one exchange, any ccxt id. @throws VenueError REFUSED when ccxt knows no such exchange */
export function makeMarketDataSource(
  exchangeId: string,
  settings: ExchangeSettings,
  venue: Venue = makeVenue(exchangeId, settings),
): MarketDataSource {
  return {
    loadMarkets: () => loadMarkets(venue),
    async fetchCandles(symbol, timeframe, limit, since) {
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
    fetchMark: async () => noFutures(),
    fetchFundingRates: async () => noFutures(),
  }
}

async function loadMarkets(venue: Venue): Promise<{ markets: ListedMarket[]; timeframes: string[] }> {
  await venue.loadMarkets()
  const { client, id } = venue
  const markets: ListedMarket[] = []
  for (const entry of Object.values(client.markets ?? {})) {
    const market = entry === undefined ? null : toMarket(id, entry, Number(client.precisionMode))
    if (market !== null) markets.push({ ...market, volume24h: null })
  }
  return { markets, timeframes: timeframesOf(venue) }
}

function noFutures(): never {
  throw new VenueError('REFUSED', 'Perpetuals are not read yet.')
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

/** The exchange's timeframes that have a fixed length, shortest first. */
function timeframesOf(venue: Venue): string[] {
  return Object.keys(venue.client.timeframes ?? {})
    .filter((timeframe) => timeframeMs(timeframe) !== null)
    .sort((a, b) => (timeframeMs(a) ?? 0) - (timeframeMs(b) ?? 0))
}

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
