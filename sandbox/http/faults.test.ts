import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../server.ts'
import { type Client, eventually, type Keys, makeClient, orderSchema } from '../testing/client.ts'

let sandbox: Sandbox
let client: Client
let keys: Keys
beforeAll(async () => {
  sandbox = await startSandbox()
  client = makeClient(sandbox.url)
  await client.hold('BTCUSDT', '60000.00')
})
afterEach(() => client.control('DELETE', '/sandbox/faults'))
afterAll(() => sandbox.close())

const ORDER = 'POST /api/v3/order'
let count = 0
const fault = async (body: Record<string, unknown>) => {
  keys = await client.openAccount()
  const answer = await client.control('POST', '/sandbox/faults', { endpoint: ORDER, count: 1, ...body })
  expect(answer.status).toBe(200)
}
const buy = (id: string, quantity = '0.01') =>
  client.place(keys, { type: 'MARKET', side: 'BUY', quantity, newClientOrderId: id })
const nextId = () => `f-${++count}`
const placed = async (id: string) => (await client.look(keys, id)).status === 200
/** The message of why a fetch failed, undici's cause included. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: unknown) =>
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error),
  )

describe('faults before an order is accepted: it does not exist', () => {
  test.each([
    ['5xx', {}, 502, -1000],
    ['503', {}, 503, -1000],
    ['5xx', { status: 504 }, 504, -1000],
    ['429', { retryAfter: 7 }, 429, -1003],
    ['418', { retryAfter: 7 }, 418, -1003],
    ['reject', {}, 400, -2010],
    ['reject', { code: -1013, msg: 'Filter failure: LOT_SIZE' }, 400, -1013],
  ])('%s %o', async (kind, more, status, code) => {
    await fault({ kind, ...more })
    const id = nextId()
    const answer = await buy(id)
    expect(answer).toMatchObject({ status, body: { code } })
    if (status === 429 || status === 418) expect(answer.headers.get('retry-after')).toBe('7')
    expect(await placed(id)).toBe(false)
    // One only was asked for.
    expect((await buy(id)).status).toBe(200)
  })

  test('reset', async () => {
    await fault({ kind: 'reset' })
    const id = nextId()
    expect(await failureOf(buy(id))).toMatch(/ECONNRESET|other side closed|terminated/)
    expect(await placed(id)).toBe(false)
  })
})

describe('faults after it is accepted: it exists', () => {
  test('drop', async () => {
    await fault({ kind: 'drop' })
    const id = nextId()
    expect(await failureOf(buy(id))).not.toBe('answered')
    expect(await placed(id)).toBe(true)
  })

  test('5xx_after', async () => {
    await fault({ kind: '5xx_after' })
    const id = nextId()
    expect(await buy(id)).toMatchObject({ status: 503, body: { code: -1000 } })
    expect(await placed(id)).toBe(true)
  })

  test('delay accepts at once and answers late', async () => {
    await fault({ kind: 'delay', ms: 600 })
    const id = nextId()
    const began = Date.now()
    const answer = buy(id)
    await eventually(() => placed(id), 400)
    expect((await answer).status).toBe(200)
    expect(Date.now() - began).toBeGreaterThanOrEqual(590)
  })

  test('hide keeps an order and its trades from every look for a while, but not from the checkers', async () => {
    await fault({ kind: 'hide', ms: 800 })
    const id = nextId()
    const order = orderSchema.parse((await buy(id)).body)
    const list = (path: string) => client.signed(keys, 'GET', path, { symbol: 'BTCUSDT' })
    expect(await client.look(keys, id)).toMatchObject({ status: 400, body: { code: -2013 } })
    for (const path of ['/api/v3/openOrders', '/api/v3/allOrders', '/api/v3/myTrades'])
      expect((await list(path)).body, path).toEqual([])
    const truth = await client.control('GET', `/sandbox/orders?symbol=BTCUSDT&account=${keys.apiKey}`)
    expect(truth.body).toMatchObject([{ orderId: order.orderId, clientOrderId: id, account: keys.apiKey }])
    await eventually(() => placed(id), 2000)
    expect((await list('/api/v3/allOrders')).body).toMatchObject([{ clientOrderId: id }])
    expect((await list('/api/v3/myTrades')).body).toMatchObject([{ orderId: order.orderId }])
  })

  test('partial fills an order piece by piece, at the price agreed, and a cancel keeps the rest away', async () => {
    await fault({ kind: 'partial', ms: 600, pieces: 4 })
    const id = nextId()
    expect((await buy(id, '0.04')).body).toMatchObject({
      status: 'PARTIALLY_FILLED',
      executedQty: '0.01000000',
    })
    const steps = new Set<string>()
    await eventually(async () => {
      const order = orderSchema.parse((await client.look(keys, id)).body)
      steps.add(order.executedQty.toString())
      return order.status === 'FILLED'
    })
    expect([...steps]).toEqual(expect.arrayContaining(['0.02', '0.04']))

    await fault({ kind: 'partial', ms: 60_000 })
    const cancelled = nextId()
    await buy(cancelled, '0.04')
    const named = { symbol: 'BTCUSDT', origClientOrderId: cancelled }
    expect((await client.signed(keys, 'DELETE', '/api/v3/order', named)).body).toMatchObject({
      status: 'CANCELED',
      executedQty: '0.01000000',
    })
  })

  test('several fire together: dropped and hidden', async () => {
    await fault({ kind: 'hide', ms: 500 })
    await client.control('POST', '/sandbox/faults', { endpoint: ORDER, kind: 'drop', count: 1 })
    const id = nextId()
    expect(await failureOf(buy(id))).not.toBe('answered')
    expect(await placed(id)).toBe(false)
    await eventually(() => placed(id), 2000)
  })
})

describe('which requests a fault strikes', () => {
  test('by chance, the same ones for the same seed', async () => {
    const pattern = async (seed: number) => {
      await client.control('DELETE', '/sandbox/faults')
      await client.control('POST', '/sandbox/faults', {
        endpoint: 'GET /api/v3/time',
        kind: '503',
        chance: 0.5,
        seed,
      })
      const struck: boolean[] = []
      for (let i = 0; i < 24; i++) struck.push((await client.send('GET', '/api/v3/time')).status === 503)
      return struck
    }
    const first = await pattern(5)
    expect(first).toContain(true)
    expect(first).toContain(false)
    expect(await pattern(5)).toEqual(first)
    expect(await pattern(6)).not.toEqual(first)
  })

  test('by path of any method, by wildcard, by account; the control API never', async () => {
    keys = await client.openAccount()
    const strike = (endpoint: string, account?: string) =>
      client.control('POST', '/sandbox/faults', { endpoint, kind: '503', count: 1, account })
    await strike('/api/v3/order')
    expect((await client.look(keys, 'x')).status).toBe(503)
    await strike('GET /api/v3/ticker/*')
    expect((await client.send('GET', '/api/v3/ping')).status).toBe(200)
    expect((await client.send('GET', '/api/v3/ticker/24hr?symbol=BTCUSDT')).status).toBe(503)
    await strike('*', keys.apiKey)
    expect((await client.send('GET', '/api/v3/ping')).status).toBe(200)
    expect((await client.control('GET', '/sandbox/trades')).status).toBe(200)
    expect((await client.signed(keys, 'GET', '/api/v3/account')).status).toBe(503)
  })

  test('are listed with their hits, and cleared one by one or all', async () => {
    await client.control('DELETE', '/sandbox/faults')
    await client.control('POST', '/sandbox/faults', { endpoint: '*', kind: '503', count: 3 })
    await client.send('GET', '/api/v3/ping')
    const { body } = await client.control('GET', '/sandbox/faults')
    expect(body).toMatchObject([{ endpoint: '*', kind: '503', count: 3, hits: 1, left: 2 }])
    const id = Array.isArray(body) ? body[0].id : undefined
    expect((await client.control('DELETE', `/sandbox/faults?id=${id}`)).body).toEqual({ removed: 1 })
    expect((await client.send('GET', '/api/v3/ping')).status).toBe(200)
  })

  test.each([
    [{ endpoint: '*', kind: 'drop' }],
    [{ endpoint: '*', kind: 'drop', count: 1, chance: 0.5 }],
    [{ endpoint: '*', kind: 'drop', count: 1, seed: 1 }],
    [{ endpoint: '*', kind: 'explode', count: 1 }],
    [{ endpoint: 'order', kind: 'drop', count: 1 }],
    [{ endpoint: 'GET /api/v3/time', kind: 'hide', count: 1 }],
    [{ endpoint: '*', kind: 'drop', count: 0 }],
    [{ endpoint: '*', kind: 'drop', chance: 2 }],
    [{ endpoint: '*', kind: 'delay', count: 1, ms: 'long' }],
    [{ kind: 'drop', count: 1 }],
    ['drop'],
  ])('%o is refused', async (body) => {
    expect((await client.control('POST', '/sandbox/faults', body)).status).toBe(400)
    expect((await client.control('GET', '/sandbox/faults')).body).toEqual([])
  })
})
