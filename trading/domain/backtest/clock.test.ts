import { expect, test } from 'vitest'
import { decimal } from '../money.ts'
import { touchOf, touchTime } from './clock.ts'
import { columnsOf, decimalAt, makeCandleWriter } from './candle-columns.ts'
import { candlesOf } from '../bot.fixture.ts'

const candle = (open: number, high: number, low: number) => ({
  open: decimal(open),
  high: decimal(high),
  low: decimal(low),
})
const held = { side: 'BUY' as const, stopLossPrice: decimal(95), takeProfitPrice: decimal(110) }
const short = { side: 'SELL' as const, stopLossPrice: decimal(105), takeProfitPrice: decimal(90) }
const futures = { leverage: 10, margin: decimal(10), funding: decimal(0) }

test('a stop is met at its price, or at the open where the candle jumps over it', () => {
  expect(touchOf(candle(100, 101, 95), held)).toEqual({ at: 'INSIDE', price: decimal(95) })
  expect(touchOf(candle(90, 101, 85), held)).toEqual({ at: 'OPEN', price: decimal(90) })
  expect(touchOf(candle(100, 109.99, 95.01), held)).toBeNull()
})

test('a take profit is met in the same way, and gives way to a stop in the same candle', () => {
  expect(touchOf(candle(100, 110, 99), held)).toEqual({ at: 'INSIDE', price: decimal(110) })
  expect(touchOf(candle(115, 116, 99), held)).toEqual({ at: 'OPEN', price: decimal(115) })
  expect(touchOf(candle(100, 110, 95), held)).toEqual({ at: 'INSIDE', price: decimal(95) })
  expect(touchOf(candle(115, 116, 90), { ...held, takeProfitPrice: null })).toEqual({
    at: 'INSIDE',
    price: decimal(95),
  })
})

test('a short is met in the mirror', () => {
  expect(touchOf(candle(100, 105, 99), short)).toEqual({ at: 'INSIDE', price: decimal(105) })
  expect(touchOf(candle(107, 108, 99), short)).toEqual({ at: 'OPEN', price: decimal(107) })
  expect(touchOf(candle(100, 104, 90), short)).toEqual({ at: 'INSIDE', price: decimal(90) })
  expect(touchOf(candle(100, 105, 90), short)).toEqual({ at: 'INSIDE', price: decimal(105) })
  expect(touchOf(candle(89, 104, 88), short)).toEqual({ at: 'OPEN', price: decimal(89) })
  expect(touchOf(candle(100, 104.99, 90.01), short)).toBeNull()
})

test('a liquidation price stands in place of the stop where it is nearer', () => {
  const liquidated = (price: number) => ({ futures: { ...futures, liquidationPrice: decimal(price) } })
  const [low, high] = [candle(100, 101, 80), candle(100, 120, 99)]
  expect(touchOf(low, { ...held, ...liquidated(97) })?.price).toEqual(decimal(97))
  expect(touchOf(low, { ...held, ...liquidated(90) })?.price).toEqual(decimal(95))
  expect(touchOf(high, { ...short, ...liquidated(103) })?.price).toEqual(decimal(103))
  expect(touchOf(high, { ...short, ...liquidated(110) })?.price).toEqual(decimal(105))
  expect(touchOf(low, { ...held, futures: { ...futures, liquidationPrice: null } })?.price).toEqual(
    decimal(95),
  )
})

test('what is met inside a candle is met in its middle, what a gap jumps over at its open', () => {
  expect(touchTime({ at: 'INSIDE', price: decimal(1) }, 1_000, 60_000)).toBe(31_000)
  expect(touchTime({ at: 'OPEN', price: decimal(1) }, 1_000, 60_000)).toBe(1_000)
})

test('columns keep every digit that was written', () => {
  const writer = makeCandleWriter(1)
  const text = '0.123456789012345678'
  for (let index = 0; index < 40; index++)
    writer.push(index, { open: '0.1', high: text, low: '0.00162008', close: '81501.73000000', volume: '1' })
  const columns = writer.done()
  expect(columns.length).toBe(40)
  expect(decimalAt(columns, 39, 'high').toFixed()).toBe(text)
  expect(decimalAt(columns, 39, 'low').toFixed()).toBe('0.00162008')
  expect(decimalAt(columns, 39, 'close').toFixed()).toBe('81501.73')
  expect(columnsOf(candlesOf(['1.5', '2.25'], new Date(60_000))).close).toEqual(Float64Array.of(1.5, 2.25))
})
