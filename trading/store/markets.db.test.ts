import { expect, test } from 'vitest'
import { findMarket, marketsStale, venueTimeframes } from './known-markets.ts'
import { recordVenueError, upsertMarkets } from './markets.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'
import type { Market } from '../domain/market.ts'
import { decimal, type Decimal } from '../domain/money.ts'

const db = withTestDatabase()

const market = (symbol: string, more: Partial<Market> = {}): Market => ({
  exchange: 'x',
  symbol,
  base: symbol.split('/')[0] ?? '',
  quote: 'USDT',
  type: 'SPOT',
  active: true,
  priceTick: decimal('0.01'),
  amountStep: decimal('0.00001'),
  minAmount: null,
  minCost: decimal(5),
  maxLeverage: null,
  ...more,
})

const listed = (one: Market) => ({ ...one, volume24h: null })

const write = (markets: Market[]) =>
  inTransaction(db.pool, (tx) => upsertMarkets(tx, 'x', markets.map(listed), ['1m', '1h']))

test('markets come back as they were written; one that vanished is inactive; the others of their kind are untouched', async () => {
  await inTransaction(db.pool, (tx) => upsertMarkets(tx, 'y', [listed(market('A/USDT'))], []))
  await write([market('B/USDT'), market('A/USDT', { minAmount: decimal('1e30'), maxLeverage: 3 })])
  expect(await findMarket(db.pool, 'x', 'B/USDT')).toEqual(market('B/USDT'))
  // A limit beyond what the table can hold limits nothing.
  expect(await findMarket(db.pool, 'x', 'A/USDT')).toEqual(market('A/USDT', { maxLeverage: 3 }))
  const before = await updatedAt('B/USDT')

  await write([market('B/USDT'), market('C/USDT')])
  expect((await findMarket(db.pool, 'x', 'A/USDT'))?.active).toBe(false)
  expect(await updatedAt('B/USDT')).toEqual(before)
  await write([market('A/USDT'), market('B/USDT', { priceTick: decimal('0.1') }), market('C/USDT')])
  expect((await findMarket(db.pool, 'x', 'A/USDT'))?.active).toBe(true)
  expect((await findMarket(db.pool, 'x', 'B/USDT'))?.priceTick?.toFixed()).toBe('0.1')
  expect((await findMarket(db.pool, 'y', 'A/USDT'))?.active).toBe(true)
})

test('an error of the venue is noted beside what is known, and gone with the next answer', async () => {
  await write([market('A/USDT')])
  await recordVenueError(db.pool, 'x', 'away')
  expect(await venue('x')).toMatchObject({ error: 'away', timeframes: ['1m', '1h'] })
  expect((await venueTimeframes(db.pool, ['x'])).get('x')).toEqual(['1m', '1h'])
  await write([market('A/USDT')])
  expect(await venue('x')).toMatchObject({ error: null })
  await recordVenueError(db.pool, 'never-seen', 'no such exchange')
  expect(await venue('never-seen')).toEqual({ error: 'no such exchange', timeframes: [], refreshed_at: null })
})

test('a kind of markets that could not be read stays as it was, and is stale until it is read again', async () => {
  const futures = {
    settle: 'USDT',
    maintenanceMarginPerc: decimal('0.4'),
    liquidationFeePerc: decimal('1.25'),
  }
  const perpetual = market('A/USDT:USDT', { type: 'FUTURES', maxLeverage: 125, futures })
  await write([market('A/USDT'), perpetual])
  expect(await findMarket(db.pool, 'x', 'A/USDT:USDT')).toEqual(perpetual)
  expect(await marketsStale(db.pool, 'x', 'FUTURES')).toBe(false)
  await inTransaction(db.pool, (tx) =>
    upsertMarkets(
      tx,
      'x',
      [listed(market('B/USDT'))],
      ['1m'],
      [{ type: 'FUTURES', message: 'futures are away' }],
    ),
  )
  expect(await venue('x')).toMatchObject({ error: 'futures are away' })
  expect((await findMarket(db.pool, 'x', 'A/USDT'))?.active).toBe(false)
  expect((await findMarket(db.pool, 'x', 'A/USDT:USDT'))?.active).toBe(true)
  expect(await marketsStale(db.pool, 'x', 'FUTURES')).toBe(true)
  expect(await marketsStale(db.pool, 'x', 'SPOT')).toBe(false)
  await recordVenueError(db.pool, 'x', 'all is away')
  expect(await marketsStale(db.pool, 'x', 'SPOT')).toBe(true)
  await write([market('A/USDT'), perpetual])
  expect(await marketsStale(db.pool, 'x', 'FUTURES')).toBe(false)
  expect(await marketsStale(db.pool, 'nowhere', 'SPOT')).toBe(true)
})

test('a volume is kept where the venue does not tell it this time', async () => {
  const volumes = async () =>
    (
      await db.pool.query(
        `SELECT volume_24h::float8 AS volume FROM markets WHERE exchange = 'x' AND symbol = 'A/USDT'`,
      )
    ).rows
  const tell = (volume24h: Decimal | null) =>
    inTransaction(db.pool, (tx) => upsertMarkets(tx, 'x', [{ ...market('A/USDT'), volume24h }], ['1m']))
  await tell(decimal('12345.5'))
  await tell(null)
  expect(await volumes()).toEqual([{ volume: 12345.5 }])
})

async function venue(exchange: string) {
  const { rows } = await db.pool.query(
    'SELECT error, timeframes, refreshed_at FROM venues WHERE exchange = $1',
    [exchange],
  )
  return rows[0]
}

async function updatedAt(symbol: string) {
  const { rows } = await db.pool.query('SELECT updated_at FROM markets WHERE exchange = $1 AND symbol = $2', [
    'x',
    symbol,
  ])
  return rows[0]?.updated_at
}
