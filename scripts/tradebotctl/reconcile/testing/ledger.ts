import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Actor } from '#trading/domain/actor.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { CROSSING_DOWN, CROSSING_UP } from '#trading/domain/bot.fixture.ts'
import type { OrderTerms } from '#trading/domain/exchange.ts'
import { decimal } from '#trading/domain/money.ts'
import type { JobName } from '#trading/jobs/jobs.ts'
import { aUser } from '#trading/store/bot.fixture.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import { startDispatcher } from '#worker/dispatcher.ts'
import { control, openSandboxAccount } from '#worker/exchange/sandbox.fixture.ts'
import { startHeartbeat } from '#worker/heartbeat.ts'
import { makeTaskList } from '#worker/job.ts'
import { startRunner } from '#worker/runner.ts'
import { handlers } from '#worker/tasks.ts'
import {
  afterHints,
  type Engine,
  knowMarkets,
  knowPerpetual,
  makeEngine,
} from '#worker/tasks/engine.fixture.ts'
import { settleOrder } from '#worker/tasks/settle-order.ts'

const SPOT = 'BTC/USDT'
export const PERPETUAL = 'BTC/USDT:USDT'

/** An exchange account of its own, with a key and a bot. */
export type Account = { actor: Actor; apiKeyId: string; venueKey: string; botId: string }

/**
 * A sandbox over real HTTP, accounts on it with a bot each, and a worker's own parts, started when a test wants them: what no worker settles by
 * itself meanwhile stays as it was seeded.
 */
export function withLedger() {
  const db = withTestDatabase()
  let sandbox: Sandbox
  let engine: Engine
  let hands = 0
  const stops = new Set<() => Promise<void>>()

  beforeAll(async () => {
    sandbox = await startSandbox()
    engine = makeEngine(db.pool, db.url, sandbox.url, { sendBudgetMs: 10_000, httpTimeoutMs: 10_000 })
    await knowMarkets(db.pool)
    await knowPerpetual(db.pool)
    await hold(50_000)
  })
  afterEach(async () => {
    for (const stop of stops) await stop()
  })
  afterAll(async () => {
    await sandbox.close()
    await afterHints(db.pool)
  })

  async function hold(price: number): Promise<void> {
    const held = { symbol: 'BTCUSDT', price: String(price) }
    await control(sandbox.url, 'POST', '/sandbox/price', { ...held, market: 'mark' })
    await control(sandbox.url, 'POST', '/sandbox/price', held)
  }

  async function running(more: Partial<BotConfig> = {}, given?: Account): Promise<Account> {
    const actor = given?.actor ?? (await aUser(db.pool))
    const { credentials } = given
      ? { credentials: null }
      : await openSandboxAccount(sandbox.url, { futures: { USDT: '10000' } })
    const venueKey = given?.venueKey ?? credentials?.apiKey ?? ''
    const apiKeyId = given?.apiKeyId ?? (credentials === null ? '' : await engine.key(actor, credentials))
    const { botId } = await engine.running({ mode: 'LIVE', apiKeyId, ...more }, actor)
    return { actor, apiKeyId, venueKey, botId }
  }

  return {
    db,
    hold,
    running,
    get engine() {
      return engine
    },
    get sandboxUrl() {
      return sandbox.url
    },
    env: () => ({
      DATABASE_URL: db.url,
      TRADEBOT_MASTER_KEY: engine.deps.env.masterKey.toString('base64'),
      TRADEBOT_DEAD_AFTER_MS: '20000',
    }),
    /** A bot whose next signal is an entry, which is intended and not sent. */
    async intending(more: Partial<BotConfig> = {}, given?: Account): Promise<Account> {
      const account = await running(more, given)
      await engine.show(more.direction === 'SHORT' ? CROSSING_DOWN : CROSSING_UP, 50_000)
      expect(await engine.tick(account.botId)).toBe('Ticked, ENTRY intended')
      return account
    },
    async holding(more: Partial<BotConfig> = {}, given?: Account): Promise<Account> {
      const account = await this.intending(more, given)
      expect(await engine.send(account.botId)).toEqual(['Placed (FILLED)'])
      for (const { id, next_settle_at } of await engine.orders(account.botId))
        if (next_settle_at !== null) await settleOrder({ orderId: id }, engine.deps)
      await engine.show(CROSSING_UP.slice(0, -1), 50_000)
      return account
    },
    async guarded(more: Partial<BotConfig> = {}): Promise<Account> {
      const account = await this.holding(more)
      expect(await engine.tick(account.botId)).toBe('Ticked, PROTECTIVE_STOP intended')
      expect(await engine.send(account.botId)).toEqual(['Placed (OPEN)'])
      return account
    },
    perpetual: { positionType: 'FUTURES', symbol: PERPETUAL, leverage: 10 } as const,
    /** A person's own order at the exchange. */
    async byHand(
      { apiKeyId }: Account,
      side: 'BUY' | 'SELL',
      amount: string,
      more: { terms?: OrderTerms; symbol?: string; clientOrderId?: string } = {},
    ): Promise<void> {
      const placed = await (
        await engine.deps.accounts.forKey(apiKeyId)
      ).placeOrder({
        terms: more.terms ?? { type: 'MARKET' },
        symbol: more.symbol ?? SPOT,
        side,
        amount: decimal(amount),
        clientOrderId: more.clientOrderId ?? `web_${(hands += 1)}`,
        signedAt: Date.now(),
        recvWindowMs: 5_000,
        timeoutMs: 10_000,
      })
      expect(placed.kind, JSON.stringify(placed)).toBe('ACCEPTED')
    },
    /** Somebody's hand at the database, with every guard of it taken off. */
    corrupt: (sql: string, values: unknown[]) =>
      inTransaction(db.pool, async (tx) => {
        await tx.query(`SET LOCAL session_replication_role = replica`)
        await tx.query(sql, values)
      }),
    /** Nothing falls due by itself while a plan is made. */
    async quiet(): Promise<void> {
      await db.pool.query(
        `UPDATE orders SET next_settle_at = tradebot_now() + interval '1 hour' WHERE next_settle_at IS NOT NULL`,
      )
      await db.pool.query(`UPDATE orders SET updated_at = tradebot_now() - interval '1 minute'`)
      await db.pool.query(`UPDATE api_keys SET next_reconcile_at = tradebot_now() + interval '1 hour'`)
    },
    /** A worker of these jobs, its dispatcher too where `all`; answers how to stop it. */
    async work(names: readonly JobName[], all: boolean): Promise<() => Promise<void>> {
      const { logger, env } = engine.deps
      const heartbeat = startHeartbeat(db.pool, { ...env.timing, heartbeatMs: 500 }, logger)
      const runner = await startRunner({
        pool: db.pool,
        tasks: makeTaskList(handlers, engine.deps, names),
        concurrency: 4,
        heartbeat,
        logger,
      })
      const dispatcher = all ? startDispatcher(db.pool, 100, logger) : null
      const stop = async () => {
        stops.delete(stop)
        await dispatcher?.stop()
        await runner.stop(5_000)
        await heartbeat.stop()
        await db.pool.query(`DELETE FROM worker_heartbeats`)
        await sleep(50)
      }
      stops.add(stop)
      return stop
    },
    /** Every row of every table, but for what says how workers are and what was asked of them. */
    async snapshot(): Promise<Record<string, string>> {
      const { rows: tables } = await db.pool.query<{ name: string }>(
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN
           ('worker_requests', 'worker_heartbeats', 'dead_workers', 'venue_limits', 'venue_nonces')`,
      )
      const entries = tables.map(async ({ name }) => {
        const { rows } = await db.pool.query<{ all: string }>(
          `SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') AS all FROM "${name}" t`,
        )
        return [name, rows[0]?.all ?? ''] as const
      })
      return Object.fromEntries(await Promise.all(entries))
    },
  }
}
