import { afterAll, beforeAll, expect, test } from 'vitest'
import { deleteBot, pauseBot, resumeBot, startBot, stopBot } from '#trading/store/bot-commands.ts'
import { dispatchDue } from '#trading/store/dispatch.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { haltTrading, resumeTrading } from '#trading/store/halt.ts'
import { decimal } from '#trading/domain/money.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { updateBot } from '#trading/store/update-bot.ts'
import { afterHints, type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'
import { executeOrder } from './execute-order.ts'
import { runBot } from './run-bot.ts'
import { settleOrder } from './settle-order.ts'

const db = withTestDatabase()
let engine: Engine
beforeAll(async () => {
  engine = makeEngine(db.pool, db.url)
  await knowMarkets(db.pool)
})
afterAll(() => afterHints(db.pool))

/** An entry of 100 at 50,000 with 0.05 % slippage: 0.002 BTC at 50,025. */
async function entered(more: Parameters<Engine['running']>[0] = {}) {
  const { botId, actor } = await engine.running(more)
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  return { botId, actor }
}

test('a PAPER round trip: each figure as computed by hand', async () => {
  const { botId } = await entered()
  // 100 / 50,000 = 0.002; buys at 50,000 × 1.0005 = 50,025.00; 0.1 % of what is received is the fee
  expect(await engine.fills(botId)).toMatchObject([
    {
      amount: d('0.002'),
      price: d('50025'),
      fee: d('0.000002'),
      fee_currency: 'BTC',
      fee_value: d('0.10005'),
      realized_pnl: null,
    },
  ])
  expect(await engine.lastOrder(botId)).toMatchObject({ type: 'LIMIT_IOC', price: d('50525') }) // 1 % + 0.05 %
  expect(await engine.openPosition(botId)).toMatchObject({
    amount: d('0.001998'),
    average_price: d('50025'),
    cost: d('100.05'),
    stop_loss_price: d('49024.5'),
  })
  // marked at the fill's price: 0.001998 × 50,025 - 100.05 = -0.10005
  expect(await engine.state(botId)).toMatchObject({ equity: d('999.89995'), daily_trade_count: 1 })

  await engine.show([49_000, 49_000], 49_024.5)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  // sells 0.00199, what is on the step, at floor(49,024.50 × 0.9995, 0.01) = 48,999.98; fee 0.1 % of 97.5099602
  // 0.000008 stays as dust, worth 0.39199984: 97.5099602 - 0.0975099602 + 0.39199984 - 100.05 = -2.2455499202
  const [, exit] = await engine.fills(botId)
  expect(exit).toMatchObject({
    amount: d('0.00199'),
    price: d('48999.98'),
    fee: d('0.0975099602'),
    realized_pnl: d('-2.2455499202'),
  })
  const state = await engine.state(botId)
  expect(state).toMatchObject({
    status: 'RUNNING',
    equity: d('997.7544500798'),
    realized_pnl: d('-2.2455499202'),
    total_pnl: d('-2.2455499202'),
    daily_pnl: d('-2.2455499202'),
    dust_amount: d('0.000008'),
    dust_cost: d('0.39199984'),
  })
  expect(await engine.openPosition(botId)).toBeNull()
  expect((await engine.positions(botId))[0]).toMatchObject({ realized_pnl: d('-2.2455499202') })
  expect(await engine.days(botId)).toMatchObject([
    {
      start_equity: d('1000'),
      realized_pnl: d('-2.2455499202'),
      unrealized_pnl: d('0'),
      fees: d('0.1975599602'),
      trade_count: 1,
    },
  ])
  const events = await engine.eventTypes(botId)
  expect(events.filter((type) => type === 'ORDER_FILLED')).toHaveLength(2)
  expect(events).toContain('POSITION_OPENED')
  expect(events.at(-1)).toBe('POSITION_CLOSED')
})

test('one signal, one entry: sixty ticks on one closed candle, also after the first position is gone', async () => {
  const { botId } = await entered()
  await engine.deps.pool.query(`UPDATE bot_configs SET stop_loss_perc = 1 WHERE id = $1`, [botId])
  engine.feed.price = decimal(40_000)
  await engine.tick(botId)
  await engine.send(botId)
  expect(await engine.openPosition(botId)).toBeNull()
  for (let count = 0; count < 30; count++) await engine.tick(botId)
  expect((await engine.orders(botId)).map((order) => order.purpose)).toEqual(['ENTRY', 'STOP_LOSS'])
})

test('a candle is spent in Postgres too: a tick that would enter on it again writes no order', async () => {
  const { botId } = await engine.running()
  await engine.crossUp(50_000)
  await engine.tick(botId)
  await engine.in((tx) => tx.query(`UPDATE orders SET status = 'REJECTED' WHERE bot_id = $1`, [botId]))
  await db.pool.query(`UPDATE bot_states SET last_candle_at = NULL WHERE bot_id = $1`, [botId])
  expect(await engine.tick(botId)).toBe('Ticked')
  expect(await engine.orders(botId)).toHaveLength(1)
})

test('two ticks of one bot at the same moment: one works, the other is Skipped (locked) or early; one order', async () => {
  const { botId } = await engine.running()
  await engine.crossUp(50_000)
  await db.pool.query(`UPDATE bot_states SET next_tick_at = tradebot_now() WHERE bot_id = $1`, [botId])
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => runBot({ botId }, engine.makeDeps())))
  expect(outcomes.filter((outcome) => outcome === 'Ticked, ENTRY intended')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome.startsWith('Skipped'))).toHaveLength(3)
  expect(await engine.orders(botId)).toHaveLength(1)
})

test('a tick that meets a locked row says Skipped (locked) and leaves the bot due', async () => {
  const { botId } = await engine.running()
  await db.pool.query(`UPDATE bot_states SET next_tick_at = tradebot_now() WHERE bot_id = $1`, [botId])
  await engine.in(async (tx) => {
    await tx.query(`SELECT FROM bot_states WHERE bot_id = $1 FOR UPDATE`, [botId])
    expect(await runBot({ botId }, engine.deps)).toBe('Skipped (locked)')
  })
  expect(await runBot({ botId }, engine.deps)).toBe('Ticked')
  expect(await runBot({ botId }, engine.deps)).toBe('Skipped (early)')
})

test('an intent sent by four workers at once, and again later, is filled once', async () => {
  const { botId } = await engine.running()
  await engine.crossUp(50_000)
  await engine.tick(botId)
  const { id } = await engine.lastOrder(botId)
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => executeOrder({ orderId: id }, engine.makeDeps())))
  outcomes.push(
    await executeOrder({ orderId: id }, engine.deps),
    await settleOrder({ orderId: id }, engine.deps),
  )
  expect(outcomes.filter((outcome) => outcome === 'Filled (paper)')).toHaveLength(1)
  expect(await engine.fills(botId)).toHaveLength(1)
  expect(await engine.state(botId)).toMatchObject({ daily_trade_count: 1 })
})

test('halted between intent and claim: the entry is refused, its candle spent; a stop loss goes out', async () => {
  const { botId, actor } = await engine.running()
  await engine.crossUp(50_000)
  await engine.tick(botId)
  await engine.in((tx) => haltTrading(tx, actor, false))
  expect(await engine.send(botId)).toEqual(['Denied (TRADING_HALTED)'])
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'NOT_PLACED', error_code: 'TRADING_HALTED' })
  await engine.in((tx) => resumeTrading(tx, actor))
  await engine.tick(botId)
  expect(await engine.orders(botId)).toHaveLength(1)

  await engine.crossUp(50_000)
  await engine.tick(botId)
  await engine.send(botId)
  await engine.in((tx) => haltTrading(tx, actor, false))
  await engine.crossUp(40_000)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  await engine.crossUp(40_000)
  expect(await engine.tick(botId)).toBe('Ticked')
  expect((await engine.messages(botId)).join('\n')).toContain('TRADING_HALTED')
})

test('haltTrading with closePositions closes what is held, and bots keep their status', async () => {
  const { botId, actor } = await entered()
  await engine.in((tx) => haltTrading(tx, actor, true))
  expect(await engine.tick(botId)).toBe('Ticked, CLOSE intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  await engine.tick(botId)
  expect(await engine.state(botId)).toMatchObject({ status: 'RUNNING', closing: false })
  expect(await engine.openPosition(botId)).toBeNull()
})

test('once pauseBot or stopBot has answered, an intended entry never goes out', async () => {
  for (const command of ['pause', 'stop'] as const) {
    const { botId, actor } = await engine.running()
    await engine.crossUp(50_000)
    await engine.tick(botId)
    const { id } = await engine.lastOrder(botId)
    await engine.in((tx) =>
      command === 'pause' ? pauseBot(tx, actor, botId) : stopBot(tx, actor, botId, 'KEEP'),
    )
    expect(await executeOrder({ orderId: id }, engine.deps)).toBe('Skipped (not intended)')
    expect(await engine.fills(botId)).toEqual([])
    if (command === 'pause') await engine.in((tx) => resumeBot(tx, actor, botId))
    else await engine.in((tx) => startBot(tx, actor, botId))
    await engine.tick(botId)
    await engine.tick(botId)
    expect(await engine.orders(botId), `${command}: the candle is spent`).toHaveLength(1)
  }
})

test('an entry decided longer than 10 s ago, or one over a limit by now, is not sent', async () => {
  const { botId, actor } = await engine.running()
  await engine.crossUp(50_000)
  await engine.tick(botId)
  await db.pool.query(`UPDATE orders SET created_at = created_at - interval '11 seconds' WHERE bot_id = $1`, [
    botId,
  ])
  expect(await engine.send(botId)).toEqual(['Denied (INTENT_STALE)'])
  await engine.crossUp(50_000)
  await engine.tick(botId)
  await engine.in((tx) =>
    updateBot(tx, actor, { id: botId, revision: 1, changes: { maxOrderValue: decimal(50) } }, () => []),
  )
  expect(await engine.send(botId)).toEqual(['Denied (ORDER_ABOVE_MAXIMUM)'])
})

test('a price that ran away further than the collar refuses the entry, never the exit', async () => {
  const { botId } = await engine.running({ priceCollarPerc: decimal(1) })
  await engine.crossUp(50_000)
  await engine.tick(botId)
  engine.feed.price = decimal(50_501)
  expect(await engine.send(botId)).toEqual(['Denied (PRICE_OUTSIDE_COLLAR)'])
  await engine.crossUp(50_000)
  await engine.tick(botId)
  // Inside the collar, but not with the slippage: at a venue nobody would sell at the limit, so nothing is bought.
  engine.feed.price = decimal(50_500)
  expect(await engine.send(botId)).toEqual(['Expired (paper)'])
  expect(await engine.lastOrder(botId)).toMatchObject({ status: 'EXPIRED', filled: d('0') })
  expect((await engine.messages(botId)).at(-1)).toContain('bought nothing: nobody sold BTC at 50500 USDT')
  await engine.crossUp(50_000)
  await engine.tick(botId)
  engine.feed.price = decimal(50_400)
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  engine.feed.price = decimal(45_000)
  await engine.tick(botId)
  engine.feed.price = decimal(30_000)
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
})

test('with stale data no price is invented: a PAPER exit waits, and goes out when data is back', async () => {
  const { botId, actor } = await entered()
  await engine.in((tx) => stopBot(tx, actor, botId, 'CLOSE'))
  engine.feed.ageMs = 120_000
  expect(await engine.tick(botId)).toBe('Ticked, CLOSE intended')
  expect(await engine.send(botId)).toEqual(['Waits for a price'])
  expect(await engine.send(botId)).toEqual(['Waits for a price'])
  expect(await dispatchDue(db.pool, 100).then((done) => done.intents), 'not four times a second').toBe(0)
  engine.feed.ageMs = 0
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  await engine.tick(botId)
  expect(await engine.state(botId)).toMatchObject({ status: 'STOPPED', closing: false, next_tick_at: null })
})

test('stop with KEEP leaves the position in the books, unguarded; START guards it again', async () => {
  const { botId, actor } = await entered()
  await engine.in((tx) => stopBot(tx, actor, botId, 'KEEP'))
  engine.feed.price = decimal(40_000)
  expect(await engine.tick(botId)).toBe('Skipped (idle)')
  expect(await engine.openPosition(botId)).not.toBeNull()
  await engine.in((tx) => startBot(tx, actor, botId))
  await engine.tick(botId)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
})

test('deleting a bot that holds a position: CLOSE sells first, KEEP forgets it', async () => {
  const closing = await entered()
  await engine.in((tx) => deleteBot(tx, closing.actor, closing.botId, null).catch((error: unknown) => error))
  await expect(engine.in((tx) => deleteBot(tx, closing.actor, closing.botId, 'CLOSE'))).rejects.toThrow(
    'Stop it before',
  )
  await engine.in((tx) => stopBot(tx, closing.actor, closing.botId, 'KEEP'))
  await engine.in((tx) => deleteBot(tx, closing.actor, closing.botId, 'CLOSE'))
  expect(await deletedAt(closing.botId)).toBeNull()
  expect(await engine.tick(closing.botId)).toBe('Ticked, CLOSE intended')
  expect(await engine.send(closing.botId)).toEqual(['Filled (paper)'])
  await engine.tick(closing.botId)
  expect(await deletedAt(closing.botId)).not.toBeNull()
  expect(await engine.openPosition(closing.botId)).toBeNull()
  expect(await engine.eventTypes(closing.botId)).toContain('DELETED')

  const keeping = await entered()
  await engine.in((tx) => stopBot(tx, keeping.actor, keeping.botId, 'KEEP'))
  await engine.in((tx) => deleteBot(tx, keeping.actor, keeping.botId, 'KEEP'))
  expect(await deletedAt(keeping.botId)).not.toBeNull()
})

test('a job of a deleted bot is skipped, and the bot is not due again for ever', async () => {
  const { botId, actor } = await engine.running()
  await engine.in((tx) => stopBot(tx, actor, botId, null))
  await engine.in((tx) => deleteBot(tx, actor, botId, null))
  await db.pool.query(`UPDATE bot_states SET next_tick_at = tradebot_now() WHERE bot_id = $1`, [botId])
  expect(await runBot({ botId }, engine.deps)).toBe('Skipped (deleted)')
  expect((await engine.state(botId)).next_tick_at).toBeNull()
})

test('a start that lacks something says what: markets unknown is waited for, a market that is gone is an ERROR', async () => {
  const actor = await aUser(db.pool)
  const waiting = await aSavedBot(db.pool, actor, { exchange: 'kraken', checkIntervalSeconds: 30 })
  await engine.in((tx) => startBot(tx, actor, waiting))
  expect(await engine.tick(waiting)).toBe('Ticked')
  expect(await engine.state(waiting)).toMatchObject({ status: 'PENDING', error_code: 'MARKETS_UNKNOWN' })
  await engine.tick(waiting)
  expect((await engine.eventTypes(waiting)).filter((type) => type === 'START_WAITING')).toHaveLength(1)
  await db.pool.query(
    `UPDATE bot_states SET started_at = started_at - interval '6 minutes' WHERE bot_id = $1`,
    [waiting],
  )
  await engine.tick(waiting)
  expect(await engine.state(waiting)).toMatchObject({ status: 'ERROR', error_code: 'MARKETS_UNKNOWN' })

  const gone = await aSavedBot(db.pool, actor, { symbol: 'GONE/USDT' })
  await engine.in((tx) => startBot(tx, actor, gone))
  await engine.tick(gone)
  const state = await engine.state(gone)
  expect(state).toMatchObject({ status: 'ERROR', error_code: 'MARKET_GONE', next_tick_at: null })
  expect(state.error_message).toContain('GONE/USDT')
})

async function deletedAt(botId: string): Promise<unknown> {
  const { rows } = await db.pool.query<{ deleted_at: Date | null }>(
    `SELECT deleted_at FROM bot_configs WHERE id = $1`,
    [botId],
  )
  return rows[0]?.deleted_at
}

/** As Postgres prints a DECIMAL(38,18). */
const d = (text: string) => decimal(text).toFixed(18)
