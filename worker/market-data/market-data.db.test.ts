import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { latestCandles, seriesStatus, wantSeries } from '#trading/store/candle-feed.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { insertBot } from '#trading/store/candles.fixture.ts'
import { control, settingsFor } from '../exchange/sandbox.fixture.ts'
import { makeVenues, type Venues } from '../exchange/venues.ts'
import { startMarketData } from './market-data.ts'
import type { MarketData } from './snapshot.ts'

const db = withTestDatabase()
const logger = makeLogger('test')
const btc = { exchange: 'sandbox', symbol: 'BTC/USDT', timeframe: '1s' }
let sandbox: Sandbox
let venues: Venues
let data: MarketData

beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())
beforeEach(() => {
  venues = makeVenues({ env: settingsFor(sandbox.url) })
  data = startMarketData({ pool: db.pool, venues, logger })
})
afterEach(async () => {
  await data.stop()
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
  await db.pool.query(`UPDATE bot_states SET next_tick_at = NULL`)
  await db.pool.query('DELETE FROM candles')
  await db.pool.query('DELETE FROM candle_series')
})

const snapshot = () => data.snapshot(btc.exchange, btc.symbol, btc.timeframe)

test('a bot that becomes due is followed within moments, with its whole warm-up, closed and without a gap', async () => {
  await insertBot(db.pool, { ...btc, emaSlow: 30 })
  expect(snapshot()).toBeNull()
  data.nudge()
  await expect.poll(snapshot, { timeout: 5000, interval: 20 }).not.toBeNull()
  const seen = snapshot()
  expect(seen?.candles.length).toBe(305)
  expect(seen?.candles.every((candle) => candle.closed)).toBe(true)
  const times = (seen?.candles ?? []).map((candle) => candle.openTime.getTime())
  expect(times.slice(1).every((time, index) => time - (times[index] ?? 0) === 1000)).toBe(true)
  expect(seen?.ageMs).toBeLessThan(2000)
  expect(seen?.error).toBeNull()
})

test('it moves on by itself, in memory and in the tables', async () => {
  await wantSeries(db.pool, btc)
  data.nudge()
  await expect.poll(snapshot, { timeout: 5000 }).not.toBeNull()
  const first = snapshot()?.candles.at(-1)?.openTime.getTime() ?? 0
  await expect
    .poll(() => snapshot()?.candles.at(-1)?.openTime.getTime(), { timeout: 10_000 })
    .toBeGreaterThan(first + 2000)
  const inMemory = snapshot()
  const closedThen = inMemory?.candles.at(-1)
  await expect
    .poll(
      async () => {
        const rows = await latestCandles(db.pool, btc, 300)
        return rows.find((row) => row.openTime.getTime() === closedThen?.openTime.getTime() && row.closed)
          ?.close
      },
      { timeout: 5000 },
    )
    .toBe(closedThen?.close.toFixed(18))
  const rows = await latestCandles(db.pool, btc, 1000)
  expect(rows.length).toBeGreaterThanOrEqual(200)
  const status = await seriesStatus(db.pool, btc)
  expect(status.error).toBeNull()
  expect(status.ageMs).toBeLessThan(10_000)
})

test('however many bots watch a market, it is fetched once', async () => {
  for (let count = 0; count < 5; count++) await insertBot(db.pool, { ...btc, checkIntervalSeconds: 60 })
  let fetches = 0
  await data.stop()
  const source = venues.marketData('sandbox')
  data = startMarketData({
    pool: db.pool,
    venues: {
      marketData: () => ({
        ...source,
        fetchCandles: (...args) => {
          fetches++
          return source.fetchCandles(...args)
        },
      }),
    },
    logger,
  })
  await expect.poll(snapshot, { timeout: 5000 }).not.toBeNull()
  // Looked at several times since: nothing is fetched again before its 15 s are over.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(fetches).toBe(1)
})

test('an outage shows as an error beside the old data, and is over by itself', async () => {
  await insertBot(db.pool, btc)
  data.nudge()
  await expect.poll(snapshot, { timeout: 5000 }).not.toBeNull()
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /api/v3/klines',
    kind: '503',
    count: 2,
  })
  await expect.poll(() => snapshot()?.error, { timeout: 5000, interval: 20 }).toContain('(-1000)')
  expect(snapshot()?.candles.length).toBeGreaterThan(200)
  await expect
    .poll(async () => (await seriesStatus(db.pool, btc)).error, { timeout: 5000 })
    .toContain('(-1000)')
  await expect.poll(() => snapshot()?.error, { timeout: 8000 }).toBeNull()
  await expect.poll(async () => (await seriesStatus(db.pool, btc)).error, { timeout: 5000 }).toBeNull()
})

test('a market that the exchange does not have says so where the series is asked for', async () => {
  const nonsense = { ...btc, symbol: 'NO/SUCH' }
  await wantSeries(db.pool, nonsense)
  data.nudge()
  await expect
    .poll(async () => (await seriesStatus(db.pool, nonsense)).error, { timeout: 8000 })
    .toBe('sandbox has no market NO/SUCH.')
  expect(data.snapshot('sandbox', 'NO/SUCH', '1s')).toBeNull()
})

test('one slow market does not hold up the others', async () => {
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /api/v3/klines',
    kind: 'delay',
    ms: 2500,
    count: 1,
  })
  for (const symbol of ['BTC/USDT', 'ETH/USDT', 'SOL/USDT']) await insertBot(db.pool, { ...btc, symbol })
  data.nudge()
  const known = () =>
    ['BTC/USDT', 'ETH/USDT', 'SOL/USDT'].filter((symbol) => data.snapshot('sandbox', symbol, '1s') !== null)
  await expect.poll(() => known().length, { timeout: 2000, interval: 50 }).toBe(2)
  await expect.poll(() => known().length, { timeout: 6000, interval: 50 }).toBe(3)
})

test('of a perpetual the mark price and its fundings are read once, however many bots watch it on whatever timeframe', async () => {
  const perpetual = { exchange: 'sandbox', symbol: 'BTC/USDT:USDT' }
  for (const timeframe of ['1s', '1m'])
    await insertBot(db.pool, { ...perpetual, timeframe, checkIntervalSeconds: 60 })
  await insertBot(db.pool, btc)
  await control(sandbox.url, 'POST', '/sandbox/price', {
    symbol: 'BTCUSDT',
    price: '50123.4',
    market: 'mark',
  })
  let reads = 0
  await data.stop()
  const source = venues.marketData('sandbox')
  const counted = {
    ...source,
    fetchMark: (symbol: string) => {
      reads++
      return source.fetchMark(symbol)
    },
  }
  data = startMarketData({ pool: db.pool, venues: { marketData: () => counted }, logger })
  const markOf = (timeframe: string) => data.snapshot('sandbox', perpetual.symbol, timeframe)?.mark
  await expect.poll(() => markOf('1m')?.markPrice.toString(), { timeout: 8000 }).toBe('50123.4')
  await expect.poll(() => markOf('1s')?.markPrice.toString(), { timeout: 8000 }).toBe('50123.4')
  expect(markOf('1m')?.ageMs).toBeLessThan(8_000)
  await expect.poll(() => markOf('1m')?.fundings.length ?? 0, { timeout: 8000 }).toBeGreaterThan(0)
  expect(reads).toBe(1)
  await expect.poll(snapshot, { timeout: 5000 }).not.toBeNull()
  expect(snapshot()).not.toHaveProperty('mark')
})

test('a mark price that cannot be read leaves the candles as they are, and comes back by itself', async () => {
  const perpetual = { exchange: 'sandbox', symbol: 'ETH/USDT:USDT', timeframe: '1s' }
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /fapi/v1/premiumIndex',
    kind: '503',
    count: 2,
  })
  await insertBot(db.pool, perpetual)
  data.nudge()
  const seen = () => data.snapshot('sandbox', perpetual.symbol, '1s')
  await expect.poll(seen, { timeout: 5000, interval: 20 }).toMatchObject({ mark: null, error: null })
  await expect.poll(() => seen()?.mark ?? null, { timeout: 8000 }).not.toBeNull()
})
