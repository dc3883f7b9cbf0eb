import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { makeClient, type Client, type Keys } from '#sandbox/testing/client.ts'
import type { Actor } from '#trading/domain/actor.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { decimal, plain } from '#trading/domain/money.ts'
import { aUser } from '#trading/store/bot.fixture.ts'
import { resumeBot, startBot, stopBot } from '#trading/store/bot-commands.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import { afterHints, type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'
import { makeVenueBooks } from './venue-books.fixture.ts'

const db = withTestDatabase()
let sandbox: Sandbox
let engine: Engine
let client: Client
let actor: Actor
let keys: Keys
let apiKeyId: string
let books: ReturnType<typeof makeVenueBooks>

beforeAll(async () => {
  sandbox = await startSandbox()
  engine = makeEngine(db.pool, db.url, sandbox.url)
  client = makeClient(sandbox.url)
  await knowMarkets(db.pool)
})
afterAll(async () => {
  await sandbox.close()
  await afterHints(db.pool)
})
beforeEach(async () => {
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
  await client.hold('BTCUSDT', '50000')
  actor = await aUser(db.pool)
  keys = await client.openAccount()
  apiKeyId = await engine.key(actor, { ...keys, passphrase: null })
  books = makeVenueBooks(engine, sandbox.url, keys.apiKey)
})

const compare = () => reconcileAccount({ apiKeyId }, engine.deps)

test('nothing happens while all is right: no event, no new version of the bot', async () => {
  const botId = await holding()
  const before = [await engine.eventTypes(botId), await version(botId)]
  expect(await compare()).toBe('Agrees')
  expect([await engine.eventTypes(botId), await version(botId)]).toEqual(before)
  const key = await keyRow()
  expect(key.reconciled_at).not.toBeNull()
  expect(key.reconcile_error).toBeNull()
  const nextInMs = (key.next_reconcile_at?.getTime() ?? 0) - Date.now()
  expect(nextInMs / 60_000).toBeGreaterThan(2)
  const balance = await db.pool.query(
    `SELECT total FROM account_balances WHERE api_key_id = $1 AND asset = 'BTC'`,
    [apiKeyId],
  )
  expect(plain(decimal(String(balance.rows[0]?.['total'])))).toBe(plain(await books.venueBalance('BTC')))
})

test('orders of ours that a restored database misses are taken over, with each of their fills once', async () => {
  const botId = await holding()
  await sellByExit(botId)
  await enter(botId)
  await forget(botId)
  expect(await engine.orders(botId)).toEqual([])
  expect(await compare()).toBe('TAKE_OVER, TAKE_OVER, TAKE_OVER')
  expect((await engine.orders(botId)).map(({ purpose, status }) => [purpose, status])).toEqual([
    ['ENTRY', 'FILLED'],
    ['EXIT', 'FILLED'],
    ['ENTRY', 'FILLED'],
  ])
  await books.expectBooksToAgree(botId)
  expect(await engine.state(botId)).toMatchObject({ status: 'RUNNING', daily_trade_count: 2 })
  const told = (await engine.eventTypes(botId)).filter((type) => type === 'ORDER_TAKEN_OVER')
  expect(told).toHaveLength(3)
  expect(await compare()).toBe('Agrees')
  await books.expectBooksToAgree(botId)
})

test('one of ours that two bots could have sent: both pause, and neither gets it', async () => {
  const [first, second] = [await running(), await running()]
  await enter(first)
  await forget(first)
  expect(await compare()).toBe('PAUSE')
  for (const botId of [first, second]) {
    expect(await engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
    expect((await engine.messages(botId)).at(-1)).toContain('it cannot be told whose it is')
    expect(await engine.orders(botId)).toEqual([])
  }
  expect(await compare(), 'told once').toBe('Agrees')
})

test('sold by hand, one bot alone: booked as what it was, profit and books are the exchange’s', async () => {
  const botId = await holding()
  const amount = await sellByHand(await heldBy(botId), 51_000)
  expect(await compare()).toBe('MANUAL_CLOSE')
  expect(await engine.openPosition(botId)).toBeNull()
  expect(await engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  const order = await engine.lastOrder(botId)
  expect(order).toMatchObject({ purpose: 'CLOSE', side: 'SELL', status: 'FILLED' })
  expect(plain(decimal(order.filled))).toBe(amount)
  const fills = await engine.fills(botId)
  expect(fills.map((fill) => fill.side)).toEqual(['BUY', 'SELL'])
  await books.expectMoneyToAddUp(botId)
  expect((await engine.messages(botId)).join()).toContain('Closed by hand at the exchange')
  expect((await db.pool.query(`SELECT origin FROM orders WHERE id = $1`, [order.id])).rows).toEqual([
    { origin: 'MANUAL' },
  ])
  expect(await compare()).toBe('Agrees')
  expect(await engine.fills(botId)).toEqual(fills)
  await client.hold('BTCUSDT', '50000')
  await enter(botId)
  expect(await compare(), 'and the bot trades on').toBe('Agrees')
})

test('a part sold by hand is booked as that part; the rest goes out by the bot’s own exit, to the last digit', async () => {
  const botId = await holding()
  await sellByHand('0.001', 50_500)
  expect(await compare()).toBe('MANUAL_CLOSE')
  const held = decimal((await engine.openPosition(botId))?.amount ?? '0')
  expect(plain(held)).toBe(plain(await books.venueBalance('BTC')))
  await client.hold('BTCUSDT', '50000')
  await sellByExit(botId)
  await books.expectMoneyToAddUp(botId)
})

test('sold by hand together with the dust of earlier exits: the profit has both', async () => {
  const botId = await holding()
  await sellByExit(botId)
  const { dust_amount } = await engine.state(botId)
  expect(Number(dust_amount)).toBeGreaterThan(0)
  // Dust joins the position that is bought next; so that the sell has dust of its own to take along, it is put back.
  await enter(botId)
  await sellByHand(
    await books.venueBalance('BTC').then((all) => plain(all.div('0.00001').floor().times('0.00001'))),
    50_000,
  )
  expect(await compare()).toBe('MANUAL_CLOSE')
  await books.expectMoneyToAddUp(botId)
})

test('sold by hand while two bots hold the market: both pause with a sentence, once, and resume as they are', async () => {
  const [first, second] = [await holding(), await holding()]
  await sellByHand('0.001', 50_000)
  expect(await compare()).toBe('PAUSE')
  for (const botId of [first, second]) {
    expect(await engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
    expect((await engine.messages(botId)).at(-1)).toMatch(
      /is missing\. 0\.001 BTC were sold by orders .* cannot be told whose/,
    )
  }
  const events = await engine.eventTypes(first)
  expect(await compare()).toBe('Agrees')
  expect(await engine.eventTypes(first), 'the same finding is no second event').toEqual(events)
  await engine.in((tx) => resumeBot(tx, actor, first))
  expect(await compare(), 'a person decided').toBe('Agrees')
  expect((await engine.state(first)).status).toBe('RUNNING')
  await sellByHand('0.0005', 50_000)
  expect(await compare(), 'more is missing').toBe('PAUSE')
  expect((await engine.state(first)).status).toBe('PAUSED')
})

test('coins withdrawn, and no trade explains it: the bot pauses; when they are back, the same is news again', async () => {
  const botId = await holding()
  const { id } = await engine.lastOrder(botId)
  // The books hold more than the account has: as if a part had left it.
  await db.pool.query(`UPDATE positions SET amount = amount + 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('PAUSE')
  expect((await engine.messages(botId)).at(-1)).toContain(
    '0.5 is missing. No trade on the account explains it',
  )
  await db.pool.query(`UPDATE positions SET amount = amount - 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('Agrees')
  await engine.in((tx) => resumeBot(tx, actor, botId))
  await db.pool.query(`UPDATE positions SET amount = amount + 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('PAUSE')
  expect((await engine.lastOrder(botId)).id, 'nothing was sold or booked').toBe(id)
})

test('a bot that is started with coins missing pauses as soon as it runs', async () => {
  const botId = await holding()
  await engine.in((tx) => stopBot(tx, actor, botId, 'KEEP'))
  await db.pool.query(`UPDATE positions SET amount = amount + 0.5 WHERE bot_id = $1`, [botId])
  expect(await compare()).toBe('PAUSE')
  expect(await engine.eventTypes(botId), 'stopped: told').toContain('BALANCE_MISMATCH')
  await engine.in((tx) => startBot(tx, actor, botId))
  expect(await engine.tick(botId), 'it waits for the comparison').toBe('Ticked')
  expect((await engine.state(botId)).error_code).toBe('NOT_RECONCILED')
  expect(await compare()).toBe('PAUSE LATER')
  expect(await engine.tick(botId)).toBe('Ticked, PENDING to RUNNING')
  expect((await keyRow()).next_reconcile_at?.getTime(), 'within the second').toBeLessThan(Date.now() + 1_100)
  expect(await compare()).toBe('PAUSE')
  expect(await engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
})

test('a foreign order is told once and left alone', async () => {
  const botId = await running()
  const placed = await client.place(keys, {
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.001',
    price: '45000',
  })
  expect(placed.status).toBe(200)
  expect(await compare()).toBe('FOREIGN')
  expect(await compare()).toBe('Agrees')
  const told = (await engine.eventTypes(botId)).filter((type) => type === 'FOREIGN_ORDER')
  expect(told).toHaveLength(1)
  expect((await books.venueOrders()).map((order) => order.status)).toEqual(['NEW'])
  expect(await engine.orders(botId)).toEqual([])
})

test('an order thought never placed is found in bulk, by the list of all', async () => {
  const botId = await running()
  await engine.crossUp(50_000)
  await engine.tick(botId)
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'POST /api/v3/order',
    kind: 'drop',
    count: 1,
    account: keys.apiKey,
  })
  expect(await engine.send(botId)).toEqual(['Unknown'])
  // As three looks of a venue that did not show it would have concluded.
  await db.pool.query(
    `UPDATE orders SET status = 'NOT_PLACED', next_settle_at = tradebot_now() + interval '1 hour', updated_at = tradebot_now() - interval '1 minute'
     WHERE bot_id = $1`,
    [botId],
  )
  expect(await compare()).toBe('SETTLE')
  await engine.settleUntil(botId, async () => (await engine.lastOrder(botId)).status === 'FILLED')
  await books.expectBooksToAgree(botId)
  expect(await compare()).toBe('Agrees')
})

test('an order in flight is not misjudged, and neither is what it does to the balance', async () => {
  const botId = await running()
  await engine.crossUp(50_000)
  await engine.tick(botId)
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'POST /api/v3/order',
    kind: 'delay',
    ms: 700,
    count: 1,
    account: keys.apiKey,
  })
  const sent = engine.send(botId)
  const outcomes: string[] = []
  for (let turn = 0; turn < 5; turn++) outcomes.push(await compare())
  expect(await sent).toEqual(['Placed (FILLED)'])
  outcomes.push(await compare())
  expect(outcomes.filter((outcome) => outcome !== 'Agrees' && outcome !== 'SETTLE')).toEqual([])
  expect(await engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  await books.expectBooksToAgree(botId)
})

test('bots trade while the account is compared again and again: nobody pauses, nothing is booked twice', async () => {
  const botId = await running()
  let over = false
  const outcomes = new Set<string>()
  const comparing = (async () => {
    while (!over) {
      outcomes.add(await compare())
      await sleep(50)
    }
  })()
  for (let round = 0; round < 3; round++) {
    await enter(botId)
    await sellByExit(botId)
  }
  over = true
  await comparing
  expect([...outcomes].filter((outcome) => outcome !== 'Agrees' && outcome !== 'SETTLE')).toEqual([])
  expect(await engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  await books.expectBooksToAgree(botId)
})

test('twice at once changes nothing twice: a close by hand, and orders to take over', async () => {
  const botId = await holding()
  await sellByHand(await heldBy(botId), 50_000)
  const at = () => Promise.all([1, 2, 3].map(() => reconcileAccount({ apiKeyId }, engine.makeDeps())))
  await at()
  expect((await engine.fills(botId)).map((fill) => fill.side)).toEqual(['BUY', 'SELL'])
  await books.expectMoneyToAddUp(botId)
  expect((await engine.eventTypes(botId)).filter((type) => type === 'MANUAL_CLOSE')).toHaveLength(1)
  await enter(botId)
  await db.pool.query(`DELETE FROM orders WHERE id = $1`, [(await detachPosition(botId)).orderId])
  await at()
  expect((await engine.fills(botId)).map((fill) => fill.side)).toEqual(['BUY', 'SELL', 'BUY'])
  expect(await compare()).toBe('Agrees')
})

test('an exchange that cannot be asked: why is at the key, and it is tried again', async () => {
  await running()
  await control(sandbox.url, 'POST', '/sandbox/faults', { endpoint: '*', kind: '503', count: 50 })
  expect(await compare()).toBe('Failed (UNREACHABLE)')
  const key = await keyRow()
  expect(key.reconcile_error).not.toBeNull()
  expect(key.next_reconcile_at?.getTime()).toBeLessThan(Date.now() + 60_000)
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
  expect(await compare()).toBe('Agrees')
  expect((await keyRow()).reconcile_error).toBeNull()
})

const running = async (more: Partial<BotConfig> = {}) =>
  (await engine.running({ mode: 'LIVE', apiKeyId, ...more }, actor)).botId

async function holding(): Promise<string> {
  const botId = await running()
  await enter(botId)
  return botId
}

async function enter(botId: string): Promise<void> {
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
}

async function sellByExit(botId: string): Promise<void> {
  await engine.crossDown(50_100)
  expect(await engine.tick(botId)).toBe('Ticked, EXIT intended')
  expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
}

/** A person sells at the exchange itself. */
async function sellByHand(quantity: string, price: number): Promise<string> {
  await client.hold('BTCUSDT', String(price))
  const answer = await client.place(keys, { side: 'SELL', type: 'MARKET', quantity })
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return quantity
}

/** What can be sold of what the bot holds. */
async function heldBy(botId: string): Promise<string> {
  const amount = decimal((await engine.openPosition(botId))?.amount ?? '0')
  return plain(amount.div('0.00001').floor().times('0.00001'))
}

/** The books as a backup from before these orders would have them. */
async function forget(botId: string): Promise<void> {
  await db.pool.query(`DELETE FROM orders WHERE bot_id = $1`, [botId])
  await db.pool.query(`DELETE FROM positions WHERE bot_id = $1`, [botId])
  await db.pool.query(`DELETE FROM bot_days WHERE bot_id = $1`, [botId])
  await db.pool.query(
    `UPDATE bot_states SET realized_pnl = 0, dust_amount = 0, dust_cost = 0, equity = 1000, daily_trade_count = 0 WHERE bot_id = $1`,
    [botId],
  )
}

async function detachPosition(botId: string): Promise<{ orderId: string }> {
  const { id } = await engine.lastOrder(botId)
  await db.pool.query(`UPDATE orders SET position_id = NULL WHERE id = $1`, [id])
  await db.pool.query(`DELETE FROM positions WHERE bot_id = $1 AND closed_at IS NULL`, [botId])
  return { orderId: id }
}

async function version(botId: string): Promise<unknown> {
  return (await db.pool.query(`SELECT version FROM bot_states WHERE bot_id = $1`, [botId])).rows[0]?.[
    'version'
  ]
}

async function keyRow() {
  const { rows } = await db.pool.query<{
    reconciled_at: Date | null
    next_reconcile_at: Date | null
    reconcile_error: string | null
  }>(`SELECT reconciled_at, next_reconcile_at, reconcile_error FROM api_keys WHERE id = $1`, [apiKeyId])
  if (rows[0] === undefined) throw new Error('the key is gone')
  return rows[0]
}
