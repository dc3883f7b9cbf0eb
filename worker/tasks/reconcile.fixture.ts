import { expect } from 'vitest'
import type { OrderTerms } from '#trading/domain/exchange.ts'
import { decimal, floorToStep, plain } from '#trading/domain/money.ts'
import { withLiveEngine } from './live.fixture.ts'
import { readKey, reconcileAccount } from './reconcile-account.ts'
import { planAccount } from './reconcile-plan.ts'

/** What tests of reconciliation do over a live engine, a person's own hand at the exchange included. */
export function withReconciliation() {
  const live = withLiveEngine()
  let handMade = 0

  async function byHand(
    side: 'BUY' | 'SELL',
    amount: string,
    terms: OrderTerms,
    clientOrderId = `web_${(handMade += 1)}`,
  ): Promise<void> {
    const account = await live.account()
    const placed = await account.placeOrder({
      terms,
      symbol: 'BTC/USDT',
      side,
      amount: decimal(amount),
      clientOrderId,
      signedAt: Date.now(),
      recvWindowMs: 5_000,
      timeoutMs: 5_000,
    })
    expect(placed.kind, JSON.stringify(placed)).toBe('ACCEPTED')
  }

  return {
    live,
    compare: () => reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.deps),
    /** What a person is told who asks. */
    async plan() {
      const key = await readKey(live.engine.deps, live.apiKeyId)
      if (key === null) throw new Error('the key is gone')
      return planAccount(live.engine.deps, key, await live.engine.deps.accounts.forKey(key.id))
    },
    /** A person's order under an id of their own client. */
    byHand,
    sellByHand: async (amount: string, price: number) => {
      await live.hold(price)
      await byHand('SELL', amount, { type: 'MARKET' })
    },
    running: async () =>
      (await live.engine.running({ mode: 'LIVE', apiKeyId: live.apiKeyId }, live.actor)).botId,
    async enter(botId: string): Promise<void> {
      await live.engine.crossUp(50_000)
      expect(await live.engine.tick(botId)).toBe('Ticked, ENTRY intended')
      expect(await live.engine.send(botId)).toEqual(['Placed (FILLED)'])
    },
    async sellByExit(botId: string): Promise<void> {
      await live.engine.crossDown(50_100)
      expect(await live.engine.tick(botId)).toBe('Ticked, EXIT intended')
      expect(await live.engine.send(botId)).toEqual(['Placed (FILLED)'])
    },
    /** What can be sold of what the bot holds. */
    async heldBy(botId: string): Promise<string> {
      const amount = decimal((await live.engine.openPosition(botId))?.amount ?? '0')
      return plain(floorToStep(amount, decimal('0.00001')))
    },
    /** The books as a backup from before the bot's orders would have them. */
    async forget(botId: string): Promise<void> {
      await live.db.pool.query(`DELETE FROM orders WHERE bot_id = $1`, [botId])
      await live.db.pool.query(`DELETE FROM positions WHERE bot_id = $1`, [botId])
      await live.db.pool.query(`DELETE FROM bot_days WHERE bot_id = $1`, [botId])
      await live.db.pool.query(
        `UPDATE bot_states SET realized_pnl = 0, dust_amount = 0, dust_cost = 0, equity = 1000, daily_trade_count = 0 WHERE bot_id = $1`,
        [botId],
      )
    },
    async keyRow() {
      const { rows } = await live.db.pool.query<{
        reconciled_at: Date | null
        next_reconcile_at: Date | null
        reconcile_error: string | null
      }>(`SELECT reconciled_at, next_reconcile_at, reconcile_error FROM api_keys WHERE id = $1`, [
        live.apiKeyId,
      ])
      if (rows[0] === undefined) throw new Error('the key is gone')
      return rows[0]
    },
  }
}
