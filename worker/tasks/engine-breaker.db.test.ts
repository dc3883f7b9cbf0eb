import { beforeAll, describe, expect, test } from 'vitest'
import { decimal, plain, ZERO } from '#trading/domain/money.ts'
import { aMarket } from '#trading/domain/bot.fixture.ts'
import { enqueue } from '#trading/jobs/enqueue.ts'
import { deleteBot, stopBot } from '#trading/store/bot-commands.ts'
import { loadOrder } from '#trading/store/orders.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { updateBot } from '#trading/store/update-bot.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { executeOrder } from './execute-order.ts'
import { reconcileAccount } from './reconcile-account.ts'
import { recordPlaced } from './record-placed.ts'
import { withLiveEngine } from './live.fixture.ts'

/** What a reviewer tried in order to lose, double or strand something, and what became of it. */
const live = withLiveEngine()
const tick = (botId: string) => live.engine.tick(botId)
const send = (botId: string) => live.engine.send(botId)
const exitNow = (botId: string) =>
  live.db.pool.query(`UPDATE bot_states SET exit_retry_at = NULL, stop_retry_at = NULL WHERE bot_id = $1`, [
    botId,
  ])
const refuseCancels = () =>
  live.fault('reject', {
    endpoint: 'DELETE /api/v3/order',
    code: -2011,
    msg: 'Cancels are closed.',
    count: 500,
  })

describe('coins that the account lacks by less than can be traded', () => {
  // A person converted the dust of earlier exits to BNB: the books still count it, and the next position takes it along.
  const convertedDust = (botId: string) =>
    live.db.pool.query(`UPDATE positions SET amount = amount + 0.000009 WHERE bot_id = $1`, [botId])

  test('an exit sells what is there, and what is not there is dust', async () => {
    const botId = await live.holding()
    await convertedDust(botId)
    await live.move(48_000)
    expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect(await send(botId)).toEqual(['Refused (BALANCE_INSUFFICIENT)'])
    await exitNow(botId)
    expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect(await send(botId)).toEqual(['Denied (POSITION_CHANGED)'])
    expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
    expect(await send(botId)).toEqual(['Placed (FILLED)'])
    expect(await live.engine.openPosition(botId)).toBeNull()
    expect(plain(await live.books.venueBalance('BTC')), 'what is left is dust').toBe(
      plain(decimal((await live.engine.state(botId)).dust_amount)),
    )
  })

  test('a stop rests over what is there', async () => {
    const botId = await live.holding()
    await convertedDust(botId)
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(botId)).toEqual(['Refused (BALANCE_INSUFFICIENT)'])
    await exitNow(botId)
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(botId)).toEqual(['Denied (POSITION_CHANGED)'])
    expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(botId)).toEqual(['Placed (OPEN)'])
    expect((await live.engine.openPosition(botId))?.amount).toBe('0.001998000000000000')
  })

  test('more than that is not written off: reconciliation explains it, and is asked at once', async () => {
    const botId = await live.holding()
    await live.db.pool.query(`UPDATE positions SET amount = amount + 0.001 WHERE bot_id = $1`, [botId])
    await live.move(48_000)
    for (const attempt of [1, 2]) {
      await exitNow(botId)
      expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
      expect(await send(botId), `attempt ${attempt}`).toEqual(['Refused (BALANCE_INSUFFICIENT)'])
    }
    expect((await live.engine.openPosition(botId))?.amount).toBe('0.002998000000000000')
    const due = await live.db.pool.query(
      `SELECT FROM api_keys WHERE id = $1 AND next_reconcile_at <= tradebot_now()`,
      [live.apiKeyId],
    )
    expect(due.rowCount).toBe(1)
  })
})

test('a refused exit is tried again when it was said to be, however seldom the bot ticks', async () => {
  const botId = await live.holding({ checkIntervalSeconds: 300 })
  await live.fault('reject', { code: -2010, msg: 'Not now.' })
  await live.move(48_000)
  expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
  await send(botId)
  const { next_tick_at, exit_retry_at } = await live.engine.state(botId)
  expect(next_tick_at).toEqual(exit_retry_at)
  expect(await tick(botId), 'another tick in between').toBe('Ticked')
  expect((await live.engine.state(botId)).next_tick_at).toEqual(exit_retry_at)
})

/** The venue's answer about an order, as execute_order would record it. */
async function answered(id: string, status: 'OPEN' | 'EXPIRED'): Promise<string> {
  const order = await loadOrder(live.db.pool, id)
  if (order === null) throw new Error(`there is no order ${id}`)
  const { side, amount, clientOrderId, price, stopPrice } = order
  const told = {
    exchangeOrderId: `99000${id}`,
    clientOrderId,
    side,
    status,
    amount,
    filled: ZERO,
    averagePrice: null,
  }
  return recordPlaced(live.engine.deps, order, aMarket(), {
    kind: 'ACCEPTED',
    order: { ...told, price, stopPrice, createdAt: new Date() },
    fills: [],
  })
}
const leave = (botId: string, status: string) =>
  live.db.pool.query(
    `UPDATE orders SET status = $2::"OrderStatus" WHERE id = (SELECT max(id) FROM orders WHERE bot_id = $1)`,
    [botId, status],
  )

test('an exit that ends without a fill backs off like a refused one', async () => {
  const botId = await live.holding()
  await live.move(48_000)
  expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
  await leave(botId, 'SUBMITTING')
  expect(await answered((await live.engine.lastOrder(botId)).id, 'EXPIRED')).toBe('Placed (EXPIRED)')
  const { exit_failures, exit_retry_at } = await live.engine.state(botId)
  expect(exit_failures).toBe(1)
  expect(exit_retry_at).not.toBeNull()
  expect(await live.count(botId, 'EXIT_REFUSED')).toBe(1)
  expect(await tick(botId)).toBe('Ticked')
  await exitNow(botId)
  expect(await tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await send(botId)).toEqual(['Placed (FILLED)'])
  expect((await live.engine.state(botId)).exit_failures).toBe(0)
})

test('a stop that turns up resting after the bot is flat and stopped is cancelled, for what it would sell is not the bot’s', async () => {
  const botId = await live.holding()
  expect(await tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
  const { id } = await live.lastStop(botId)
  await leave(botId, 'NOT_PLACED')
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'CLOSE'))
  await tick(botId)
  await send(botId)
  expect(await live.engine.openPosition(botId)).toBeNull()
  expect(await answered(id, 'OPEN')).toBe('Placed (OPEN)')
  expect((await loadOrder(live.db.pool, id))?.cancelRequested).toBe(true)
})

describe('one asset as base and as quote of two markets', () => {
  beforeAll(() =>
    live.db.pool.query(
      `INSERT INTO markets (exchange, symbol, base, quote, type, price_tick, amount_step, min_amount, min_cost)
       VALUES ('sandbox', 'ETH/BTC', 'ETH', 'BTC', 'SPOT', 0.00001, 0.0001, 0.0001, 0.0001)`,
    ),
  )
  const compare = () => reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.deps)
  const small = { initialCapital: decimal('0.01'), positionSizeFixed: decimal('0.001') }

  async function enterEth(botId: string): Promise<string[]> {
    await control(live.sandboxUrl, 'POST', '/sandbox/price', { symbol: 'ETHBTC', price: '0.05' })
    await live.engine.crossUp('0.05')
    expect(await tick(botId)).toBe('Ticked, ENTRY intended')
    return send(botId)
  }

  test('what one bot holds is not money that another can spend; what is a person’s own is, and nobody pauses', async () => {
    const holder = await live.holding()
    const { botId: spender } = await live.engine.running(
      { mode: 'LIVE', apiKeyId: live.apiKeyId, symbol: 'ETH/BTC', ...small },
      live.actor,
    )
    expect(await enterEth(spender)).toEqual(['Denied (BALANCE_INSUFFICIENT)'])
    const own = await (
      await live.account()
    ).placeOrder({
      terms: { type: 'MARKET' },
      symbol: 'BTC/USDT',
      side: 'BUY',
      amount: decimal('0.0015'),
      clientOrderId: 'web_own',
      signedAt: Date.now(),
      recvWindowMs: 5_000,
      timeoutMs: 5_000,
    })
    expect(own.kind).toBe('ACCEPTED')
    expect(await enterEth(spender)).toEqual(['Placed (FILLED)'])
    expect((await live.engine.openPosition(spender))?.amount).toBe('0.019980000000000000')
    expect(await compare()).toBe('FOREIGN')
    await live.see(50_000)
    expect(await tick(holder)).toBe('Ticked, PROTECTIVE_STOP intended')
    expect(await send(holder)).toEqual(['Placed (OPEN)'])
    expect(await compare()).toBe('Agrees')
    for (const botId of [holder, spender])
      expect(await live.engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  })
})

test.each(['stop', 'delete'] as const)(
  'a %s with CLOSE and the dispatcher wait for each other in one order',
  async (command) => {
    const botId = await live.holding()
    if (command === 'delete') await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'KEEP'))
    // What the dispatcher does with a bot that is due: its configuration first, then its job.
    let commanded: Promise<unknown> = Promise.resolve()
    await inTransaction(live.db.pool, async (tx) => {
      await tx.query(`SELECT FROM bot_configs WHERE id = $1 FOR NO KEY UPDATE`, [botId])
      commanded = live.engine.in((other) =>
        command === 'stop'
          ? stopBot(other, live.actor, botId, 'CLOSE')
          : deleteBot(other, live.actor, botId, 'CLOSE'),
      )
      commanded.catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 100))
      await enqueue(tx, 'run_bot', { botId })
    })
    await commanded
    expect(await live.engine.state(botId)).toMatchObject({ status: 'STOPPED', closing: true })
  },
)

describe('the exchange refuses to cancel a stop', () => {
  test('its fills are booked all the same', async () => {
    const botId = await live.guarded()
    await refuseCancels()
    await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'CLOSE'))
    await live.look(botId)
    expect((await live.lastStop(botId)).status).toBe('OPEN')
    expect(await tick(botId), 'nothing is sold twice').toBe('Ticked')
    await live.hold(48_900)
    expect(await live.look(botId)).toEqual(['Found (FILLED)'])
    await live.expectFlat(botId)
  })

  test('a person is told, once, that the exit waits for it; and it goes out when the cancel does', async () => {
    const botId = await live.guarded()
    await refuseCancels()
    await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'CLOSE'))
    await live.look(botId)
    await live.look(botId)
    expect(await live.count(botId, 'CANCEL_REFUSED')).toBe(1)
    await live.noFaults()
    await live.look(botId)
    expect(await tick(botId)).toBe('Ticked, CLOSE intended')
    await send(botId)
    await live.expectFlat(botId)
  })
})

test('found late after the bot was deleted with CLOSE: what it bought is sold', async () => {
  const { botId } = await live.intending()
  await live.fault('drop')
  await send(botId)
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'CLOSE'))
  await live.engine.in((tx) => deleteBot(tx, live.actor, botId, 'CLOSE'))
  // As three looks of a venue that does not show it would have concluded.
  await live.db.pool.query(
    `UPDATE orders SET status = 'NOT_PLACED', next_settle_at = NULL WHERE bot_id = $1`,
    [botId],
  )
  await tick(botId)
  expect(await live.count(botId, 'DELETED')).toBe(1)
  await live.db.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE bot_id = $1`, [botId])
  await live.look(botId)
  expect(await tick(botId)).toBe('Ticked, CLOSE intended')
  expect(await send(botId)).toEqual(['Placed (FILLED)'])
  await tick(botId)
  await live.expectFlat(botId)
  expect(await live.engine.state(botId)).toMatchObject({ next_tick_at: null })
})

test('an entry that is found late while the next one is on its way: the bot holds both, and pauses', async () => {
  const { botId, id } = await live.intending()
  await live.fault('drop')
  await send(botId)
  await live.db.pool.query(`UPDATE orders SET status = 'NOT_PLACED' WHERE id = $1`, [id])
  await live.engine.crossUp(50_000)
  expect(await tick(botId)).toBe('Ticked, ENTRY intended')
  const second = await live.engine.lastOrder(botId)
  await live.fault('drop')
  expect(await executeOrder({ orderId: second.id }, live.engine.deps)).toBe('Unknown')
  expect(await live.look(botId)).toEqual(['Found (FILLED)', 'Found (FILLED)'])
  expect((await live.engine.openPosition(botId))?.amount).toBe('0.003996000000000000')
  expect(await live.engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'RECONCILIATION' })
})

test('found late after the bot got another key: it is sold on the account that bought it', async () => {
  const { botId } = await live.intending()
  await live.fault('drop')
  await send(botId)
  await leave(botId, 'NOT_PLACED')
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, null))
  const { credentials } = await openSandboxAccount(live.sandboxUrl, { balances: { BTC: '1' } })
  const apiKeyId = await live.engine.key(live.actor, credentials)
  await live.engine.in((tx) =>
    updateBot(tx, live.actor, { id: botId, revision: 1, changes: { apiKeyId } }, () => []),
  )
  expect(await live.look(botId)).toEqual(['Found (FILLED)'])
  await live.engine.in((tx) => stopBot(tx, live.actor, botId, 'CLOSE'))
  expect(await tick(botId)).toBe('Ticked, CLOSE intended')
  expect(await send(botId)).toEqual(['Placed (FILLED)'])
  await live.expectFlat(botId)
})
