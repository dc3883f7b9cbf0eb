import { expect } from 'vitest'
import { decimal, plain } from '#trading/domain/money.ts'
import { control } from '#worker/exchange/sandbox.fixture.ts'
import { type Account, PERPETUAL, type withLedger } from './ledger.ts'

/** `kinds`: what the plan says of it, and nothing else. `event`: what the bot is told when it is settled. `left`: what stays. `guarded`: it has a stop again. */
export type Seed = {
  account: Account
  kinds: string[]
  event: string | null
  left?: string[]
  guarded?: true
}

type Ledger = ReturnType<typeof withLedger>

/** One account for each difference, as it comes about. */
export const SEEDS: Record<string, (ledger: Ledger) => Promise<Seed>> = {
  'an order that a restored backup misses, with what it bought': async (ledger) => {
    const account = await ledger.holding()
    await forget(ledger, account)
    await ledger.db.pool.query(`DELETE FROM orders WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['MISSING_ORDER'], event: 'ORDER_TAKEN_OVER' }
  },
  'an order whose row alone was lost: what it bought is in the position': async (ledger) => {
    const account = await ledger.holding()
    await ledger.db.pool.query(`DELETE FROM orders WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['MISSING_ORDER'], event: 'ORDER_TAKEN_OVER' }
  },
  'an order that filled meanwhile': async (ledger) => {
    const account = await ledger.holding()
    await forget(ledger, account)
    await ledger.corrupt(
      `UPDATE orders SET status = 'OPEN', filled = 0, average_price = NULL, position_id = NULL, next_settle_at = tradebot_now() WHERE bot_id = $1`,
      [account.botId],
    )
    return { account, kinds: ['MISSING_FILL'], event: 'ORDER_LOOKED_UP' }
  },
  'a position that was sold by hand': async (ledger) => {
    const account = await ledger.holding()
    await ledger.byHand(account, 'SELL', '0.00199')
    return { account, kinds: ['MANUAL_CLOSE'], event: 'MANUAL_CLOSE' }
  },
  'a part of a position that was sold by hand': async (ledger) => {
    const account = await ledger.holding()
    await ledger.byHand(account, 'SELL', '0.001')
    return { account, kinds: ['MANUAL_CLOSE'], event: 'MANUAL_CLOSE' }
  },
  'a foreign order': async (ledger) => {
    const account = await ledger.running()
    const terms = { type: 'STOP_LIMIT', stopPrice: decimal(55_000), price: decimal(55_100) } as const
    await ledger.byHand(account, 'BUY', '0.001', { terms })
    return { account, kinds: ['FOREIGN_ORDER'], event: 'FOREIGN_ORDER' }
  },
  'an order with more in the books than was filled': async (ledger) => {
    const account = await ledger.holding()
    await ledger.db.pool.query(`UPDATE orders SET filled = filled + 0.5 WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['WRONG_ORDER_AMOUNT'], event: 'ORDER_RECOUNTED' }
  },
  'an order with less in the books than was filled': async (ledger) => {
    const account = await ledger.holding()
    await ledger.corrupt(`UPDATE orders SET filled = 0.001 WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['WRONG_ORDER_AMOUNT'], event: 'ORDER_RECOUNTED' }
  },
  'a position that grew in the books': async (ledger) => {
    const account = await ledger.holding()
    await ledger.db.pool.query(`UPDATE positions SET amount = amount * 2 WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['WRONG_POSITION'], event: 'POSITION_RECOUNTED' }
  },
  'a position that shrank in the books': async (ledger) => {
    const account = await ledger.holding()
    await ledger.db.pool.query(`UPDATE positions SET amount = amount / 2 WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['WRONG_POSITION'], event: 'POSITION_RECOUNTED' }
  },
  'fills whose rows were lost': async (ledger) => {
    const account = await ledger.holding()
    await ledger.db.pool.query(`DELETE FROM fills WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['LOST_FILLS'], event: 'FILLS_RESTORED' }
  },
  'an order that either of two bots may have sent': async (ledger) => {
    const first = await ledger.running()
    const account = await ledger.holding({}, first)
    await forget(ledger, account)
    await ledger.db.pool.query(`DELETE FROM orders WHERE bot_id = $1`, [account.botId])
    return { account, kinds: ['AMBIGUOUS_ORDER'], event: 'STATUS', left: ['AMBIGUOUS_ORDER'] }
  },
  'a fill in the books that the exchange never made': async (ledger) => {
    const account = await ledger.holding()
    await ledger.db.pool.query(
      `INSERT INTO fills SELECT (jsonb_populate_record(f, jsonb_build_object('id', nextval(pg_get_serial_sequence('fills', 'id')), 'trade_id', '999999'))).*
       FROM fills f WHERE bot_id = $1`,
      [account.botId],
    )
    return { account, kinds: ['BOOKS_CONTRADICT'], event: 'STATUS', left: ['BOOKS_CONTRADICT'] }
  },
  'a stop that was cancelled by hand': async (ledger) => {
    const account = await ledger.guarded()
    const { client_order_id: clientOrderId } = await ledger.engine.lastOrder(account.botId)
    const venue = await ledger.engine.deps.accounts.forKey(account.apiKeyId)
    await venue.cancelOrder({ symbol: 'BTC/USDT', clientOrderId, exchangeOrderId: null })
    return { account, kinds: ['MISSING_STOP'], event: 'ORDER_LOOKED_UP', guarded: true }
  },
  'a stop that rests though the books have ended it': async (ledger) => {
    const account = await ledger.guarded()
    await ledger.db.pool.query(
      `UPDATE orders SET status = 'CANCELED', next_settle_at = NULL WHERE bot_id = $1 AND purpose = 'PROTECTIVE_STOP'`,
      [account.botId],
    )
    return { account, kinds: ['STRAY_ORDER'], event: 'STRAY_ORDER_CANCELED', guarded: true }
  },
  'an order thought never placed, which filled': async (ledger) => {
    const account = await ledger.holding()
    await forget(ledger, account)
    await ledger.corrupt(
      `UPDATE orders SET status = 'NOT_PLACED', exchange_order_id = NULL, filled = 0, average_price = NULL, position_id = NULL,
         submitted_at = tradebot_now() - interval '10 minutes', next_settle_at = tradebot_now() WHERE bot_id = $1`,
      [account.botId],
    )
    return { account, kinds: ['ORDER_FOUND'], event: 'ORDER_LOOKED_UP' }
  },
  'an order in doubt, which filled': async (ledger) => {
    const account = await ledger.holding()
    await forget(ledger, account)
    await ledger.corrupt(
      `UPDATE orders SET status = 'UNKNOWN', exchange_order_id = NULL, filled = 0, average_price = NULL, position_id = NULL,
         unknown_since = tradebot_now(), next_settle_at = tradebot_now() WHERE bot_id = $1`,
      [account.botId],
    )
    return { account, kinds: ['ORDER_FOUND'], event: 'ORDER_LOOKED_UP' }
  },
  'an order that expired at the exchange': async (ledger) => {
    const account = await ledger.intending()
    const { id, client_order_id: clientOrderId, amount } = await ledger.engine.lastOrder(account.botId)
    const terms = { type: 'LIMIT_IOC', price: decimal(40_000) } as const
    await ledger.byHand(account, 'BUY', plain(decimal(amount)), { terms, clientOrderId })
    const [order] = await control(ledger.sandboxUrl, 'GET', `/sandbox/orders?account=${account.venueKey}`)
    expect(order?.['status']).toBe('EXPIRED')
    await ledger.corrupt(
      `UPDATE orders SET status = 'OPEN', type = 'LIMIT_IOC', price = 40000, exchange_order_id = $2, submitted_at = tradebot_now(),
         next_settle_at = tradebot_now() WHERE id = $1`,
      [id, String(order?.['orderId'])],
    )
    return { account, kinds: ['ORDER_ENDED'], event: 'ORDER_LOOKED_UP' }
  },
  'coins that are missing, and it cannot be told whose': async (ledger) => {
    const account = await ledger.holding()
    await ledger.holding({}, account)
    await ledger.byHand(account, 'SELL', '0.001')
    return { account, kinds: ['UNEXPLAINED_SHORTAGE'], event: 'STATUS', left: ['UNEXPLAINED_SHORTAGE'] }
  },
  'a liquidation': async (ledger) => {
    const account = await ledger.holding(ledger.perpetual)
    const mark = { symbol: 'BTCUSDT', market: 'mark' }
    await control(ledger.sandboxUrl, 'POST', '/sandbox/price', { ...mark, price: '45100' })
    const venue = await ledger.engine.deps.accounts.forKey(account.apiKeyId)
    await expect.poll(() => venue.fetchPosition(PERPETUAL), { timeout: 10_000 }).toBeNull()
    await ledger.hold(50_000)
    return { account, kinds: ['LIQUIDATION', 'MISSING_FUNDING'], event: 'POSITION_LIQUIDATED' }
  },
  'a short position that was made smaller by hand': async (ledger) => {
    const account = await ledger.holding({ ...ledger.perpetual, direction: 'SHORT' })
    await ledger.byHand(account, 'BUY', '0.005', { symbol: PERPETUAL })
    return { account, kinds: ['MANUAL_CLOSE'], event: 'MANUAL_CLOSE' }
  },
  'a position that was turned round by hand': async (ledger) => {
    const account = await ledger.holding({ ...ledger.perpetual, direction: 'SHORT' })
    await ledger.byHand(account, 'BUY', '0.03', { symbol: PERPETUAL })
    return { account, kinds: ['POSITION_DIFFERS'], event: 'STATUS', left: ['POSITION_DIFFERS'] }
  },
}

/** The position and its fills, as a backup from before the order would have them: the order's row stays. */
async function forget({ db }: Ledger, { botId }: Account): Promise<void> {
  await db.pool.query(`UPDATE orders SET position_id = NULL WHERE bot_id = $1`, [botId])
  for (const table of ['fills', 'positions', 'bot_days'])
    await db.pool.query(`DELETE FROM ${table} WHERE bot_id = $1`, [botId])
  await db.pool.query(
    `UPDATE bot_states SET realized_pnl = 0, dust_amount = 0, dust_cost = 0, equity = 1000, daily_trade_count = 0 WHERE bot_id = $1`,
    [botId],
  )
}
