import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { Actor } from '#trading/domain/actor.ts'
import type { BotConfig } from '#trading/domain/bot.ts'
import { CROSSING_DOWN, CROSSING_UP } from '#trading/domain/bot.fixture.ts'
import { aUser } from '#trading/store/bot.fixture.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { control, openSandboxAccount } from '../exchange/sandbox.fixture.ts'
import { afterHints, type Engine, knowMarkets, knowPerpetual, makeEngine } from './engine.fixture.ts'
import { settleOrder } from './settle-order.ts'
import { type Sandbox, startSandbox } from './testing/sandbox.ts'
import { makeVenueBooks } from './venue-books.fixture.ts'

const SETTLED = ['FILLED', 'CANCELED', 'REJECTED', 'NOT_PLACED', 'EXPIRED']

/**
 * A sandbox, an engine over it and, for each test, a new user with a funded key, the price of BTC held at 50,000. Bots buy 0.002 BTC; their
 * stop loss is 2 %: trigger at 49,002.xx, limit 1 % below that. With `futures` bots trade the perpetual at 10x, 0.02 BTC long or short, from a
 * futures wallet of 10,000, and the mark price is the last price.
 */
export function withLiveEngine({ futures = false }: { futures?: boolean } = {}) {
  const db = withTestDatabase()
  let sandbox: Sandbox
  let engine: Engine
  let actor: Actor
  let venueKey: string
  let apiKeyId: string
  let books: ReturnType<typeof makeVenueBooks>

  beforeAll(async () => {
    sandbox = await startSandbox()
    // What these tests are about needs no short send budget, and a busy machine would use it up.
    const unhurried = { sendBudgetMs: 3_000, httpTimeoutMs: 3_000 }
    engine = makeEngine(db.pool, db.url, sandbox.url, futures ? unhurried : {})
    await knowMarkets(db.pool)
    await knowPerpetual(db.pool)
  })
  afterAll(async () => {
    await sandbox.close()
    await afterHints(db.pool)
  })
  beforeEach(async () => {
    await control(sandbox.url, 'DELETE', '/sandbox/faults')
    await hold(50_000)
    actor = await aUser(db.pool)
    const { credentials } = await openSandboxAccount(
      sandbox.url,
      futures ? { futures: { USDT: '10000' } } : {},
    )
    venueKey = credentials.apiKey
    apiKeyId = await engine.key(actor, credentials)
    books = makeVenueBooks(engine, sandbox.url, venueKey)
  })

  async function hold(price: number): Promise<void> {
    const held = { symbol: 'BTCUSDT', price: String(price) }
    if (futures) await control(sandbox.url, 'POST', '/sandbox/price', { ...held, market: 'mark' })
    await control(sandbox.url, 'POST', '/sandbox/price', held)
  }
  const kind: Partial<BotConfig> = futures
    ? { positionType: 'FUTURES', symbol: 'BTC/USDT:USDT', leverage: 10 }
    : {}
  /** The feed shows the price, without a signal. */
  const see = (price: number) => engine.show(CROSSING_UP.slice(0, -1), price)
  const stops = async (botId: string) =>
    (await engine.orders(botId)).filter((order) => order.purpose === 'PROTECTIVE_STOP')

  return {
    db,
    hold,
    see,
    stops,
    get engine() {
      return engine
    },
    get actor() {
      return actor
    },
    get venueKey() {
      return venueKey
    },
    get apiKeyId() {
      return apiKeyId
    },
    get books() {
      return books
    },
    get sandboxUrl() {
      return sandbox.url
    },
    account: () => engine.deps.accounts.forKey(apiKeyId),
    /** The exchange and the feed both show it. */
    move: async (price: number) => {
      await hold(price)
      await see(price)
    },
    fault: (kind: string, more: object = {}) =>
      control(sandbox.url, 'POST', '/sandbox/faults', {
        endpoint: futures ? 'POST /fapi/v1/order' : 'POST /api/v3/order',
        kind,
        count: 1,
        account: venueKey,
        ...more,
      }),
    noFaults: () => control(sandbox.url, 'DELETE', '/sandbox/faults'),

    /** A LIVE bot with an entry intended and not yet sent; `id` is the order's. */
    async intending(more: Partial<BotConfig> = {}): Promise<{ botId: string; id: string }> {
      const { botId } = await engine.running({ mode: 'LIVE', apiKeyId, ...kind, ...more }, actor)
      await engine.show(more.direction === 'SHORT' ? CROSSING_DOWN : CROSSING_UP, 50_000)
      expect(await engine.tick(botId)).toBe('Ticked, ENTRY intended')
      return { botId, id: (await engine.lastOrder(botId)).id }
    },
    /** A LIVE bot that has bought and has no stop yet. */
    async holding(more: Partial<BotConfig> = {}): Promise<string> {
      const { botId } = await this.intending(more)
      expect(await engine.send(botId)).toEqual(['Placed (FILLED)'])
      // Its answer tells no fills of a perpetual.
      if (futures) expect(await this.look(botId)).toEqual(['Found (FILLED)'])
      await see(50_000)
      return botId
    },
    /** A LIVE bot that holds, with its stop resting at the exchange. */
    async guarded(more: Partial<BotConfig> = {}): Promise<string> {
      const botId = await this.holding(more)
      expect(await engine.tick(botId)).toBe('Ticked, PROTECTIVE_STOP intended')
      expect(await engine.send(botId)).toEqual(['Placed (OPEN)'])
      return botId
    },
    /** Each order that is looked at at all is looked at once, now. */
    async look(botId: string): Promise<string[]> {
      const outcomes: string[] = []
      for (const order of await engine.orders(botId)) {
        if (order.next_settle_at === null) continue
        await db.pool.query(`UPDATE orders SET next_settle_at = tradebot_now() WHERE id = $1`, [order.id])
        outcomes.push(await settleOrder({ orderId: order.id }, engine.deps))
      }
      return outcomes
    },
    settled: (botId: string) =>
      engine.settleUntil(botId, async () =>
        (await engine.orders(botId)).every((order) => SETTLED.includes(order.status)),
      ),
    lastStop: async (botId: string) => {
      const last = (await stops(botId)).at(-1)
      if (last === undefined) throw new Error('the bot has no stop')
      return last
    },
    count: async (botId: string, type: string) =>
      (await engine.eventTypes(botId)).filter((each) => each === type).length,
    async expectFlat(botId: string): Promise<void> {
      expect(await engine.openPosition(botId)).toBeNull()
      expect((await books.venueBalance('BTC')).lt('0.00001'), 'less than a step is left').toBe(true)
      await books.expectBooksToAgree(botId)
    },
  }
}
