import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../server.ts'
import { accountSchema, type Client, eventually, type Keys, makeClient } from '../testing/client.ts'
import { type FuturesClient, makeFutures } from '../testing/futures.ts'

let sandbox: Sandbox
let client: Client
let futures: FuturesClient
let keys: Keys
beforeAll(async () => {
  sandbox = await startSandbox()
  client = makeClient(sandbox.url)
  futures = makeFutures(client)
  await client.hold('BTCUSDT', '60000.00')
})
beforeEach(async () => {
  keys = await client.openAccount({ balances: { USDT: '500' }, futures: { USDT: '100' } })
})
afterEach(() => client.control('DELETE', '/sandbox/faults'))
afterAll(() => sandbox.close())

/** USDT on [spot, futures]. */
const both = async () => {
  const { balances } = accountSchema.parse((await client.signed(keys, 'GET', '/api/v3/account')).body)
  const spot = balances.find(({ asset }) => asset === 'USDT')?.free.toString()
  return [spot, (await futures.summary(keys)).totalWalletBalance.toString()]
}
const TRANSFER = 'POST /sapi/v1/asset/transfer'
const fault = (body: Record<string, unknown>) =>
  client.control('POST', '/sandbox/faults', { endpoint: TRANSFER, count: 1, account: keys.apiKey, ...body })
const history = () => futures.transfers(keys, 'MAIN_UMFUTURE')

describe('a transfer', () => {
  test('moves money between the wallets to the last digit, each way, with its history and income', async () => {
    const first = await futures.transfer(keys, 'MAIN_UMFUTURE', '200.12345678')
    expect(first).toMatchObject({ status: 200, body: { tranId: expect.any(Number) } })
    expect(await both()).toEqual(['299.87654322', '300.12345678'])
    await futures.transfer(keys, 'UMFUTURE_MAIN', '0.12345678')
    expect(await both()).toEqual(['300', '300'])
    expect(await history()).toMatchObject({
      total: 1,
      rows: [{ asset: 'USDT', amount: '200.12345678', type: 'MAIN_UMFUTURE', status: 'CONFIRMED' }],
    })
    expect((await futures.transfers(keys, 'UMFUTURE_MAIN')).rows).toMatchObject([{ amount: '0.12345678' }])
    expect((await futures.income(keys, 'TRANSFER')).map((row) => row.income.toString())).toEqual([
      '200.12345678',
      '-0.12345678',
    ])
    const { body } = await client.control('GET', `/sandbox/transfers?account=${keys.apiKey}`)
    expect(body).toMatchObject([{ amount: '200.12345678', account: keys.apiKey }, { amount: '0.12345678' }])
  })

  test.each([
    [-5013, 'MAIN_UMFUTURE', '500.00000001'],
    [-5013, 'UMFUTURE_MAIN', '100.00000001'],
    [-1111, 'MAIN_UMFUTURE', '1.000000001'],
    [-1130, 'MAIN_MARGIN', '1'],
    [-1013, 'MAIN_UMFUTURE', '0'],
  ])('is refused with %i: %s %s', async (code, type, amount) => {
    expect(await futures.transfer(keys, type, amount)).toMatchObject({ status: 400, body: { code } })
    expect(await both()).toEqual(['500', '100'])
  })

  test('takes no margin away, nor profit that is not realised', async () => {
    await futures.market(keys, 'BUY', '0.01')
    await client.hold('BTCUSDT', '66000.00')
    const { availableBalance } = await futures.summary(keys)
    expect(availableBalance.gt(120)).toBe(true)
    expect(await futures.transfer(keys, 'UMFUTURE_MAIN', '75')).toMatchObject({ body: { code: -5013 } })
    expect((await futures.transfer(keys, 'UMFUTURE_MAIN', '69')).status).toBe(200)
    await client.hold('BTCUSDT', '60000.00')
  })

  test('needs the right to it; apiRestrictions tells', async () => {
    keys = await client.openAccount({ permissions: { canTransfer: false } })
    expect(await futures.transfer(keys, 'MAIN_UMFUTURE', '1')).toMatchObject({
      status: 401,
      body: { code: -2015 },
    })
    expect((await client.signed(keys, 'GET', '/sapi/v1/account/apiRestrictions')).body).toMatchObject({
      enableFutures: true,
      permitsUniversalTransfer: false,
    })
  })

  test('pages newest first', async () => {
    for (const amount of ['1', '2', '3']) await futures.transfer(keys, 'MAIN_UMFUTURE', amount)
    const { body } = await client.signed(keys, 'GET', '/sapi/v1/asset/transfer', {
      type: 'MAIN_UMFUTURE',
      size: 2,
      current: 1,
    })
    expect(body).toMatchObject({ total: 3, rows: [{ amount: '3' }, { amount: '2' }] })
    const older = await client.signed(keys, 'GET', '/sapi/v1/futures/transfer', {
      asset: 'USDT',
      startTime: 1,
    })
    expect(older.body).toMatchObject({ total: 3, rows: [{ type: '1' }, {}, {}] })
  })
})

describe('faults on a transfer', () => {
  test('drop, 5xx_after and delay: it is made', async () => {
    await fault({ kind: 'drop' })
    await expect(futures.transfer(keys, 'MAIN_UMFUTURE', '1')).rejects.toThrow('fetch failed')
    await fault({ kind: '5xx_after' })
    expect((await futures.transfer(keys, 'MAIN_UMFUTURE', '2')).status).toBe(503)
    await fault({ kind: 'delay', ms: 300 })
    expect((await futures.transfer(keys, 'MAIN_UMFUTURE', '3')).status).toBe(200)
    expect((await history()).rows.map(({ amount }) => amount)).toEqual(['3', '2', '1'])
    expect(await both()).toEqual(['494', '106'])
  })

  test('5xx, reset, 429 and reject: it is not', async () => {
    await fault({ kind: '503' })
    expect((await futures.transfer(keys, 'MAIN_UMFUTURE', '1')).status).toBe(503)
    await fault({ kind: 'reset' })
    await expect(futures.transfer(keys, 'MAIN_UMFUTURE', '1')).rejects.toThrow('fetch failed')
    await fault({ kind: '429' })
    expect((await futures.transfer(keys, 'MAIN_UMFUTURE', '1')).status).toBe(429)
    await fault({ kind: 'reject' })
    expect(await futures.transfer(keys, 'MAIN_UMFUTURE', '1')).toMatchObject({ body: { code: -5013 } })
    expect(await history()).toEqual({ total: 0, rows: [] })
    expect(await both()).toEqual(['500', '100'])
  })

  test('hide keeps it out of the history for a while, not out of the balances', async () => {
    await fault({ kind: 'hide', ms: 500 })
    await futures.transfer(keys, 'MAIN_UMFUTURE', '5')
    expect((await history()).total).toBe(0)
    expect(await both()).toEqual(['495', '105'])
    expect(
      (await eventually(async () => ((await history()).total > 0 ? history() : false))).rows,
    ).toHaveLength(1)
  })
})

describe('faults on futures orders', () => {
  const buy = (id: string, quantity = '0.005') =>
    futures.place(keys, { side: 'BUY', type: 'MARKET', quantity, newClientOrderId: id })
  const look = (path: string, parameters: Record<string, string>) =>
    client.signed(keys, 'GET', path, { symbol: 'BTCUSDT', ...parameters })

  test('drop and hide: the order exists, is seen later, and its position is there', async () => {
    await fault({ endpoint: 'POST /fapi/v1/order', kind: 'hide', ms: 500 })
    await fault({ endpoint: 'POST /fapi/v1/order', kind: 'drop' })
    await expect(buy('h')).rejects.toThrow('fetch failed')
    expect(await look('/fapi/v1/order', { origClientOrderId: 'h' })).toMatchObject({ body: { code: -2013 } })
    for (const path of ['/fapi/v1/allOrders', '/fapi/v1/userTrades'])
      expect((await look(path, {})).body).toEqual([])
    expect((await futures.position(keys))?.positionAmt.toString()).toBe('0.005')
    await eventually(async () => (await look('/fapi/v1/order', { origClientOrderId: 'h' })).status === 200)
  })

  test('partial fills piece by piece; reject says that margin is short', async () => {
    await fault({ endpoint: 'POST /fapi/v1/order', kind: 'partial', ms: 600, pieces: 4 })
    await buy('p', '0.004')
    expect(await futures.order(keys, 'p')).toMatchObject({ status: 'PARTIALLY_FILLED' })
    await eventually(async () => (await futures.order(keys, 'p')).status === 'FILLED')
    expect(await futures.trades(keys)).toHaveLength(4)
    await fault({ endpoint: 'POST /fapi/v1/order', kind: 'reject' })
    expect(await buy('r')).toMatchObject({ status: 400, body: { code: -2019 } })
  })

  test('a hidden algo order fires all the same', async () => {
    await futures.market(keys, 'BUY', '0.005')
    await fault({ endpoint: 'POST /fapi/v1/algoOrder', kind: 'hide', ms: 60_000 })
    const stop = {
      type: 'STOP_MARKET',
      side: 'SELL',
      quantity: '0.005',
      triggerPrice: '59000',
      clientAlgoId: 'g',
    }
    expect((await futures.placeAlgo(keys, stop)).status).toBe(200)
    expect(await look('/fapi/v1/algoOrder', { clientAlgoId: 'g' })).toMatchObject({ body: { code: -2013 } })
    await client.hold('BTCUSDT', '58900.00')
    expect(await futures.position(keys)).toBeUndefined()
    await client.hold('BTCUSDT', '60000.00')
  })
})
