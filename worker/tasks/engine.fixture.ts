import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { loadEnv, type Timing } from '#trading/config/env.ts'
import { makeLogger } from '#trading/config/logger.ts'
import type { Actor } from '#trading/domain/actor.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { aMarket, aPerpetual, candlesOf, CROSSING_DOWN, CROSSING_UP } from '#trading/domain/bot.fixture.ts'
import { type Candle, isPerpetual, type Market } from '#trading/domain/market.ts'
import type { MarkView } from '#trading/domain/tick/types.ts'
import { type Decimal, decimal } from '#trading/domain/money.ts'
import { insertApiKey } from '#trading/store/api-keys.ts'
import { aSavedBot, aUser } from '#trading/store/bot.fixture.ts'
import { startBot } from '#trading/store/bot-commands.ts'
import { inTransaction, type Pool, type Tx } from '#trading/store/pool.ts'
import type { WorkerDeps } from '../deps.ts'
import { makeAccounts } from '../exchange/accounts.ts'
import { makeVenues } from '../exchange/venues.ts'
import { makeSignalBook } from '../signals/signal-book.ts'
import { executeOrder } from './execute-order.ts'
import { reconcileAccount } from './reconcile-account.ts'
import { runBot } from './run-bot.ts'
import { settleOrder } from './settle-order.ts'

/** Market data is an input: what the loop would have fetched is what the test says. */
export type Feed = {
  candles: Candle[]
  price: Decimal
  ageMs: number
  /** Of perpetuals. Not given: the mark price is the last one, and no funding was settled. */
  mark?: MarkView | null
}

const QUICK: Partial<Timing> = {
  httpTimeoutMs: 1_000,
  sendBudgetMs: 500,
  recvWindowMs: 1_000,
  settleSkewMs: 100,
  unknownErrorMs: 1_000,
}

/** A worker's deps over a real database and, for LIVE, a sandbox; and what a test does with them, each job called by hand. */
export function makeEngine(
  pool: Pool,
  databaseUrl: string,
  sandboxUrl = 'http://127.0.0.1:9',
  timing: Partial<Timing> = {},
) {
  const loaded = loadEnv({
    DATABASE_URL: databaseUrl,
    TRADEBOT_MASTER_KEY: randomBytes(32).toString('base64'),
    TRADEBOT_EXCHANGE_SANDBOX_URL: sandboxUrl,
  })
  const env = { ...loaded, timing: { ...loaded.timing, ...QUICK, ...timing } }
  const logger = makeLogger('test')
  const feed: Feed = { candles: [], price: decimal(50_000), ageMs: 0 }

  const makeDeps = (): WorkerDeps => {
    const venues = makeVenues({ env })
    return {
      pool,
      env,
      logger,
      venues,
      accounts: makeAccounts({ pool, venues, env, logger }),
      marketData: {
        snapshot: (_, symbol) =>
          feed.candles.length === 0
            ? null
            : {
                ...(isPerpetual(symbol) && {
                  mark:
                    feed.mark === undefined ? { markPrice: feed.price, ageMs: 0, fundings: [] } : feed.mark,
                }),
                candles: feed.candles,
                forming: null,
                lastPrice: feed.price,
                fetchedAt: new Date(),
                ageMs: feed.ageMs,
                error: null,
              },
        nudge: () => undefined,
        stop: () => Promise.resolve(),
      },
      signals: makeSignalBook(),
      workerId: randomBytes(4).toString('hex'),
    }
  }
  const deps = makeDeps()

  /** The series as a whole, its last candle closing just now, by the database's clock. */
  async function show(
    closes: readonly (number | string)[],
    price: number | string = String(closes.at(-1)),
  ): Promise<void> {
    const { rows } = await pool.query<{ now: Date }>('SELECT tradebot_now() AS now')
    // Later than any candle shown before, so that each call brings a new one.
    const newest = feed.candles.at(-1)?.openTime.getTime() ?? 0
    const lastOpen = Math.max((rows[0]?.now.getTime() ?? 0) - 30_000, newest + 60_000)
    Object.assign(feed, { candles: candlesOf(closes, new Date(lastOpen)), price: decimal(price), ageMs: 0 })
  }

  async function tick(botId: string): Promise<string> {
    await pool.query(
      `UPDATE bot_states SET next_tick_at = tradebot_now() - interval '1 millisecond' WHERE bot_id = $1 AND next_tick_at IS NOT NULL`,
      [botId],
    )
    return runBot({ botId }, deps)
  }

  /** Sends each intent of the bot; answers the outcomes. */
  async function send(botId: string): Promise<string[]> {
    const outcomes: string[] = []
    for (const order of await orders(botId))
      if (order.status === 'INTENDED') outcomes.push(await executeOrder({ orderId: order.id }, deps))
    return outcomes
  }

  /** Settles the bot's orders as they fall due, until `done` or for at most `ms`. */
  async function settleUntil(botId: string, done: () => Promise<boolean>, ms = 10_000): Promise<string[]> {
    const outcomes: string[] = []
    const end = Date.now() + ms
    while (!(await done())) {
      if (Date.now() > end) throw new Error(`not settled within ${ms} ms: ${outcomes.join(', ')}`)
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM orders WHERE bot_id = $1 AND next_settle_at <= tradebot_now() ORDER BY id`,
        [botId],
      )
      for (const { id } of rows) outcomes.push(await settleOrder({ orderId: id }, deps))
      if (rows.length === 0) await sleep(50)
    }
    return outcomes
  }

  async function orders(botId: string): Promise<OrderRow[]> {
    return (await pool.query<OrderRow>(`SELECT * FROM orders WHERE bot_id = $1 ORDER BY id`, [botId])).rows
  }

  return {
    deps,
    makeDeps,
    feed,
    show,
    tick,
    send,
    settleUntil,
    orders,
    in: <T>(work: (tx: Tx) => Promise<T>) => inTransaction(pool, work),
    lastOrder: async (botId: string) => {
      const last = (await orders(botId)).at(-1)
      if (last === undefined) throw new Error('the bot has no order')
      return last
    },
    fills: async (botId: string) =>
      (await pool.query<FillRow>(`SELECT * FROM fills WHERE bot_id = $1 ORDER BY id`, [botId])).rows,
    state: async (botId: string) =>
      only(await pool.query<StateRow>(`SELECT * FROM bot_states WHERE bot_id = $1`, [botId])),
    positions: async (botId: string) =>
      (await pool.query<PositionRow>(`SELECT * FROM positions WHERE bot_id = $1 ORDER BY id`, [botId])).rows,
    openPosition: async (botId: string) =>
      (
        await pool.query<PositionRow>(`SELECT * FROM positions WHERE bot_id = $1 AND closed_at IS NULL`, [
          botId,
        ])
      ).rows[0] ?? null,
    days: async (botId: string) =>
      (await pool.query<DayRow>(`SELECT * FROM bot_days WHERE bot_id = $1 ORDER BY day`, [botId])).rows,
    eventTypes: async (botId: string) =>
      (
        await pool.query<{ type: string }>(`SELECT type FROM bot_events WHERE bot_id = $1 ORDER BY seq`, [
          botId,
        ])
      ).rows.map((row) => row.type),
    messages: async (botId: string) =>
      (
        await pool.query<{ message: string }>(
          `SELECT message FROM bot_events WHERE bot_id = $1 ORDER BY seq`,
          [botId],
        )
      ).rows.map((row) => row.message),

    /** A started bot that runs, with a first tick behind it. */
    async running(more: Partial<BotConfig> = {}, actor?: Actor): Promise<{ botId: string; actor: Actor }> {
      const owner = actor ?? (await aUser(pool))
      const botId = await aSavedBot(pool, owner, more)
      await inTransaction(pool, (tx) => startBot(tx, owner, botId))
      await show(CROSSING_DOWN.slice(0, -1))
      if (more.mode === 'LIVE' && more.apiKeyId) await reconcileAccount({ apiKeyId: more.apiKeyId }, deps)
      const outcome = await tick(botId)
      if (outcome !== 'Ticked, PENDING to RUNNING') throw new Error(`the bot does not run: ${outcome}`)
      await tick(botId)
      return { botId, actor: owner }
    },
    /** A crossover at this price: the next tick intends an entry. */
    crossUp: (price: number | string) => show(CROSSING_UP, price),
    crossDown: (price: number | string) => show(CROSSING_DOWN, price),

    /** A key of the user's with these credentials, checked and allowed to trade. */
    async key(
      actor: Actor,
      credentials: { apiKey: string; secretKey: string; passphrase: string | null },
    ): Promise<string> {
      const label = `key ${randomBytes(4).toString('hex')}`
      return inTransaction(pool, async (tx) => {
        const id = await insertApiKey(tx, env.masterKey, actor.userId, {
          exchange: 'sandbox',
          label,
          acceptWithdraw: true,
          credentials,
        })
        await tx.query(`UPDATE api_keys SET checked_at = tradebot_now(), can_trade = true WHERE id = $1`, [
          id,
        ])
        return id
      })
    },
  }
}
export type Engine = ReturnType<typeof makeEngine>

/** What a worker's market-data loop would have written of the sandbox: its BTC/USDT. */
export async function knowMarkets(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO venues (exchange, timeframes, refreshed_at) VALUES ('sandbox', '{1s,1m}', tradebot_now())`,
  )
  await knowMarket(pool, aMarket())
}

/** And its perpetual, BTC/USDT:USDT. */
export async function knowPerpetual(pool: Pool): Promise<void> {
  await knowMarket(pool, aPerpetual())
}

async function knowMarket(pool: Pool, market: Market): Promise<void> {
  const { exchange, symbol, base, quote, type, priceTick, amountStep, minAmount, minCost, futures } = market
  await pool.query(
    `INSERT INTO markets (exchange, symbol, base, quote, type, price_tick, amount_step, min_amount, min_cost, max_leverage,
                          settle, maintenance_margin_perc, liquidation_fee_perc)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      ...[exchange, symbol, base, quote, type],
      ...[priceTick, amountStep, minAmount, minCost].map(String),
      market.maxLeverage,
      futures?.settle ?? null,
      futures === undefined ? null : String(futures.maintenanceMarginPerc),
      futures === undefined ? null : String(futures.liquidationFeePerc),
    ],
  )
}

/** Hints go out 30 ms after what they tell of: a file's last one must not find its database gone. */
export async function afterHints(pool: Pool): Promise<void> {
  await sleep(60)
  for (let turn = 0; turn < 100 && pool.idleCount < pool.totalCount; turn++) await sleep(20)
}

export async function shiftClock(pool: Pool, seconds: number): Promise<void> {
  await pool.query(`UPDATE clock_shift SET seconds = $1`, [seconds])
}

function only<Row>(result: { rows: Row[] }): Row {
  const row = result.rows[0]
  if (row === undefined) throw new Error('there is no such row')
  return row
}

export type OrderRow = {
  id: string
  status: string
  purpose: string
  side: string
  type: string
  price: string | null
  stop_price: string | null
  reduce_only: boolean
  origin: string
  client_order_id: string
  exchange_order_id: string | null
  amount: string
  filled: string
  average_price: string | null
  error_code: string | null
  error_message: string | null
  next_settle_at: Date | null
  not_found_count: number
  reference_price: string
  submit_deadline: Date | null
}
export type FillRow = {
  order_id: string
  exchange_order_id: string
  trade_id: string
  side: string
  amount: string
  price: string
  fee: string
  fee_currency: string
  fee_value: string | null
  realized_pnl: string | null
}
export type StateRow = {
  status: string
  pause_reason: string | null
  pause_day: string | null
  error_code: string | null
  error_message: string | null
  closing: boolean
  deleting: boolean
  daily_pnl: string
  daily_trade_count: number
  total_pnl: string
  realized_pnl: string
  equity: string
  dust_amount: string
  dust_cost: string
  mark_price: string | null
  next_tick_at: Date | null
  exit_failures: number
  exit_retry_at: Date | null
  exit_purpose: string | null
  stop_failures: number
  stop_notice: string | null
  notice: string | null
  last_signal: string | null
}
export type PositionRow = {
  side: string
  leverage: number | null
  margin: string | null
  funding: string | null
  liquidation_price: string | null
  amount: string
  average_price: string
  cost: string
  realized_pnl: string
  stop_loss_price: string | null
  closed_at: Date | null
}
export type DayRow = {
  day: string
  start_equity: string
  realized_pnl: string
  unrealized_pnl: string
  fees: string
  trade_count: number
  funding: string
}
