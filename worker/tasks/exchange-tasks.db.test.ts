import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { loadEnv, type Env } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import { insertApiKey, overwriteApiKey, readKeyCheck } from '#trading/store/api-keys.ts'
import { latestCandles, seriesStatus } from '#trading/store/candle-feed.ts'
import { findMarket, venueTimeframes } from '#trading/store/known-markets.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { makeAccounts } from '../exchange/accounts.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { makeVenues, type Venues } from '../exchange/venues.ts'
import { fetchCandles } from './fetch-candles.ts'
import { probeKey } from './probe-key.ts'
import { refreshMarkets } from './refresh-markets.ts'

const db = withTestDatabase()
const logger = makeLogger('test')
let sandbox: Sandbox
let env: Env
let venues: Venues
let userId: string

beforeAll(async () => {
  sandbox = await startSandbox()
  env = loadEnv({
    DATABASE_URL: db.url,
    TRADEBOT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    TRADEBOT_EXCHANGE_SANDBOX_URL: sandbox.url,
  })
  venues = makeVenues({ env })
  const { rows } = await db.pool.query(
    `INSERT INTO users (email, username, username_key, password_hash) VALUES ('a@b.c', 'abc', 'abc', '-') RETURNING id`,
  )
  userId = String(rows[0]?.id)
})
afterAll(() => sandbox.close())

const deps = () => ({ pool: db.pool, venues, logger, env })

test('refresh_markets writes the venue’s markets; a failure is written beside them', async () => {
  expect(await refreshMarkets({ exchange: 'sandbox' }, deps())).toMatch(/^Refreshed \(\d+ markets\)$/)
  expect((await findMarket(db.pool, 'sandbox', 'BTC/USDT'))?.minCost?.toFixed()).toBe('5')
  expect((await venueTimeframes(db.pool, ['sandbox'])).get('sandbox')).toContain('1s')
  const fail = (endpoint: string) =>
    control(sandbox.url, 'POST', '/sandbox/faults', { endpoint, kind: '5xx', count: 1 })
  await fail('GET /fapi/v1/exchangeInfo')
  expect(await refreshMarkets({ exchange: 'sandbox' }, deps())).toMatch(/^Refreshed/)
  expect(await venueErrorOf('sandbox')).toContain('Unknown error')
  await fail('GET /fapi/v1/exchangeInfo')
  await fail('GET /api/v3/exchangeInfo')
  expect(await refreshMarkets({ exchange: 'sandbox' }, deps())).toBe('Failed (UNREACHABLE)')
  expect(await venueErrorOf('sandbox')).toContain('Unknown error')
  for (const symbol of ['BTC/USDT', 'BTC/USDT:USDT'])
    expect((await findMarket(db.pool, 'sandbox', symbol))?.active).toBe(true)
  expect(await refreshMarkets({ exchange: 'nonsense' }, deps())).toBe('Failed (REFUSED)')
  expect(await venueErrorOf('nonsense')).toBe('"nonsense" is not an exchange that ccxt knows.')
})

test('refresh_markets asks for leverage limits with a key that works, and keeps them while they cannot be read', async () => {
  const limitOf = async () => (await findMarket(db.pool, 'sandbox', 'BTC/USDT:USDT'))?.maxLeverage
  await refreshMarkets({ exchange: 'sandbox' }, deps())
  const publicLimit = await limitOf()
  const { credentials } = await openSandboxAccount(sandbox.url)
  const id = await addKey('customer', credentials)
  const told = await venues.leverageLimits('sandbox', credentials)
  const limit = told?.get('BTC/USDT:USDT')?.maxLeverage
  await refreshMarkets({ exchange: 'sandbox' }, deps())
  expect(await limitOf()).toBe(limit)
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /fapi/v1/leverageBracket',
    kind: '5xx',
    count: 1,
  })
  await refreshMarkets({ exchange: 'sandbox' }, deps())
  expect(await limitOf()).toBe(limit)
  await db.pool.query('DELETE FROM api_keys WHERE id = $1', [id])
  await refreshMarkets({ exchange: 'sandbox' }, deps())
  expect(await limitOf()).toBe(publicLimit)
})

test('fetch_candles writes a series once; run twice it changes nothing of what is closed', async () => {
  const series = { exchange: 'sandbox', symbol: 'ETH/USDT', timeframe: '1h' }
  expect(await fetchCandles({ ...series, limit: 50 }, deps())).toBe('Fetched (50 candles, 50 new)')
  const rows = await latestCandles(db.pool, series, 100)
  expect(rows.length).toBe(50)
  expect(await fetchCandles({ ...series, limit: 50 }, deps())).toMatch(/^Fetched \(50 candles, [01] new\)$/)
  expect((await seriesStatus(db.pool, series)).error).toBeNull()
  const gone = { ...series, symbol: 'NO/SUCH' }
  expect(await fetchCandles({ ...gone, limit: 50 }, deps())).toBe('Failed (MARKET_GONE)')
  expect((await seriesStatus(db.pool, gone)).error).toBe('sandbox has no market NO/SUCH.')
})

test('probe_key writes what the key may do, or why nobody knows', async () => {
  const { credentials } = await openSandboxAccount(sandbox.url, { permissions: { canWithdraw: true } })
  const id = await addKey('one', credentials)
  expect(await probeKey({ apiKeyId: id }, deps())).toBe('Checked')
  expect(await readKeyCheck(db.pool, id)).toMatchObject({
    canTrade: true,
    canTransfer: true,
    canWithdraw: true,
    checkError: null,
    checkedAt: expect.any(Date),
  })
  const stranger = await addKey('two', { ...credentials, secretKey: 'wrong' })
  expect(await probeKey({ apiKeyId: stranger }, deps())).toBe('Failed (KEY_REFUSED)')
  expect(await readKeyCheck(db.pool, stranger)).toMatchObject({
    canTrade: null,
    checkError: 'Signature for this request is not valid. (-1022)',
    checkedAt: expect.any(Date),
  })
  expect(await probeKey({ apiKeyId: '999999' }, deps())).toBe('Failed (KEY_REFUSED)')
  const unknown = await addKey('unknown', { ...credentials, apiKey: 'a'.repeat(64) })
  await probeKey({ apiKeyId: unknown }, deps())
  expect((await readKeyCheck(db.pool, unknown))?.checkError).toContain('other IP addresses')
})

test('a key that may only read is told apart from one that is wrong', async () => {
  const { credentials } = await openSandboxAccount(sandbox.url, { permissions: { canTrade: false } })
  const id = await addKey('reader', credentials)
  expect(await probeKey({ apiKeyId: id }, deps())).toBe('Checked (may not trade)')
  expect(await readKeyCheck(db.pool, id)).toMatchObject({
    canTrade: false,
    canWithdraw: false,
    checkError: expect.stringMatching(/^The key may not trade: .* at sandbox/),
  })
})

test('an account is made once for a key, anew when its credentials change, and not at all when it is gone', async () => {
  const first = await openSandboxAccount(sandbox.url)
  const second = await openSandboxAccount(sandbox.url, { balances: { USDT: '5' } })
  const id = await addKey('three', first.credentials)
  const accounts = makeAccounts({ pool: db.pool, venues, env, logger })
  const account = await accounts.forKey(id)
  expect(await accounts.forKey(id)).toBe(account)
  const unchecked = {
    checkedAt: null,
    checkError: null,
    canTrade: null,
    canTransfer: null,
    canWithdraw: null,
  }
  await inTransaction(db.pool, (tx) =>
    overwriteApiKey(tx, env.masterKey, userId, id, second.credentials, unchecked),
  )
  const changed = await accounts.forKey(id)
  expect(changed).not.toBe(account)
  expect((await changed.fetchBalance('SPOT')).get('USDT')?.total.toFixed()).toBe('5')
  await db.pool.query(`UPDATE api_keys SET encrypted_key = 'v1:broken', updated_at = now() WHERE id = $1`, [
    id,
  ])
  await expect(accounts.forKey(id)).rejects.toMatchObject({ kind: 'KEY_REFUSED' })
  await db.pool.query('UPDATE api_keys SET deleted_at = now() WHERE id = $1', [id])
  await expect(accounts.forKey(id)).rejects.toThrow('deleted')
  await accounts.close()
})

function addKey(
  label: string,
  credentials: { apiKey: string; secretKey: string; passphrase: string | null },
) {
  return inTransaction(db.pool, (tx) =>
    insertApiKey(tx, env.masterKey, userId, {
      exchange: 'sandbox',
      label,
      acceptWithdraw: true,
      credentials,
    }),
  )
}

async function venueErrorOf(exchange: string): Promise<unknown> {
  const { rows } = await db.pool.query('SELECT error FROM venues WHERE exchange = $1', [exchange])
  return rows[0]?.error
}
