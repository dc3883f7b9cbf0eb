import { expect, test } from 'vitest'
import { noTradeSentence, percent, ratio, signedPercent, spanOf } from './backtest-words.ts'

test('percentages have two decimals, a real minus, and a plus where they are gains', () => {
  expect(signedPercent('1.2549')).toBe('+1.25 %')
  expect(signedPercent('-3')).toBe('\u22123.00 %')
  expect(signedPercent('-0.001')).toBe('0.00 %')
  expect(signedPercent('0')).toBe('0.00 %')
  expect(percent(null)).toBe('\u2013')
  expect(ratio('12.5')).toBe('12.50')
})

test('a span names its days in UTC', () => {
  expect(spanOf('2026-05-01T00:00:00.000Z', '2026-05-02T00:00:00.000Z')).toMatch(/1.*2026.*\u2013.*2.*2026/)
  expect(spanOf(null, null)).toBe('All candles of the file')
})

test('a list without trades says that entries were refused', () => {
  expect(noTradeSentence([])).toContain('no signal')
  const two = [
    { code: 'ORDER_EXPIRED', count: 3 },
    { code: 'COOLDOWN_ACTIVE', count: 1 },
  ]
  expect(noTradeSentence(two)).toMatch(/all 4 entries .* refused \(ORDER_EXPIRED, COOLDOWN_ACTIVE\)/)
  expect(noTradeSentence(two.slice(1))).toContain('the one entry')
})
