import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { decimal } from '#trading/domain/money.ts'
import { pauseBot, resumeBot, startBot, stopBot } from '#trading/store/bot-commands.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { updateBot } from '#trading/store/update-bot.ts'
import { afterHints, type Engine, knowMarkets, makeEngine, shiftClock } from './engine.fixture.ts'
import { reactivateBots } from './reactivate-bots.ts'

const db = withTestDatabase()
let engine: Engine
beforeAll(async () => {
  engine = makeEngine(db.pool, db.url)
  await knowMarkets(db.pool)
})
afterAll(() => afterHints(db.pool))
afterEach(async () => {
  await shiftClock(db.pool, 0)
  // The next test's resets wake its own bots only.
  await db.pool.query(`UPDATE bot_configs SET resume_next_day = false`)
})

/** No fee and no slippage, so that a price is a profit: 0.002 BTC bought at 50,000. */
const plainMoney = {
  paperFeePerc: decimal(0),
  paperSlippagePerc: decimal(0),
  stopLossPerc: decimal(50),
  takeProfitPerc: decimal(0),
}

async function holding(more: Parameters<Engine['running']>[0] = {}) {
  await shiftToHour(12)
  const started = await engine.running({ ...plainMoney, ...more })
  await engine.crossUp(50_000)
  expect(await engine.tick(started.botId)).toBe('Ticked, ENTRY intended')
  expect(await engine.send(started.botId)).toEqual(['Filled (paper)'])
  return started
}

test('a daily loss pauses the bot with the reason shown; the position stays guarded; the next day wakes it, once', async () => {
  const { botId, actor } = await holding({ maxDailyLossPerc: decimal(1), stopLossPerc: decimal(20) })
  await price(45_001) // 0.002 × -4,999 = -9.998: less than 1 % of 1,000
  expect(await engine.tick(botId)).toBe('Ticked')
  await price(45_000)
  expect(await engine.tick(botId)).toBe('Ticked, RUNNING to PAUSED')
  const today = (await engine.days(botId))[0]?.day
  expect(await engine.state(botId)).toMatchObject({
    status: 'PAUSED',
    pause_reason: 'DAILY_LOSS',
    pause_day: today,
  })
  expect((await engine.messages(botId)).at(-1)).toContain('Daily loss limit reached')
  await expect(engine.in((tx) => resumeBot(tx, actor, botId))).rejects.toThrow('daily limit')
  await reactivate()
  expect((await engine.state(botId)).status, 'the reset of today wakes nobody').toBe('PAUSED')

  await price(40_000)
  expect(await engine.tick(botId), 'guarded while paused').toBe('Ticked, STOP_LOSS intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  await engine.crossUp(50_000)
  expect(await engine.tick(botId), 'no entry while paused').toBe('Ticked')

  await shiftToHour(36)
  expect(await reactivate()).toBe('Woke 1 bots')
  expect(await engine.tick(botId)).toBe('Ticked, PAUSED to RUNNING')
  const woken = await engine.eventTypes(botId)
  expect(await reactivate()).toBe('Woke 0 bots')
  await engine.tick(botId)
  expect(await engine.eventTypes(botId)).toEqual(woken)
  expect(await engine.days(botId)).toMatchObject([
    { start_equity: d('1000'), realized_pnl: d('-20'), unrealized_pnl: d('0'), trade_count: 1 },
    { start_equity: d('980'), realized_pnl: d('0'), trade_count: 0 },
  ])
  expect(await engine.state(botId)).toMatchObject({ daily_pnl: d('0'), daily_trade_count: 0 })
})

test('the tick of the new day wakes by itself when the cron was missed; a pause by hand it leaves alone', async () => {
  const { botId, actor } = await holding({ dailyTargetPerc: decimal(1) })
  await price(60_000)
  expect(await engine.tick(botId)).toBe('Ticked, RUNNING to PAUSED')
  expect(await engine.state(botId)).toMatchObject({ pause_reason: 'DAILY_TARGET' })
  await shiftToHour(36)
  await price(60_000)
  expect(await engine.tick(botId)).toBe('Ticked, PAUSED to RUNNING')
  await engine.in((tx) => pauseBot(tx, actor, botId))
  await shiftToHour(60)
  await price(60_000)
  expect(await reactivate()).toBe('Woke 0 bots')
  expect(await engine.tick(botId)).toBe('Ticked')
  expect(await engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'MANUAL' })
})

test('without resumeNextDay a daily pause waits for a person, who may resume it the day after', async () => {
  const { botId, actor } = await holding({ maxDailyTrades: 1, resumeNextDay: false })
  expect(await engine.tick(botId)).toBe('Ticked, RUNNING to PAUSED')
  await shiftToHour(36)
  await price(50_000)
  expect(await reactivate()).toBe('Woke 0 bots')
  expect(await engine.tick(botId)).toBe('Ticked')
  await engine.in((tx) => resumeBot(tx, actor, botId))
  await engine.tick(botId)
  expect(await engine.state(botId)).toMatchObject({ status: 'RUNNING' })
})

test('onDailyLimit CLOSE sells the position that made the loss', async () => {
  const { botId } = await holding({ maxDailyLossPerc: decimal(1), onDailyLimit: 'CLOSE' })
  await price(44_000)
  expect(await engine.tick(botId)).toBe('Ticked, RUNNING to PAUSED, CLOSE intended')
  expect(await engine.send(botId)).toEqual(['Filled (paper)'])
  await engine.tick(botId)
  expect(await engine.state(botId)).toMatchObject({ status: 'PAUSED', closing: false, daily_pnl: d('-12') })
  expect(await engine.openPosition(botId)).toBeNull()
})

test('a carried loss is counted once and on its day: marked at the last candle closed by midnight', async () => {
  const { botId } = await holding()
  const midnight = await midnightAfter()
  for (const [minutesBefore, close] of [
    [2, 48_000],
    [1, 47_000],
    [0, 30_000],
  ] as const) {
    // The last one opens at midnight: it is of the new day.
    await db.pool.query(
      `INSERT INTO candles (exchange, symbol, timeframe, open_time, closed, open, high, low, close, volume)
       VALUES ('sandbox', 'BTC/USDT', '1m', $1::timestamptz - $2 * interval '1 minute', true, 1, 1, 1, $3, 1)`,
      [midnight, minutesBefore, close],
    )
  }
  await price(49_000)
  await engine.tick(botId)
  await shiftToHour(36)
  await price(46_000)
  await engine.tick(botId)
  expect(await engine.days(botId)).toMatchObject([
    // 0.002 × (47,000 - 50,000)
    { start_equity: d('1000'), realized_pnl: d('0'), unrealized_pnl: d('-6'), trade_count: 1 },
    // 0.002 × (46,000 - 47,000)
    { start_equity: d('994'), realized_pnl: d('0'), unrealized_pnl: d('-2'), trade_count: 0 },
  ])
  await price(24_000)
  expect(await engine.tick(botId)).toBe('Ticked, STOP_LOSS intended')
  await engine.send(botId)
  const days = await engine.days(botId)
  expect(days).toMatchObject([
    { unrealized_pnl: d('-6') },
    // Realised against cost on the day of the exit; what the day before had marked is taken out of unrealised.
    { realized_pnl: d('-52'), unrealized_pnl: d('6') },
  ])
  const sum = days.reduce((total, day) => total.plus(day.realized_pnl).plus(day.unrealized_pnl), decimal(0))
  expect(sum.toFixed(18)).toBe((await engine.state(botId)).total_pnl)
})

test('where no candle of midnight is known, the last price seen marks the position', async () => {
  const { botId } = await holding()
  await db.pool.query('DELETE FROM candles')
  await price(48_000)
  await engine.tick(botId)
  await shiftToHour(36)
  await price(47_000)
  await engine.tick(botId)
  expect((await engine.days(botId)).map((day) => day.unrealized_pnl)).toEqual([d('-4'), d('-2')])
})

test('stopping, restarting and editing give nothing back of what the day has consumed', async () => {
  const { botId, actor } = await holding({ maxDailyTrades: 1, stopLossPerc: decimal(1) })
  await price(40_000)
  await engine.tick(botId)
  await engine.send(botId)
  await engine.in((tx) => stopBot(tx, actor, botId, null))
  await engine.in((tx) =>
    updateBot(tx, actor, { id: botId, revision: 1, changes: { initialCapital: decimal(2000) } }, () => []),
  )
  await engine.in((tx) => startBot(tx, actor, botId))
  await engine.crossUp(50_000)
  expect(await engine.tick(botId)).toBe('Ticked, PENDING to RUNNING')
  expect(await engine.tick(botId)).toBe('Ticked, RUNNING to PAUSED')
  expect(await engine.orders(botId)).toHaveLength(2)
  expect(await engine.state(botId)).toMatchObject({
    pause_reason: 'DAILY_TRADES',
    equity: d('1980'),
    total_pnl: d('-20'),
    daily_pnl: d('-20'),
    daily_trade_count: 1,
  })
})

test('a drawdown pause outlasts midnight', async () => {
  const { botId } = await holding({ maxDrawdownPerc: decimal(1) })
  await price(44_000)
  expect(await engine.tick(botId)).toBe('Ticked, RUNNING to PAUSED')
  await shiftToHour(36)
  await price(44_000)
  expect(await reactivate()).toBe('Woke 0 bots')
  expect(await engine.tick(botId)).toBe('Ticked')
  expect(await engine.state(botId)).toMatchObject({ status: 'PAUSED', pause_reason: 'DRAWDOWN' })
})

test('the reset passes over a bot that is held just now, and does not wait', async () => {
  const { botId } = await holding({ maxDailyTrades: 1 })
  await engine.tick(botId)
  await shiftToHour(36)
  await engine.in(async (tx) => {
    await tx.query(`SELECT FROM bot_states WHERE bot_id = $1 FOR UPDATE`, [botId])
    expect(await reactivate()).toBe('Woke 0 bots')
  })
  expect(await reactivate()).toBe('Woke 1 bots')
})

const reactivate = () => reactivateBots({}, engine.deps)

async function price(value: number): Promise<void> {
  await engine.show([value], value)
}

/** Sets the database's clock to this hour of the real UTC day, so that no test runs over a real midnight. */
async function shiftToHour(hour: number): Promise<void> {
  const { rows } = await db.pool.query<{ seconds: number }>(
    `SELECT extract(epoch FROM date_trunc('day', clock_timestamp(), 'UTC') + $1 * interval '1 hour' - clock_timestamp())::float8 AS seconds`,
    [hour],
  )
  await shiftClock(db.pool, rows[0]?.seconds ?? 0)
  engine.feed.candles = []
}

async function midnightAfter(): Promise<Date> {
  const { rows } = await db.pool.query<{ midnight: Date }>(
    `SELECT ((tradebot_today() + 1)::timestamp AT TIME ZONE 'UTC') AS midnight`,
  )
  const midnight = rows[0]?.midnight
  if (midnight === undefined) throw new Error('SELECT gave no row')
  return midnight
}

const d = (text: string) => decimal(text).toFixed(18)
