import { expect, test } from 'vitest'
import { aConfig, CROSSING_DOWN, CROSSING_UP, signalsOf } from '../bot.fixture.ts'
import { decimal } from '../money.ts'
import { emaRsi } from './ema-rsi.ts'
import { paramsOf } from './strategy.ts'

const at = new Date('2026-01-01T00:00:00Z')
const config = aConfig({ emaFast: 2, emaSlow: 3, rsiPeriod: 2 })
const evaluate = (closes: readonly number[], more = {}) =>
  signalsOf(closes, at, { ...config, ...more }).at(-1)?.signal

test('the sentence says what crossed, and what RSI made of it', () => {
  // The last close rises by 19 after falls of 1: Wilder's average gain over all is 9.5 (halved once), loss 0.5.
  expect(evaluate(CROSSING_UP)).toEqual({
    long: 'ENTER',
    short: 'EXIT',
    reason: 'EMA 2 crossed above EMA 3, RSI 95.00 < 100',
  })
  expect(evaluate(CROSSING_UP, { rsiOverbought: decimal(95) })).toEqual({
    long: null,
    short: null,
    reason: 'EMA 2 crossed above EMA 3, but RSI 95.00 is overbought (≥ 95)',
  })
  expect(evaluate(CROSSING_DOWN)).toEqual({
    long: 'EXIT',
    short: 'ENTER',
    reason: 'EMA 2 crossed below EMA 3, RSI 5.00 > 0',
  })
  expect(evaluate(CROSSING_DOWN, { rsiOversold: decimal(5) })).toEqual({
    long: null,
    short: null,
    reason: 'EMA 2 crossed below EMA 3, but RSI 5.00 is oversold (≤ 5)',
  })
  expect(evaluate(CROSSING_UP.slice(0, -1))).toEqual({
    long: null,
    short: null,
    reason: 'No crossover: EMA 2 is below EMA 3, RSI 0.00',
  })
})

test('too few candles are no signal', () => {
  const told = signalsOf(CROSSING_UP, at, config).map(({ signal }) => signal.reason)
  expect(told[28]).toBe('Warming up: 29 of 30 closed candles')
  expect(told[29]).toBe('No crossover: EMA 2 is below EMA 3, RSI 0.00')
})

test('the warm-up is ten times the slowest period', () => {
  const warmUp = (more: object) => emaRsi.warmUp(paramsOf(emaRsi, aConfig(more)))
  expect(warmUp({ emaFast: 12, emaSlow: 26, rsiPeriod: 14 })).toBe(260)
  expect(warmUp({ emaFast: 2, emaSlow: 3, rsiPeriod: 50 })).toBe(500)
})
