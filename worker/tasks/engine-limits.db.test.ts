import { afterAll, beforeAll, expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { haltTrading, resumeTrading } from '#trading/store/halt.ts'
import { pauseBot } from '#trading/store/bot-commands.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { updateBot } from '#trading/store/update-bot.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import type { Actor } from '#trading/domain/actor.ts'
import { afterHints, type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'

const db = withTestDatabase()
let engine: Engine
beforeAll(async () => {
  engine = makeEngine(db.pool, db.url)
  await knowMarkets(db.pool)
})
afterAll(() => afterHints(db.pool))

async function entered(more: Parameters<Engine['running']>[0] = {}) {
  const started = await engine.running(more)
  await engine.crossUp(50_000)
  expect(await engine.tick(started.botId)).toBe('Ticked, ENTRY intended')
  expect(await engine.send(started.botId)).toEqual(['Filled (paper)'])
  return started
}

async function change(actor: Actor, botId: string, changes: Partial<BotConfig>): Promise<void> {
  const { rows } = await db.pool.query<{ revision: number }>(
    `SELECT revision FROM bot_configs WHERE id = $1`,
    [botId],
  )
  const revision = rows[0]?.revision ?? 0
  await engine.in((tx) => updateBot(tx, actor, { id: botId, revision, changes }, () => []))
}

const countOf = async (botId: string, type: string) =>
  (await engine.eventTypes(botId)).filter((one) => one === type).length
const notice = async (botId: string) => (await engine.state(botId)).notice

test('a denial is an event once while it lasts, is kept with the bot, and is told anew when it comes back', async () => {
  const { botId, actor } = await engine.running()
  await engine.in((tx) => haltTrading(tx, actor, false))
  for (let signal = 0; signal < 3; signal++) {
    await engine.crossUp(50_000)
    await engine.tick(botId)
    await engine.tick(botId)
  }
  expect(await countOf(botId, 'ENTRY_DENIED')).toBe(1)
  expect(await notice(botId)).toBe('TRADING_HALTED')
  await engine.in((tx) => resumeTrading(tx, actor))
  await engine.tick(botId)
  expect(await notice(botId), 'forgotten at the first tick without it').toBeNull()
  await engine.in((tx) => haltTrading(tx, actor, false))
  await engine.crossUp(50_000)
  await engine.tick(botId)
  expect(await countOf(botId, 'ENTRY_DENIED')).toBe(2)
})

test('what the claim denies is kept with the bot too, told once while it lasts, and forgotten when an entry goes out', async () => {
  const { botId, actor } = await engine.running()
  await engine.crossUp(50_000)
  await engine.tick(botId)
  await change(actor, botId, { maxOrderValue: decimal(50) })
  expect(await engine.send(botId)).toEqual(['Denied (ORDER_ABOVE_MAXIMUM)'])
  expect(await notice(botId)).toBe('ORDER_ABOVE_MAXIMUM')
  await engine.crossUp(50_000)
  expect(await engine.tick(botId), 'the tick knows by now').toBe('Ticked')
  expect(await countOf(botId, 'ORDER_NOT_PLACED')).toBe(1)
  expect(await countOf(botId, 'ENTRY_DENIED'), 'the same reason lasts').toBe(0)
  await change(actor, botId, { maxOrderValue: null, priceCollarPerc: decimal(1) })

  for (let order = 1; order <= 2; order++) {
    await engine.crossUp(50_000)
    await engine.tick(botId)
    engine.feed.price = decimal(60_000)
    expect(await engine.send(botId)).toEqual(['Denied (PRICE_OUTSIDE_COLLAR)'])
    expect(await countOf(botId, 'ORDER_NOT_PLACED'), 'true of each order by itself').toBe(1 + order)
  }
  await engine.tick(botId)
  expect(await notice(botId), 'shown until the next entry').toBe('PRICE_OUTSIDE_COLLAR')
  await engine.crossUp(50_000)
  await engine.tick(botId)
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  expect(await notice(botId)).toBeNull()
})

test('orders per minute and the cooldown after a stop loss deny entries, and let exits out', async () => {
  const { botId, actor } = await entered({ maxOrdersPerMinute: 1, cooldownSeconds: 3600 })
  engine.feed.price = decimal(40_000)
  expect(await engine.tick(botId), 'the second order of the minute, and a stop').toBe(
    'Ticked, STOP_LOSS intended',
  )
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  await engine.crossUp(50_000)
  await engine.tick(botId)
  expect(await notice(botId)).toBe('COOLDOWN_ACTIVE')
  await db.pool.query(`UPDATE bot_states SET cooldown_until = tradebot_now() WHERE bot_id = $1`, [botId])
  await engine.crossUp(50_000)
  await engine.tick(botId)
  expect(await notice(botId)).toBe('RATE_ORDERS_PER_MINUTE')
  await change(actor, botId, { maxOrdersPerMinute: 5 })
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
})

test('the last entry of a day is left to its stop, whatever onDailyLimit says; a loss limit reached later closes it', async () => {
  const { botId } = await entered({
    maxDailyTrades: 1,
    onDailyLimit: 'CLOSE',
    maxDailyLossPerc: decimal(1),
    stopLossPerc: decimal(50),
  })
  expect(await engine.tick(botId)).toBe('Ticked, RUNNING to PAUSED')
  expect(await engine.state(botId)).toMatchObject({ pause_reason: 'DAILY_TRADES', closing: false })
  expect(await engine.tick(botId)).toBe('Ticked')
  engine.feed.price = decimal(40_000)
  expect(await engine.tick(botId)).toBe('Ticked, CLOSE intended')
  expect(await engine.state(botId)).toMatchObject({ pause_reason: 'DAILY_LOSS', closing: true })
})

test('an update takes effect at the next tick, and orders name the revision that decided them', async () => {
  const { botId, actor } = await entered({ stopLossPerc: decimal(10) })
  engine.feed.price = decimal(49_000)
  expect(await engine.tick(botId)).toBe('Ticked')
  await change(actor, botId, { stopLossPerc: decimal(1) })
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  const { rows } = await db.pool.query<{ purpose: string; revision: number }>(
    `SELECT purpose, revision FROM orders WHERE bot_id = $1 ORDER BY id`,
    [botId],
  )
  expect(rows).toEqual([
    { purpose: 'ENTRY', revision: 1 },
    { purpose: 'STOP_LOSS', revision: 2 },
  ])
})

test('a smaller size takes effect at the next entry, and a pause or its end changes no revision', async () => {
  const { botId, actor } = await engine.running()
  await change(actor, botId, { positionSizeFixed: decimal(50) })
  await engine.in((tx) => pauseBot(tx, actor, botId))
  await change(actor, botId, { positionSizeFixed: decimal(25) })
  await engine.in((tx) =>
    tx.query(`UPDATE bot_states SET status = 'RUNNING', pause_reason = NULL WHERE bot_id = $1`, [botId]),
  )
  await engine.crossUp(50_000)
  await engine.tick(botId)
  const order = await engine.lastOrder(botId)
  expect(decimal(order.amount).toString()).toBe('0.0005')
})

test('a shorter interval counts from the update, a longer one from the next tick', async () => {
  const { botId, actor } = await engine.running({ checkIntervalSeconds: 3600 })
  const dueIn = async () => {
    const { rows } = await db.pool.query<{ seconds: number }>(
      `SELECT extract(epoch FROM next_tick_at - tradebot_now())::float8 AS seconds FROM bot_states WHERE bot_id = $1`,
      [botId],
    )
    return rows[0]?.seconds ?? 0
  }
  expect(await dueIn()).toBeGreaterThan(3_000)
  await change(actor, botId, { checkIntervalSeconds: 30 })
  expect(await dueIn()).toBeLessThanOrEqual(30)
  await change(actor, botId, { checkIntervalSeconds: 7200 })
  expect(await dueIn()).toBeLessThanOrEqual(30)
  await engine.tick(botId)
  expect(await dueIn()).toBeGreaterThan(7_000)
})

test('with other rules or candles, only what closes after the change gives an entry', async () => {
  for (const changed of [false, true]) {
    const { botId, actor } = await engine.running()
    // It has run for an hour, and the crossover of ten minutes ago has not been looked at.
    await db.pool.query(
      `UPDATE bot_states SET started_at = started_at - interval '1 hour', last_candle_at = NULL WHERE bot_id = $1`,
      [botId],
    )
    await engine.crossUp(50_000)
    engine.feed.candles = engine.feed.candles.map((candle) => ({
      ...candle,
      openTime: new Date(candle.openTime.getTime() - 600_000),
    }))
    if (changed) await change(actor, botId, { rsiPeriod: 3 })
    expect(await engine.tick(botId)).toBe(changed ? 'Ticked' : 'Ticked, ENTRY intended')
    engine.feed.candles = []
    await engine.crossUp(50_000)
    if (changed) expect(await engine.tick(botId), 'the next crossover').toBe('Ticked, ENTRY intended')
  }
})

test.each([
  ['direction', { direction: 'SHORT' }],
  ['leverage', { leverage: 2 }],
  ['apiKeyId', { apiKeyId: '1' }],
] as const)('%s is refused while the bot runs, or is paused, and nothing changes', async (field, changes) => {
  const { botId, actor } = await engine.running()
  await expect(change(actor, botId, changes)).rejects.toMatchObject({ issues: [{ path: [field] }] })
  await engine.in((tx) => pauseBot(tx, actor, botId))
  await expect(change(actor, botId, changes)).rejects.toMatchObject({ issues: [{ path: [field] }] })
  const { rows } = await db.pool.query(`SELECT revision FROM bot_configs WHERE id = $1`, [botId])
  expect(rows).toEqual([{ revision: 1 }])
})
