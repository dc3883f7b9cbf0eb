import { z } from 'zod'
import type { PositionType } from '#trading/domain/bot.ts'
import { VenueError, type MarketList } from '#trading/domain/exchange.ts'
import { timeframeMs, type ListedMarket } from '#trading/domain/market.ts'
import { decimal, type Decimal } from '#trading/domain/money.ts'
import type { Client } from './ccxt.ts'
import { toMarket } from './market-rules.ts'
import type { Venue } from './venue.ts'

/**
 * Spot markets and linear perpetuals with their volumes. `futures` is another venue where perpetuals are an API of their own: while one of
 * the two cannot be read the other is told, and what is missing is said. @throws VenueError when nothing could be read
 */
export async function listMarkets(venue: Venue, futures: Venue): Promise<MarketList> {
  if (futures === venue) {
    await venue.loadMarkets()
    return { markets: await listOf(venue, ['SPOT', 'FUTURES']), timeframes: timeframesOf(venue), unread: [] }
  }
  const [spot, perpetuals] = await Promise.allSettled([
    venue.loadMarkets().then(() => listOf(venue, ['SPOT'])),
    futures.loadMarkets().then(() => listOf(futures, ['FUTURES'])),
  ])
  const unread = [...missing('SPOT', spot), ...missing('FUTURES', perpetuals)]
  if (spot.status === 'rejected' && perpetuals.status === 'rejected') throw spot.reason
  return {
    markets: [spot, perpetuals].flatMap((part) => (part.status === 'fulfilled' ? part.value : [])),
    timeframes: timeframesOf(venue),
    unread,
  }
}

function missing(
  type: PositionType,
  part: PromiseSettledResult<ListedMarket[]>,
): { type: PositionType; message: string }[] {
  if (part.status === 'fulfilled') return []
  if (!(part.reason instanceof VenueError)) throw part.reason
  return [{ type, message: part.reason.message }]
}

/** The exchange's timeframes that have a fixed length, shortest first. */
export function timeframesOf(venue: Venue): string[] {
  return Object.keys(venue.client.timeframes ?? {})
    .filter((timeframe) => timeframeMs(timeframe) !== null)
    .sort((a, b) => (timeframeMs(a) ?? 0) - (timeframeMs(b) ?? 0))
}

async function listOf(venue: Venue, types: readonly PositionType[]): Promise<ListedMarket[]> {
  const { client, id } = venue
  const found: ListedMarket[] = []
  for (const entry of Object.values(client.markets ?? {})) {
    const market = entry === undefined ? null : toMarket(id, entry, Number(client.precisionMode))
    if (market !== null && types.includes(market.type)) found.push({ ...market, volume24h: null })
  }
  const volumes = new Map<string, Decimal>()
  for (const type of types)
    if (found.some((market) => market.type === type))
      for (const [symbol, volume] of await volumesOf(venue, type)) volumes.set(symbol, volume)
  return found.map((market) => ({ ...market, volume24h: volumes.get(market.symbol) ?? null }))
}

const figure = z.union([z.string(), z.number()]).nullish()
const ticker = z.object({
  quoteVolume: figure,
  baseVolume: figure,
  vwap: figure,
  last: figure,
  // okx's own, in base currency for perpetuals.
  info: z.object({ volCcy24h: figure }).catch({}),
})

/** What was traded in 24 hours, in quote currency. Where a venue does not tell it, or not now, its markets are listed all the same. */
async function volumesOf({ client, call }: Venue, type: PositionType): Promise<Map<string, Decimal>> {
  const volumes = new Map<string, Decimal>()
  if (client.has['fetchTickers'] !== true) return volumes
  let tickers: unknown
  try {
    tickers = await call(() => fetchTickers(client, type))
  } catch (error) {
    if (error instanceof VenueError) return volumes
    throw error
  }
  if (typeof tickers !== 'object' || tickers === null) return volumes
  for (const [symbol, row] of Object.entries(tickers)) {
    const read = ticker.safeParse(row)
    const isCounted = contractSizeOf(client, symbol) !== 1
    const volume = read.success ? volumeOf(read.data, isCounted) : null
    if (volume !== null) volumes.set(symbol, volume)
  }
  return volumes
}

function fetchTickers(client: Client, type: PositionType): Promise<unknown> {
  return type === 'SPOT'
    ? client.fetchTickers(undefined, { type: 'spot' })
    : client.fetchTickers(undefined, { type: 'swap', subType: 'linear' })
}

/** `isCounted`: the market counts contracts, and ccxt passes on as base volume whatever the venue says. */
function volumeOf(row: z.infer<typeof ticker>, isCounted: boolean): Decimal | null {
  const quote = positive(row.quoteVolume)
  if (quote !== null) return quote
  const base = positive(isCounted ? row.info.volCcy24h : row.baseVolume)
  const price = positive(row.vwap) ?? positive(row.last)
  return base === null || price === null ? null : base.times(price)
}

function contractSizeOf(client: Client, symbol: string): number {
  const market: unknown = client.markets?.[symbol]
  if (typeof market !== 'object' || market === null || !('contractSize' in market)) return 1
  return Number(market.contractSize ?? 1)
}

function positive(value: string | number | null | undefined): Decimal | null {
  if (value === null || value === undefined || !/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(String(value))) return null
  const number = decimal(String(value))
  return number.gt(0) ? number : null
}
