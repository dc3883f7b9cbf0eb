import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { makeLogger } from '#trading/config/logger.ts'
import type { Actor } from '#trading/domain/actor.ts'
import {
  addAlertChannel,
  addTestAlert,
  type ChannelInput,
  deleteAlertChannel,
} from '#trading/store/alert-channels.ts'
import { beginAlert } from '#trading/store/alerts.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { makeCourier } from './deliver.ts'
import { type Received, type Reply, startReceiver } from './receiver.fixture.ts'
import type { Resolve } from './safe-address.ts'
import { makeSend } from './send.ts'

const db = withTestDatabase()
const masterKey = Buffer.alloc(32, 7)
const secret = 'a-secret-of-the-receiver'
const token = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ'
let user: Actor

beforeEach(async () => {
  await db.pool.query(
    `UPDATE alert_deliveries SET status = 'FAILED', next_try_at = NULL WHERE status = 'PENDING'`,
  )
  user = await aUser(db.pool)
})

/** A courier of a worker, ended with the test. */
function aCourier(
  options: { allowPrivate?: boolean; telegramUrl?: string; resolve?: Resolve; sendMs?: number } = {},
) {
  const { allowPrivate = true, telegramUrl = 'http://127.0.0.1:9', resolve, sendMs = 10_000 } = options
  const send = makeSend(
    { masterKey, publicUrl: 'https://bots.example', alertPrivate: allowPrivate, telegramUrl },
    resolve,
  )
  const courier = makeCourier(
    { pool: db.pool, send, logger: makeLogger('test', 'silent') },
    { sendMs, testMs: sendMs },
  )
  onTestFinished(() => courier.stop())
  return courier
}

async function receive(reply?: (request: Received) => Reply) {
  const receiver = await startReceiver(reply)
  onTestFinished(() => receiver.close())
  return receiver
}

const addChannel = async (target: ChannelInput['target']) =>
  (
    await inTransaction(db.pool, (tx) =>
      addAlertChannel(tx, masterKey, user.userId, { name: 'Channel', kinds: [], target }),
    )
  ).id
const addHook = (url: string) => addChannel({ kind: 'WEBHOOK', url, secret })

let troubles = 0
const raise = (message = 'The key is refused.', botId: string | null = null) =>
  inTransaction(db.pool, (tx) =>
    beginAlert(
      tx,
      { userId: user.userId, botId, at: null },
      { kind: 'BOT_ERROR', key: `k${++troubles}`, message },
    ),
  )

type DeliveryRow = {
  status: string
  attempts: number
  error: string | null
  wait: number | null
  sent: boolean
}

async function deliveries(channelId: string) {
  const { rows } = await db.pool.query<DeliveryRow>(
    `SELECT status, attempts, error, sent_at IS NOT NULL AS sent, extract(epoch FROM next_try_at - tradebot_now())::float8 AS wait
     FROM alert_deliveries WHERE channel_id = $1 ORDER BY id`,
    [channelId],
  )
  return rows
}

/** The channel's first delivery, once it is no longer being tried. */
async function outcome(channelId: string, attempts = 1): Promise<DeliveryRow> {
  for (let i = 0; i < 200; i++) {
    const row = (await deliveries(channelId))[0]
    if (row && row.attempts >= attempts && (row.error !== null || row.sent)) return row
    await sleep(25)
  }
  throw new Error('The delivery came to no end within 5 s.')
}

/** As if the wait were over. */
const fallDue = () =>
  db.pool.query(
    `UPDATE alert_deliveries SET next_try_at = (SELECT tradebot_now()), error = NULL WHERE status = 'PENDING'`,
  )

async function channelRow(id: string) {
  const { rows } = await db.pool.query(
    'SELECT last_sent_at IS NOT NULL AS sent, last_error, target_hint, encrypted_target FROM alert_channels WHERE id = $1',
    [id],
  )
  return rows[0]
}

test('a webhook gets signed JSON that names the bot and its page, once', async () => {
  const receiver = await receive()
  const hook = await addHook(`${receiver.url}/hook?x=1`)
  const botId = await aSavedBot(db.pool, user, { name: 'Trend' })
  await raise('The key is refused.', botId)
  const courier = aCourier()
  await courier.look()
  expect(await outcome(hook)).toMatchObject({ status: 'SENT', attempts: 1, sent: true, wait: null })
  await courier.look()
  await sleep(50)
  expect(receiver.received.length).toBe(1)
  const [got] = receiver.received
  expect(got).toMatchObject({ method: 'POST', path: '/hook?x=1' })
  expect(JSON.parse(got?.body ?? '')).toEqual({
    id: expect.stringMatching(/^\d+$/),
    kind: 'BOT_ERROR',
    botId,
    botName: 'Trend',
    message: 'The key is refused.',
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    url: `https://bots.example/bots/${botId}`,
  })
  const signature = createHmac('sha256', secret)
    .update(got?.body ?? '')
    .digest('hex')
  expect(got?.headers['x-tradebot-signature']).toBe(`sha256=${signature}`)
  expect(await channelRow(hook)).toMatchObject({ sent: true, last_error: null })
})

test('a failed attempt is repeated by its own schedule, then marked sent; two couriers send each once', async () => {
  let healthy = false
  const receiver = await receive(() => (healthy ? { status: 200 } : { status: 500, body: 'out of order' }))
  const hook = await addHook(receiver.url)
  await raise()
  const couriers = [aCourier(), aCourier()]
  const look = () => Promise.all(couriers.map((courier) => courier.look()))
  for (const [attempt, seconds] of [10, 30, 120].entries()) {
    await look()
    const failed = await outcome(hook, attempt + 1)
    expect(failed).toMatchObject({ status: 'PENDING', attempts: attempt + 1 })
    expect(failed.error).toBe('The receiver answered 500. It said: out of order')
    expect(Math.abs((failed.wait ?? 0) - seconds)).toBeLessThan(2)
    await look()
    expect(receiver.received.length).toBe(attempt + 1)
    await fallDue()
  }
  expect((await channelRow(hook))?.last_error).toContain('500')
  healthy = true
  await look()
  expect(await outcome(hook, 4)).toMatchObject({ status: 'SENT', error: null })
  expect(receiver.received.length).toBe(4)
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  expect((await channelRow(hook))?.last_error).toBeNull()
})

test('after a day of attempts it is given up, and says so', async () => {
  const receiver = await receive(() => 'break')
  const hook = await addHook(receiver.url)
  await raise()
  await db.pool.query('UPDATE alert_deliveries SET attempts = 27 WHERE channel_id = $1', [hook])
  await aCourier().look()
  expect(await outcome(hook, 28)).toMatchObject({ status: 'FAILED', wait: null, sent: false })
  expect((await deliveries(hook))[0]?.error).toContain('broke the connection off')
})

test('redirects are not followed, and a long answer is not read to its end', async () => {
  const elsewhere = await receive()
  const redirect = await receive(() => ({ status: 302, headers: { location: elsewhere.url } }))
  const long = await receive(() => ({ status: 400, body: 'x'.repeat(5_000_000) }))
  const [first, second] = [await addHook(redirect.url), await addHook(long.url)]
  await raise()
  await aCourier().look()
  expect((await outcome(first)).error).toBe('The receiver answered 302. Redirects are not followed.')
  expect((await outcome(second)).error?.length).toBeLessThan(300)
  expect(elsewhere.received).toEqual([])
})

test('a receiver that never answers is left after its time, and delays no other channel', async () => {
  const slow = await receive(() => 'hang')
  const quick = await receive()
  const slowHook = await addHook(slow.url)
  await raise()
  await raise()
  const quickHook = await addHook(quick.url)
  await raise()
  const courier = aCourier({ sendMs: 2_000 })
  const started = performance.now()
  await courier.look()
  expect(await outcome(quickHook)).toMatchObject({ status: 'SENT' })
  expect(performance.now() - started).toBeLessThan(1_800)
  // One at a time: what else waits for the slow one takes no place of others.
  await courier.look()
  expect((await deliveries(slowHook)).map((row) => row.attempts).sort()).toEqual([0, 0, 1])
  expect(slow.received.length).toBe(1)
  const late = await outcome(slowHook)
  expect(late).toMatchObject({ status: 'PENDING', error: 'The receiver did not answer in time.' })
  expect(performance.now() - started).toBeGreaterThan(1_990)
})

test('a courier that is stopped lets go of what it sends, and it is sent again later', async () => {
  const slow = await receive(() => 'hang')
  const hook = await addHook(slow.url)
  await raise()
  const courier = aCourier()
  await courier.look()
  while (slow.received.length === 0) await sleep(10)
  await courier.stop()
  expect(await outcome(hook)).toMatchObject({
    status: 'PENDING',
    error: 'The worker was stopped while it sent.',
  })
})

test('a delivery whose courier died is due again when its lease is over', async () => {
  const receiver = await receive()
  const hook = await addHook(receiver.url)
  await raise()
  await db.pool.query(
    `UPDATE alert_deliveries SET attempts = 1, next_try_at = tradebot_now() + interval '30 seconds' WHERE channel_id = $1`,
    [hook],
  )
  const courier = aCourier()
  await courier.look()
  await sleep(50)
  expect(receiver.received).toEqual([])
  await fallDue()
  await courier.look()
  expect(await outcome(hook, 2)).toMatchObject({ status: 'SENT', attempts: 2 })
})

test('private addresses are refused for good, by number or by name, and nothing is sent there', async () => {
  const receiver = await receive()
  const byNumber = await addHook(receiver.url)
  const byName = await addHook(`http://hooks.example:${receiver.port}/`)
  await raise()
  await aCourier({ allowPrivate: false, resolve: async () => ['127.0.0.1'] }).look()
  for (const hook of [byNumber, byName])
    expect(await outcome(hook)).toMatchObject({
      status: 'FAILED',
      error: expect.stringContaining('private address'),
    })
  expect(receiver.received).toEqual([])
})

test('the address that was checked is the one that is connected to, under the name that was given', async () => {
  const receiver = await receive()
  let asked = 0
  const resolve: Resolve = async () => {
    asked++
    return ['127.0.0.1']
  }
  const hook = await addHook(`http://hooks.example:${receiver.port}/`)
  await raise()
  await aCourier({ resolve }).look()
  expect(await outcome(hook)).toMatchObject({ status: 'SENT' })
  expect(asked).toBe(1)
  expect(receiver.received[0]?.headers.host).toBe(`hooks.example:${receiver.port}`)
})

test('Telegram gets a message for the chat; its retry_after holds back all that waits for the channel', async () => {
  let busy = true
  const telegram = await receive(() =>
    busy
      ? {
          status: 429,
          body: '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 77","parameters":{"retry_after":77}}',
        }
      : { status: 200, body: '{"ok":true}' },
  )
  const chat = await addChannel({ kind: 'TELEGRAM', botToken: token, chatId: '-100987' })
  await raise('First.')
  await raise('Second.')
  const courier = aCourier({ allowPrivate: false, telegramUrl: telegram.url })
  await courier.look()
  await outcome(chat)
  const waits = (await deliveries(chat)).map((row) => Math.round(row.wait ?? 0))
  expect(waits).toEqual([77, 77])
  expect((await channelRow(chat))?.last_error).toContain('Too Many Requests')
  busy = false
  await fallDue()
  await courier.look()
  expect(await outcome(chat, 2)).toMatchObject({ status: 'SENT' })
  const got = telegram.received.at(-1)
  expect(got?.path).toBe(`/bot${token}/sendMessage`)
  expect(JSON.parse(got?.body ?? '')).toMatchObject({
    chat_id: '-100987',
    text: 'TradeBot \u00b7 Bot in error\nFirst.\nhttps://bots.example/alerts',
  })
})

test('no token or secret stands in the database, in an error or in what people may see', async () => {
  const chat = await addChannel({ kind: 'TELEGRAM', botToken: token, chatId: '-100987' })
  const hook = await addHook('http://user:hunter2@127.0.0.1:1/path/with-a-token')
  await raise()
  await aCourier({ telegramUrl: 'http://127.0.0.1:1' }).look()
  await Promise.all([outcome(chat), outcome(hook)])
  const rows = await db.pool.query(
    'SELECT c.*, d.error FROM alert_channels c JOIN alert_deliveries d ON d.channel_id = c.id',
  )
  const text = JSON.stringify(rows.rows)
  expect(text).toContain('connection refused')
  for (const hidden of [token, 'hunter2', 'with-a-token', secret]) expect(text).not.toContain(hidden)
})

test('a test goes the same way, is tried once, and a deleted channel forgets its target', async () => {
  const receiver = await receive((request) => ({ status: request.path === '/ok' ? 200 : 403 }))
  const [good, bad] = [await addHook(`${receiver.url}/ok`), await addHook(`${receiver.url}/no`)]
  const courier = aCourier()
  for (const hook of [good, bad]) await inTransaction(db.pool, (tx) => addTestAlert(tx, user.userId, hook))
  await courier.look()
  expect(await outcome(good)).toMatchObject({ status: 'SENT' })
  expect(await outcome(bad)).toMatchObject({
    status: 'FAILED',
    attempts: 1,
    error: 'The receiver answered 403.',
  })
  await raise()
  await inTransaction(db.pool, (tx) => deleteAlertChannel(tx, user.userId, good))
  expect((await deliveries(good))[1]).toMatchObject({ status: 'FAILED', error: 'The channel was deleted.' })
  expect((await channelRow(good))?.encrypted_target).toBe('')
})
