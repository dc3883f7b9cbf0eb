import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../server.ts'
import { type Client, type Keys, makeClient } from '../testing/client.ts'

let sandbox: Sandbox
let client: Client
let keys: Keys
beforeAll(async () => {
  sandbox = await startSandbox()
  client = makeClient(sandbox.url)
  keys = await client.openAccount()
})
afterAll(() => sandbox.close())

const account = (parameters: Record<string, string | number> = {}, signature?: string, of: Keys = keys) =>
  client.signed(of, 'GET', '/api/v3/account', parameters, signature)

describe('a signed request', () => {
  test('is answered when key, time and signature are right', async () => {
    expect(await account({ recvWindow: 60_000 })).toMatchObject({
      status: 200,
      body: { accountType: 'SPOT' },
    })
  })

  test('is refused with Binance’s codes when they are not', async () => {
    const now = Date.now()
    const wrong = 'ab'.repeat(32)
    const cases: [number, number, Promise<unknown>][] = [
      [401, -2014, client.send('GET', `/api/v3/account?timestamp=${now}&signature=${wrong}`)],
      [401, -2014, account({}, undefined, { ...keys, apiKey: 'no-key' })],
      [401, -2015, account({}, undefined, { ...keys, apiKey: 'a'.repeat(64) })],
      [400, -1102, account({ timestamp: '' })],
      [400, -1100, account({ timestamp: 'noon' })],
      [400, -1021, account({ timestamp: now - 5500 })],
      [400, -1021, account({ timestamp: now - 60_500, recvWindow: 60_000 })],
      [400, -1021, account({ timestamp: now + 60_000 })],
      [400, -1131, account({ recvWindow: 60_001 })],
      [400, -1022, account({}, wrong)],
      [400, -1100, account({}, 'zz')],
      [400, -1022, account({}, undefined, { ...keys, secretKey: 'other' })],
    ]
    for (const [status, code, answer] of cases) expect(await answer).toMatchObject({ status, body: { code } })
  })

  test('may split its parameters between query string and body; the signature covers both', async () => {
    const query = 'symbol=BTCUSDT&side=BUY&type=MARKET'
    const body = `quantity=0.001&timestamp=${Date.now()}`
    const sign = (text: string) => createHmac('sha256', keys.secretKey).update(text).digest('hex')
    const post = (signature: string) =>
      client.send('POST', `/api/v3/order/test?${query}`, {
        body: `${body}&signature=${signature}`,
        headers: { 'x-mbx-apikey': keys.apiKey },
      })
    expect(await post(sign(query + body))).toMatchObject({ status: 200 })
    expect(await post(sign(body))).toMatchObject({ body: { code: -1022 } })
  })
})

describe('market data', () => {
  test.each([
    ['/api/v3/klines?symbol=BTCUSDT&interval=7m', 400, -1120],
    ['/api/v3/klines?symbol=NOPE&interval=1m', 400, -1121],
    ['/api/v3/klines?interval=1m', 400, -1102],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=0', 400, -1130],
    ['/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=x', 400, -1100],
    ['/api/v3/ticker/price?symbol=NOPE', 400, -1121],
    ['/api/v3/nothing', 404, -1],
  ])('%s is refused with %i %i', async (path, status, code) => {
    expect(await client.send('GET', path)).toMatchObject({ status, body: { code } })
  })

  test('every interval answers candles that touch one another, the last one forming', async () => {
    for (const interval of [
      '1s',
      '1m',
      '3m',
      '5m',
      '15m',
      '30m',
      '1h',
      '2h',
      '4h',
      '6h',
      '8h',
      '12h',
      '1d',
      '1w',
    ]) {
      const { body } = await client.send('GET', `/api/v3/klines?symbol=ETHUSDT&interval=${interval}&limit=3`)
      if (!Array.isArray(body)) throw new Error(interval)
      expect(body, interval).toHaveLength(3)
      expect(body[1][0], interval).toBe(body[0][6] + 1)
      expect(body[1][1], interval).toBe(body[0][4])
      expect(body[2][6], interval).toBeGreaterThanOrEqual(Date.now() - 1000)
    }
  })
})

describe('a held price', () => {
  test('stands in ticker, book and candles until it is let go, and stays in history', async () => {
    const price = async () => (await client.send('GET', '/api/v3/ticker/price?symbol=SOLUSDT')).body
    const free = await price()
    expect(await client.hold('SOLUSDT', '200.50')).toMatchObject({ status: 200 })
    const from = Date.now()
    expect(await price()).toEqual({ symbol: 'SOLUSDT', price: '200.50000000' })
    await new Promise((resolve) => setTimeout(resolve, 2100))
    expect(await price()).toEqual({ symbol: 'SOLUSDT', price: '200.50000000' })
    await client.hold('SOLUSDT', null)
    expect(await price()).not.toEqual({ symbol: 'SOLUSDT', price: '200.50000000' })

    const second = Math.ceil(from / 1000) * 1000
    const path = `/api/v3/klines?symbol=SOLUSDT&interval=1s&startTime=${second - 1000}&endTime=${second}`
    const { body } = await client.send('GET', path)
    if (!Array.isArray(body)) throw new Error('no candles')
    expect(body[1].slice(1, 5)).toEqual(Array(4).fill('200.50000000'))
    expect(body[0][4]).toBe('200.50000000')
    expect(body[0][2]).toBe('200.50000000')
    expect(free).not.toMatchObject({ price: '200.50000000' })
  })

  test.each([
    [{ symbol: 'SOLUSDT' }, /price/],
    [{ symbol: 'SOLUSDT', price: '0' }, /price/],
    [{ symbol: 'SOLUSDT', price: '1.001' }, /tick/],
    [{ symbol: 'NOPE', price: '1' }, /Invalid symbol/],
    [{ symbol: 'SOLUSDT', price: '1', more: 1 }, /more/],
    [[], /body/],
  ])('%o is refused', async (body, msg) => {
    const answer = await client.control('POST', '/sandbox/price', body)
    expect(answer).toMatchObject({ status: 400, body: { msg: expect.stringMatching(msg) } })
  })
})

test('accounts: play money as asked for, listed without secrets; wrong ones refused; web pages kept out', async () => {
  const mine = await client.openAccount({ balances: { BTC: '1.5' } })
  const { body } = await client.control('GET', `/sandbox/accounts?account=${mine.apiKey}`)
  expect(body).toMatchObject([{ account: mine.apiKey, balances: [{ asset: 'BTC', free: '1.50000000' }] }])
  expect(JSON.stringify(body)).not.toContain(mine.secretKey)
  const wrong = [{ balances: { USDT: 5 } }, { balances: { usdt: '5' } }, { permissions: { fly: true } }]
  for (const bad of wrong) expect((await client.control('POST', '/sandbox/accounts', bad)).status).toBe(400)
  expect((await client.send('POST', '/sandbox/accounts', { body: '{' })).status).toBe(400)
  const page = await client.send('POST', '/sandbox/accounts', { headers: { origin: 'http://evil.example' } })
  expect(page.status).toBe(403)
})

test('weight is counted, refused with 429 over the limit, banned with 418 on going on; the control API is free', async () => {
  const strict = await startSandbox({ limits: { perMinute: 50, patience: 3, banMs: 60_000 } })
  const poor = makeClient(strict.url)
  // Not over the end of a minute, where the count begins anew.
  const left = 60_000 - (Date.now() % 60_000)
  if (left < 2000) await new Promise((resolve) => setTimeout(resolve, left))
  const look = () => poor.send('GET', '/api/v3/exchangeInfo')
  expect((await look()).headers.get('x-mbx-used-weight-1m')).toBe('20')
  expect((await look()).headers.get('x-mbx-used-weight-1m')).toBe('40')
  for (let i = 0; i < 3; i++) {
    const refused = await look()
    expect(refused).toMatchObject({ status: 429, body: { code: -1003 } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  // What still fits is still answered.
  expect((await poor.send('GET', '/api/v3/ping')).status).toBe(200)
  expect((await look()).status).toBe(418)
  expect((await poor.send('GET', '/api/v3/ping')).status).toBe(418)
  expect((await poor.control('GET', '/sandbox/orders')).status).toBe(200)
  await strict.close()
})
