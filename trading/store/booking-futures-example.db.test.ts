import { beforeAll, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import { aPerpetual } from '../domain/bot.fixture.ts'
import type { BotConfig } from '../domain/bot.ts'
import type { VenueFill } from '../domain/exchange.ts'
import { liquidationFill } from '../domain/futures.ts'
import type { Market } from '../domain/market.ts'
import { decimal } from '../domain/money.ts'
import { anOrder, aSavedBot, aUser, lead } from './bot.fixture.ts'
import { bookEvidence, type Evidence } from './booking.ts'
import { loadSurroundings, lockBot } from './bots.ts'
import { bookFunding, paperFunding } from './funding.ts'
import { liquidateOnPaper } from './liquidation.ts'
import { upsertMarkets } from './markets.ts'
import { lockOrder } from './orders.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
let actor: Actor
/** Maintenance margin 0.4 %, liquidation fee 1.25 %. */
const market = aPerpetual()
beforeAll(async () => {
  actor = await aUser(db.pool)
  await inTransaction(db.pool, (tx) => upsertMarkets(tx, 'sandbox', [{ ...market, volume24h: null }], ['1m']))
})

test('a long with leverage 10: two entries, funding paid and received, a partial close, liquidation', async () => {
  const bot = await aFuturesBot({ leverage: 10, direction: 'LONG' }, '50060')
  // Taker fees of 0.05 %, in USDT:
  //   0.05 at 50,000.0 = 2,500.00   fee 1.25        margin 2,500.00 / 10 = 250
  //   0.02 at 50,100.5 = 1,002.01   fee 0.501005    margin 1,002.01 / 10 = 100.201
  const entry = await anOrder(db.pool, bot.id, { status: 'SUBMITTING' })
  const bought = [
    bot.fill('1', 'BUY', '0.05', '50000', '1.25'),
    bot.fill('2', 'BUY', '0.02', '50100.5', '0.501005'),
  ]
  await bot.book(entry, { status: 'PARTIALLY_FILLED', exchangeOrderId: 'A', fills: bought.slice(0, 1) })
  // Liquidated at (2,500 − 250) / (0.05 × 0.996) = 45,180.722891566265060241
  expect(await bot.position()).toMatchObject({
    amount: '0.05',
    average_price: '50000',
    cost: '2501.25',
    leverage: '10',
    margin: '250',
    funding: '0',
    liquidation_price: '45180.722891566265060241',
    stop_loss_price: '49000',
    take_profit_price: '52000',
  })
  await bot.book(entry, { status: 'FILLED', exchangeOrderId: 'A', fills: bought })
  // Average 3,502.01 / 0.07 = 50,028.714285714285714286; cost 3,502.01 + 1.751005; margin 250 + 100.201;
  // liquidated at (3,502.01 − 350.201) / (0.07 × 0.996) = 45,206.669535283993115319; stop 2 % below the average, take profit 4 % above
  expect(await bot.position()).toMatchObject({
    amount: '0.07',
    average_price: '50028.714285714285714286',
    entry_amount: '0.07',
    entry_notional: '3502.01',
    cost: '3503.761005',
    realized_pnl: '0',
    best_price: '50100.5',
    margin: '350.201',
    liquidation_price: '45206.669535283993115319',
    stop_loss_price: '49028.14',
    take_profit_price: '52029.862857142857142857',
  })
  // Valued by the mark price, 50,060: 0.07 × 50,060 − 3,503.761005 = 0.438995
  expect(await bot.state()).toMatchObject({
    equity: '1000.438995',
    realized_pnl: '0',
    daily_trade_count: '1',
  })
  expect(await bot.day()).toEqual({
    start_equity: '1000',
    realized_pnl: '0',
    unrealized_pnl: '0.438995',
    fees: '1.751005',
    funding: '0',
    trade_count: '1',
  })

  // Paid: 0.07 × 50,040 (the mark then) × 0.0001 = 0.35028, from the margin: 350.201 − 0.35028 = 349.85072
  await bot.fund('-0.35028', 1)
  // Liquidated at (3,502.01 − 349.85072) / 0.06972
  expect(await bot.position()).toMatchObject({
    realized_pnl: '-0.35028',
    margin: '349.85072',
    funding: '-0.35028',
    liquidation_price: '45211.693631669535283993',
  })
  expect(await bot.state()).toMatchObject({ equity: '1000.088715', realized_pnl: '-0.35028' })
  // Received, the rate being −0.00005: 0.07 × 49,900 × 0.00005 = 0.17465
  await bot.fund('0.17465', 2)
  expect(await bot.fundAgain('0.17465', 2), 'the same payment once more').toBe(false)
  expect(await bot.position()).toMatchObject({
    realized_pnl: '-0.17563',
    margin: '350.02537',
    funding: '-0.17563',
    liquidation_price: '45209.188611589213998853',
  })
  expect(await bot.day()).toEqual({
    start_equity: '1000',
    realized_pnl: '-0.17563',
    unrealized_pnl: '0.438995',
    fees: '1.751005',
    funding: '-0.17563',
    trade_count: '1',
  })

  // Closed in part: 0.03 at 50,300 = 1,509, fee 0.7545.
  //   cost  3,503.761005 × 3/7 = 1,501.611859285714285714; profit 1,509 − 0.7545 − that = 6.633640714285714286
  //   margin  350.02537 × 3/7 = 150.010872857142857143 is free again, 200.014497142857142857 stays
  const exit = await anOrder(db.pool, bot.id, { status: 'SUBMITTING', purpose: 'EXIT', side: 'SELL' })
  await bot.book(exit, {
    status: 'CANCELED',
    exchangeOrderId: 'B',
    fills: [bot.fill('3', 'SELL', '0.03', '50300', '0.7545', 'B')],
  })
  // Realised: 6.633640714285714286 − 0.17563. Liquidated at (0.04 × 50,028.714285714285714286 − 200.014497142857142857) / (0.04 × 0.996)
  expect(await bot.position()).toMatchObject({
    amount: '0.04',
    average_price: '50028.714285714285714286',
    cost: '2002.149145714285714286',
    realized_pnl: '6.458010714285714286',
    margin: '200.014497142857142857',
    funding: '-0.17563',
    liquidation_price: '45209.188611589213998856',
  })
  // 1,000 + 6.458010714285714286 + 0.04 × 50,060 − 2,002.149145714285714286
  expect(await bot.state()).toMatchObject({
    equity: '1006.708865',
    realized_pnl: '6.458010714285714286',
    total_pnl: '6.708865',
    daily_pnl: '6.708865',
  })

  // The mark price falls to 45,200. The margin is gone at 50,028.714285714285714286 − 200.014497142857142857 / 0.04 = 45,028.35…, so it is
  // closed at the mark: of the margin is left 200.014497142857142857 − 0.04 × 4,828.714285714285714286 = 6.865925714285714285…, which is less
  // than the fee, 1.25 % of 1,808 = 22.6, and all that can be taken.
  await bot.liquidate('45200', market)
  expect(await bot.position()).toBeNull()
  // 1,808 − 6.865925714285714285 − 2,002.149145714285714286
  expect(await bot.fills()).toEqual([
    { side: 'BUY', amount: '0.05', price: '50000', fee_value: '1.25', realized_pnl: null },
    { side: 'BUY', amount: '0.02', price: '50100.5', fee_value: '0.501005', realized_pnl: null },
    {
      side: 'SELL',
      amount: '0.03',
      price: '50300',
      fee_value: '0.7545',
      realized_pnl: '6.633640714285714286',
    },
    {
      side: 'SELL',
      amount: '0.04',
      price: '45200',
      fee_value: '6.865925714285714285',
      realized_pnl: '-201.015071428571428571',
    },
  ])
  // By cash alone: 1,509 − 0.7545 + 1,808 − 6.865925714285714285 − 3,503.761005 − 0.35028 + 0.17465 = −194.557060714285714285
  expect(await bot.state()).toMatchObject({
    equity: '805.442939285714285715',
    realized_pnl: '-194.557060714285714285',
    total_pnl: '-194.557060714285714285',
    daily_pnl: '-194.557060714285714285',
    status: 'ERROR',
    error_code: 'LIQUIDATED',
  })
  // Fees: 1.751005 + 0.7545 + 6.865925714285714285
  expect(await bot.day()).toEqual({
    start_equity: '1000',
    realized_pnl: '-194.557060714285714285',
    unrealized_pnl: '0',
    fees: '9.371430714285714285',
    funding: '-0.17563',
    trade_count: '1',
  })
  expect(await bot.closed()).toEqual([
    {
      amount: '0',
      realized_pnl: '-194.557060714285714285',
      margin: '0',
      funding: '-0.17563',
      liquidation_price: null,
    },
  ])
  expect(await bot.fundings()).toEqual([
    { amount: '-0.35028', currency: 'USDT', of_position: 'true' },
    { amount: '0.17465', currency: 'USDT', of_position: 'true' },
  ])
  expect(await bot.orders()).toEqual([
    { purpose: 'ENTRY', side: 'BUY', status: 'FILLED', origin: 'BOT', reduce_only: 'false' },
    { purpose: 'EXIT', side: 'SELL', status: 'CANCELED', origin: 'BOT', reduce_only: 'false' },
    { purpose: 'CLOSE', side: 'SELL', status: 'FILLED', origin: 'LIQUIDATION', reduce_only: 'true' },
  ])
  expect(await bot.told()).toEqual([
    'Long position opened: 0.05 BTC at 50000 USDT with leverage 10, liquidated at a mark price of 45180.723.',
    'Long position closed with a loss of 194.557060714285714285 USDT, fees and funding included.',
    'The long position of 0.04 BTC was liquidated at 45200 USDT: its margin was used up.',
  ])
})

test('a short with leverage 20 is its mirror: it sells first, earns from the fall and is liquidated above', async () => {
  const bot = await aFuturesBot({ leverage: 20, direction: 'SHORT' }, '49930')
  //   0.03 at 50,000.0 = 1,500.000   fee 0.75        margin 1,500.000 / 20 = 75
  //   0.04 at 49,900.3 = 1,996.012   fee 0.998006    margin 1,996.012 / 20 = 99.8006
  const entry = await anOrder(db.pool, bot.id, { status: 'SUBMITTING', side: 'SELL' })
  const sold = [
    bot.fill('1', 'SELL', '0.03', '50000', '0.75'),
    bot.fill('2', 'SELL', '0.04', '49900.3', '0.998006'),
  ]
  await bot.book(entry, { status: 'PARTIALLY_FILLED', exchangeOrderId: 'A', fills: sold.slice(0, 1) })
  // Its sale brought 1,500 − 0.75. Liquidated at (1,500 + 75) / (0.03 × 1.004)
  expect(await bot.position()).toMatchObject({
    amount: '0.03',
    average_price: '50000',
    cost: '1499.25',
    leverage: '20',
    margin: '75',
    liquidation_price: '52290.836653386454183267',
    stop_loss_price: '51000',
    take_profit_price: '48000',
  })
  await bot.book(entry, { status: 'FILLED', exchangeOrderId: 'A', fills: sold })
  // Average 3,496.012 / 0.07; cost 3,496.012 − 1.748006; margin 75 + 99.8006; liquidated at (3,496.012 + 174.8006) / (0.07 × 1.004);
  // stop 2 % above the average, take profit 4 % below; the lowest price is the best
  expect(await bot.position()).toMatchObject({
    amount: '0.07',
    average_price: '49943.028571428571428571',
    entry_notional: '3496.012',
    cost: '3494.263994',
    best_price: '49900.3',
    margin: '174.8006',
    liquidation_price: '52231.2549800796812749',
    stop_loss_price: '50941.889142857142857142',
    take_profit_price: '47945.307428571428571428',
  })
  // By the mark price, 49,930: 3,494.263994 − 0.07 × 49,930 = −0.836006
  expect(await bot.state()).toMatchObject({ equity: '999.163994', realized_pnl: '0' })

  // Received, for longs pay where the rate is above 0: 0.07 × 49,900 × 0.0001 = 0.3493
  await bot.fund('0.3493', 1)
  expect(await bot.position()).toMatchObject({
    realized_pnl: '0.3493',
    margin: '175.1499',
    funding: '0.3493',
    liquidation_price: '52236.225099601593625498',
  })
  // Paid, the rate being −0.0003: 0.07 × 49,950 × 0.0003 = 1.04895
  await bot.fund('-1.04895', 2)
  expect(await bot.position()).toMatchObject({
    realized_pnl: '-0.69965',
    margin: '174.10095',
    funding: '-0.69965',
    liquidation_price: '52221.299800796812749004',
  })
  expect(await bot.state()).toMatchObject({ equity: '998.464344', realized_pnl: '-0.69965' })

  // Bought back in part: 0.02 at 49,500 = 990, fee 0.495.
  //   its sale brought  3,494.263994 × 2/7 = 998.361141142857142857; profit that − 990 − 0.495 = 7.866141142857142857
  //   margin  174.10095 × 2/7 = 49.743128571428571429 is free again
  const exit = await anOrder(db.pool, bot.id, { status: 'SUBMITTING', purpose: 'TAKE_PROFIT', side: 'BUY' })
  await bot.book(exit, {
    status: 'CANCELED',
    exchangeOrderId: 'B',
    fills: [bot.fill('3', 'BUY', '0.02', '49500', '0.495', 'B')],
  })
  expect(await bot.position()).toMatchObject({
    amount: '0.05',
    cost: '2495.902852857142857143',
    realized_pnl: '7.166491142857142857',
    margin: '124.357821428571428571',
    liquidation_price: '52221.299800796812748995',
  })
  // 1,000 + 7.166491142857142857 + 2,495.902852857142857143 − 0.05 × 49,930
  expect(await bot.state()).toMatchObject({ equity: '1006.569344', realized_pnl: '7.166491142857142857' })

  // The mark price rises to 52,225. Here a liquidation costs 0.3 % of 0.05 × 52,225: 7.83375; of the margin is left
  // 124.357821428571428571 − 0.05 × 2,281.971428571428571429 = 10.25925, more than that.
  const futures = {
    settle: 'USDT',
    maintenanceMarginPerc: decimal('0.4'),
    liquidationFeePerc: decimal('0.3'),
  }
  await bot.liquidate('52225', { ...market, futures })
  expect(await bot.position()).toBeNull()
  // 2,495.902852857142857143 − 2,611.25 − 7.83375
  expect((await bot.fills()).slice(2)).toEqual([
    { side: 'BUY', amount: '0.02', price: '49500', fee_value: '0.495', realized_pnl: '7.866141142857142857' },
    {
      side: 'BUY',
      amount: '0.05',
      price: '52225',
      fee_value: '7.83375',
      realized_pnl: '-123.180897142857142857',
    },
  ])
  // By cash alone: 3,494.263994 − 990 − 0.495 − 2,611.25 − 7.83375 + 0.3493 − 1.04895 = −116.014406
  expect(await bot.state()).toMatchObject({
    equity: '883.985594',
    realized_pnl: '-116.014406',
    total_pnl: '-116.014406',
    daily_pnl: '-116.014406',
    status: 'ERROR',
    error_code: 'LIQUIDATED',
  })
  expect(await bot.day()).toEqual({
    start_equity: '1000',
    realized_pnl: '-116.014406',
    unrealized_pnl: '0',
    fees: '10.076756',
    funding: '-0.69965',
    trade_count: '1',
  })
  expect(await bot.closed()).toEqual([
    { amount: '0', realized_pnl: '-116.014406', margin: '0', funding: '-0.69965', liquidation_price: null },
  ])
})

/** A RUNNING bot on the perpetual, valued at that mark price, with its books as text without trailing zeros. */
async function aFuturesBot(config: Partial<BotConfig>, markPrice: string) {
  const id = await aSavedBot(db.pool, actor, {
    positionType: 'FUTURES',
    symbol: market.symbol,
    ...config,
  })
  await lead(db.pool, id, 'RUNNING')
  await db.pool.query(`UPDATE bot_states SET mark_price = $2 WHERE bot_id = $1`, [id, markPrice])
  const read = async (table: string, columns: string, where = '') => {
    const { rows } = await db.pool.query<Record<string, unknown>>(
      `SELECT ${columns} FROM ${table} WHERE bot_id = $1 ${where}`,
      [id],
    )
    return rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)])),
    )
  }
  const book = (orderId: string, evidence: Evidence) =>
    inTransaction(db.pool, async (tx) => {
      const locked = await lockBot(tx, id, {})
      await bookEvidence(tx, locked, await lockOrder(tx, orderId), market, evidence)
    })
  const fundAgain = (amount: string, hour: number) =>
    inTransaction(db.pool, async (tx) => {
      const locked = await lockBot(tx, id, {})
      const at = new Date(Date.UTC(2100, 0, 1, hour))
      return bookFunding(tx, locked, { ...paperFunding(id, at), amount: decimal(amount), currency: 'USDT' })
    })
  return {
    id,
    book,
    fundAgain,
    fund: async (amount: string, hour: number) => expect(await fundAgain(amount, hour)).toBe(true),
    liquidate: (mark: string, rules: Market) =>
      inTransaction(db.pool, async (tx) => {
        const { position } = await loadSurroundings(tx, id)
        if (position === null) throw new Error('nothing is held')
        await liquidateOnPaper(
          tx,
          await lockBot(tx, id, {}),
          rules,
          liquidationFill(position, decimal(mark), rules),
        )
      }),
    fill: (
      tradeId: string,
      side: 'BUY' | 'SELL',
      amount: string,
      price: string,
      fee: string,
      exchangeOrderId = 'A',
    ): VenueFill => ({
      tradeId: `${id}-${tradeId}`,
      exchangeOrderId,
      side,
      amount: decimal(amount),
      price: decimal(price),
      fee: decimal(fee),
      feeCurrency: 'USDT',
      executedAt: new Date(1_700_000_000_000 + Number(tradeId)),
    }),
    position: async () =>
      (
        await read(
          'positions',
          `${HELD}, leverage, margin, funding, liquidation_price`,
          'AND closed_at IS NULL',
        )
      )[0] ?? null,
    closed: () =>
      read(
        'positions',
        'amount, realized_pnl, margin, funding, liquidation_price',
        'AND closed_at IS NOT NULL',
      ),
    state: async () =>
      (
        await read(
          'bot_states',
          'equity, realized_pnl, total_pnl, daily_pnl, daily_trade_count, status, error_code',
        )
      )[0],
    day: async () =>
      (await read('bot_days', 'start_equity, realized_pnl, unrealized_pnl, fees, funding, trade_count'))[0],
    fills: () => read('fills', 'side, amount, price, fee_value, realized_pnl', 'ORDER BY id'),
    orders: () => read('orders', 'purpose, side, status, origin, reduce_only', 'ORDER BY id'),
    fundings: () =>
      read('funding_payments', 'amount, currency, position_id IS NOT NULL AS of_position', 'ORDER BY id'),
    told: async () =>
      (await read('bot_events', 'message', `AND type LIKE 'POSITION%' ORDER BY id`)).map(
        (row) => row['message'],
      ),
  }
}

const HELD =
  'amount, average_price, entry_amount, entry_notional, cost, realized_pnl, best_price, stop_loss_price, take_profit_price'

/** Numbers as the database writes them, without trailing zeros. */
function text(value: unknown): string | null {
  if (value === null) return null
  const written = String(value)
  return /^-?\d+\.\d*$/.test(written) ? written.replace(/\.?0+$/, '') : written
}
