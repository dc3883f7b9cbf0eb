import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { Actor } from '#trading/domain/actor.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { startBot, stopBot } from '#trading/store/bot-commands.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { afterHints, type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'
import { probeKey } from './probe-key.ts'
import { settleOrder } from './settle-order.ts'

const ORDER = 'POST /api/v3/order'
const db = withTestDatabase()
let sandbox: Sandbox
let engine: Engine
let actor: Actor
let venueKey: string
let apiKeyId: string

beforeAll(async () => {
  sandbox = await startSandbox()
  engine = makeEngine(db.pool, db.url, sandbox.url)
  await knowMarkets(db.pool)
})
afterAll(async () => {
  await sandbox.close()
  await afterHints(db.pool)
})
beforeEach(async () => {
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
  await hold(50_000)
  actor = await aUser(db.pool)
  const { credentials } = await openSandboxAccount(sandbox.url)
  venueKey = credentials.apiKey
  apiKeyId = await engine.key(actor, credentials)
})

test('a LIVE bot whose key is missing, unreadable or refused is in ERROR with a sentence that says what to do', async () => {
  const state = async (change: string) => {
    const { credentials } = await openSandboxAccount(sandbox.url)
    const keyId = await engine.key(actor, credentials)
    const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId: keyId })
    await db.pool.query(change, [change.includes('bot_configs') ? botId : keyId])
    await engine.in((tx) => startBot(tx, actor, botId))
    await engine.tick(botId)
    return engine.state(botId)
  }
  expect(await state('UPDATE bot_configs SET api_key_id = NULL WHERE id = $1')).toMatchObject({
    status: 'ERROR',
    error_code: 'KEY_MISSING',
  })
  expect(await state(`UPDATE api_keys SET encrypted_secret = 'v1:AAAA' WHERE id = $1`)).toMatchObject({
    status: 'ERROR',
    error_code: 'KEY_UNREADABLE',
  })
  expect(await state(`UPDATE api_keys SET check_error = 'it is locked' WHERE id = $1`)).toMatchObject({
    status: 'ERROR',
    error_code: 'KEY_REFUSED',
    error_message: expect.stringContaining('it is locked'),
  })
  expect(await state(`UPDATE api_keys SET checked_at = NULL WHERE id = $1`)).toMatchObject({
    status: 'PENDING',
    error_code: 'KEY_UNCHECKED',
  })
})

test('an exchange that could not be asked about a key has not refused it: the bot waits, and it is asked again', async () => {
  const { credentials } = await openSandboxAccount(sandbox.url)
  const keyId = await engine.key(actor, credentials)
  await control(sandbox.url, 'POST', '/sandbox/faults', { endpoint: '/sapi/*', kind: '503', count: 1 })
  expect(await probeKey({ apiKeyId: keyId }, engine.deps)).toBe('Failed (UNREACHABLE)')
  const botId = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId: keyId })
  await engine.in((tx) => startBot(tx, actor, botId))
  await engine.tick(botId)
  expect(await engine.state(botId)).toMatchObject({ status: 'PENDING', error_code: 'KEY_UNCHECKED' })
  expect(await probeKey({ apiKeyId: keyId }, engine.deps)).toBe('Checked')
  await engine.tick(botId)
  expect((await engine.state(botId))['error_code']).not.toBe('KEY_UNCHECKED')
})

test('the key stops working while a position is held: ERROR says that it is unprotected, retries back off', async () => {
  const botId = await holding()
  await db.pool.query(
    `UPDATE api_keys SET encrypted_key = 'v1:AAAA', updated_at = tradebot_now() WHERE id = $1`,
    [apiKeyId],
  )
  await engine.show([40_000], 40_000)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Denied (VENUE_KEY_REFUSED)'])
  const state = await engine.state(botId)
  expect(state).toMatchObject({ status: 'ERROR', error_code: 'KEY_REFUSED', exit_failures: 1 })
  expect(state.error_message).toContain('holds a position')
  expect(state.next_tick_at, 'still guarded').not.toBeNull()
  expect(await engine.tick(botId)).toBe('Ticked')
})

test('a stopped bot whose order cannot be looked up, because its key is refused, is told so, once', async () => {
  const botId = await intending()
  await fault('drop')
  await engine.send(botId)
  const { id } = await engine.lastOrder(botId)
  await engine.in((tx) => stopBot(tx, actor, botId, 'CLOSE'))
  await db.pool.query(
    `UPDATE api_keys SET encrypted_key = 'v1:AAAA', updated_at = tradebot_now() WHERE id = $1`,
    [apiKeyId],
  )
  for (let count = 0; count < 3; count++)
    expect(await settleOrder({ orderId: id }, engine.deps)).toBe('Could not look (KEY_REFUSED)')
  expect((await engine.eventTypes(botId)).filter((type) => type === 'KEY_REFUSED')).toHaveLength(1)
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'UNKNOWN' })
})

test('a NOT_PLACED order whose key is gone is no fault of the bot', async () => {
  const botId = await intending()
  const { id } = await engine.lastOrder(botId)
  await db.pool.query(
    `UPDATE orders SET status = 'NOT_PLACED', submitted_at = tradebot_now(), next_settle_at = tradebot_now() WHERE id = $1`,
    [id],
  )
  await db.pool.query(
    `UPDATE api_keys SET deleted_at = tradebot_now(), updated_at = tradebot_now() WHERE id = $1`,
    [apiKeyId],
  )
  expect(await settleOrder({ orderId: id }, engine.deps)).toBe('Could not look (KEY_REFUSED)')
  expect(await engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  await db.pool.query(`UPDATE orders SET submitted_at = tradebot_now() - interval '25 hours' WHERE id = $1`, [
    id,
  ])
  await settleOrder({ orderId: id }, engine.deps)
  expect((await engine.lastOrder(botId)).next_settle_at).toBeNull()
})

const running = async () => (await engine.running({ mode: 'LIVE', apiKeyId }, actor)).botId

/** A LIVE bot with an entry intended and not yet sent. */
async function intending(): Promise<string> {
  const botId = await running()
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
  return botId
}

async function holding(): Promise<string> {
  const botId = await intending()
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
  return botId
}

const fault = (kind: string, more: object = {}) =>
  control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: ORDER,
    kind,
    count: 1,
    account: venueKey,
    ...more,
  })
const hold = (price: number) =>
  control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'BTCUSDT', price: String(price) })
