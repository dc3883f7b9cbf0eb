import { expect, test } from 'vitest'
import { isTransferInFlight, kindNote, leftWords, transferStatusWords } from './bot-words.ts'

const bot = (positionType: 'SPOT' | 'FUTURES', direction: 'LONG' | 'SHORT' | 'BOTH', leverage = 5) => ({
  positionType,
  direction,
  leverage,
})

test('a bot of perpetuals says its leverage and direction, one of spot markets has neither', () => {
  expect(kindNote(bot('FUTURES', 'SHORT'))).toBe(' \u00b7 5x short')
  expect(kindNote(bot('FUTURES', 'BOTH', 1))).toBe(' \u00b7 1x long or short')
  expect(kindNote(bot('SPOT', 'LONG', 1))).toBe('')
})

test('a long is sold, a short bought back', () => {
  expect(leftWords({ position: { side: 'BUY' } })).toBe('sold')
  expect(leftWords({ position: { side: 'SELL' } })).toBe('bought back')
  expect(leftWords({ position: null })).toBe('sold')
})

test('only what the exchange may still answer is in flight', () => {
  expect(Object.keys(transferStatusWords).filter(isTransferInFlight)).toEqual([
    'INTENDED',
    'SUBMITTING',
    'UNKNOWN',
  ])
})
