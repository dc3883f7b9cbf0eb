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

test('a spot market is read as one', () => {
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

const perpetual = {
  symbol: 'BTC/USDT:USDT',
  base: 'BTC',
  quote: 'USDT',
  settle: 'USDT',
  spot: false,
  swap: true,
  linear: true,
  contractSize: '0.01',
  precision: { price: '0.1', amount: '1' },
  limits: { amount: { min: '2' }, cost: { min: undefined }, leverage: { max: '100' } },
}

test('a perpetual that is settled in its quote currency is read in base currency, whatever the venue counts in', () => {
  const market = toMarket('x', perpetual, ccxt.TICK_SIZE)
  expect(market).toMatchObject({ symbol: 'BTC/USDT:USDT', type: 'FUTURES', maxLeverage: 100 })
  expect([market?.amountStep, market?.minAmount, market?.priceTick].map(String)).toEqual([
    '0.01',
    '0.02',
    '0.1',
  ])
  // A hundredth of the notional is margin at the highest leverage: half of it must remain.
  const { settle, maintenanceMarginPerc, liquidationFeePerc } = market?.futures ?? {}
  expect([settle, String(maintenanceMarginPerc), String(liquidationFeePerc)]).toEqual(['USDT', '0.5', '1.25'])
})

test('the most that one order may be over is the smaller of any order and of one at market', () => {
  const limits = { ...perpetual.limits, amount: { min: '2', max: '1000' }, market: { max: '120' } }
  expect(toMarket('x', { ...perpetual, limits }, ccxt.TICK_SIZE)?.maxAmount?.toFixed()).toBe('1.2')
  expect(toMarket('x', perpetual, ccxt.TICK_SIZE)).not.toHaveProperty('maxAmount')
})

test('what Binance says of margins is taken from its own row', () => {
  const info = { requiredMarginPercent: '5.0000', maintMarginPercent: '2.5000', liquidationFee: '0.012500' }
  const limits = { ...perpetual.limits, leverage: { max: undefined } }
  const market = toMarket('binance', { ...perpetual, contractSize: '1', limits, info }, ccxt.TICK_SIZE)
  expect(market?.maxLeverage).toBe(20)
  expect(String(market?.futures?.maintenanceMarginPerc)).toBe('2.5')
  expect(String(market?.futures?.liquidationFeePerc)).toBe('1.25')
})

test('where a venue says nothing of leverage the margins are those of 20 times, and the highest leverage is not known', () => {
  const market = toMarket('x', { ...perpetual, limits: {} }, ccxt.TICK_SIZE)
  expect(market?.maxLeverage).toBeNull()
  expect(String(market?.futures?.maintenanceMarginPerc)).toBe('2.5')
})

test('dated futures, inverse contracts and those that are settled in something else are left out', () => {
  const none = [
    { swap: false },
    { linear: false },
    { settle: 'USDC', symbol: 'BTC/USDT:USDC' },
    { symbol: 'BTC/USDT:USDT-261225' },
    { base: undefined },
  ]
  for (const more of none) expect(toMarket('x', { ...perpetual, ...more }, ccxt.TICK_SIZE)).toBeNull()
})
