import { createServer, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { control, settingsFor } from './sandbox.fixture.ts'
import { makeVenues } from './venues.ts'

describe('over the sandbox', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.close())
  const ask = (exchange: string) => {
    const { timing } = settingsFor(sandbox.url)
    return makeVenues({ env: { exchangeUrls: { [exchange]: sandbox.url }, timing } }).ask(exchange)
  }

  for (const exchange of ['sandbox', 'binance'])
    test(`${exchange} is asked for the time of both its APIs`, async () => {
      const { latencyMs, clockDifferenceMs } = await ask(exchange)
      expect(latencyMs).toBeLessThan(3_000)
      expect(Math.abs(clockDifferenceMs ?? Infinity)).toBeLessThan(1_000)
      await control(sandbox.url, 'POST', '/sandbox/faults', {
        endpoint: 'GET /fapi/v1/time',
        kind: '503',
        count: 1,
      })
      await expect(ask(exchange)).rejects.toMatchObject({
        kind: 'UNREACHABLE',
        message: expect.stringMatching(/^Its futures: /),
      })
    })
})

describe('over a server that says what others say', () => {
  let server: Server
  let url: string
  let aheadMs: number
  let answers: boolean
  beforeEach(async () => {
    ;[aheadMs, answers] = [0, true]
    server = createServer((request, response) => {
      if (!answers) return
      const time = Date.now() + aheadMs
      const body = BODIES.find(([start]) => request.url?.startsWith(start))?.[1](time)
      response.statusCode = body === undefined ? 404 : 200
      response.end(JSON.stringify(body ?? {}))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('No port.')
    url = `http://127.0.0.1:${address.port}`
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const ask = (exchange: string) => {
    const { timing } = settingsFor(url)
    const env = { exchangeUrls: { [exchange]: url }, timing: { ...timing, httpTimeoutMs: 300 } }
    return makeVenues({ env }).ask(exchange)
  }

  for (const exchange of ['bybit', 'okx', 'kraken', 'krakenfutures', 'binance'])
    test(`${exchange}: the clock of this machine is compared with its own`, async () => {
      aheadMs = 90_000
      const { clockDifferenceMs } = await ask(exchange)
      // Kraken tells whole seconds.
      expect(Math.abs((clockDifferenceMs ?? 0) + aheadMs)).toBeLessThan(1_500)
    })

  test('one that never answers, and one that is not there, are unreachable', async () => {
    answers = false
    await expect(ask('okx')).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await expect(ask('okx')).rejects.toMatchObject({ kind: 'UNREACHABLE' })
  })
})

/** By the beginning of the path. */
const BODIES: [string, (time: number) => object][] = [
  [
    '/v5/market/time',
    (time) => ({ retCode: 0, retMsg: 'OK', result: { timeSecond: '1', timeNano: '1' }, time }),
  ],
  ['/api/v5/public/time', (time) => ({ code: '0', msg: '', data: [{ ts: String(time) }] })],
  ['/0/public/Time', (time) => ({ error: [], result: { unixtime: Math.round(time / 1000), rfc1123: '' } })],
  [
    '/derivatives/api/v3/instruments/status',
    (time) => ({ result: 'success', serverTime: new Date(time).toISOString(), instrumentStatus: [] }),
  ],
  ['/api/v3/time', (serverTime) => ({ serverTime })],
  ['/fapi/v1/time', (serverTime) => ({ serverTime })],
]
