import { describe, expect, test } from 'vitest'
import { aConfig, aMarket, aPerpetual } from './bot.fixture.ts'
import { minimumIssues } from './market-minimums.ts'
import { decimal, ZERO } from './money.ts'

const market = aMarket()
const check = (size: string, price: string | null, more: object = {}) =>
  minimumIssues(
    aConfig({ positionSizeFixed: decimal(size), stopLossPerc: decimal(2), paperFeePerc: ZERO, ...more }),
    market,
    price === null ? null : decimal(price),
  ).map(({ message }) => message)

test('below the market’s smallest cost, whatever the price', () => {
  expect(check('4.99', null)).toEqual([
    'positionSizeFixed must be at least 5 USDT, the smallest order of BTC/USDT on sandbox.',
  ])
  expect(check('1000', '50000')).toEqual([])
})

test('large enough in money, but less than a step or the smallest amount at the last known price', () => {
  expect(check('6', null)).toEqual([])
  // 6 / 650,000 is 0.00000923…, less than the step of 0.00001
  expect(check('6', '650000')[0]).toContain(
    'at 650000 USDT it buys 0 BTC, which is less than the smallest order',
  )
  // 0.00009 BTC on the step is worth 4.95
  expect(check('5.4', '55000')[0]).toContain('it buys 0.00009 BTC')
})

describe('what is bought can still be sold at the stop loss', () => {
  test('5.10 × 0.98 = 4.998 is below 5; 5.11 × 0.98 = 5.0078 is not; 1 % of fee makes 5.11 too little', () => {
    expect(check('5.10', null)[0]).toContain('would be worth 4.998 USDT after fees')
    expect(check('5.11', null)).toEqual([])
    expect(check('5.11', null, { paperFeePerc: decimal(1) })[0]).toContain('4.957722')
  })
  test('with a price, the steps lost to rounding and to the fee count', () => {
    // 0.00011 BTC, less 0.1 % is 0.00010989, of which 0.0001 can be sold: at 49,000 that is 4.90
    expect(check('5.6', '50000', { paperFeePerc: decimal('0.1') })[0]).toContain('4.9 USDT')
    // 0.00012 → 0.00011988 → 0.00011 × 49,000 = 5.39
    expect(check('6', '50000', { paperFeePerc: decimal('0.1') })).toEqual([])
  })
})

test('a market that names no minimum takes anything but nothing', () => {
  const free = aMarket({ minAmount: null, minCost: null, amountStep: null })
  expect(minimumIssues(aConfig({ positionSizeFixed: decimal('0.01') }), free, decimal(50_000))).toEqual([])
  expect(minimumIssues(aConfig({ positionSizeFixed: decimal('0.01') }), free, null)).toEqual([])
})

test('with leverage the entry counts, not the money behind it; of a perpetual all can be left, however little', () => {
  const futures = aPerpetual({ minCost: decimal(50) })
  const issues = (size: string, leverage: number, price: string | null = null) =>
    minimumIssues(
      aConfig({
        positionType: 'FUTURES',
        leverage,
        positionSizeFixed: decimal(size),
        stopLossPerc: decimal(2),
      }),
      futures,
      price === null ? null : decimal(price),
    ).map(({ message }) => message)
  expect(issues('5', 10)).toEqual([])
  expect(issues('4.99', 10)).toEqual([
    'positionSizeFixed must be at least 5 USDT: 10 times that is 50 USDT, the smallest order of BTC/USDT on sandbox.',
  ])
  // 50 at 10x and 100,000: 0.005 BTC; at its stop that is 490, and no minimum holds for what reduces.
  expect(issues('50', 10, '100000')).toEqual([])
  expect(issues('8', 10, '100000')[0]).toContain('it buys, 10 times, 0 BTC')
})
