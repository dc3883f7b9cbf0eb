import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Market } from '../market/market.ts'
import { LISTED } from '../market/symbols.ts'
import { Money, ZERO } from '../money.ts'
import { bracketAt, contractsOf, maxNotionalAt } from './contracts.ts'
import {
  bankruptcyPriceOf,
  fillPosition,
  liquidationPriceOf,
  maintenanceOf,
  unrealizedOf,
} from './positions.ts'
import type { Position } from './records.ts'

const flat = (leverage: number): Position => ({
  symbol: 'BTCUSDT',
  leverage,
  isolated: true,
  amount: ZERO,
  cost: ZERO,
  margin: ZERO,
  updateTime: 0,
})
const money = (text: string | number) => new Money(text)
const market: Market = new Map(
  LISTED.map((spec) => {
    const bar = () => ({ open: 1, high: 1, low: 1, close: 1, volume: 0 })
    return [spec.symbol, { spec, source: { barMs: 1000, originMs: 0, bar, span: bar }, holds: [] }]
  }),
)
const specs = contractsOf(market)
const btc = specs.find((spec) => spec.symbol === 'BTCUSDT')
if (!btc) throw new Error('BTCUSDT has no perpetual')

test('a long one by hand: two entries, a part closed, the rest', () => {
  const position = flat(10)
  expect(fillPosition(position, 'BUY', money('0.3'), money(60_000), 1).toString()).toBe('0')
  expect(position.margin.toString()).toBe('1800')
  fillPosition(position, 'BUY', money('0.1'), money(64_000), 2)
  // 18,000 + 6,400 for 0.4: entered at 61,000.
  expect([position.cost, position.margin].map(String)).toEqual(['24400', '2440'])
  // (24,400 - 2,440) / (0.4 x 0.996)
  expect(liquidationPriceOf(btc, position, position.margin)?.toFixed(8)).toBe('55120.48192771')
  expect(fillPosition(position, 'SELL', money('0.1'), money(63_000), 3).toString()).toBe('200')
  expect([position.amount, position.cost, position.margin].map(String)).toEqual(['0.3', '18300', '1830'])
  expect(unrealizedOf(position, money(60_000)).toString()).toBe('-300')
  expect(fillPosition(position, 'SELL', money('0.3'), money(60_000), 4).toString()).toBe('-300')
  expect([position.amount, position.cost, position.margin].map(String)).toEqual(['0', '0', '0'])
})

test('a short one by hand, turned into a long one by one fill', () => {
  const position = flat(5)
  fillPosition(position, 'SELL', money('0.2'), money(50_000), 1)
  // (10,000 + 2,000) / (0.2 x 1.004)
  expect(liquidationPriceOf(btc, position, position.margin)?.toFixed(8)).toBe('59760.95617529')
  expect(bankruptcyPriceOf(position, position.margin).toString()).toBe('60000')
  expect(fillPosition(position, 'BUY', money('0.5'), money(49_000), 2).toString()).toBe('200')
  expect([position.amount, position.cost, position.margin].map(String)).toEqual(['0.3', '14700', '2940'])
})

describe('brackets', () => {
  test('the maintenance margin runs on without a step from one bracket to the next', () => {
    for (const spec of specs)
      for (const bracket of spec.brackets.slice(1)) {
        const before = bracketAt(spec, money(bracket.floor))
        const at = (b: typeof bracket) => money(bracket.floor).mul(b.maintenance).minus(b.cum)
        expect(at(bracket).toString(), `${spec.symbol} ${bracket.floor}`).toBe(at(before).toString())
      }
  })

  test('every bracket can be opened at its leverage without being liquidated at once', () => {
    for (const spec of specs)
      for (const bracket of spec.brackets)
        expect(bracket.maintenance.mul(bracket.leverage).lt(1), `${spec.symbol} ${bracket.leverage}`).toBe(
          true,
        )
    expect(maxNotionalAt(btc, 125)).toBe(300_000)
    expect(maxNotionalAt(btc, 51)).toBe(300_000)
    expect(maxNotionalAt(btc, 50)).toBe(1_500_000)
  })
})

const fill = fc.record({
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  quantity: fc.integer({ min: 1, max: 500 }).map((n) => money(n).div(1000)),
  price: fc.integer({ min: 400_000, max: 800_000 }).map((n) => money(n).div(10)),
})

test('whatever is filled: profit, cost and cash add up, and nothing is left of a flat position', () => {
  fc.assert(
    fc.property(
      fc.array(fill, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 125 }),
      (fills, leverage) => {
        const position = flat(leverage)
        let [realized, flow] = [ZERO, ZERO]
        for (const { side, quantity, price } of fills) {
          realized = realized.plus(fillPosition(position, side, quantity, price, 1))
          const notional = price.mul(quantity)
          flow = side === 'BUY' ? flow.minus(notional) : flow.plus(notional)
          const short = position.amount.isNegative()
          const cost = short ? flow.minus(realized) : realized.minus(flow)
          expect(position.cost.toString()).toBe(cost.toString())
          expect(realized.decimalPlaces()).toBeLessThanOrEqual(8)
          if (position.amount.isZero()) expect([position.cost, position.margin].map(Number)).toEqual([0, 0])
          else expect(position.margin.gt(0)).toBe(true)
        }
      },
    ),
  )
})

test('at the liquidation price, what is left of the margin is the maintenance margin', () => {
  fc.assert(
    fc.property(fill, fc.integer({ min: 1, max: 50 }), ({ side, quantity, price }, leverage) => {
      const position = flat(leverage)
      fillPosition(position, side, quantity, price, 1)
      const at = liquidationPriceOf(btc, position, position.margin)
      if (!at) return
      const left = position.margin.plus(unrealizedOf(position, at))
      // The bracket is chosen by what it was entered at.
      const { maintenance, cum } = bracketAt(btc, position.cost)
      const needed = position.amount.abs().mul(at).mul(maintenance).minus(cum)
      expect(left.minus(needed).abs().lt('0.0000001')).toBe(true)
      const bankrupt = bankruptcyPriceOf(position, position.margin)
      expect(side === 'BUY' ? bankrupt.lte(at) : bankrupt.gte(at)).toBe(true)
      expect(maintenanceOf(btc, position, at).gt(0)).toBe(true)
    }),
  )
})
