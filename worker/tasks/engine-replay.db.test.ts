import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lcg } from '#trading/domain/backtest/random-walk.ts'
import type { Candle } from '#trading/domain/market.ts'
import { Decimal, decimal, ZERO } from '#trading/domain/money.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { startBot } from '#trading/store/bot-commands.ts'
import { upsertCandles } from '#trading/store/candles.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import {
  afterHints,
  type Engine,
  type FillRow,
  knowMarkets,
  makeEngine,
  shiftClock,
} from './engine.fixture.ts'

const db = withTestDatabase()
let engine: Engine
beforeAll(async () => {
  engine = makeEngine(db.pool, db.url)
  await knowMarkets(db.pool)
})
afterAll(async () => {
  await shiftClock(db.pool, 0)
  await afterHints(db.pool)
})

const HOUR = 3_600_000
const LOSS = decimal(5)
/** Candles that the strategy has seen before the bot starts. */
const HISTORY = 60
const MOST_HOURS = 190

/** Recorded hourly candles, like ../shared/data/btcusdt-1h-2026-05.csv; some of our own making when unset. */
const recorded = process.env['TRADEBOT_ACCEPTANCE_CSV']
const candles = recorded === undefined ? madeCandles() : readCandles(recorded)

/**
 * The bot trades nearly each crossover with all that it has and pays for it, so that a day's loss is realised and unrealised at once. What it
 * is worth is computed beside it, from its fills as cash and from the candles alone; the two meet at each tick.
 */
test('a replay with a 5 % loss limit pauses at the tick where realised and unrealised cross it, and each loss is counted once, on its day', async () => {
  const actor = await aUser(db.pool)
  const botId = await aSavedBot(db.pool, actor, {
    timeframe: '1h',
    checkIntervalSeconds: 60,
    positionSizeFixed: decimal(1000),
    maxDailyLossPerc: LOSS,
    stopLossPerc: decimal(50),
    takeProfitPerc: ZERO,
    paperFeePerc: decimal('0.4'),
    paperSlippagePerc: decimal('0.1'),
  })
  const books = makeBooks()
  const days = new Map<string, Decimal>()
  const pauses: { realized: Decimal; unrealized: Decimal }[] = []
  const carried: string[] = []
  let pausedDay: string | null = null
  let startsBehind = false

  const first = candles[HISTORY]
  if (first === undefined) throw new Error('there are too few candles')
  await setClock(first.openTime.getTime())
  await engine.in((tx) => startBot(tx, actor, botId))

  for (let index = HISTORY; index < Math.min(candles.length, HISTORY + MOST_HOURS); index++) {
    const candle = candles[index]
    const before = candles[index - 1]
    if (candle === undefined || before === undefined) throw new Error('unreachable')
    engine.feed.candles = candles.slice(0, index)
    await upsertCandles(db.pool, [{ series: SERIES, candles: [before] }])
    const day = candle.openTime.toISOString().slice(0, 10)
    if (!days.has(day)) {
      // The last candle closed at or before 00:00 marks what is carried.
      days.set(day, books.equity(before.close))
      if (books.held().gt(0)) carried.push(day)
    }
    const start = days.get(day) ?? ZERO
    for (const [offset, price] of pricesOf(candle)) {
      const at = candle.openTime.getTime() + offset
      await setClock(at)
      engine.feed.price = price
      const outcome = await engine.tick(botId)
      if (!startsBehind) {
        expect(outcome).toBe('Ticked, PENDING to RUNNING')
        startsBehind = true
        continue
      }
      const dayPnl = books.equity(price).minus(start)
      const crossed = dayPnl.lte(start.times(LOSS).div(100).neg())
      const state = await engine.state(botId)
      expect(
        near(state.daily_pnl, dayPnl),
        `${new Date(at).toISOString()}: ${state.daily_pnl} is ${dayPnl}`,
      ).toBe(true)
      if (crossed && pausedDay !== day) {
        expect(outcome, `crossed at ${new Date(at).toISOString()}`).toContain('RUNNING to PAUSED')
        const realized = books.realizedSince(day)
        pauses.push({ realized, unrealized: dayPnl.minus(realized) })
        pausedDay = day
      } else if (outcome.includes('RUNNING to PAUSED')) {
        throw new Error(`paused at ${new Date(at).toISOString()}, where the limit is not crossed`)
      }
      expect(state.status).toBe(pausedDay === day ? 'PAUSED' : 'RUNNING')
      await engine.send(botId)
      books.take(await engine.fills(botId), day)
    }
  }

  const rows = await engine.days(botId)
  const total = rows.reduce((sum, row) => sum.plus(row.realized_pnl).plus(row.unrealized_pnl), ZERO)
  const state = await engine.state(botId)
  expect(total.toFixed(18)).toBe(state.total_pnl)
  expect(rows.map((row) => row.day)).toEqual([...days.keys()])
  for (const row of rows) expect(near(row.start_equity, days.get(row.day) ?? ZERO), row.day).toBe(true)
  // Each day ends where the next begins: what is carried is marked once.
  for (const [index, row] of rows.slice(0, -1).entries()) {
    const end = decimal(row.start_equity).plus(row.realized_pnl).plus(row.unrealized_pnl)
    expect(end.toFixed(18), row.day).toBe(rows[index + 1]?.start_equity)
  }
  if (recorded !== undefined) return
  // Of recorded candles nobody knows what they hold; of ours we do.
  expect(carried, 'days that began with a position').not.toEqual([])
  expect(pauses.some(({ realized, unrealized }) => realized.lt(0) && unrealized.lt(0))).toBe(true)
}, 60_000)

const SERIES = { exchange: 'sandbox', symbol: 'BTC/USDT', timeframe: '1h' }

/** Cash and coins by the fills alone. Coins left over when flat (dust) keep the price at which they were left. */
function makeBooks() {
  let cash = decimal(1000)
  let coins = ZERO
  let flatAt: Decimal | null = decimal(1)
  let seen = 0
  const byDay = new Map<string, Decimal>()
  let cost = ZERO
  return {
    take(fills: readonly FillRow[], day: string) {
      for (const fill of fills.slice(seen)) {
        const [amount, price, fee] = [decimal(fill.amount), decimal(fill.price), decimal(fill.fee)]
        const buys = fill.side === 'BUY'
        const [baseFee, quoteFee] = fill.fee_currency === 'BTC' ? [fee, ZERO] : [ZERO, fee]
        const paid = amount
          .times(price)
          .times(buys ? 1 : -1)
          .plus(quoteFee)
        cash = cash.minus(paid)
        coins = coins.plus(buys ? amount : amount.neg()).minus(baseFee)
        flatAt = buys ? null : price
        cost = cost.plus(paid)
        if (!buys) {
          const left = coins.times(price)
          byDay.set(day, (byDay.get(day) ?? ZERO).plus(left.minus(cost)))
          cost = left
        }
      }
      seen = fills.length
    },
    held: () => (flatAt === null ? coins : ZERO),
    equity: (price: Decimal) => cash.plus(coins.times(flatAt ?? price)),
    realizedSince: (day: string) => byDay.get(day) ?? ZERO,
  }
}

/** Three looks at a candle: its open, then its extremes, the nearer one first. */
function pricesOf({ open, high, low, close }: Candle): [number, Decimal][] {
  const [near, far] = close.gte(open) ? [low, high] : [high, low]
  return [
    [1_000, open],
    [HOUR / 3, near],
    [(2 * HOUR) / 3, far],
  ]
}

async function setClock(instant: number): Promise<void> {
  await db.pool.query(
    `UPDATE clock_shift SET seconds = extract(epoch FROM $1::timestamptz - clock_timestamp())`,
    [new Date(instant)],
  )
}

/** Hourly candles of a market that swings, and falls more often than it rises; always the same. */
function madeCandles(): Candle[] {
  const random = lcg(8)
  let close = 60_000
  return Array.from({ length: HISTORY + 60 }, (_, index) => {
    const open = close
    close = open * (1 + (random() - 0.52) * 0.02)
    const high = Math.max(open, close) * (1 + random() * 0.003)
    const low = Math.min(open, close) * (1 - random() * 0.003)
    return candleOf(Date.UTC(2026, 4, 4, 9) + index * HOUR, [open, high, low, close])
  })
}

function readCandles(file: string): Candle[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [at, ...prices] = line.split(',').map(Number)
      return candleOf(at ?? 0, prices.slice(0, 4))
    })
}

function candleOf(openMs: number, prices: readonly number[]): Candle {
  const [open, high, low, close] = prices.map((price) => new Decimal(price.toFixed(2)))
  if (open === undefined || high === undefined || low === undefined || close === undefined)
    throw new Error('a candle has four prices')
  return { openTime: new Date(openMs), closed: true, open, high, low, close, volume: decimal(1) }
}

/** The books round at the eighteenth decimal. */
function near(text: string, value: Decimal): boolean {
  return decimal(text).minus(value).abs().lt('0.000000000001')
}
