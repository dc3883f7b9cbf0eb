import { beforeEach, expect, test } from 'vitest'
import type { Actor } from '../domain/actor.ts'
import { aMarket } from '../domain/bot.fixture.ts'
import type { VenueFill } from '../domain/exchange.ts'
import { decimal } from '../domain/money.ts'
import { anOrder, aSavedBot, aUser, lead } from './bot.fixture.ts'
import { bookEvidence, type Evidence } from './booking.ts'
import { lockBot } from './bots.ts'
import { lockOrder } from './orders.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
let actor: Actor
let botId: string
beforeEach(async () => {
  actor = await aUser(db.pool)
  botId = await aSavedBot(db.pool, actor)
  await lead(db.pool, botId, 'RUNNING')
})

test('an entry and an exit in pieces, fees in base and in quote currency, dust: the books are what a hand computes', async () => {
  // Bought in three pieces over two looks, then cancelled; 0.1 % of what is received is the fee:
  //   0.00400 at 50,000.00 = 200.0000    fee 0.00000400 BTC, worth 0.2
  //   0.00300 at 50,100.00 = 150.3000    fee 0.00000300 BTC, worth 0.1503
  //   0.00123 at 50,200.10 =  61.746123  fee 0.00000123 BTC, worth 0.061746123
  const entry = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  const bought = [
    fill('1', 'BUY', '0.004', '50000', '0.000004', 'BTC'),
    fill('2', 'BUY', '0.003', '50100', '0.000003', 'BTC'),
    fill('3', 'BUY', '0.00123', '50200.1', '0.00000123', 'BTC'),
  ]
  await book(entry, { status: 'PARTIALLY_FILLED', exchangeOrderId: 'A', fills: bought.slice(0, 1) })
  // 0.004 − 0.000004 is held; its stop is 2 % below 50,000
  expect(await position()).toMatchObject({
    amount: '0.003996',
    average_price: '50000',
    cost: '200',
    stop_loss_price: '49000',
  })
  await book(entry, { status: 'CANCELED', exchangeOrderId: 'A', fills: bought })
  // Bought 0.00823 for 200 + 150.3 + 61.746123 = 412.046123; held 0.00823 − 0.00000823 = 0.00822177.
  // Average 412.046123 / 0.00823 = 50066.357594167679222357 (18 decimals)
  expect(await position()).toMatchObject({
    amount: '0.00822177',
    entry_amount: '0.00823',
    entry_notional: '412.046123',
    cost: '412.046123',
  })
  expect((await position())?.['average_price']).toBe('50066.357594167679222357')
  // Marked at the last fill's price: 0.00822177 × 50,200.10 = 412.733676177; less the cost: 0.687553177
  expect(await state()).toMatchObject({ equity: '1000.687553177', realized_pnl: '0', daily_trade_count: 1 })
  expect(await day()).toMatchObject({
    fees: '0.412046123',
    trade_count: 1,
    realized_pnl: '0',
    unrealized_pnl: '0.687553177',
  })

  // Sold in two pieces of together 0.00822, what is on the step; the fee is taken from the USDT received:
  //   0.00500 at 51,000.00 = 255.0000    fee 0.255        net 254.745
  //   0.00322 at 51,010.00 = 164.2522    fee 0.1642522    net 164.0879478
  const exit = await anOrder(db.pool, botId, { status: 'SUBMITTING', purpose: 'TAKE_PROFIT', side: 'SELL' })
  const sold = [
    fill('4', 'SELL', '0.005', '51000', '0.255', 'USDT', 'B'),
    fill('5', 'SELL', '0.00322', '51010', '0.1642522', 'USDT', 'B'),
  ]
  await book(exit, { status: 'PARTIALLY_FILLED', exchangeOrderId: 'B', fills: sold.slice(0, 1) })
  // Its share of the cost: 412.046123 × 0.005 / 0.00822177 = 250.582370341179575687 (18 decimals)
  // Profit of the piece: 254.745 − 250.582370341179575687 = 4.162629658820424313
  const fills1 = await fills()
  expect(fills1[3]).toMatchObject({ fee_value: '0.255', realized_pnl: '4.162629658820424313' })
  expect(await position()).toMatchObject({
    amount: '0.00322177',
    cost: '161.463752658820424313',
    realized_pnl: '4.162629658820424313',
  })

  await book(exit, { status: 'FILLED', exchangeOrderId: 'B', fills: sold })
  // 0.00000177 BTC is left, below the step: dust, booked at 0.00000177 × 51,010 = 0.0902877. All in all, by cash alone:
  //   254.745 + 164.0879478 + 0.0902877 − 412.046123 = 6.8771125
  expect(await position()).toBeNull()
  expect(await state()).toMatchObject({
    equity: '1006.8771125',
    realized_pnl: '6.8771125',
    total_pnl: '6.8771125',
    daily_pnl: '6.8771125',
    dust_amount: '0.00000177',
    dust_cost: '0.0902877',
  })
  // The second piece with the dust: 6.8771125 − 4.162629658820424313
  expect((await fills())[4]).toMatchObject({ fee_value: '0.1642522', realized_pnl: '2.714482841179575687' })
  // Fees: 0.412046123 + 0.255 + 0.1642522
  expect(await day()).toMatchObject({
    fees: '0.831298323',
    realized_pnl: '6.8771125',
    unrealized_pnl: '0',
    trade_count: 1,
  })
  const { rows } = await db.pool.query<Record<string, string>>(
    `SELECT trim_scale(realized_pnl)::text AS realized_pnl FROM positions WHERE bot_id = $1`,
    [botId],
  )
  expect(rows).toEqual([{ realized_pnl: '6.8771125' }])
})

test('fees in a third currency are valued when they are booked; where no price is known a person is told once', async () => {
  const prices = new Map([['BNB', decimal('600')]])
  const entry = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  // 0.0002 BNB × 600 = 0.12, part of what the position cost
  await book(entry, {
    status: 'FILLED',
    exchangeOrderId: 'C',
    fills: [fill('1', 'BUY', '0.002', '50000', '0.0002', 'BNB', 'C')],
    prices,
  })
  expect(await position()).toMatchObject({ amount: '0.002', cost: '100.12' })
  expect(await day()).toMatchObject({ fees: '0.12' })
  const exit = await anOrder(db.pool, botId, { status: 'SUBMITTING', purpose: 'EXIT', side: 'SELL' })
  await book(exit, {
    status: 'FILLED',
    exchangeOrderId: 'D',
    fills: [
      fill('2', 'SELL', '0.001', '51000', '0.0001', 'BNB', 'D'),
      fill('3', 'SELL', '0.001', '51000', '0.0001', 'TON', 'D'),
    ],
    prices,
  })
  // 102 − 0.0001 × 600 − 100.12; the TON is worth nobody knows what, so it is in no figure.
  expect(await state()).toMatchObject({ realized_pnl: '1.82', equity: '1001.82' })
  expect(await day()).toMatchObject({ fees: '0.18' })
  expect((await fills()).map((row) => row['fee_value'])).toEqual(['0.12', '0.06', null])

  const again = await anOrder(db.pool, botId, { status: 'SUBMITTING' })
  await book(again, {
    status: 'FILLED',
    exchangeOrderId: 'E',
    fills: [fill('4', 'BUY', '0.002', '50000', '0.0002', 'TON', 'E')],
  })
  const { rows } = await db.pool.query<{ message: string }>(
    `SELECT message FROM bot_events WHERE bot_id = $1 AND type = 'FEE_UNVALUED'`,
    [botId],
  )
  expect(rows.map((row) => row.message)).toEqual([
    'Fees are paid in TON, and no price of TON in USDT is known: profit and fees of the bot do not contain them.',
  ])
})

function fill(
  tradeId: string,
  side: 'BUY' | 'SELL',
  amount: string,
  price: string,
  fee: string,
  feeCurrency: string,
  exchangeOrderId = 'A',
): VenueFill {
  return {
    tradeId: `${botId}-${tradeId}`,
    exchangeOrderId: exchangeOrderId,
    side,
    amount: decimal(amount),
    price: decimal(price),
    fee: decimal(fee),
    feeCurrency,
    executedAt: new Date(1_700_000_000_000 + Number(tradeId)),
  }
}

async function book(orderId: string, evidence: Evidence): Promise<void> {
  await inTransaction(db.pool, async (tx) => {
    const locked = await lockBot(tx, botId, {})
    await bookEvidence(tx, locked, await lockOrder(tx, orderId), aMarket(), evidence)
  })
}

/** Figures as text without trailing zeros, so that they are compared to the last digit. */
async function read(table: string, columns: string[], where: string) {
  const figures = columns.map((name) => `trim_scale(${name})::text AS ${name}`).join(', ')
  return (
    await db.pool.query<Record<string, string | null>>(`SELECT ${figures} FROM ${table} WHERE ${where}`, [
      botId,
    ])
  ).rows
}

const position = async () =>
  (
    await read(
      'positions',
      [
        'amount',
        'average_price',
        'entry_amount',
        'entry_notional',
        'cost',
        'realized_pnl',
        'stop_loss_price',
      ],
      'bot_id = $1 AND closed_at IS NULL',
    )
  )[0] ?? null
const fills = () => read('fills', ['amount', 'fee_value', 'realized_pnl'], 'bot_id = $1 ORDER BY id')
const day = async () => {
  const [row] = await read('bot_days', ['fees', 'realized_pnl', 'unrealized_pnl'], 'bot_id = $1')
  const { rows } = await db.pool.query<{ trade_count: number }>(
    `SELECT trade_count FROM bot_days WHERE bot_id = $1`,
    [botId],
  )
  return { ...row, ...rows[0] }
}
const state = async () => {
  const [row] = await read(
    'bot_states',
    ['equity', 'realized_pnl', 'total_pnl', 'daily_pnl', 'dust_amount', 'dust_cost'],
    'bot_id = $1',
  )
  const { rows } = await db.pool.query<{ daily_trade_count: number }>(
    `SELECT daily_trade_count FROM bot_states WHERE bot_id = $1`,
    [botId],
  )
  return { ...row, ...rows[0] }
}
