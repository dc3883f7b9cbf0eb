import { expect, test } from 'vitest'
import type { FundingRate, Mark, MarketDataSource } from '#trading/domain/exchange.ts'
import { decimal } from '#trading/domain/money.ts'
import { makeFundingRates } from './funding-rates.ts'

const EIGHT = new Date('2026-11-22T08:00:00Z')
const SIXTEEN = new Date('2026-11-22T16:00:00Z')
const MIDNIGHT = new Date('2026-11-23T00:00:00Z')
const after = (instant: Date, ms: number) => new Date(instant.getTime() + ms)
const rate = (at: Date): FundingRate => ({ at, rate: decimal('0.0001'), markPrice: null })
const mark = (nextFundingAt: Date | null): Mark => ({
  markPrice: decimal(50_000),
  fundingRate: null,
  nextFundingAt,
})

/** A venue that has settled `settled` so far; `asked` is since when each question was. */
function aVenue(settled: FundingRate[]) {
  const asked: Date[] = []
  const source: Pick<MarketDataSource, 'fetchFundingRates'> = {
    fetchFundingRates: (_, since) => {
      asked.push(since)
      return Promise.resolve(settled.filter(({ at }) => at > since))
    },
  }
  const rates = makeFundingRates()
  return {
    settled,
    asked,
    rates,
    look: (now: Date, next: Date | null) =>
      rates.catchUp({ ...unused, ...source }, 'BTC/USDT:USDT', mark(next), now),
  }
}
const unused: MarketDataSource = {
  loadMarkets: () => Promise.reject(new Error('not asked')),
  fetchCandles: () => Promise.reject(new Error('not asked')),
  fetchMark: () => Promise.reject(new Error('not asked')),
  fetchFundingRates: () => Promise.reject(new Error('not asked')),
}

test('asked at first for a week, then once the next one has come', async () => {
  const venue = aVenue([rate(EIGHT)])
  await venue.look(after(EIGHT, 60_000), SIXTEEN)
  expect(venue.asked).toEqual([after(EIGHT, 60_000 - 7 * 86_400_000)])
  await venue.look(after(SIXTEEN, -60_000), SIXTEEN)
  await venue.look(after(SIXTEEN, -1), SIXTEEN)
  expect(venue.asked.splice(1)).toHaveLength(1)
  venue.settled.push(rate(after(SIXTEEN, 3)))
  // By now the venue names the one after it.
  await venue.look(after(SIXTEEN, 1_000), MIDNIGHT)
  expect(venue.asked.slice(1)).toEqual([EIGHT])
  expect(venue.rates.known().map(({ at }) => at)).toEqual([EIGHT, after(SIXTEEN, 3)])
  await venue.look(after(SIXTEEN, 60_000), MIDNIGHT)
  expect(venue.asked).toHaveLength(2)
})

test('one that the venue shows late is asked for again now and then, and given up after ten minutes', async () => {
  const venue = aVenue([rate(EIGHT)])
  await venue.look(after(EIGHT, 60_000), SIXTEEN)
  for (const ms of [0, 5_000, 14_999, 15_000, 29_000, 30_000]) await venue.look(after(SIXTEEN, ms), MIDNIGHT)
  expect(venue.asked).toHaveLength(4)
  await venue.look(after(SIXTEEN, 700_000), MIDNIGHT)
  await venue.look(after(SIXTEEN, 800_000), MIDNIGHT)
  expect(venue.asked).toHaveLength(5)
})

test('a question that failed is asked again', async () => {
  const rates = makeFundingRates()
  const now = after(EIGHT, 60_000)
  await expect(rates.catchUp(unused, 'BTC/USDT:USDT', mark(SIXTEEN), now)).rejects.toThrow('not asked')
  const venue = { ...unused, fetchFundingRates: () => Promise.resolve([rate(EIGHT)]) }
  await rates.catchUp(venue, 'BTC/USDT:USDT', mark(SIXTEEN), now)
  expect(rates.known()).toHaveLength(1)
})

test.each([
  ['names no time', null],
  ['names a time hours away', SIXTEEN],
])('where the venue %s it is asked every five minutes', async (_, next) => {
  const venue = aVenue([])
  for (const minutes of [0, 1, 4.9, 5, 6, 9.9, 10]) await venue.look(after(EIGHT, minutes * 60_000), next)
  expect(venue.asked).toHaveLength(3)
})

test('one that the venue settles off its schedule is known within five minutes, and the scheduled one is awaited all the same', async () => {
  const venue = aVenue([rate(EIGHT)])
  const begin = after(EIGHT, 60_000)
  await venue.look(begin, SIXTEEN)
  const off = after(begin, 30_000)
  venue.settled.push(rate(off))
  await venue.look(after(begin, 299_999), SIXTEEN)
  expect(venue.rates.known().map(({ at }) => at)).toEqual([EIGHT])
  await venue.look(after(begin, 300_000), SIXTEEN)
  expect(venue.rates.known().map(({ at }) => at)).toEqual([EIGHT, off])
  await venue.look(after(SIXTEEN, -20_000), SIXTEEN)
  venue.settled.push(rate(SIXTEEN))
  await venue.look(after(SIXTEEN, 1_000), MIDNIGHT)
  expect(venue.rates.known().map(({ at }) => at)).toEqual([EIGHT, off, SIXTEEN])
})
