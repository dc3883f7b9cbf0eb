import { expect, test } from 'vitest'
import { latestCandles, seriesStatus } from './candle-feed.ts'
import { markSeries, pruneCandles, upsertCandles } from './candles.ts'
import { withTestDatabase } from './testing.ts'
import type { Candle } from '../domain/market.ts'
import { decimal } from '../domain/money.ts'

const db = withTestDatabase()
let lastSymbol = 0
const newSeries = () => ({ exchange: 'sandbox', symbol: `T${++lastSymbol}/USDT`, timeframe: '1m' })

function candle(minute: number, close: string, closed = true): Candle {
  const price = decimal(close)
  return {
    openTime: new Date(Date.UTC(2026, 4, 1) + minute * 60_000),
    closed,
    open: decimal('0.1'),
    high: price,
    low: price,
    close: price,
    volume: decimal('123456789012345.123456789012345678'),
  }
}

test('candles are written to the last digit, and again only when they differ', async () => {
  const series = newSeries()
  const other = newSeries()
  const candles = [candle(0, '0.000000000000000001'), candle(1, '2'), candle(2, '3', false)]
  expect(
    await upsertCandles(db.pool, [
      { series, candles },
      { series: other, candles },
    ]),
  ).toBe(6)
  const stored = await latestCandles(db.pool, series, 10)
  expect(stored.map((row) => row.close)).toEqual([
    '0.000000000000000001',
    '2.000000000000000000',
    '3.000000000000000000',
  ])
  expect(stored[0]?.volume).toBe('123456789012345.123456789012345678')
  expect(stored[0]?.openTime).toEqual(new Date('2026-05-01T00:00:00Z'))
  expect(await upsertCandles(db.pool, [{ series, candles }])).toBe(0)
  expect(await upsertCandles(db.pool, [{ series, candles: [candle(1, '2.5'), candle(2, '3.5')] }])).toBe(2)
})

test('a worker that looked earlier does not open a closed candle again', async () => {
  const series = newSeries()
  await upsertCandles(db.pool, [{ series, candles: [candle(0, '2')] }])
  expect(await upsertCandles(db.pool, [{ series, candles: [candle(0, '1', false)] }])).toBe(0)
  expect((await latestCandles(db.pool, series, 1))[0]).toMatchObject({
    closed: true,
    close: '2.000000000000000000',
  })
})

test('two workers write the same candles of many series at once without a deadlock', async () => {
  const all = Array.from({ length: 40 }, newSeries)
  const batch = (close: string, series: typeof all) =>
    series.map((one) => ({ series: one, candles: [candle(1, close), candle(0, close)] }))
  const rounds = Array.from({ length: 8 }, (_, round) =>
    upsertCandles(db.pool, batch(String(round + 1), round % 2 === 0 ? all : all.toReversed())),
  )
  await expect(Promise.all(rounds)).resolves.toHaveLength(8)
})

test('thousands of candles go in one call', async () => {
  const series = newSeries()
  const candles = Array.from({ length: 4500 }, (_, minute) => candle(minute, '1'))
  expect(await upsertCandles(db.pool, [{ series, candles }])).toBe(4500)
  expect(await pruneCandles(db.pool, series, 10)).toBe(4490)
  expect(await pruneCandles(db.pool, series, 10)).toBe(0)
  const left = await latestCandles(db.pool, series, 100)
  expect(left.map((row) => row.openTime.getTime())).toEqual(
    candles.slice(-10).map((one) => one.openTime.getTime()),
  )
})

test('a series says when it was read, and why it was not, and forgets neither by the other', async () => {
  const series = newSeries()
  await markSeries(db.pool, [])
  await markSeries(db.pool, [{ series, error: 'away' }])
  expect(await seriesStatus(db.pool, series)).toEqual({ ageMs: null, error: 'away' })
  await markSeries(db.pool, [{ series, error: null }])
  const read = await seriesStatus(db.pool, series)
  expect(read.error).toBeNull()
  expect(read.ageMs).toBeLessThan(5000)
  await markSeries(db.pool, [{ series, error: 'away' }])
  expect((await seriesStatus(db.pool, series)).ageMs).not.toBeNull()
})
