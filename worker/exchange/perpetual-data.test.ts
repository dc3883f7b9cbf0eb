import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { MarketDataSource } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { control, openSandboxAccount, settingsFor } from './sandbox.fixture.ts'
import { makeVenues, type Venues } from './venues.ts'

const SYMBOL = 'BTC/USDT:USDT'
let sandbox: Sandbox
let venues: Venues
let source: MarketDataSource

beforeAll(async () => {
  sandbox = await startSandbox()
  venues = makeVenues({ env: settingsFor(sandbox.url) })
  source = venues.marketData('sandbox')
})
afterAll(() => sandbox.close())

const fail = (endpoint: string, count = 1) =>
  control(sandbox.url, 'POST', '/sandbox/faults', { endpoint, kind: '5xx', count })

test('perpetuals are listed beside spot markets, with leverage, margins and what was traded', async () => {
  const { markets, unread } = await source.loadMarkets()
  expect(unread).toEqual([])
  const spot = markets.find((one) => one.symbol === 'BTC/USDT')
  const perpetual = markets.find((one) => one.symbol === SYMBOL)
  expect(spot?.futures).toBeUndefined()
  expect(perpetual).toMatchObject({ type: 'FUTURES', base: 'BTC', quote: 'USDT', active: true })
  expect(perpetual?.maxLeverage).toBeGreaterThanOrEqual(20)
  expect(perpetual?.futures?.settle).toBe('USDT')
  expect(perpetual?.futures?.maintenanceMarginPerc.gt(0)).toBe(true)
  for (const market of [spot, perpetual]) expect(market?.volume24h?.gt(0)).toBe(true)
})

test('while the futures API is away spot markets are told all the same, and that perpetuals are missing', async () => {
  await fail('GET /fapi/v1/exchangeInfo')
  const { markets, unread } = await source.loadMarkets()
  expect(markets.length).toBeGreaterThan(0)
  expect(markets.every((market) => market.type === 'SPOT')).toBe(true)
  expect(unread).toMatchObject([{ type: 'FUTURES', message: expect.stringMatching(/./) }])
})

test('markets are told without volumes where those cannot be read', async () => {
  await fail('GET /fapi/v1/ticker/24hr')
  const { markets, unread } = await source.loadMarkets()
  expect(unread).toEqual([])
  expect(markets.find((one) => one.symbol === SYMBOL)?.volume24h).toBeNull()
  expect(markets.find((one) => one.symbol === 'BTC/USDT')?.volume24h?.gt(0)).toBe(true)
})

test('a customer is told the leverage limits of each perpetual', async () => {
  const { credentials } = await openSandboxAccount(sandbox.url)
  const limit = (await venues.leverageLimits('sandbox', credentials))?.get(SYMBOL)
  expect(limit?.maxLeverage).toBeGreaterThan(20)
  // Below half of the initial margin at that leverage, or about it.
  const margin = limit?.maintenanceMarginPerc.toNumber() ?? Number.NaN
  expect(margin * (limit?.maxLeverage ?? Number.NaN)).toBeLessThanOrEqual(100)
  expect(margin).toBeGreaterThan(0)
})

test('candles of a perpetual are its own, not those of the spot market of the same name', async () => {
  await control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'ETHUSDT', price: '3000' })
  await control(sandbox.url, 'POST', '/sandbox/price', {
    symbol: 'ETHUSDT',
    price: '3300',
    market: 'futures',
  })
  const [spot] = await source.fetchCandles('ETH/USDT', '1m', 1)
  const [perpetual] = await source.fetchCandles('ETH/USDT:USDT', '1m', 1)
  expect([spot?.close, perpetual?.close].map(String)).toEqual(['3000', '3300'])
})

test('the mark is told with the funding that comes next; a spot market has none', async () => {
  await control(sandbox.url, 'POST', '/sandbox/price', {
    symbol: 'BTCUSDT',
    price: '61234.5',
    market: 'mark',
  })
  const { markPrice, fundingRate, nextFundingAt } = await source.fetchMark(SYMBOL)
  expect(plain(markPrice)).toBe('61234.5')
  expect(fundingRate?.abs().lt('0.01')).toBe(true)
  expect(nextFundingAt?.getTime()).toBeGreaterThan(Date.now() - 1_000)
  await expect(source.fetchMark('BTC/USDT')).rejects.toMatchObject({ kind: 'REFUSED' })
  await expect(source.fetchMark('NO/SUCH:SUCH')).rejects.toMatchObject({ kind: 'MARKET_GONE' })
})

test('fundings that were settled since then are listed, oldest first, with their marks', async () => {
  const since = new Date(Date.now() - 1)
  for (const rate of ['0.0002', '-0.0003']) {
    await control(sandbox.url, 'POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const rates = await source.fetchFundingRates(SYMBOL, since)
  expect(rates.map((one) => plain(one.rate))).toEqual(['0.0002', '-0.0003'])
  for (const one of rates) expect(one.markPrice?.toNumber()).toBeCloseTo(61234.5, 0)
  const first = rates[0]?.at ?? new Date(0)
  expect((await source.fetchFundingRates(SYMBOL, first)).map((one) => plain(one.rate))).toEqual(['-0.0003'])
})
