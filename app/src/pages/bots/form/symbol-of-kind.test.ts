import { expect, test } from 'vitest'
import { symbolOfKind } from './symbol-of-kind.ts'

test('a pair is kept when the kind of market changes, there and back', () => {
  expect(symbolOfKind('BTC/USDT', 'FUTURES')).toBe('BTC/USDT:USDT')
  expect(symbolOfKind('BTC/USDT:USDT', 'FUTURES')).toBe('BTC/USDT:USDT')
  expect(symbolOfKind('BTC/USDT:USDT', 'SPOT')).toBe('BTC/USDT')
  expect(symbolOfKind('BTC/USDT', 'SPOT')).toBe('BTC/USDT')
})

test('what is typed halfway stays as it is', () => {
  for (const text of ['', 'BTC', 'BTC/']) expect(symbolOfKind(text, 'FUTURES')).toBe(text)
})
