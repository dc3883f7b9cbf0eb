import { z } from 'zod'
import { VenueError, type FundingRate, type Mark } from '#trading/domain/exchange.ts'
import { decimal, type Decimal } from '#trading/domain/money.ts'
import type { Client } from './ccxt.ts'
import { toVenueError } from './errors.ts'
import type { Venue } from './venue.ts'

const PAGE = 100
const MOST_PAGES = 50

const number = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    const text = String(value ?? '')
    return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? decimal(text) : null
  })
const instant = z
  .union([z.number(), z.string()])
  .nullish()
  .transform((value) => {
    const ms = Number(value ?? Number.NaN)
    return Number.isFinite(ms) && ms > 0 ? ms : null
  })

const rateRow = z.object({
  markPrice: number,
  fundingRate: number,
  fundingTimestamp: instant,
  nextFundingTimestamp: instant,
})
const tickerRow = z.object({ markPrice: number, info: z.unknown() })

/** What values a perpetual now. @throws VenueError REFUSED where the venue tells no mark price */
export async function fetchMark(venue: Venue, symbol: string): Promise<Mark> {
  await venue.marketId(symbol)
  await venue.clock.ready()
  const { client } = venue
  const rate = can(client, 'fetchFundingRate')
    ? read(rateRow, await venue.call(() => client.fetchFundingRate(symbol)))
    : null
  const markPrice = positive(rate?.markPrice ?? null) ?? (await markOfTicker(venue, symbol))
  if (markPrice === null) throw new VenueError('REFUSED', `${venue.id} tells no mark price of ${symbol}.`)
  return {
    markPrice,
    fundingRate: rate?.fundingRate ?? null,
    nextFundingAt: nextOf([rate?.fundingTimestamp, rate?.nextFundingTimestamp], venue.clock.now()),
  }
}

/** ccxt says true, or that it makes it of something else. */
function can({ has }: Client, what: string): boolean {
  return has[what] === true || has[what] === 'emulated'
}

async function markOfTicker(venue: Venue, symbol: string): Promise<Decimal | null> {
  const { client } = venue
  if (can(client, 'fetchMarkPrice')) {
    const told = read(tickerRow, await venue.call(() => client.fetchMarkPrice(symbol))).markPrice
    if (positive(told) !== null) return told
  }
  if (!can(client, 'fetchTicker')) return null
  return positive(read(tickerRow, await venue.call(() => client.fetchTicker(symbol))).markPrice)
}

/** Venues call either of the two "next": it is the earlier one that is still to come. */
function nextOf(times: readonly (number | null | undefined)[], now: number): Date | null {
  const coming = times.filter((time) => typeof time === 'number').filter((time) => time > now)
  return coming.length === 0 ? null : new Date(Math.min(...coming))
}

const historyRows = z.array(
  z.object({
    timestamp: z.coerce.number().positive(),
    fundingRate: z.union([z.string(), z.number()]),
    info: z.unknown(),
  }),
)
const withMark = z.object({ markPrice: number })

/** Fundings that were settled after `since`, oldest first. @throws VenueError REFUSED where the venue tells none */
export async function fetchFundingRates(venue: Venue, symbol: string, since: Date): Promise<FundingRate[]> {
  await venue.marketId(symbol)
  const { client } = venue
  if (!can(client, 'fetchFundingRateHistory'))
    throw new VenueError('REFUSED', `${venue.id} tells no past funding rates.`)
  const found = new Map<number, FundingRate>()
  let from = since.getTime() + 1
  for (let page = 0; page < MOST_PAGES; page++) {
    const start = from
    const rows = read(
      historyRows,
      await venue.call(() => client.fetchFundingRateHistory(symbol, start, PAGE)),
    )
    for (const row of rows) {
      const rate = read(number, row.fundingRate)
      const mark = withMark.safeParse(row.info)
      if (rate !== null && row.timestamp > since.getTime())
        found.set(row.timestamp, {
          at: new Date(row.timestamp),
          rate,
          markPrice: positive(mark.success ? mark.data.markPrice : null),
        })
    }
    const last = rows.reduce((latest, row) => Math.max(latest, row.timestamp), 0)
    if (rows.length < PAGE || last < from) break
    from = last + 1
  }
  return [...found.values()].sort((a, b) => a.at.getTime() - b.at.getTime())
}

function positive(value: Decimal | null): Decimal | null {
  return value !== null && value.gt(0) ? value : null
}

function read<T extends z.ZodType>(shape: T, value: unknown): z.infer<T> {
  try {
    return shape.parse(value)
  } catch (error) {
    throw toVenueError(error)
  }
}
