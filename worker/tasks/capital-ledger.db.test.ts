import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { Actor } from '#trading/domain/actor.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { type Decimal, decimal, plain, ZERO } from '#trading/domain/money.ts'
import { CROSSING_DOWN } from '#trading/domain/bot.fixture.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { startBot } from '#trading/store/bot-commands.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { afterHints, type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'
import { executeOrder } from './execute-order.ts'
import { reconcileAccount } from './reconcile-account.ts'
import { makeVenueBooks } from './venue-books.fixture.ts'

const db = withTestDatabase()
let sandbox: Sandbox
let engine: Engine
let actor: Actor

beforeAll(async () => {
  sandbox = await startSandbox()
  // Forty sends at once on one machine: the time that each may take is not what is tried here.
  engine = makeEngine(db.pool, db.url, sandbox.url, {
    sendBudgetMs: 10_000,
    httpTimeoutMs: 5_000,
    recvWindowMs: 10_000,
  })
  await knowMarkets(db.pool)
  // Written by the very statement that reserves, under the ledger's lock: what was free and what was kept of it at that moment.
  await db.pool.query(`
    CREATE TABLE reserved_at_times (api_key_id bigint, open numeric, total numeric);
    CREATE FUNCTION note_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO reserved_at_times
      SELECT NEW.api_key_id, (SELECT sum(amount) FROM reservations r WHERE r.api_key_id = NEW.api_key_id AND released_at IS NULL),
             (SELECT free FROM account_balances b WHERE b.api_key_id = NEW.api_key_id AND b.asset = NEW.asset);
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_reserved AFTER INSERT ON reservations FOR EACH ROW EXECUTE FUNCTION note_reserved();`)
})
afterAll(async () => {
  await sandbox.close()
  await afterHints(db.pool)
})
beforeEach(async () => {
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
  await control(sandbox.url, 'POST', '/sandbox/price', { symbol: 'BTCUSDT', price: '50000' })
  actor = await aUser(db.pool)
})

/** A key whose account holds this much, and so many bots on it that all want to enter for 100 USDT now. */
async function bots(count: number, usdt: string, more: Partial<BotConfig> = {}) {
  const { credentials } = await openSandboxAccount(sandbox.url, { balances: { USDT: usdt } })
  const apiKeyId = await engine.key(actor, credentials)
  const ids = await Promise.all(
    Array.from({ length: count }, async () => {
      const id = await aSavedBot(db.pool, actor, { mode: 'LIVE', apiKeyId, ...more })
      await engine.in((tx) => startBot(tx, actor, id))
      return id
    }),
  )
  await engine.show(CROSSING_DOWN.slice(0, -1))
  await reconcileAccount({ apiKeyId }, engine.deps)
  for (const outcome of ['Ticked, PENDING to RUNNING', 'Ticked'])
    expect(new Set(await Promise.all(ids.map(engine.tick)))).toEqual(new Set([outcome]))
  await engine.crossUp(50_000)
  expect(new Set(await Promise.all(ids.map(engine.tick)))).toEqual(new Set(['Ticked, ENTRY intended']))
  return { ids, apiKeyId, books: makeVenueBooks(engine, sandbox.url, credentials.apiKey) }
}

/** What two workers would do: each sends every intent, and those that wait are tried again every so often. */
async function sendAll(ids: readonly string[]): Promise<string[]> {
  const workers = [engine.deps, engine.makeDeps()]
  const outcomes: string[] = []
  for (let round = 0; round < 60; round++) {
    const orders = (await Promise.all(ids.map((id) => engine.orders(id)))).flat()
    const intents = orders.filter((order) => order.status === 'INTENDED')
    if (intents.length === 0) return outcomes
    if (round > 0) await sleep(100)
    outcomes.push(
      ...(await Promise.all(
        workers.flatMap((deps) => intents.map(({ id }) => executeOrder({ orderId: id }, deps))),
      )),
    )
  }
  throw new Error(`intents are left after 60 rounds: ${outcomes.slice(-5).join(', ')}`)
}

/** Each reservation fitted at the moment it was made; none is left; and the account holds what the bots' positions add up to. */
async function expectLedgerInOrder(ids: readonly string[], apiKeyId: string, held: Decimal): Promise<void> {
  const { rows } = await db.pool.query<{ made: number; over: number }>(
    `SELECT count(*)::int AS made, count(*) FILTER (WHERE open > total)::int AS over FROM reserved_at_times WHERE api_key_id = $1`,
    [apiKeyId],
  )
  expect(rows[0]?.over).toBe(0)
  const { rows: left } = await db.pool.query(
    `SELECT r.id FROM reservations r JOIN orders o ON o.id = r.order_id
     WHERE r.api_key_id = $1 AND (r.released_at IS NULL OR o.filled * o.average_price > r.amount OR o.average_price > o.price)`,
    [apiKeyId],
  )
  expect(left, 'all are released, and no order cost more than was reserved for it').toEqual([])
  let sum = ZERO
  for (const id of ids)
    sum = sum.plus((await engine.openPosition(id))?.amount ?? '0').plus((await engine.state(id)).dust_amount)
  expect(plain(sum)).toBe(plain(held))
}

test('20 bots on one key with money for nine: none overspends, the others say what was missing', async () => {
  const { ids, apiKeyId, books } = await bots(20, '1000')
  await sendAll(ids)
  const orders = (await Promise.all(ids.map((id) => engine.orders(id)))).flat()
  expect(orders).toHaveLength(20)
  const filled = orders.filter((order) => order.status === 'FILLED')
  const refused = orders.filter((order) => order.status === 'NOT_PLACED')
  // Each costs 0.002 × 50,002.50 = 100.005: nine of them fit into 1,000, and ten do not.
  expect([filled.length, refused.length]).toEqual([9, 11])
  for (const order of refused) {
    expect(order.error_code).toBe('BALANCE_INSUFFICIENT')
    expect(order.error_message).toMatch(/^0\.002 BTC at 50000 costs 100 USDT, and [\d.]+ USDT is free/)
    expect(order.exchange_order_id).toBeNull()
  }
  const told = (await Promise.all(ids.map((id) => engine.messages(id)))).flat()
  expect(told.filter((message) => message.includes('(BALANCE_INSUFFICIENT)'))).toHaveLength(11)
  expect((await books.venueOrders()).map((order) => order.status)).toEqual(Array.from(filled, () => 'FILLED'))
  expect(plain(await books.venueBalance('USDT'))).toBe(
    plain(decimal(1000).minus(decimal('100.005').times(9))),
  )
  await expectLedgerInOrder(ids, apiKeyId, await books.venueBalance('BTC'))
})

test('exactly enough for ten bots is enough: those for whom the collar leaves no room at first wait, none is refused', async () => {
  // Ten times 100.005. At the collar of 1 % only nine fit at a time.
  const { ids, apiKeyId, books } = await bots(10, '1000.05')
  const outcomes = await sendAll(ids)
  expect(outcomes).toContain('Waits (BALANCE_INSUFFICIENT)')
  const orders = (await Promise.all(ids.map((id) => engine.orders(id)))).flat()
  expect(orders.map((order) => order.status)).toEqual(ids.map(() => 'FILLED'))
  expect(plain(await books.venueBalance('USDT'))).toBe('0')
  await expectLedgerInOrder(ids, apiKeyId, await books.venueBalance('BTC'))
})

test('an account without a single unit of the quote currency is refused at once', async () => {
  const { ids } = await bots(1, '0')
  expect(await engine.send(ids[0] ?? '')).toEqual(['Denied (BALANCE_INSUFFICIENT)'])
  expect((await engine.lastOrder(ids[0] ?? '')).error_message).toContain('and 0 USDT is free.')
})

test('what waits for money until it is stale was refused for want of money', async () => {
  const { ids, apiKeyId } = await bots(2, '150')
  const [one = '', two = ''] = ids
  // An order of another bot whose outcome nobody knows keeps what it may have spent.
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'POST /api/v3/order',
    kind: 'drop',
    count: 1,
  })
  expect(await engine.send(one)).toEqual(['Unknown'])
  expect(await engine.send(two)).toEqual(['Waits (BALANCE_INSUFFICIENT)'])
  await db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE bot_id = $1`, [
    two,
  ])
  expect(await engine.send(two)).toEqual(['Denied (BALANCE_INSUFFICIENT)'])
  expect((await engine.lastOrder(two)).error_message).toContain('reserved by other orders of this key')
  await engine.settleUntil(one, async () => (await engine.lastOrder(one)).status === 'FILLED')
  expect(await openReservations(apiKeyId)).toBe(0)
})

test('an entry that the exchange refuses has spent nothing, and frees what was kept for it', async () => {
  const { ids, apiKeyId } = await bots(1, '1000')
  const [id = ''] = ids
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'POST /api/v3/order',
    kind: 'reject',
    count: 1,
  })
  expect(await engine.send(id)).toEqual(['Refused (BALANCE_INSUFFICIENT)'])
  expect(await engine.lastOrder(id)).toMatchObject({ status: 'REJECTED', error_code: 'BALANCE_INSUFFICIENT' })
  expect(await openReservations(apiKeyId)).toBe(0)
  expect(await engine.openPosition(id)).toBeNull()
})

test('a balance that cannot be read claims nothing; the intent waits', async () => {
  const { ids, apiKeyId } = await bots(1, '1000')
  const [id = ''] = ids
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /api/v3/account',
    kind: '5xx',
    count: 1,
  })
  expect(await engine.send(id)).toEqual(['Waits (UNREACHABLE)'])
  expect(await openReservations(apiKeyId)).toBe(0)
  expect(await engine.send(id)).toEqual(['Placed (FILLED)'])
})

test('an entry for which too little is sold within the collar takes what there is, and its rest expires', async () => {
  // The best seller, at 50,002.50, has at most 6,000 USDT worth; the next asks 50,003.50.
  const { ids, apiKeyId, books } = await bots(1, '20000', {
    initialCapital: decimal(10_000),
    positionSizeFixed: decimal(9_000),
    priceCollarPerc: decimal('0.006'),
  })
  const [id = ''] = ids
  expect(await engine.send(id)).toEqual(['Placed (EXPIRED)'])
  const order = await engine.lastOrder(id)
  expect(order).toMatchObject({
    status: 'EXPIRED',
    average_price: '50002.500000000000000000',
    amount: '0.180000000000000000',
  })
  expect(decimal(order.filled).gt(0) && decimal(order.filled).lt(order.amount)).toBe(true)
  expect(await engine.state(id)).toMatchObject({ daily_trade_count: 1 })
  const [trade] = await engine.fills(id)
  expect((await engine.openPosition(id))?.amount).toBe(
    decimal(order.filled)
      .minus(trade?.fee ?? '0')
      .toFixed(18),
  )
  await expectLedgerInOrder(ids, apiKeyId, await books.venueBalance('BTC'))
})

test('an entry for which nobody sells within the collar expires: nothing is bought, an event says so, the candle is spent', async () => {
  const { ids, apiKeyId, books } = await bots(1, '1000', { priceCollarPerc: decimal('0.001') })
  const [id = ''] = ids
  expect(await engine.send(id)).toEqual(['Placed (EXPIRED)'])
  expect(await engine.lastOrder(id)).toMatchObject({ status: 'EXPIRED', filled: '0.000000000000000000' })
  expect((await engine.messages(id)).at(-1)).toMatch(
    /^ENTRY order \d+ bought nothing: nobody sold BTC at 50000\.5 USDT, its limit, or below\./,
  )
  expect(await engine.tick(id)).toBe('Ticked')
  expect(await engine.state(id)).toMatchObject({ daily_trade_count: 0 })
  await expectLedgerInOrder(ids, apiKeyId, ZERO)
  expect(plain(await books.venueBalance('USDT'))).toBe('1000')
})

async function openReservations(apiKeyId: string): Promise<number> {
  const { rows } = await db.pool.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM reservations WHERE api_key_id = $1 AND released_at IS NULL`,
    [apiKeyId],
  )
  return rows[0]?.open ?? 0
}
