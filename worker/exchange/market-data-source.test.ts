import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { MarketDataSource } from '#trading/domain/exchange.ts'
import { moveOrigin } from './ccxt.ts'
import { makeMarketDataSource } from './market-data-source.ts'
import { control, settingsFor } from './sandbox.fixture.ts'
import { makeVenues } from './venues.ts'

let sandbox: Sandbox
let source: MarketDataSource

beforeAll(async () => {
  sandbox = await startSandbox()
  source = makeMarketDataSource('sandbox', settingsFor(sandbox.url))
})
afterAll(() => sandbox.close())

test('markets come with their steps and minimums, timeframes shortest first', async () => {
  const { markets, timeframes } = await source.loadMarkets()
  const market = markets.find((entry) => entry.symbol === 'BTC/USDT')
  expect(market).toMatchObject({
    exchange: 'sandbox',
    base: 'BTC',
    quote: 'USDT',
    type: 'SPOT',
    active: true,
  })
  expect(market?.priceTick?.toFixed()).toBe('0.01')
  expect(market?.amountStep?.toFixed()).toBe('0.00001')
  expect(market?.minCost?.toFixed()).toBe('5')
  expect(timeframes.slice(0, 4)).toEqual(['1s', '1m', '3m', '5m'])
  expect(timeframes).not.toContain('1M')
})

test('candles come oldest first, closed but for the forming one, and a closed one never changes', async () => {
  // Just before a second ends is when a careless reader takes a moving candle for a closed one.
  const seen = new Map<number, string>()
  for (let round = 0; round < 25; round++) {
    const candles = await source.fetchCandles('BTC/USDT', '1s', 5)
    expect(candles.length).toBe(5)
    for (const candle of candles.filter((entry) => entry.closed)) {
      const text = [candle.open, candle.high, candle.low, candle.close, candle.volume].map(String).join(' ')
      const time = candle.openTime.getTime()
      expect(seen.get(time) ?? text).toBe(text)
      seen.set(time, text)
    }
    const closed = candles.map((candle) => candle.closed)
    expect(closed.lastIndexOf(true)).toBe(closed.filter(Boolean).length - 1)
    expect(closed.at(-1)).toBe(false)
    await new Promise((resolve) => setTimeout(resolve, 90))
  }
})

test('a candle that was moving when the answer was made is not closed, however late the answer comes', async () => {
  await source.fetchCandles('BTC/USDT', '1s', 5)
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /api/v3/klines',
    kind: 'delay',
    ms: 1500,
    count: 1,
  })
  const began = Date.now()
  const candles = await source.fetchCandles('BTC/USDT', '1s', 5)
  expect(Date.now() - began).toBeGreaterThan(1400)
  expect(candles.map((candle) => candle.closed).slice(0, 3)).toEqual([true, true, true])
  expect(candles.at(-1)?.closed).toBe(false)
})

test('more than the exchange gives at once is read in pages, without a gap', async () => {
  const candles = await source.fetchCandles('BTC/USDT', '1m', 2500)
  expect(candles.length).toBe(2500)
  const times = candles.map((candle) => candle.openTime.getTime())
  expect(times.slice(1).every((time, index) => time - (times[index] ?? 0) === 60_000)).toBe(true)
  expect(Date.now() - (times.at(-1) ?? 0)).toBeLessThan(120_000)
  expect(candles.at(-1)?.closed).toBe(false)
})

test('a beginning is heeded', async () => {
  const since = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 86_400_000)
  const candles = await source.fetchCandles('BTC/USDT', '1h', 3, since)
  expect(candles.map((candle) => candle.openTime.getTime())).toEqual(
    [0, 1, 2].map((hours) => since.getTime() + hours * 3_600_000),
  )
  expect(candles.every((candle) => candle.closed)).toBe(true)
})

test('what the exchange does not have is said', async () => {
  await expect(source.fetchCandles('NO/SUCH', '1m', 5)).rejects.toMatchObject({ kind: 'MARKET_GONE' })
  await expect(source.fetchCandles('BTC/USDT', '7m', 5)).rejects.toMatchObject({ kind: 'REFUSED' })
  expect(() => makeVenues({ env: settingsFor(sandbox.url) }).marketData('nosuchexchange')).toThrow(
    'not an exchange',
  )
  expect(() => makeVenues({ env: settingsFor(sandbox.url) }).marketData('Exchange')).toThrow(
    'not an exchange',
  )
})

test('outages are UNREACHABLE or RATE_LIMITED', async () => {
  const fault = (kind: string, more: object = {}) =>
    control(sandbox.url, 'POST', '/sandbox/faults', {
      endpoint: 'GET /api/v3/klines',
      kind,
      count: 1,
      ...more,
    })
  for (const kind of ['reset', '5xx']) {
    await fault(kind)
    await expect(source.fetchCandles('BTC/USDT', '1m', 5), kind).rejects.toMatchObject({
      kind: 'UNREACHABLE',
    })
  }
  await fault('418', { retryAfter: 30 })
  const banned = makeMarketDataSource('sandbox', settingsFor(sandbox.url))
  await expect(banned.fetchCandles('BTC/USDT', '1m', 5)).rejects.toMatchObject({
    kind: 'RATE_LIMITED',
    retryAfterMs: 30_000,
  })
  const nobody = makeMarketDataSource('sandbox', settingsFor('http://127.0.0.1:9'))
  await expect(nobody.loadMarkets()).rejects.toMatchObject({ kind: 'UNREACHABLE' })
})

test('every address of an exchange can be led elsewhere, paths kept', () => {
  expect(
    moveOrigin(
      { public: 'https://api.x.com/v3', nested: { rest: 'https://api.{hostname}/v5?a=1' }, n: 1 },
      'http://h:1',
    ),
  ).toEqual({ public: 'http://h:1/v3', nested: { rest: 'http://h:1/v5?a=1' }, n: 1 })
})

test('the venues that we offer beside the sandbox can be made, each with its timeframes', () => {
  const venues = makeVenues({ env: settingsFor(sandbox.url) })
  for (const id of ['binance', 'bybit', 'okx', 'kraken'])
    expect(venues.marketData(id)).toBe(venues.marketData(id))
})
