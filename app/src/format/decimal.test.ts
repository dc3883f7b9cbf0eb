import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatExact,
  formatMoney,
  formatPrice,
  formatSignedMoney,
  isDecimalInput,
  roundDecimal,
  signOf,
} from './decimal.ts'

describe('formatExact', () => {
  test('groups thousands and keeps every digit', () => {
    expect(formatExact('1234567.000000000000000001')).toBe('1,234,567.000000000000000001')
    expect(formatExact('99999999999999999999.5')).toBe('99,999,999,999,999,999,999.5')
    expect(formatExact('-1000')).toBe('\u22121,000')
    expect(formatExact('999')).toBe('999')
  })
  test('loses no digit of any decimal', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,19})\.\d{1,18}$/)
    fc.assert(fc.property(digits, (value) => formatExact(value).replaceAll(',', '') === value))
  })
  test('leaves what is no decimal as it is', () => {
    expect(formatExact('1e5')).toBe('1e5')
  })
})

describe('formatMoney', () => {
  test('rounds half away from zero to two decimals for dollars', () => {
    expect(formatMoney('1234.565', 'USDT')).toBe('1,234.57')
    expect(formatMoney('-1234.565', 'USDT')).toBe('\u22121,234.57')
    expect(formatMoney('999.999', 'USDT')).toBe('1,000.00')
    expect(formatMoney('10', 'USDT')).toBe('10.00')
  })
  test('shows a small amount instead of zero', () => {
    expect(formatMoney('0.000123456', 'USDT')).toBe('0.000123')
    expect(formatMoney('0', 'USDT')).toBe('0.00')
  })
  test('keeps eight decimals for coins, without trailing zeros', () => {
    expect(formatMoney('0.5', 'BTC')).toBe('0.5')
    expect(formatMoney('0.123456789', 'BTC')).toBe('0.12345679')
  })
  test('puts a sign on a gain', () => {
    expect(formatSignedMoney('3', 'USDT')).toBe('+3.00')
    expect(formatSignedMoney('0', 'USDT')).toBe('0.00')
    expect(formatSignedMoney('-3', 'USDT')).toBe('\u22123.00')
  })
})

test('a price keeps seven significant digits', () => {
  expect(formatPrice('61234.123456789')).toBe('61,234.12')
  expect(formatPrice('1.5')).toBe('1.50')
  expect(formatPrice('0.00001234567')).toBe('0.000012346')
  expect(formatPrice('100')).toBe('100.00')
})

test('roundDecimal agrees with integer arithmetic', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (scaled) => {
      const text = scaled.toString().padStart(7, '0')
      const value = `${text.slice(0, -6)}.${text.slice(-6)}`
      const expected = (scaled + 5_000n) / 10_000n
      const hundredths = expected.toString().padStart(3, '0')
      const plain = `${hundredths.slice(0, -2)}.${hundredths.slice(-2)}`.replace(/\.?0+$/, '')
      return roundDecimal(value, 2) === (plain === '' ? '0' : plain)
    }),
  )
})

test('a negative amount that rounds to nothing has no sign', () => {
  expect(roundDecimal('-0.001', 2)).toBe('0')
  expect(signOf('-0.000')).toBe(0)
  expect(signOf('-0.001')).toBe(-1)
})

test('takes what the API takes as a decimal', () => {
  expect(['1', '0.5', '-2', '007'].every(isDecimalInput)).toBe(true)
  expect(['', '1,5', '1e3', '.5', '5.', ' 1', 'NaN'].some(isDecimalInput)).toBe(false)
})
