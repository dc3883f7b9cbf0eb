import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Sandbox, startSandbox } from '../server.ts'
import {
  accountSchema,
  type Client,
  eventually,
  type Keys,
  makeClient,
  orderSchema,
  tradeSchema,
} from '../testing/client.ts'

let sandbox: Sandbox
let client: Client
let keys: Keys
beforeAll(async () => {
  sandbox = await startSandbox()
  client = makeClient(sandbox.url)
  await client.hold('BTCUSDT', '60000.00')
  keys = await client.openAccount({ balances: { USDT: '10000', BTC: '1' } })
})
afterAll(() => sandbox.close())

const balances = async (of: Keys) => {
  const { body } = await client.signed(of, 'GET', '/api/v3/account')
  const rows = accountSchema.parse(body).balances.filter((row) => !row.free.plus(row.locked).isZero())
  return Object.fromEntries(rows.map((row) => [row.asset, [row.free.toString(), row.locked.toString()]]))
}
const limit = { type: 'LIMIT', timeInForce: 'GTC' }

describe('filters', () => {
  test.each([
    ['PRICE_FILTER', { ...limit, side: 'BUY', quantity: '0.001', price: '50000.001' }],
    ['PERCENT_PRICE_BY_SIDE', { ...limit, side: 'BUY', quantity: '0.01', price: '1000' }],
    ['LOT_SIZE', { ...limit, side: 'BUY', quantity: '0.000015', price: '59000' }],
    ['LOT_SIZE', { type: 'MARKET', side: 'BUY', quantity: '0.0010001' }],
    ['LOT_SIZE', { type: 'MARKET', side: 'BUY', quantity: '9001' }],
    ['MARKET_LOT_SIZE', { type: 'MARKET', side: 'BUY', quantity: '501' }],
    ['NOTIONAL', { ...limit, side: 'BUY', quantity: '0.00008', price: '59000' }],
    ['NOTIONAL', { type: 'MARKET', side: 'SELL', quantity: '0.00008' }],
    ['NOTIONAL', { type: 'MARKET', side: 'BUY', quoteOrderQty: '4.99' }],
  ])('%s refuses %o', async (filter, order) => {
    const answer = await client.place(keys, order)
    expect(answer).toMatchObject({ status: 400, body: { code: -1013, msg: `Filter failure: ${filter}` } })
  })

  test('exchangeInfo says the same', async () => {
    const { body } = await client.send('GET', '/api/v3/exchangeInfo?symbol=BTCUSDT')
    expect(body).toMatchObject({
      symbols: [
        {
          filters: [
            { filterType: 'PRICE_FILTER', tickSize: '0.01000000' },
            { filterType: 'LOT_SIZE', stepSize: '0.00001000' },
            { filterType: 'MARKET_LOT_SIZE' },
            { filterType: 'PERCENT_PRICE_BY_SIDE' },
            { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true },
            { filterType: 'MAX_NUM_ORDERS' },
            { filterType: 'MAX_NUM_ALGO_ORDERS' },
          ],
        },
      ],
    })
  })
})

describe('wrong orders', () => {
  test.each([
    [-1102, { type: 'MARKET', side: 'BUY' }],
    [-1102, { type: 'LIMIT', side: 'BUY', quantity: '1', price: '60000' }],
    [-1106, { type: 'MARKET', side: 'BUY', quantity: '1', price: '60000' }],
    [-1106, { ...limit, side: 'BUY', quantity: '1', price: '60000', stopPrice: '1' }],
    [-1100, { type: 'MARKET', side: 'BUY', quantity: '1e3' }],
    [-1100, { type: 'MARKET', side: 'BUY', quantity: '-1' }],
    [-1111, { type: 'MARKET', side: 'BUY', quantity: '0.000000001' }],
    [-1115, { type: 'LIMIT', side: 'BUY', quantity: '1', price: '60000', timeInForce: 'DAY' }],
    [-1116, { type: 'ICEBERG', side: 'BUY', quantity: '1' }],
    [-1117, { type: 'MARKET', side: 'LONG', quantity: '1' }],
    [-1121, { symbol: 'NOPE', type: 'MARKET', side: 'BUY', quantity: '1' }],
    [-1100, { type: 'MARKET', side: 'BUY', quantity: '1', newClientOrderId: 'a b' }],
    [-2010, { type: 'MARKET', side: 'BUY', quantity: '2' }],
    [-2010, { type: 'MARKET', side: 'BUY', quoteOrderQty: '10000.01' }],
    [-2010, { ...limit, side: 'SELL', quantity: '1.1', price: '70000' }],
    [
      -2010,
      {
        type: 'STOP_LOSS_LIMIT',
        timeInForce: 'GTC',
        side: 'SELL',
        quantity: '0.1',
        price: '60500',
        stopPrice: '60500',
      },
    ],
    [-2010, { type: 'LIMIT_MAKER', side: 'BUY', quantity: '0.1', price: '60100' }],
  ])('answers %i to %o and changes nothing', async (code, order) => {
    const before = await balances(keys)
    expect(await client.place(keys, order)).toMatchObject({ status: 400, body: { code } })
    expect(await balances(keys)).toEqual(before)
  })

  test('order/test judges and does nothing', async () => {
    const good = { symbol: 'BTCUSDT', type: 'MARKET', side: 'BUY', quantity: '0.01' }
    expect(await client.signed(keys, 'POST', '/api/v3/order/test', good)).toMatchObject({
      status: 200,
      body: {},
    })
    const bad = { ...good, quantity: '0.000001' }
    expect(await client.signed(keys, 'POST', '/api/v3/order/test', bad)).toMatchObject({
      body: { code: -1013 },
    })
    expect((await client.signed(keys, 'GET', '/api/v3/allOrders', { symbol: 'BTCUSDT' })).body).toEqual([])
  })

  test('unknown orders: -2013 to a look, -2011 to a cancel', async () => {
    expect(await client.look(keys, 'never')).toMatchObject({ status: 400, body: { code: -2013 } })
    const cancel = await client.signed(keys, 'DELETE', '/api/v3/order', { symbol: 'BTCUSDT', orderId: 77 })
    expect(cancel).toMatchObject({ status: 400, body: { code: -2011, msg: 'Unknown order sent.' } })
    const none = await client.signed(keys, 'GET', '/api/v3/order', { symbol: 'BTCUSDT' })
    expect(none).toMatchObject({ status: 400, body: { code: -1128 } })
  })
})

describe('market orders', () => {
  test('fill at the ask and the bid, the fee taken from what is received', async () => {
    const mine = await client.openAccount()
    const bought = await client.place(mine, { type: 'MARKET', side: 'BUY', quantity: '0.01' })
    expect(bought).toMatchObject({
      status: 200,
      body: {
        status: 'FILLED',
        executedQty: '0.01000000',
        cummulativeQuoteQty: '600.03000000',
        fills: [
          { price: '60003.00000000', qty: '0.01000000', commission: '0.00001000', commissionAsset: 'BTC' },
        ],
      },
    })
    const sold = await client.place(mine, { type: 'MARKET', side: 'SELL', quantity: '0.00999' })
    expect(sold).toMatchObject({
      body: { fills: [{ price: '59997.00000000', commission: '0.59937003', commissionAsset: 'USDT' }] },
    })
    expect(await balances(mine)).toEqual({ USDT: ['9998.74065997', '0'] })
  })

  test('larger ones meet several levels of the book', async () => {
    const mine = await client.openAccount({ balances: { USDT: '100000' } })
    const { body } = await client.place(mine, { type: 'MARKET', side: 'BUY', quoteOrderQty: '90000' })
    expect(body).toMatchObject({ status: 'FILLED', fills: [{}, {}, {}] })
    expect((await balances(mine)).USDT?.[1]).toBe('0')
  })

  test('answer as fully as was asked for', async () => {
    const mine = await client.openAccount()
    const order = { type: 'MARKET', side: 'BUY', quantity: '0.001' }
    const ack = await client.place(mine, { ...order, newOrderRespType: 'ACK' })
    expect(ack.body).not.toHaveProperty('status')
    const result = await client.place(mine, { ...order, newOrderRespType: 'RESULT' })
    expect(result.body).toMatchObject({ status: 'FILLED' })
    expect(result.body).not.toHaveProperty('fills')
  })
})

describe('client order ids', () => {
  test('one of an open order is refused, one of a finished order taken again and found as the latest', async () => {
    const mine = await client.openAccount()
    const resting = { ...limit, side: 'BUY', quantity: '0.01', price: '50000', newClientOrderId: 'same' }
    const first = orderSchema.parse((await client.place(mine, resting)).body)
    const again = await client.place(mine, resting)
    expect(again).toMatchObject({ status: 400, body: { code: -2010, msg: 'Duplicate order sent.' } })
    const elsewhere = await client.place(mine, {
      ...resting,
      symbol: 'ETHUSDT',
      price: '2000',
      quantity: '0.1',
    })
    expect(elsewhere).toMatchObject({ body: { msg: 'Duplicate order sent.' } })
    // Another account's ids are its own.
    const other = await client.openAccount()
    expect((await client.place(other, resting)).status).toBe(200)

    await client.signed(mine, 'DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'same' })
    const second = orderSchema.parse(
      (await client.place(mine, { type: 'MARKET', side: 'BUY', quantity: '0.01', newClientOrderId: 'same' }))
        .body,
    )
    expect(second.orderId).not.toBe(first.orderId)
    const third = orderSchema.parse(
      (await client.place(mine, { type: 'MARKET', side: 'BUY', quantity: '0.01', newClientOrderId: 'same' }))
        .body,
    )
    expect((await client.look(mine, 'same')).body).toMatchObject({ orderId: third.orderId })
    expect((await client.look(other, 'same')).body).toMatchObject({ status: 'NEW' })
  })
})

describe('resting orders', () => {
  test('a limit order locks, fills when the price comes, at its own price and as maker', async () => {
    const mine = await client.openAccount()
    await client.hold('BTCUSDT', '60000.00')
    await client.place(mine, {
      ...limit,
      side: 'BUY',
      quantity: '0.1',
      price: '59000',
      newClientOrderId: 'low',
    })
    expect(await balances(mine)).toEqual({ USDT: ['4100', '5900'] })
    await client.hold('BTCUSDT', '58000.00')
    await eventually(async () => (await client.look(mine, 'low')).body)
    const trades = await client.signed(mine, 'GET', '/api/v3/myTrades', { symbol: 'BTCUSDT' })
    expect(trades.body).toMatchObject([{ price: '59000.00000000', qty: '0.10000000', isMaker: true }])
    expect(await balances(mine)).toEqual({ USDT: ['4100', '0'], BTC: ['0.0999', '0'] })
    await client.hold('BTCUSDT', '60000.00')
  })

  test('cancelling frees what is locked', async () => {
    const mine = await client.openAccount()
    await client.place(mine, {
      ...limit,
      side: 'BUY',
      quantity: '0.1',
      price: '59000',
      newClientOrderId: 'off',
    })
    const cancelled = await client.signed(mine, 'DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' })
    expect(cancelled.body).toMatchObject([{ origClientOrderId: 'off', status: 'CANCELED' }])
    expect(await balances(mine)).toEqual({ USDT: ['10000', '0'] })
    expect((await client.look(mine, 'off')).body).toMatchObject({ status: 'CANCELED', clientOrderId: 'off' })
  })

  test('IOC takes what is there and expires; FOK takes all or nothing', async () => {
    const mine = await client.openAccount({ balances: { USDT: '1000000' } })
    const order = { type: 'LIMIT', side: 'BUY', quantity: '5', price: '60003' }
    const ioc = await client.place(mine, { ...order, timeInForce: 'IOC' })
    expect(ioc.body).toMatchObject({ status: 'EXPIRED', fills: [{ price: '60003.00000000' }] })
    const fok = await client.place(mine, { ...order, timeInForce: 'FOK' })
    expect(fok.body).toMatchObject({ status: 'EXPIRED', executedQty: '0.00000000', fills: [] })
    expect((await balances(mine)).USDT?.[1]).toBe('0')
  })
})

describe('stops', () => {
  const stop = { type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', side: 'SELL', quantity: '0.1' }

  test('a stop-limit waits, fires when the price comes there, and fills within its limit', async () => {
    const mine = await client.openAccount({ balances: { BTC: '0.1' } })
    const placed = await client.place(mine, {
      ...stop,
      stopPrice: '59000',
      price: '58500',
      newClientOrderId: 's',
    })
    expect(placed.status).toBe(200)
    expect((await client.look(mine, 's')).body).toMatchObject({ status: 'NEW', isWorking: false })
    expect(await balances(mine)).toEqual({ BTC: ['0', '0.1'] })
    await client.hold('BTCUSDT', '58900.00')
    expect((await client.look(mine, 's')).body).toMatchObject({ status: 'FILLED', isWorking: true })
    await client.hold('BTCUSDT', '60000.00')
  })

  test('a gap over the limit leaves it resting, triggered and unfilled', async () => {
    const mine = await client.openAccount({ balances: { BTC: '0.1' } })
    await client.place(mine, { ...stop, stopPrice: '59000', price: '58500', newClientOrderId: 's' })
    await client.hold('BTCUSDT', '50000.00')
    expect((await client.look(mine, 's')).body).toMatchObject({ status: 'NEW', isWorking: true })
    await client.hold('BTCUSDT', '60000.00')
    expect((await client.look(mine, 's')).body).toMatchObject({ status: 'FILLED' })
  })

  test('a stop at the market sells whatever the price', async () => {
    const mine = await client.openAccount({ balances: { BTC: '0.1' } })
    await client.place(mine, { type: 'STOP_LOSS', side: 'SELL', quantity: '0.1', stopPrice: '59000' })
    await client.hold('BTCUSDT', '50000.00')
    const open = await client.signed(mine, 'GET', '/api/v3/openOrders', { symbol: 'BTCUSDT' })
    expect(open.body).toEqual([])
    await client.hold('BTCUSDT', '60000.00')
    expect((await balances(mine)).BTC).toBeUndefined()
  })
})

test('on a path without a gap, a stop fires at its price', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sandbox-stop-'))
  const flat = '60000,60000,60000,60000,1'
  const rows = [...Array<string>(7).fill(flat), '60000,60000,50000,60000,1'].map(
    (row, i) => `${i + 1},${row}`,
  )
  writeFileSync(join(dir, 'dip.csv'), ['openTimeMs,open,high,low,close,volume', ...rows].join('\n'))
  const dips = await startSandbox({ replay: { BTCUSDT: join(dir, 'dip.csv') }, barMs: 300 })
  const there = makeClient(dips.url)
  const mine = await there.openAccount({ balances: { BTC: '0.1' } })
  const stop = { type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', side: 'SELL', quantity: '0.1' }
  const placed = () =>
    there.place(mine, { ...stop, stopPrice: '58000', price: '57990', newClientOrderId: 's' })
  // Not in the middle of a dip, where it would fire at once.
  await eventually(async () => (await placed()).status === 200)
  await eventually(async () => orderSchema.parse((await there.look(mine, 's')).body).status === 'FILLED')
  const { body } = await there.signed(mine, 'GET', '/api/v3/myTrades', { symbol: 'BTCUSDT' })
  const prices = tradeSchema
    .array()
    .parse(body)
    .map((trade) => trade.price.toNumber())
  await dips.close()
  rmSync(dir, { recursive: true })
  for (const price of prices) {
    expect(price).toBeGreaterThanOrEqual(57_990)
    expect(price).toBeLessThan(58_000)
  }
})

test('a key without the right to trade may look and not order', async () => {
  const mine = await client.openAccount({ permissions: { canTrade: false, canWithdraw: true } })
  expect((await client.signed(mine, 'GET', '/api/v3/account')).body).toMatchObject({ canTrade: false })
  const refused = await client.place(mine, { type: 'MARKET', side: 'BUY', quantity: '0.01' })
  expect(refused).toMatchObject({ status: 401, body: { code: -2015 } })
  const rights = await client.signed(mine, 'GET', '/sapi/v1/account/apiRestrictions')
  expect(rights.body).toMatchObject({
    enableReading: true,
    enableSpotAndMarginTrading: false,
    enableWithdrawals: true,
    permitsUniversalTransfer: true,
  })
})

test('allOrders and myTrades page as Binance does', async () => {
  const mine = await client.openAccount()
  for (let i = 0; i < 4; i++) await client.place(mine, { type: 'MARKET', side: 'BUY', quantity: '0.001' })
  const all = async (path: string, parameters: Record<string, string | number> = {}) => {
    const { body } = await client.signed(mine, 'GET', path, { symbol: 'BTCUSDT', ...parameters })
    return z
      .array(z.object({ orderId: z.number() }))
      .parse(body)
      .map((row) => row.orderId)
  }
  const ids = await all('/api/v3/allOrders')
  expect(ids).toHaveLength(4)
  expect(await all('/api/v3/allOrders', { limit: 2 })).toEqual(ids.slice(2))
  expect(await all('/api/v3/allOrders', { limit: 2, orderId: ids[1] ?? 0 })).toEqual(ids.slice(1, 3))
  expect(await all('/api/v3/allOrders', { limit: 2, startTime: 0 })).toEqual(ids.slice(0, 2))
  expect(await all('/api/v3/allOrders', { startTime: Date.now() + 5000 })).toEqual([])
  const tooLong = { symbol: 'BTCUSDT', startTime: 1, endTime: 86_400_002 }
  expect(await client.signed(mine, 'GET', '/api/v3/allOrders', tooLong)).toMatchObject({
    body: { code: -1127 },
  })
  expect(await all('/api/v3/myTrades', { orderId: ids[2] ?? 0 })).toEqual([ids[2]])
  expect(await all('/api/v3/myTrades', { limit: 3 })).toEqual(ids.slice(1))
})
