import { expect, test } from 'vitest'
import { utcMidnight } from '../domain/day-ledger.ts'
import { plain } from '../domain/money.ts'
import { aSavedBot, aUser, lead } from './bot.fixture.ts'
import { loadSurroundings, lockBot } from './bots.ts'
import { ensureDay } from './days.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()

test.for([
  // Sold at 50,000 and marked at 49,000: 1,000 + 0.01 × 1,000
  { name: 'the mark price of a tick just before midnight', secondsBefore: 30, equity: '1010' },
  // The candle that closed at midnight says 48,000.
  { name: 'the last close, where the mark price is of long before', secondsBefore: 3_600, equity: '1020' },
])('a short that is carried over midnight begins the day at $name', async ({ secondsBefore, equity }) => {
  const actor = await aUser(db.pool)
  const botId = await aSavedBot(db.pool, actor, {
    positionType: 'FUTURES',
    symbol: 'BTC/USDT:USDT',
    direction: 'SHORT',
    leverage: 10,
  })
  await lead(db.pool, botId, 'RUNNING')
  const { today } = await inTransaction(db.pool, (tx) => lockBot(tx, botId, {}))
  const midnight = utcMidnight(today)
  await db.pool.query(
    `INSERT INTO positions (bot_id, side, amount, average_price, entry_amount, entry_notional, cost, best_price, leverage, margin, funding, opened_at)
     VALUES ($1, 'SELL', 0.01, 50000, 0.01, 500, 500, 50000, 10, 50, 0, $2)`,
    [botId, new Date(midnight.getTime() - 7_200_000)],
  )
  await db.pool.query(
    `UPDATE bot_states SET mark_price = 49000, last_price = 49500, last_tick_at = $2 WHERE bot_id = $1`,
    [botId, new Date(midnight.getTime() - secondsBefore * 1000)],
  )
  await db.pool.query(
    `INSERT INTO candles (exchange, symbol, timeframe, open_time, closed, open, high, low, close, volume)
     VALUES ('sandbox', 'BTC/USDT:USDT', '1m', $1, true, 48000, 48000, 48000, 48000, 1) ON CONFLICT DO NOTHING`,
    [new Date(midnight.getTime() - 60_000)],
  )
  const day = await inTransaction(db.pool, async (tx) => {
    const { bot, state } = await lockBot(tx, botId, {})
    const { position } = await loadSurroundings(tx, botId)
    return ensureDay(tx, bot, state, position, today)
  })
  expect(plain(day.startEquity)).toBe(equity)
})
