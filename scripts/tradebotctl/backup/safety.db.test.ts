import { afterEach, expect, test, vi } from 'vitest'
import { decimal, floorToStep } from '#trading/domain/money.ts'
import type { WorkerDeps } from '#worker/deps.ts'
import { makeAccounts } from '#worker/exchange/accounts.ts'
import { afterHints, shiftClock } from '#worker/tasks/engine.fixture.ts'
import { executeOrder } from '#worker/tasks/execute-order.ts'
import { withLiveEngine } from '#worker/tasks/live.fixture.ts'
import { reconcileAccount } from '#worker/tasks/reconcile-account.ts'
import { runBot } from '#worker/tasks/run-bot.ts'
import { settleOrder } from '#worker/tasks/settle-order.ts'
import { makeTestDatabase, type TestDatabase } from '#trading/store/testing.ts'
import { withPlace } from './books.fixture.ts'
import { restoreResult } from './result-shape.ts'

const live = withLiveEngine()
const place = withPlace()
let target: TestDatabase | undefined
afterEach(async () => {
  if (target !== undefined) await afterHints(target.pool)
  await target?.close()
  target = undefined
})

// Two programs are started in each.
vi.setConfig({ testTimeout: 90_000 })

test('an order that was sent after the backup is found and booked, and never sent again', async () => {
  const { botId, id } = await live.intending()
  await backUp('intended.backup')
  expect(await live.engine.send(botId)).toEqual(['Placed (FILLED)'])

  const { deps, pool, result } = await restore('intended.backup')
  expect(result).toMatchObject({ usersHalted: 1, ordersToLookUp: 1, accountsToReconcile: 1 })
  const { rows } = await pool.query(
    `SELECT status, error_code, next_settle_at <= tradebot_now() AS due FROM orders`,
  )
  expect(rows).toEqual([{ status: 'UNKNOWN', error_code: 'RESTORED', due: true }])
  expect(await executeOrder({ orderId: id }, deps)).toBe('Skipped (not intended)')
  expect(await settleOrder({ orderId: id }, deps)).toBe('Found (FILLED)')
  const [order, ...others] = await live.books.venueOrders()
  expect(others).toEqual([])
  const fills = await pool.query(
    `SELECT exchange_order_id, sum(amount)::float8 AS amount FROM fills GROUP BY 1`,
  )
  expect(fills.rows).toEqual([
    { exchange_order_id: String(order?.orderId), amount: Number(order?.executedQty) },
  ])
  expect((await eventsOf(botId)).slice(-5).map(({ type }) => type)).toEqual([
    'HALTED',
    'RESTORED',
    'ORDER_UNKNOWN',
    'ORDER_FILLED',
    'POSITION_OPENED',
  ])
})

test('an order that was never sent is looked for until nothing can be under way, and not sent either', async () => {
  const { botId, id } = await live.intending()
  await backUp('unsent.backup')
  const { deps } = await restore('unsent.backup')
  expect(await settleOrder({ orderId: id }, deps)).toBe('Not found yet')
  await neverPlaced(id, deps)
  expect(await executeOrder({ orderId: id }, deps)).toBe('Skipped (not intended)')
  expect(await live.books.venueOrders()).toEqual([])
  expect((await eventsOf(botId)).at(-1)?.type).toBe('ORDER_NOT_PLACED')
})

test('a position that was sold after the backup is not sold again', async () => {
  const botId = await live.holding()
  await backUp('held.backup')
  await live.move(48_000)
  expect(await live.engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await live.engine.send(botId)).toEqual(['Placed (FILLED)'])

  const { deps, pool } = await restore('held.backup')
  await pool.query(`UPDATE bot_states SET next_tick_at = tradebot_now() - interval '1 second'`)
  expect(await runBot({ botId }, deps)).toBe('Ticked, STOP_LOSS intended')
  const { rows } = await pool.query<{ id: string }>(`SELECT id::text FROM orders WHERE status = 'INTENDED'`)
  const exit = { orderId: rows[0]?.id ?? '' }
  expect(await executeOrder(exit, deps)).toBe('Waits (RESTORED)')
  expect(await reconcileAccount({ apiKeyId: live.apiKeyId }, deps)).toContain('TAKE_OVER')
  expect(await executeOrder(exit, deps)).toBe('Denied (POSITION_NONE)')
  expect((await live.books.venueOrders()).map((order) => order.side)).toEqual(['BUY', 'SELL'])
  const open = await pool.query(`SELECT 1 FROM positions WHERE bot_id = $1 AND closed_at IS NULL`, [botId])
  expect(open.rowCount).toBe(0)
})

test('nor while another bot’s order in doubt hides that it was sold by hand', async () => {
  const botId = await live.holding()
  const other = await live.intending()
  await backUp('doubt.backup')
  await live.move(48_000)
  const held = decimal((await live.engine.openPosition(botId))?.amount ?? '0')
  const account = await live.account()
  const sold = await account.placeOrder({
    ...{ terms: { type: 'MARKET' }, symbol: 'BTC/USDT', side: 'SELL', clientOrderId: 'web_1' },
    ...{ amount: floorToStep(held, decimal('0.00001')), signedAt: Date.now() },
    ...{ recvWindowMs: 5_000, timeoutMs: 5_000 },
  })
  expect(sold.kind).toBe('ACCEPTED')

  const { deps, pool } = await restore('doubt.backup')
  await pool.query(`UPDATE bot_states SET next_tick_at = tradebot_now() - interval '1 second'`)
  expect(await runBot({ botId }, deps)).toBe('Ticked, STOP_LOSS intended')
  const { rows } = await pool.query<{ id: string }>(`SELECT id::text FROM orders WHERE status = 'INTENDED'`)
  const exit = { orderId: rows[0]?.id ?? '' }
  await reconcileAccount({ apiKeyId: live.apiKeyId }, deps)
  expect(await executeOrder(exit, deps)).toBe('Waits (RESTORED)')
  await neverPlaced(other.id, deps)
  expect(await reconcileAccount({ apiKeyId: live.apiKeyId }, deps)).toContain('MANUAL_CLOSE')
  expect(await executeOrder(exit, deps)).toBe('Denied (POSITION_NONE)')
  expect((await live.books.venueOrders()).map((order) => order.side)).toEqual(['BUY', 'SELL'])
})

/** Looks for it until it is sure that it never came there. */
async function neverPlaced(orderId: string, deps: WorkerDeps): Promise<void> {
  await shiftClock(deps.pool, 300)
  for (const expected of ['Not found (1 of 3)', 'Not found (2 of 3)', 'Not placed']) {
    await deps.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE id = $1`, [orderId])
    expect(await settleOrder({ orderId }, deps)).toBe(expected)
  }
}

async function backUp(file: string): Promise<void> {
  const made = await place.run(
    live.db.url,
    ['backup', '--out', place.at(file), '--under-master-key', '--json'],
    { env: key() },
  )
  expect(made.json()).toMatchObject({ exitCode: 0, error: null })
}

/** Into a database of its own, and a worker's deps over it: the same exchange, the same master key. */
async function restore(file: string) {
  target = await makeTestDatabase({ empty: true })
  const { pool } = target
  const ran = await place.run(target.url, ['restore', place.at(file), '--json'], { env: key() })
  expect(ran.json()).toMatchObject({ exitCode: 0, error: null })
  const { env, venues, logger } = live.engine.deps
  const deps = { ...live.engine.deps, pool, accounts: makeAccounts({ pool, venues, env, logger }) }
  return { deps, pool, result: restoreResult.parse(ran.json().result) }
}

const key = () => ({ TRADEBOT_MASTER_KEY: live.engine.deps.env.masterKey.toString('base64') })

async function eventsOf(botId: string): Promise<{ type: string; seq: string }[]> {
  const { rows } = await (target?.pool ?? live.db.pool).query<{ type: string; seq: string }>(
    `SELECT type, seq::text FROM bot_events WHERE bot_id = $1 ORDER BY seq`,
    [botId],
  )
  return rows
}
