import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { loadEnv } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import type { Actor } from '#trading/domain/actor.ts'
import type { CandleColumns } from '#trading/domain/backtest/candle-columns.ts'
import { randomWalk } from '#trading/domain/backtest/random-walk.ts'
import { aConfig } from '#trading/domain/bot.fixture.ts'
import { decimal } from '#trading/domain/money.ts'
import { aUser } from '#trading/store/bot.fixture.ts'
import {
  beatBacktest,
  cancelBacktest,
  claimBacktest,
  createBacktest,
  deleteBacktest,
  failBacktest,
  type NewBacktest,
} from '#trading/store/backtests.ts'
import { dispatchDue } from '#trading/store/dispatch.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { makeVenues, type Venues } from '../exchange/venues.ts'
import { afterHints, knowMarkets, knowPerpetual } from './engine.fixture.ts'
import { runBacktest } from './run-backtest.ts'

const db = withTestDatabase()
const logger = makeLogger('test', 'silent')
let sandbox: Sandbox
let venues: Venues
let user: Actor

beforeAll(async () => {
  sandbox = await startSandbox()
  venues = makeVenues({
    env: loadEnv({
      DATABASE_URL: db.url,
      TRADEBOT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      TRADEBOT_EXCHANGE_SANDBOX_URL: sandbox.url,
    }),
  })
  await knowMarkets(db.pool)
  await knowPerpetual(db.pool)
  user = await aUser(db.pool)
})
afterAll(async () => {
  await afterHints(db.pool)
  await sandbox.close()
})

const deps = () => ({ pool: db.pool, venues, logger })
const create = (more: Partial<NewBacktest>) =>
  inTransaction(db.pool, (tx) =>
    createBacktest(tx, user.userId, {
      name: 'Try',
      config: aConfig({ timeframe: '1m' }),
      from: null,
      to: null,
      csv: null,
      ...more,
    }),
  )
const run = (backtestId: string) => runBacktest({ backtestId }, deps())
const read = async (id: string) =>
  (await db.pool.query<Record<string, unknown>>(`SELECT * FROM backtests WHERE id = $1`, [id])).rows[0]
const jobs = async () =>
  (
    await db.pool.query<{ key: string }>(
      `SELECT key FROM graphile_worker.jobs WHERE task_identifier = 'run_backtest'`,
    )
  ).rows.map(({ key }) => key)

function csvOf(candles: CandleColumns): string {
  const lines = ['openTimeMs,open,high,low,close,volume']
  for (let index = 0; index < candles.length; index++) {
    const { openTime, open, high, low, close, volume } = candles
    lines.push([openTime, open, high, low, close, volume].map((column) => column[index]).join(','))
  }
  return lines.join('\n')
}

test('a CSV is run in a thread: figures, curve and trades are stored, and the text is let go', async () => {
  const id = await create({ csv: csvOf(randomWalk({ seed: 5, count: 600 })) })
  expect(await jobs()).toContain(`run_backtest:${id}`)
  expect(await run(id)).toBe('Done (600 candles)')
  const row = await read(id)
  expect(row).toMatchObject({ status: 'DONE', candles_done: 600, candles_total: 600, csv: null, error: null })
  const summary = row?.['summary'] as {
    trades: number
    openTrades: number
    finalEquity: string
    candles: number
  }
  expect(summary.trades).toBeGreaterThan(20)
  expect(summary.finalEquity).toMatch(/^\d+\.\d+$/)
  // 30 candles warm the strategy up; the 30th is the first that may trade.
  expect(summary.candles).toBe(571)
  expect(row?.['equity_curve']).toHaveLength(571)
  expect(row?.['trades']).toHaveLength(summary.trades + summary.openTrades)
  expect(await run(id)).toBe('Skipped (nothing to run)')
})

test('a perpetual is run short, with the market’s own margin rules, and the result says what it leaves out', async () => {
  const config = aConfig({
    timeframe: '1m',
    positionType: 'FUTURES',
    symbol: 'BTC/USDT:USDT',
    direction: 'SHORT',
    leverage: 100,
    stopLossPerc: decimal(5),
  })
  const id = await create({ config, csv: csvOf(randomWalk({ seed: 5, count: 600 })) })
  expect(await run(id)).toBe('Done (600 candles)')
  const row = await read(id)
  const trips = row?.['trades'] as { side: string; exit: { reason: string } | null }[]
  expect(new Set(trips.map(({ side }) => side))).toEqual(new Set(['SELL']))
  // 1/100 less the maintenance margin of 0.4 %: nearer than any stop of 5 %.
  expect(trips.at(-1)?.exit?.reason).toMatch(/liquidated/)
  expect(row?.['summary']).toMatchObject({ finalStatus: 'ERROR' })
  expect(JSON.stringify(row?.['summary'])).toMatch(/Funding is not simulated/)
})

test('what the table lacks comes from the exchange, warm-up included', async () => {
  const to = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000)
  const from = new Date(to.getTime() - 90 * 60_000)
  await db.pool.query(
    `INSERT INTO candles (exchange, symbol, timeframe, open_time, closed, open, high, low, close, volume)
     SELECT 'sandbox', 'BTC/USDT', '1m', t, true, 60000, 60001, 59999, 60000, 1
     FROM generate_series($1::timestamptz, $1::timestamptz + interval '9 minutes', interval '1 minute') t`,
    [new Date(from.getTime() + 30 * 60_000)],
  )
  const id = await create({ from, to })
  // 90 candles and the 30 before them.
  expect(await run(id)).toBe('Done (120 candles)')
  expect((await read(id))?.['summary']).toMatchObject({ candles: 90, gaps: 0 })
})

test('what does not make a backtest fails with a sentence', async () => {
  const bad = await create({ csv: 'openTimeMs,open,high,low,close,volume\n1767225600000,1,2,3,1,0\n' })
  expect(await run(bad)).toBe('Refused')
  expect(await read(bad)).toMatchObject({
    status: 'FAILED',
    error: 'Line 2: high (2) must be at least open, low and close.',
  })
  const long = await create({ from: new Date('2000-01-01'), to: new Date('2026-01-01') })
  expect(await run(long)).toBe('Refused')
  expect((await read(long))?.['error']).toMatch(/more than a backtest takes \(2,000,000\)/)
})

test('canceled while it waits it never runs; canceled or deleted while it runs it ends within a second', async () => {
  const csv = csvOf(randomWalk({ seed: 6, count: 60_000 }))
  const waiting = await create({ csv })
  await inTransaction(db.pool, (tx) => cancelBacktest(tx, user.userId, waiting))
  expect(await run(waiting)).toBe('Skipped (nothing to run)')
  expect(await read(waiting)).toMatchObject({ status: 'CANCELED', candles_done: 0 })

  for (const end of [cancelBacktest, deleteBacktest]) {
    const id = await create({ csv })
    const running = run(id)
    await until(async () => (await read(id))?.['status'] === 'RUNNING')
    await inTransaction(db.pool, (tx) => end(tx, user.userId, id))
    expect(await running).toBe('Stopped')
    expect((await read(id))?.['status']).toBe(end === cancelBacktest ? 'CANCELED' : undefined)
  }
})

test('one whose worker fell silent is dispatched again and runs from the start; the old worker finds out', async () => {
  const id = await create({ csv: csvOf(randomWalk({ seed: 7, count: 600 })) })
  await db.pool.query(`DELETE FROM graphile_worker._private_jobs`)
  const old = await claimBacktest(db.pool, id)
  if (old === null) throw new Error('it was not there to be claimed')
  const far = { phase: 'RUNNING', done: 300, total: 600 } as const
  expect(await beatBacktest(db.pool, old, far)).toBe(true)
  await dispatchDue(db.pool, 10)
  expect(await jobs()).toEqual([])
  expect(await run(id)).toBe('Skipped (nothing to run)')

  await db.pool.query(`UPDATE backtests SET beat_at = tradebot_now() - interval '16 seconds' WHERE id = $1`, [
    id,
  ])
  await dispatchDue(db.pool, 10)
  expect(await jobs()).toEqual([`run_backtest:${id}`])
  const next = await claimBacktest(db.pool, id)
  expect(await read(id)).toMatchObject({ status: 'RUNNING', candles_done: 0 })
  expect(await beatBacktest(db.pool, old, far)).toBe(false)
  await failBacktest(db.pool, old, 'said too late')
  expect(await read(id)).toMatchObject({ status: 'RUNNING', error: null })

  // The next one dies as well; nobody had to tell.
  expect(next?.csv).toBe(old.csv)
  await db.pool.query(`UPDATE backtests SET beat_at = tradebot_now() - interval '16 seconds' WHERE id = $1`, [
    id,
  ])
  expect(await run(id)).toBe('Done (600 candles)')
})

test('canceled while its worker was dead it is ended by the dispatcher', async () => {
  const id = await create({ csv: 'openTimeMs' })
  await claimBacktest(db.pool, id)
  await inTransaction(db.pool, (tx) => cancelBacktest(tx, user.userId, id))
  await dispatchDue(db.pool, 10)
  expect((await read(id))?.['status']).toBe('RUNNING')
  await db.pool.query(`UPDATE backtests SET beat_at = tradebot_now() - interval '16 seconds' WHERE id = $1`, [
    id,
  ])
  await dispatchDue(db.pool, 10)
  expect((await read(id))?.['status']).toBe('CANCELED')
})

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (await done()) return
    await sleep(20)
  }
  throw new Error('it did not come to that within 4 s')
}
