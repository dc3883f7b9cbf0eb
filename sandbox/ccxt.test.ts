import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from './server.ts'

const ccxt = (await import('ccxt')).default

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

/** ccxt's own binance class, its URLs moved to the sandbox. */
const connect = async (options: Record<string, unknown> = {}) => {
  const answer = await fetch(`${sandbox.url}/sandbox/accounts`, { method: 'POST' })
  const { apiKey, secretKey }: { apiKey: string; secretKey: string } = JSON.parse(await answer.text())
  const exchange = new ccxt.binance({ apiKey, secret: secretKey, enableRateLimit: false, options })
  // ccxt reads numbers with this; strings keep them exact.
  Object.assign(exchange, { number: String })
  const api: Record<string, string> = exchange.urls.api
  for (const [name, address] of Object.entries(api)) {
    const moved = new URL(address)
    api[name] = sandbox.url + moved.pathname
  }
  await exchange.loadMarkets()
  return exchange
}

test('loads markets, also with all of the options at their defaults and a key set', async () => {
  const exchange = await connect()
  const market = exchange.market('BTC/USDT')
  expect(market.spot).toBe(true)
  expect(market.active).toBe(true)
  expect(market.precision).toMatchObject({ price: '0.01000000', amount: '0.00001000' })
  expect(Number(market.limits.cost?.min)).toBe(5)
})

test('reads time, candles, tickers and the book', async () => {
  const exchange = await connect({
    fetchMargins: false,
    fetchCurrencies: false,
    fetchMarkets: { types: ['spot'] },
  })
  expect(Math.abs(((await exchange.fetchTime()) ?? 0) - Date.now())).toBeLessThan(1000)
  const candles = await exchange.fetchOHLCV('BTC/USDT', '1s', undefined, 300)
  expect(candles).toHaveLength(300)
  expect(Number(candles[1]?.[0]) - Number(candles[0]?.[0])).toBe(1000)
  const since = Date.now() - 3_600_000
  const paged = await exchange.fetchOHLCV('ETH/USDT', '1m', since, 10)
  expect(paged).toHaveLength(10)
  expect(paged[0]?.[0]).toBe(Math.ceil(since / 60_000) * 60_000)
  const ticker = await exchange.fetchTicker('BTC/USDT')
  expect(Number(ticker.bid)).toBeLessThan(Number(ticker.last))
  expect(Number(ticker.ask)).toBeGreaterThan(Number(ticker.last))
  const book = await exchange.fetchOrderBook('BTC/USDT', 5)
  expect(book.asks).toHaveLength(5)
  expect(Object.keys(await exchange.fetchTickers())).toContain('SOL/USDT')
  expect((await exchange.fetchTrades('BTC/USDT', undefined, 5)).length).toBe(5)
})

test('trades: market order by client id, balance, look-up, trades', async () => {
  const exchange = await connect()
  const clientOrderId = 'tb-0123456789abcdef'
  const placed = await exchange.createOrder('BTC/USDT', 'market', 'buy', 0.01, undefined, {
    newClientOrderId: clientOrderId,
  })
  expect(placed).toMatchObject({ status: 'closed', clientOrderId, filled: '0.01000000' })
  const found = await exchange.fetchOrder('', 'BTC/USDT', { origClientOrderId: clientOrderId })
  expect(found).toMatchObject({ id: placed.id, status: 'closed', clientOrderId })
  const trades = await exchange.fetchMyTrades('BTC/USDT')
  expect(trades.every((trade) => trade.order === placed.id)).toBe(true)
  const balance = await exchange.fetchBalance()
  const cost = trades.reduce((sum, trade) => sum + Number(trade.cost), 0)
  expect(Number(balance['USDT']?.free)).toBeCloseTo(10_000 - cost, 6)
  expect(balance['BTC']?.free).toBe('0.00999000')
  expect(trades[0]?.fee).toMatchObject({ currency: 'BTC' })
})

test('rests a stop-limit and a limit order, lists and cancels them', async () => {
  const exchange = await connect()
  await exchange.createOrder('BTC/USDT', 'market', 'buy', 0.02)
  const last = Number((await exchange.fetchTicker('BTC/USDT')).last)
  const price = (factor: number) => Number(exchange.priceToPrecision('BTC/USDT', last * factor))
  const stop = await exchange.createOrder('BTC/USDT', 'limit', 'sell', 0.01, price(0.89), {
    stopLossPrice: price(0.9),
    newClientOrderId: 'stop-1',
  })
  const limit = await exchange.createOrder('BTC/USDT', 'limit', 'sell', 0.005, price(1.2))
  const open = await exchange.fetchOpenOrders('BTC/USDT')
  expect(open.map((order) => order.id)).toEqual([stop.id, limit.id])
  expect(open[0]).toMatchObject({ status: 'open', type: 'limit', clientOrderId: 'stop-1' })
  expect(Number(open[0]?.triggerPrice)).toBe(price(0.9))
  expect((await exchange.fetchBalance())['BTC']?.used).toBe('0.01500000')
  const cancelled = await exchange.cancelOrder('', 'BTC/USDT', { origClientOrderId: 'stop-1' })
  expect(cancelled.status).toBe('canceled')
  await exchange.cancelOrder(String(limit.id), 'BTC/USDT')
  expect(await exchange.fetchOpenOrders('BTC/USDT')).toEqual([])
  expect((await exchange.fetchOrders('BTC/USDT')).map((order) => order.status)).toEqual([
    'closed',
    'canceled',
    'canceled',
  ])
})

test('refuses in the classes that ccxt knows', async () => {
  const exchange = await connect()
  await expect(exchange.createOrder('BTC/USDT', 'market', 'buy', 5)).rejects.toBeInstanceOf(
    ccxt.InsufficientFunds,
  )
  await expect(exchange.fetchOrder('999', 'BTC/USDT')).rejects.toBeInstanceOf(ccxt.OrderNotFound)
  await expect(exchange.cancelOrder('999', 'BTC/USDT')).rejects.toBeInstanceOf(ccxt.OrderNotFound)
  exchange.secret = 'wrong'
  await expect(exchange.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError)
})
