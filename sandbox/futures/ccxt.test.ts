import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../server.ts'
import { makeClient } from '../testing/client.ts'
import { makeFutures } from '../testing/futures.ts'

const ccxt = (await import('ccxt')).default

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
  await makeClient(sandbox.url).hold('BTCUSDT', '60000.00')
})
afterAll(() => sandbox.close())

const BTC = 'BTC/USDT:USDT'

/** ccxt's own binance class, its URLs moved to the sandbox. */
const connect = async () => {
  const client = makeClient(sandbox.url)
  const { apiKey, secretKey } = await client.openAccount({ futures: { USDT: '1000' } })
  const exchange = new ccxt.binance({ apiKey, secret: secretKey, enableRateLimit: false })
  // ccxt reads numbers with this; strings keep them exact.
  Object.assign(exchange, { number: String })
  const api: Record<string, string> = exchange.urls.api
  for (const [name, address] of Object.entries(api)) api[name] = sandbox.url + new URL(address).pathname
  await exchange.loadMarkets()
  return exchange
}

test('lists perpetuals beside the spot markets, with tiers; ETH/BTC has none', async () => {
  const exchange = await connect()
  const market = exchange.market(BTC)
  expect(market).toMatchObject({ swap: true, linear: true, settle: 'USDT', active: true, contractSize: '1' })
  expect(market.precision).toMatchObject({ price: '0.1', amount: '0.001' })
  expect(Number(market.limits.cost?.min)).toBe(50)
  expect(exchange.symbols).toContain('ETH/BTC')
  expect(exchange.symbols.filter((symbol) => symbol.startsWith('ETH/BTC:'))).toEqual([])
  const tiers = (await exchange.fetchLeverageTiers([BTC]))[BTC]
  expect(tiers?.[0]).toMatchObject({ maxLeverage: '125', maintenanceMarginRate: '0.004', minNotional: '0' })
})

test('reads candles, mark prices, tickers and funding rates', async () => {
  const exchange = await connect()
  expect(await exchange.fetchOHLCV(BTC, '1m', undefined, 20)).toHaveLength(20)
  expect(await exchange.fetchMarkOHLCV(BTC, '1m', undefined, 20)).toHaveLength(20)
  expect((await exchange.fetchTicker(BTC)).last).toBe('60000.00000000')
  expect(Number((await exchange.fetchMarkPrice(BTC)).markPrice)).toBe(60_000)
  expect((await exchange.fetchOrderBook(BTC, 5)).asks).toHaveLength(5)
  const rate = await exchange.fetchFundingRate(BTC)
  expect(Number(rate.fundingTimestamp) % 28_800_000).toBe(0)
  expect((await exchange.fetchFundingRateHistory(BTC, undefined, 3)).length).toBe(3)
})

test('sets up, enters, protects, is funded, leaves', async () => {
  const exchange = await connect()
  await exchange.setMarginMode('isolated', BTC)
  await expect(exchange.setMarginMode('isolated', BTC)).rejects.toBeInstanceOf(ccxt.MarginModeAlreadySet)
  expect(await exchange.setLeverage(10, BTC)).toMatchObject({ leverage: 10 })
  expect((await exchange.fetchPositionMode(BTC)).hedged).toBe(false)
  const entry = await exchange.createOrder(BTC, 'market', 'sell', 0.05, undefined, {
    newClientOrderId: 'entry',
  })
  expect(entry).toMatchObject({ status: 'closed', clientOrderId: 'entry', filled: '0.050' })
  const [position] = await exchange.fetchPositions([BTC])
  expect(position).toMatchObject({ side: 'short', contracts: '0.05', marginMode: 'isolated' })
  expect(Number(position?.liquidationPrice)).toBeGreaterThan(65_000)

  const stop = await exchange.createOrder(BTC, 'market', 'buy', 0.05, undefined, {
    stopLossPrice: 62_000,
    reduceOnly: true,
    workingType: 'MARK_PRICE',
    clientAlgoId: 'stop',
  })
  expect(stop).toMatchObject({ status: 'open', triggerPrice: '62000.0', reduceOnly: true })
  const open = await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true })
  expect(open.map((order) => order.clientOrderId)).toEqual(['stop'])
  await makeFutures(makeClient(sandbox.url)).fund('0.0001')
  expect((await exchange.fetchFundingHistory(BTC)).map(({ amount }) => Number(amount))).toEqual([0.3])
  await exchange.cancelOrder('', BTC, { clientAlgoId: 'stop', trigger: true })
  expect(await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true })).toEqual([])
  const exit = await exchange.createOrder(BTC, 'market', 'buy', 0.05, undefined, { reduceOnly: true })
  expect(exit.status).toBe('closed')
  expect(await exchange.fetchPositions([BTC])).toEqual([])
  const trades = await exchange.fetchMyTrades(BTC)
  expect(trades[0]?.fee).toMatchObject({ currency: 'USDT' })
  const paid = trades.reduce((sum, trade) => sum + Number(trade.fee?.cost), 0)
  const profit = trades.reduce((sum, trade) => sum + Number(trade.info['realizedPnl']), 0)
  const { total } = (await exchange.fetchBalance({ type: 'swap' }))['USDT'] ?? {}
  expect(Number(total)).toBeCloseTo(1000 - paid + profit + 0.3, 6)
})

test('transfers, and finds them again', async () => {
  const exchange = await connect()
  const there = await exchange.transfer('USDT', 250, 'spot', 'future')
  await exchange.transfer('USDT', 50, 'future', 'spot')
  const found = await exchange.fetchTransfers('USDT', Date.now() - 60_000, 10, {
    fromAccount: 'spot',
    toAccount: 'future',
  })
  expect(found).toMatchObject([
    { id: there.id, amount: '250', fromAccount: 'spot', toAccount: 'linear', status: 'ok' },
  ])
  expect((await exchange.fetchBalance({ type: 'swap' }))['USDT']?.free).toBe('1200.00000000')
  // ccxt chooses the class of this error by Binance's own host, which the sandbox has not.
  await expect(exchange.transfer('USDT', 50_000, 'spot', 'future')).rejects.toThrow(/-5013/)
})
