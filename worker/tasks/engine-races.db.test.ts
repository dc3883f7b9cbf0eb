import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '#trading/domain/actor.ts'
import { decimal } from '#trading/domain/money.ts'
import { aUser } from '#trading/store/bot.fixture.ts'
import { pauseBot, resumeBot, stopBot } from '#trading/store/bot-commands.ts'
import { dispatchDue } from '#trading/store/dispatch.ts'
import { haltTrading, resumeTrading } from '#trading/store/halt.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { afterHints, type Engine, knowMarkets, makeEngine } from './engine.fixture.ts'
import { executeOrder } from './execute-order.ts'
import { reactivateBots } from './reactivate-bots.ts'
import { runBot } from './run-bot.ts'

const db = withTestDatabase()
let engine: Engine
beforeAll(async () => {
  engine = makeEngine(db.pool, db.url)
  await knowMarkets(db.pool)
})
afterAll(() => afterHints(db.pool))

test.each(['halt', 'pause', 'stop'] as const)(
  'once %s has answered, no entry that was not claimed by then is sent: raced twenty times',
  async (command) => {
    const ends = new Set<string>()
    for (let round = 0; round < 20; round++) {
      const { botId, actor } = await engine.running()
      await engine.crossUp(50_000)
      await engine.tick(botId)
      const { id } = await engine.lastOrder(botId)
      const commanded = engine
        .in((tx) => {
          if (command === 'halt') return haltTrading(tx, actor, false)
          return command === 'pause' ? pauseBot(tx, actor, botId) : stopBot(tx, actor, botId, 'KEEP')
        })
        .then(async () => (await engine.lastOrder(botId)).status)
      // Sometimes a little earlier, sometimes a little later.
      const sent = new Promise((resolve) => setTimeout(resolve, round % 5)).then(() =>
        executeOrder({ orderId: id }, engine.deps),
      )
      const [statusWhenAnswered] = await Promise.all([commanded, sent])
      const { status } = await engine.lastOrder(botId)
      expect(status).toBe(statusWhenAnswered === 'FILLED' ? 'FILLED' : 'NOT_PLACED')
      expect(await engine.fills(botId)).toHaveLength(status === 'FILLED' ? 1 : 0)
      ends.add(status)
    }
    expect(ends.size).toBeGreaterThan(0)
  },
)

test('ticks, claims, commands, halts, the reset and the dispatcher all at once: no deadlock, no order doubled', async () => {
  const actor = await aUser(db.pool)
  const bots: string[] = []
  for (let count = 0; count < 6; count++)
    bots.push((await engine.running({ stopLossPerc: decimal('0.01') }, actor)).botId)
  const refused = ['InvalidTransitionError', 'OpenPositionError']
  const faults: unknown[] = []
  const outcomes = new Map<string, number>()
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      const outcome = String(await work()).replaceAll(/\d+/g, 'n')
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    } catch (error) {
      if (!(error instanceof Error && refused.includes(error.name))) faults.push(error)
    }
  }
  for (let round = 0; round < 25; round++) {
    await (round % 2 === 0 ? engine.crossUp(50_000) : engine.crossDown(49_000))
    await Promise.all([
      ...bots.map((botId) => attempt(() => dueTick(botId))),
      ...bots.map((botId) => attempt(() => runBot({ botId }, engine.deps))),
      ...(await intents()).map((orderId) => attempt(() => executeOrder({ orderId }, engine.deps))),
      ...(await intents()).map((orderId) => attempt(() => executeOrder({ orderId }, engine.deps))),
      attempt(() => dispatchDue(db.pool, 100)),
      attempt(() => reactivateBots({}, engine.deps)),
      attempt(() => commandOf(round, actor, bots[round % bots.length] ?? '')),
      attempt(() =>
        round % 5 === 0
          ? engine.in((tx) => haltTrading(tx, actor, round % 2 === 0))
          : engine.in((tx) => resumeTrading(tx, actor)),
      ),
    ])
  }
  expect(faults).toEqual([])
  expect([...outcomes.keys()]).toContain('Filled (paper)')
  expect([...outcomes.keys()]).toContain('Skipped (locked)')
  for (const botId of bots) await expectBooksInOrder(botId)
  const { rows } = await db.pool.query<{ gaps: boolean }>(
    `SELECT count(*) <> max(seq) OR min(seq) <> 1 AS gaps FROM bot_events WHERE user_id = $1`,
    [actor.userId],
  )
  expect(rows).toEqual([{ gaps: false }])
})

async function dueTick(botId: string): Promise<string> {
  await db.pool.query(
    `UPDATE bot_states SET next_tick_at = tradebot_now() WHERE bot_id = $1 AND next_tick_at IS NOT NULL`,
    [botId],
  )
  return runBot({ botId }, engine.deps)
}

async function intents(): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(`SELECT id FROM orders WHERE status = 'INTENDED'`)
  return rows.map((row) => row.id)
}

function commandOf(round: number, actor: Actor, botId: string): Promise<void> {
  return engine.in((tx) => (round % 2 === 0 ? pauseBot(tx, actor, botId) : resumeBot(tx, actor, botId)))
}

/** Each order filled once and by its own fills, one candle one entry, and the position what the fills leave. */
async function expectBooksInOrder(botId: string): Promise<void> {
  const fills = await engine.fills(botId)
  const filled = (await engine.orders(botId)).filter((order) => order.status === 'FILLED')
  expect(fills.map((fill) => fill.order_id).toSorted()).toEqual(filled.map((order) => order.id).toSorted())
  const base = fills.reduce(
    (sum, fill) =>
      sum
        .plus(decimal(fill.amount).times(fill.side === 'BUY' ? 1 : -1))
        .minus(fill.fee_currency === 'BTC' ? fill.fee : 0),
    decimal(0),
  )
  const { dust_amount, realized_pnl } = await engine.state(botId)
  expect(base.toFixed(18)).toBe(
    decimal((await engine.openPosition(botId))?.amount ?? '0')
      .plus(dust_amount)
      .toFixed(18),
  )
  const realized = fills.reduce((sum, fill) => sum.plus(fill.realized_pnl ?? '0'), decimal(0))
  expect(realized.toFixed(18)).toBe(realized_pnl)
}
