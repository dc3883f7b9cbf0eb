import { expect, test } from 'vitest'
import { loadEnv } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import type { JobName } from '#trading/jobs/jobs.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import type { TaskHandler, WorkerDeps } from './deps.ts'
import { makeTaskList, type Handlers } from './job.ts'

const db = withTestDatabase()

test('the outcome of a job is logged with what it was about, a dull one at debug', async () => {
  const { lines, run } = harness({
    run_bot: async ({ botId }) => (botId === '1' ? 'Skipped (locked)' : 'Ticked'),
  })
  await run('run_bot', { botId: '1' })
  await run('run_bot', { botId: '2' })
  expect(lines).toMatchObject([
    { level: 'info', job: 'run_bot', outcome: 'Skipped (locked)', botId: '1' },
    { level: 'debug', job: 'run_bot', outcome: 'Ticked', botId: '2' },
  ])
})

test('a handler that throws is an error in the log, and its job ends', async () => {
  const { lines, run } = harness({
    settle_order: async () => {
      throw new Error('broken')
    },
  })
  await run('settle_order', { orderId: '7' })
  expect(lines).toMatchObject([
    { level: 'error', outcome: 'Failed', orderId: '7', err: { message: 'broken' } },
  ])
})

test('a bot whose tick threw is not due again at once', async () => {
  const { rows } = await db.pool.query<{ id: string }>(
    `WITH u AS (INSERT INTO users (email, username, username_key, password_hash) VALUES ('a@b.c', 'abc', 'abc', 'x') RETURNING id)
     INSERT INTO bot_configs (user_id, name, exchange, symbol, timeframe, initial_capital, position_size_fixed, stop_loss_perc, take_profit_perc)
     SELECT id, 'bot', 'sandbox', 'BTC/USDT', '1s', 1000, 100, 2, 4 FROM u RETURNING id`,
  )
  const botId = rows[0]?.id ?? ''
  await db.pool.query(
    'INSERT INTO bot_states (bot_id, equity, peak_equity, next_tick_at) VALUES ($1, 1, 1, tradebot_now())',
    [botId],
  )
  const { run } = harness({
    run_bot: async () => {
      throw new Error('broken')
    },
  })
  await run('run_bot', { botId })
  const state = await db.pool.query<{ late: boolean }>(
    `SELECT next_tick_at > tradebot_now() + interval '4 seconds' AS late FROM bot_states WHERE bot_id = $1`,
    [botId],
  )
  expect(state.rows).toEqual([{ late: true }])
})

test('a payload that is not the job’s own is refused before the handler sees it', async () => {
  let called = false
  const { lines, run } = harness({
    run_bot: async () => {
      called = true
      return 'Ticked'
    },
  })
  await run('run_bot', { botId: '1; DROP TABLE orders' })
  expect(called).toBe(false)
  expect(lines).toMatchObject([{ level: 'error', outcome: 'Failed' }])
})

function harness(some: Partial<Handlers>) {
  const lines: Record<string, unknown>[] = []
  const logger = makeLogger('test', 'silent')
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    logger[level] = (line: unknown) => {
      lines.push({ level, ...(typeof line === 'object' ? line : { line }) })
    }
  const unwanted: TaskHandler<JobName> = () => Promise.reject(new Error('unwanted'))
  const handlers: Handlers = {
    run_bot: unwanted,
    execute_order: unwanted,
    settle_order: unwanted,
    execute_transfer: unwanted,
    settle_transfer: unwanted,
    sweep_profit: unwanted,
    refresh_markets: unwanted,
    fetch_candles: unwanted,
    run_backtest: unwanted,
    probe_key: unwanted,
    reconcile_account: unwanted,
    reconcile_for_person: unwanted,
    ask_exchanges: unwanted,
    reactivate_bots_after_reset: unwanted,
    ...some,
  }
  const unused = () => {
    throw new Error('not in this test')
  }
  const deps: WorkerDeps = {
    pool: db.pool,
    logger,
    env: loadEnv({ DATABASE_URL: db.url, TRADEBOT_MASTER_KEY: Buffer.alloc(32).toString('base64') }),
    venues: { marketData: unused, account: unused, keyRights: unused, leverageLimits: unused, ask: unused },
    marketData: { snapshot: unused, nudge: unused, stop: unused },
    signals: { newest: unused, size: unused },
    accounts: { forKey: unused },
    workerId: 'test',
  }
  const tasks = makeTaskList(handlers, deps, ['run_bot', 'settle_order'])
  const run = async (name: JobName, payload: unknown) => {
    await tasks[name]?.(payload, Object.create(null))
  }
  return { lines, run }
}
