import ccxt from 'ccxt'
import { expect, test } from 'vitest'
import { stepOf, toMarket } from './market-rules.ts'

const step = (precision: unknown, mode: number) => stepOf(precision, mode)?.toFixed() ?? null

test('each precision mode gives steps, or none', () => {
  expect(step('0.00001000', ccxt.TICK_SIZE)).toBe('0.00001')
  expect(step('1e-8', ccxt.TICK_SIZE)).toBe('0.00000001')
  expect(step('8', ccxt.DECIMAL_PLACES)).toBe('0.00000001')
  expect(step('0', ccxt.DECIMAL_PLACES)).toBe('1')
  expect(step('-2', ccxt.DECIMAL_PLACES)).toBe('100')
  expect(step('5', ccxt.SIGNIFICANT_DIGITS)).toBeNull()
  for (const nothing of [undefined, null, '', '0', 'NaN', 'Infinity', {}])
    expect(step(nothing, ccxt.TICK_SIZE)).toBeNull()
})

test('a spot market is read, anything else is left out', () => {
  const spot = {
    symbol: 'BTC/USDT',
    base: 'BTC',
    quote: 'USDT',
    spot: true,
    active: undefined,
    precision: { price: '0.01', amount: '0.00001' },
    limits: { amount: { min: '0.00001' }, cost: { min: '5.0' }, leverage: { max: undefined } },
  }
  const market = toMarket('x', spot, ccxt.TICK_SIZE)
  expect(market).toMatchObject({
    exchange: 'x',
    symbol: 'BTC/USDT',
    type: 'SPOT',
    active: true,
    maxLeverage: null,
  })
  expect(market?.minCost?.toFixed()).toBe('5')
  expect(toMarket('x', { ...spot, active: false }, ccxt.TICK_SIZE)?.active).toBe(false)
  expect(toMarket('x', { ...spot, spot: false }, ccxt.TICK_SIZE)).toBeNull()
  expect(toMarket('x', { ...spot, base: undefined }, ccxt.TICK_SIZE)).toBeNull()
})
