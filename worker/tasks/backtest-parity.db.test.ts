import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBacktest } from '#trading/domain/backtest/backtest.ts'
import { columnsOf, decimalAt, openTimeAt } from '#trading/domain/backtest/candle-columns.ts'
import { touchOf, touchTime } from '#trading/domain/backtest/clock.ts'
import { randomWalk } from '#trading/domain/backtest/random-walk.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { aConfig, aMarket, aPerpetual } from '#trading/domain/bot.fixture.ts'
import type { Candle } from '#trading/domain/market.ts'
import { type Decimal, decimal, plain } from '#trading/domain/money.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { loadSurroundings } from '#trading/store/bots.ts'
import { startBot } from '#trading/store/bot-commands.ts'
import { upsertCandles } from '#trading/store/candles.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { afterHints, type Engine, knowMarkets, knowPerpetual, makeEngine } from './engine.fixture.ts'

const db = withTestDatabase()
beforeAll(async () => {
  await knowMarkets(db.pool)
  await knowPerpetual(db.pool)
})
afterAll(() => afterHints(db.pool))

const HOUR = 3_600_000
/** Closed candles before the first that may trade: the warm-up of EMA 2 and 3. */
const WARM = 30

const PERPETUAL = { positionType: 'FUTURES', symbol: 'BTC/USDT:USDT' } as const
/** The worker's own job handlers, at the moments of the backtest's clock, on the database's clock. */
async function stepPaper(engine: Engine, config: BotConfig, candles: readonly Candle[]): Promise<string> {
  const clockTo = (ms: number) =>
    db.pool.query(
      `UPDATE clock_shift SET seconds = extract(epoch FROM $1::timestamptz - clock_timestamp())`,
      [new Date(ms)],
    )
  const tickAt = async (ms: number, price: Decimal) => {
    await clockTo(ms)
    Object.assign(engine.feed, { price, ageMs: 0 })
    for (let turn = 0; turn < 6; turn++) {
      if (!(await engine.tick(botId)).includes('intended')) return
      await engine.send(botId)
    }
  }
  const first = candles[WARM - 1]
  if (first === undefined) throw new Error('too few candles')
  await clockTo(first.openTime.getTime())
  const actor = await aUser(db.pool)
  const botId = await aSavedBot(db.pool, actor, config)
  Object.assign(engine.feed, { candles: candles.slice(0, WARM - 1), price: first.open })
  await engine.in((tx) => startBot(tx, actor, botId))
  expect(await engine.tick(botId)).toBe('Ticked, PENDING to RUNNING')

  for (let index = WARM - 1; index < candles.length; index++) {
    const candle = candles[index]
    if (candle === undefined) break
    const openTime = candle.openTime.getTime()
    const { position } = await loadSurroundings(db.pool, botId)
    const touch = position === null ? null : touchOf(candle, position)
    if (touch !== null) await tickAt(touchTime(touch, openTime, HOUR), touch.price)
    engine.feed.candles = candles.slice(0, index + 1)
    await upsertCandles(db.pool, [{ series: config, candles: [candle] }])
    await tickAt(openTime + HOUR, candle.close)
  }
  return botId
}

test.for([
  {
    name: 'a daily loss closes, a trailing stop follows',
    seed: 11,
    rules: { maxDailyLossPerc: decimal(1), onDailyLimit: 'CLOSE', trailingStopPerc: decimal('1.2') },
  },
  {
    name: 'few trades a day, a cooldown after each stop loss',
    seed: 12,
    rules: { maxDailyTrades: 4, cooldownSeconds: 5_000, dailyTargetPerc: decimal('0.8') },
  },
  {
    name: 'both ways on a perpetual with leverage, a trailing stop, a daily loss',
    seed: 13,
    rules: {
      ...PERPETUAL,
      direction: 'BOTH',
      leverage: 3,
      maxDailyLossPerc: decimal(2),
      trailingStopPerc: decimal('1.2'),
    },
  },
  {
    name: 'shorts, until one is liquidated before its stop',
    seed: 14,
    rules: { ...PERPETUAL, direction: 'SHORT', leverage: 50, stopLossPerc: decimal(5), maxDailyTrades: 3 },
  },
] as const)(
  'PAPER stepped by the backtest’s clock gives the same trades: $name',
  { timeout: 120_000 },
  async ({ seed, rules }) => {
    await db.pool.query('DELETE FROM candles')
    const columns = randomWalk({ seed, count: 240, lengthMs: HOUR, movePerc: 1.5 })
    const candles = Array.from({ length: columns.length }, (_, index) => candleOf(columns, index))
    const config = aConfig({
      timeframe: '1h',
      stopLossPerc: decimal('1.5'),
      takeProfitPerc: decimal(2),
      positionSizeFixed: decimal(600),
      checkIntervalSeconds: 30,
      ...rules,
    })
    const market = config.positionType === 'SPOT' ? aMarket() : aPerpetual()
    const backtest = startBacktest({ config, market, candles: columnsOf(candles), fromMs: null })
    while (backtest.advance(100));
    const { fills, days, figures } = backtest.result()

    const engine = makeEngine(db.pool, db.url)
    const botId = await stepPaper(engine, config, candles)
    const rows = await db.pool.query<Told & { executed_at: Date }>(
      `SELECT f.*, o.purpose FROM fills f JOIN orders o ON o.id = f.order_id WHERE f.bot_id = $1 ORDER BY f.id`,
      [botId],
    )
    expect(rows.rows.map((row) => tradeOf(row, row.executed_at))).toEqual(
      fills.map((fill) => tradeOf({ ...fill, fee_currency: fill.feeCurrency }, fill.at)),
    )
    const state = await engine.state(botId)
    expect(plain(decimal(state.equity))).toBe(plain(figures.finalEquity))
    expect(state.status).toBe(figures.finalStatus)
    expect((await engine.days(botId)).map(dayOf)).toEqual(
      days.map((day) =>
        dayOf({
          day: day.day,
          start_equity: day.startEquity,
          realized_pnl: day.realizedPnl,
          unrealized_pnl: day.unrealizedPnl,
          fees: day.fees,
          trade_count: day.tradeCount,
        }),
      ),
    )
    // Nothing of this were worth much without them.
    expect(figures.notes.join(' ')).toMatch(/limit reached|target reached|liquidated/)
    if (figures.finalStatus === 'ERROR') return
    const stops = fills.filter(({ purpose }) => purpose === 'STOP_LOSS').length
    expect(figures.trades).toBeGreaterThan(10)
    expect(stops).toBeGreaterThan(2)
    expect(days.length).toBeGreaterThan(9)
  },
)

function candleOf(columns: ReturnType<typeof randomWalk>, index: number): Candle {
  const at = (field: 'open' | 'high' | 'low' | 'close' | 'volume') => decimalAt(columns, index, field)
  return {
    openTime: new Date(openTimeAt(columns, index)),
    closed: true,
    open: at('open'),
    high: at('high'),
    low: at('low'),
    close: at('close'),
    volume: at('volume'),
  }
}

type Told = Record<'side' | 'purpose' | 'amount' | 'price' | 'fee' | 'fee_currency', string | Decimal>

/** The database's clock goes on while it works: to the minute. */
function tradeOf({ side, purpose, amount, price: at, fee, fee_currency: currency }: Told, time: Date) {
  const minute = new Date(Math.floor(time.getTime() / 60_000) * 60_000).toISOString()
  return [minute, side, purpose, text(amount), text(at), text(fee), currency].join(' ')
}

function dayOf(
  row: Record<'day' | 'start_equity' | 'realized_pnl' | 'unrealized_pnl' | 'fees', string | Decimal> & {
    trade_count: number
  },
) {
  const { day, start_equity, realized_pnl, unrealized_pnl, fees, trade_count } = row
  return [day, ...[start_equity, realized_pnl, unrealized_pnl, fees].map(text), trade_count].join(' ')
}

const text = (value: string | Decimal) => plain(decimal(value))
