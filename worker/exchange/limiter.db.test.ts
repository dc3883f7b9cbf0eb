import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { blockScope, takeLease } from '#trading/store/venue-limits.ts'
import { venueStates } from '#trading/store/venue-status.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { makeLimiter, type CallKind, type Limiter, type LimitStore } from './limiter.ts'
import { startRecorded } from './recorded.fixture.ts'
import * as recorded from './recorded/binance.ts'
import { control, openSandboxAccount, settingsFor } from './sandbox.fixture.ts'
import { makeVenues } from './venues.ts'

const db = withTestDatabase()
const logger = makeLogger('test')
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())
beforeEach(() => db.pool.query('TRUNCATE venue_limits'))
afterEach(() => control(sandbox.url, 'DELETE', '/sandbox/faults'))

const store = (): LimitStore => ({
  take: (wish) => takeLease(db.pool, wish),
  block: (scope, ms, reason) => blockScope(db.pool, scope, ms, reason),
})
// Windows far longer than the test, so that none ends within it.
const limiter = (limit = 1000): Limiter =>
  makeLimiter({ scope: 'x', limit, windowMs: 100_000_000, store: store(), logger: null })

async function spendAll(by: readonly Limiter[], weight: number, kind: CallKind): Promise<number> {
  let spent = 0
  for (let turn = 0; turn < 2000; turn++) {
    const results = await Promise.allSettled(by.map((one) => one.spend(weight, kind)))
    const done = results.filter((result) => result.status === 'fulfilled').length
    spent += done * weight
    if (done === 0) return spent
  }
  throw new Error('there was no end of it')
}

test('workers that share a limit stay below it together, and orders have a share that market data cannot take', async () => {
  const workers = [limiter(), limiter(), limiter()]
  const data = await spendAll(workers, 5, 'DATA')
  // 95 % are ours, three quarters of those for data.
  expect(data).toBeLessThanOrEqual(712)
  expect(data).toBeGreaterThan(650)
  await expect(workers[0]?.spend(5, 'DATA')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
  const looks = await spendAll(workers, 5, 'ACCOUNT')
  expect(data + looks).toBeLessThanOrEqual(855)
  expect(looks).toBeGreaterThan(80)
  const sent = await spendAll(workers, 1, 'SEND')
  expect(data + looks + sent).toBeLessThanOrEqual(950)
  expect(sent).toBeGreaterThan(80)
})

test('many calls at once never take more than there is', async () => {
  const workers = Array.from({ length: 4 }, () => limiter(200))
  const results = await Promise.allSettled(
    Array.from({ length: 400 }, (_, index) => (workers[index % 4] ?? limiter()).spend(1, 'SEND')),
  )
  const done = results.filter((result) => result.status === 'fulfilled').length
  expect(done).toBeLessThanOrEqual(190)
  expect(done).toBeGreaterThan(180)
})

test('the next window starts anew, and a call waits for it when it is near', async () => {
  const brief = makeLimiter({ scope: 'y', limit: 10, windowMs: 1_000, store: store(), logger: null })
  const began = performance.now()
  for (let call = 0; call < 20; call++) await brief.spend(1, 'SEND')
  expect(performance.now() - began).toBeGreaterThan(800)
  expect(performance.now() - began).toBeLessThan(4_500)
})

test('a ban is everybody’s within a second, for as long as it was told, and a shorter one does not end it', async () => {
  const [told, other] = [limiter(), limiter()]
  await other.spend(1, 'SEND')
  told.block(259_200_000, 'Way too much request weight used.')
  await expect(told.spend(1, 'SEND')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
  await expect
    .poll(
      () =>
        other.spend(1, 'SEND').then(
          () => 0,
          (error) => error.retryAfterMs,
        ),
      { timeout: 2_500 },
    )
    .toBeGreaterThan(259_190_000)
  other.block(60_000, 'less')
  const late = limiter()
  await expect(late.spend(1, 'DATA')).rejects.toThrow('Way too much request weight used.')
  expect(late.blockedForMs()).toBeGreaterThan(259_190_000)
  const states = await venueStates(db.pool, ['x', 'never-seen'])
  expect(states.get('x')).toMatchObject({
    status: 'RATE_LIMITED',
    message: expect.stringMatching(/^Way too much request weight used\. Nothing is sent until .* UTC\.$/),
  })
  expect(states.get('never-seen')).toEqual({ status: 'OK', message: null, since: null })
})

test('what the venue itself counts is believed when it is more', async () => {
  const quick = { scope: 'z', windowMs: 100_000_000, limit: 1000 }
  expect(await takeLease(db.pool, { ...quick, want: 10, observed: 0 })).toMatchObject({ granted: true })
  expect(await takeLease(db.pool, { ...quick, want: 10, observed: 985 })).toMatchObject({ granted: true })
  expect(await takeLease(db.pool, { ...quick, want: 10, observed: 0 })).toMatchObject({ granted: false })
  const busy = limiter()
  await busy.spend(1, 'SEND')
  busy.observed(948)
  const left = await spendAll([busy], 1, 'SEND')
  expect(left).toBeLessThan(12)
})

test('a worker whose database is away goes on by itself', async () => {
  const broken: LimitStore = {
    take: () => Promise.reject(new Error('away')),
    block: () => Promise.reject(new Error('away')),
  }
  const lonely = makeLimiter({ scope: 'x', limit: 100, windowMs: 100_000_000, store: broken, logger })
  expect(await spendAll([lonely], 1, 'SEND')).toBe(95)
  const hanging: LimitStore = { ...broken, take: () => new Promise(() => {}) }
  const patient = makeLimiter({ scope: 'x', limit: 100, windowMs: 100_000_000, store: hanging, logger })
  const began = performance.now()
  for (let call = 0; call < 40; call++) await patient.spend(2, 'SEND')
  expect(performance.now() - began).toBeLessThan(3_500)
  lonely.block(5_000, 'slow down')
  await expect(lonely.spend(1, 'SEND')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
})

test('a 418 that one worker gets silences another one, and too many orders silence their account only', async () => {
  const shared = { pool: db.pool, logger }
  const [mine, theirs] = [1, 2].map(() => makeVenues({ env: settingsFor(sandbox.url), shared }))
  const { credentials } = await openSandboxAccount(sandbox.url)
  const account = mine?.account('sandbox', credentials, '7')
  const same = theirs?.account('sandbox', credentials, '7')
  const neighbour = theirs?.account('sandbox', credentials, '8')
  await account?.prepare('BTC/USDT')
  await same?.prepare('BTC/USDT')
  await blockScope(db.pool, 'sandbox:key:7', 60_000, 'Too many new orders.')
  await expect
    .poll(
      () =>
        same?.prepare('BTC/USDT').then(
          () => 'ok',
          (error) => error.message,
        ),
      { timeout: 2_500 },
    )
    .toContain('Too many new orders.')
  await neighbour?.prepare('BTC/USDT')
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: '/api/v3/account',
    kind: '418',
    count: 1,
    retryAfter: 600,
  })
  await expect(account?.fetchBalance('SPOT')).rejects.toMatchObject({
    kind: 'RATE_LIMITED',
    retryAfterMs: 600_000,
  })
  const candles = () => theirs?.marketData('sandbox').fetchCandles('BTC/USDT', '1m', 5)
  await expect
    .poll(
      () =>
        candles()?.then(
          () => 0,
          (error) => error.retryAfterMs,
        ),
      { timeout: 2_500 },
    )
    .toBeGreaterThan(590_000)
  expect((await venueStates(db.pool, ['sandbox'])).get('sandbox')?.status).toBe('RATE_LIMITED')
})

test('maintenance is noted once with the venue’s words, however many calls fail, and ends with the next good answer', async () => {
  const venue = await startRecorded({ 'GET /api/v3/time': recorded.serverTime })
  try {
    const env = { ...settingsFor(sandbox.url), exchangeUrls: { binance: venue.url } }
    const source = makeVenues({ env, shared: { pool: db.pool, logger } }).marketData('binance')
    const state = async () => (await venueStates(db.pool, ['binance'])).get('binance')
    venue.answer('GET /api/v3/exchangeInfo', { status: 502, body: recorded.htmlPage })
    venue.answer('GET /sapi/v1/system/status', '{"status": 1, "msg": "system_maintenance"}')
    await expect(source.loadMarkets()).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    await expect
      .poll(state)
      .toMatchObject({ status: 'MAINTENANCE', message: 'System maintenance (system_maintenance).' })
    const since = (await state())?.since
    for (let call = 0; call < 5; call++)
      await expect(source.loadMarkets()).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    expect(venue.asked('GET /sapi/v1/system/status')).toHaveLength(1)
    expect(await state()).toMatchObject({ status: 'MAINTENANCE', since })
    venue.answer('GET /api/v3/exchangeInfo', recorded.exchangeInfo)
    await source.loadMarkets()
    await expect.poll(state).toMatchObject({ status: 'OK', message: null })
    // Said by the trading API itself.
    venue.answer('GET /api/v3/exchangeInfo', {
      status: 503,
      body: '{"code":-1000,"msg":"System is under maintenance."}',
    })
    await expect(source.loadMarkets()).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    await expect.poll(state).toMatchObject({ status: 'MAINTENANCE', message: 'System is under maintenance.' })
  } finally {
    await venue.close()
  }
})
