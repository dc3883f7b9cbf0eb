import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ceilToStep, Decimal, decimal, floorToStep, maximum, minimum, percentOf, plain } from './money.ts'

const money = fc
  .tuple(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 18 }))
  .map(([units, places]) => decimal(String(units)).div(decimal(10).pow(places)))
const step = fc
  .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 0, max: 12 }))
  .map(([units, places]) => decimal(units).div(decimal(10).pow(places)))

test('plain notation, whatever the size: no exponent, no trailing zeros, no minus zero', () => {
  expect(plain(decimal('0.0000001'))).toBe('0.0000001')
  expect(plain(decimal('1e-18'))).toBe('0.000000000000000001')
  expect(plain(decimal('1e21'))).toBe('1000000000000000000000')
  expect(plain(decimal('1.500'))).toBe('1.5')
  expect(plain(decimal('-0'))).toBe('0')
  expect(plain(decimal('-1e-19'))).toBe('0')
})

test('more than 18 decimals are rounded to the even neighbour, as Postgres would have to cut them', () => {
  expect(plain(decimal('0.0000000000000000005'))).toBe('0')
  expect(plain(decimal('0.0000000000000000015'))).toBe('0.000000000000000002')
  expect(plain(decimal('0.00000000000000000051'))).toBe('0.000000000000000001')
})

test('what was written comes back the same', () => {
  fc.assert(fc.property(money, (value) => decimal(plain(value)).eq(value) && !plain(value).includes('e')))
})

test('a product of two amounts of 38 digits with 18 decimals is not rounded before it is written', () => {
  const a = decimal('12345678901234567890.123456789012345678')
  expect(a.times(decimal('1.000000000000000001')).toFixed()).toBe(
    '12345678901234567902.469135690246913568123456789012345678',
  )
})

test('nothing but finite numbers is money', () => {
  for (const wrong of ['NaN', 'Infinity', '-Infinity']) expect(() => decimal(wrong)).toThrow(RangeError)
  for (const wrong of ['', 'x', '1,5']) expect(() => decimal(wrong)).toThrow('DecimalError')
})

test('rounding to a step: on the step, never beyond the value, less than a step away', () => {
  fc.assert(
    fc.property(
      money.map((value) => value.abs().mod(1e9)),
      step,
      (value, by) => {
        const [down, up] = [floorToStep(value, by), ceilToStep(value, by)]
        for (const rounded of [down, up]) expect(rounded.mod(by).isZero()).toBe(true)
        expect(down.lte(value) && value.minus(down).lt(by)).toBe(true)
        expect(up.gte(value) && up.minus(value).lt(by)).toBe(true)
      },
    ),
  )
  expect(plain(floorToStep(decimal('0.3'), decimal('0.1')))).toBe('0.3')
  expect(plain(ceilToStep(decimal('0.3'), decimal('0.1')))).toBe('0.3')
  for (const none of [null, decimal(0)]) expect(plain(floorToStep(decimal('0.123'), none))).toBe('0.123')
})

test('percentages are of 100', () => {
  expect(plain(percentOf(decimal(50_000), decimal('0.05')))).toBe('25')
})

test('smaller and larger', () => {
  expect(minimum(decimal(1), decimal(2))).toEqual(decimal(1))
  expect(maximum(decimal(1), decimal(2))).toEqual(decimal(2))
})

test('the constructor is ours: 60 digits, apart from decimal.js’ default', () => {
  expect(Decimal.precision).toBe(60)
  expect(new Decimal('1e-7').toString()).toBe('0.0000001')
})

test('a step that is a power of ten rounds by cutting digits, to what dividing by it gives, below zero too', () => {
  const places = fc.integer({ min: 0, max: 18 })
  fc.assert(
    fc.property(money, places, (value, cut) => {
      const by = decimal(10).pow(-cut)
      const steps = value.div(by)
      expect(floorToStep(value, by).eq(steps.floor().times(by))).toBe(true)
      expect(ceilToStep(value, by).eq(steps.ceil().times(by))).toBe(true)
    }),
  )
  expect(plain(floorToStep(decimal('1234.5'), decimal(100)))).toBe('1200')
  expect(plain(ceilToStep(decimal('1234.5'), decimal('1e7')))).toBe('10000000')
})
