import { afterEach, describe, expect, test } from 'vitest'
import { plain } from '#trading/domain/money.ts'
import { startRecorded, type Recorded } from './recorded.fixture.ts'
import { makeVenues } from './venues.ts'

// Shapes as ccxt's sources quote them from the venues' documents.

let server: Recorded | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

type Answers = Parameters<typeof startRecorded>[0]

async function sourceOf(exchange: string, answers: Answers) {
  server = await startRecorded(answers)
  const timing = { httpTimeoutMs: 2000, recvWindowMs: 5000, sendBudgetMs: 2000, settleSkewMs: 1000 }
  return makeVenues({ env: { exchangeUrls: { [exchange]: server.url }, timing } }).marketData(exchange)
}

const HOUR = 3_600_000
const last = Math.floor(Date.now() / (8 * HOUR)) * 8 * HOUR
const next = last + 8 * HOUR

describe('okx, which counts contracts and tells mark and funding apart', () => {
  const ok = (data: object[]) => JSON.stringify({ code: '0', msg: '', data })
  const instrument = {
    ...{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', uly: 'BTC-USDT', instFamily: 'BTC-USDT', category: '1' },
    ...{
      baseCcy: '',
      quoteCcy: '',
      settleCcy: 'USDT',
      ctVal: '0.01',
      ctMult: '1',
      ctValCcy: 'BTC',
      optType: '',
    },
    ...{
      stk: '',
      listTime: '1606468572000',
      expTime: '',
      lever: '100',
      tickSz: '0.1',
      lotSz: '0.1',
      minSz: '0.1',
    },
    ...{ ctType: 'linear', alias: '', state: 'live' },
  }
  const ticker = {
    ...{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', last: '60000', askPx: '60000.1', bidPx: '59999.9' },
    ...{
      open24h: '59000',
      high24h: '61000',
      low24h: '58000',
      volCcy24h: '1000',
      vol24h: '100000',
      ts: String(last),
    },
  }
  const funding = (fundingTime: number, realizedRate: string) => ({
    ...{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', fundingRate: '0.9', realizedRate },
    fundingTime: String(fundingTime),
  })
  const answers: Answers = {
    'GET /api/v5/public/instruments': (asked) => ok(asked.get('instType') === 'SWAP' ? [instrument] : []),
    'GET /api/v5/public/time': `{"code":"0","msg":"","data":[{"ts":"$NOW"}]}`,
    'GET /api/v5/market/tickers': ok([ticker]),
    'GET /api/v5/public/mark-price': ok([
      { instId: 'BTC-USDT-SWAP', instType: 'SWAP', markPx: '60001.25', ts: String(last) },
    ]),
    'GET /api/v5/public/funding-rate': ok([
      {
        ...{
          fundingRate: '0.00027815',
          fundingTime: String(next),
          instId: 'BTC-USDT-SWAP',
          instType: 'SWAP',
        },
        ...{ nextFundingRate: '', nextFundingTime: String(next + 8 * HOUR) },
      },
    ]),
    'GET /api/v5/public/funding-rate-history': ok([
      funding(last, '-0.0002'),
      funding(last - 8 * HOUR, '0.0001'),
    ]),
  }
  const SYMBOL = 'BTC/USDT:USDT'

  test('is read in base currency, with what was traded in quote currency', async () => {
    const { markets } = await (await sourceOf('okx', answers)).loadMarkets()
    const market = markets.find((one) => one.symbol === SYMBOL)
    expect(market).toMatchObject({ type: 'FUTURES', maxLeverage: 100, active: true })
    expect([market?.amountStep, market?.minAmount].map(String)).toEqual(['0.001', '0.001'])
    expect(String(market?.futures?.maintenanceMarginPerc)).toBe('0.5')
    expect(String(market?.volume24h)).toBe('60000000')
  })

  test('tells the mark, and the funding that comes next, not the one after', async () => {
    const mark = await (await sourceOf('okx', answers)).fetchMark(SYMBOL)
    expect([plain(mark.markPrice), mark.fundingRate?.toString()]).toEqual(['60001.25', '0.00027815'])
    expect(mark.nextFundingAt?.getTime()).toBe(next)
  })

  test('tells the fundings that were really settled, without a mark', async () => {
    const source = await sourceOf('okx', answers)
    const rates = await source.fetchFundingRates(SYMBOL, new Date(last - 10 * HOUR))
    expect(rates.map((one) => [one.at.getTime(), plain(one.rate), one.markPrice])).toEqual([
      [last - 8 * HOUR, '0.0001', null],
      [last, '-0.0002', null],
    ])
  })
})

describe('bybit, which tells all of it in a ticker', () => {
  const ok = (list: object[]) =>
    JSON.stringify({
      ...{ retCode: 0, retMsg: 'OK', retExtInfo: {}, time: Date.now() },
      result: { category: 'linear', list, nextPageCursor: '' },
    })
  const instrument = {
    ...{
      symbol: 'BTCUSDT',
      contractType: 'LinearPerpetual',
      status: 'Trading',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
    },
    ...{
      launchTime: '1585526400000',
      deliveryTime: '0',
      deliveryFeeRate: '',
      priceScale: '2',
      settleCoin: 'USDT',
    },
    leverageFilter: { minLeverage: '1', maxLeverage: '100.00', leverageStep: '0.01' },
    priceFilter: { minPrice: '0.10', maxPrice: '1999999.80', tickSize: '0.10' },
    lotSizeFilter: { maxOrderQty: '1190', minOrderQty: '0.001', qtyStep: '0.001', minNotionalValue: '5' },
    ...{ unifiedMarginTrade: true, fundingInterval: 480, copyTrading: 'both' },
  }
  const ticker = {
    ...{
      symbol: 'BTCUSDT',
      lastPrice: '60000',
      markPrice: '60001.25',
      indexPrice: '60002',
      fundingRate: '0.0001',
    },
    ...{
      nextFundingTime: String(next),
      turnover24h: '4686694853.047006',
      volume24h: '78000.252',
      price24hPcnt: '0.01',
    },
    ...{ prevPrice24h: '59000', highPrice24h: '61000', lowPrice24h: '58000', bid1Price: '1', ask1Price: '2' },
  }
  const isFirst = (asked: URLSearchParams) =>
    asked.get('category') === 'linear' && (asked.get('status') ?? 'Trading') === 'Trading'
  const answers: Answers = {
    'GET /v5/market/time': `{"retCode":0,"retMsg":"OK","result":{"timeSecond":"${Math.floor(Date.now() / 1000)}","timeNano":"${Date.now()}000000"},"time":$NOW}`,
    'GET /v5/market/instruments-info': (asked) => ok(isFirst(asked) ? [instrument] : []),
    'GET /v5/market/tickers': (asked) => ok(isFirst(asked) ? [ticker] : []),
    'GET /v5/market/funding/history': ok([
      { symbol: 'BTCUSDT', fundingRate: '0.0003', fundingRateTimestamp: String(last) },
    ]),
  }

  test('is read whole', async () => {
    const source = await sourceOf('bybit', answers)
    const { markets } = await source.loadMarkets()
    const market = markets.find((one) => one.symbol === 'BTC/USDT:USDT')
    expect(market).toMatchObject({ type: 'FUTURES', maxLeverage: 100 })
    expect(String(market?.volume24h)).toBe('4686694853.047006')
    const mark = await source.fetchMark('BTC/USDT:USDT')
    expect([plain(mark.markPrice), mark.fundingRate?.toString()]).toEqual(['60001.25', '0.0001'])
    expect(mark.nextFundingAt?.getTime()).toBe(next)
    const rates = await source.fetchFundingRates('BTC/USDT:USDT', new Date(last - HOUR))
    expect(rates.map((one) => [one.at.getTime(), plain(one.rate)])).toEqual([[last, '0.0003']])
  })
})

test('krakenfutures, whose funding ccxt makes of its tickers, tells a mark too', async () => {
  const yes = (more: object) =>
    JSON.stringify({ result: 'success', serverTime: new Date().toISOString(), ...more })
  const instrument = {
    ...{ symbol: 'PF_XBTUSD', type: 'flexible_futures', tickSize: 1, contractSize: 1, tradeable: true },
    ...{
      contractValueTradePrecision: 4,
      base: 'BTC',
      quote: 'USD',
      pair: 'BTC:USD',
      fundingRateCoefficient: 24,
    },
    marginLevels: [{ numNonContractUnits: 0, initialMargin: 0.02, maintenanceMargin: 0.01 }],
  }
  const ticker = {
    ...{
      symbol: 'PF_XBTUSD',
      tag: 'perpetual',
      pair: 'BTC:USD',
      last: 60000,
      markPrice: 60001.5,
      suspended: false,
    },
    ...{
      vol24h: 1000,
      volumeQuote: 60_000_000,
      fundingRate: 6.00015,
      fundingRatePrediction: 3,
      indexPrice: 60000,
    },
    lastTime: new Date(last).toISOString(),
  }
  const source = await sourceOf('krakenfutures', {
    'GET /derivatives/api/v3/instruments': yes({ instruments: [instrument] }),
    'GET /derivatives/api/v3/instruments/status': yes({ instrumentStatus: [] }),
    'GET /derivatives/api/v3/tickers': yes({ tickers: [ticker] }),
  })
  const { markets } = await source.loadMarkets()
  expect(markets.map((one) => [one.symbol, one.type, one.volume24h?.toString()])).toEqual([
    ['BTC/USD:USD', 'FUTURES', '60000000'],
  ])
  const mark = await source.fetchMark('BTC/USD:USD')
  expect([plain(mark.markPrice), mark.fundingRate?.toFixed(6)]).toEqual(['60001.5', '0.000100'])
})
