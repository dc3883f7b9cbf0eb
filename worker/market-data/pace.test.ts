import { expect, test } from 'vitest'
import { VenueError } from '#trading/domain/exchange.ts'
import { backoffMs, pollEveryMs } from './pace.ts'

test('a series is fetched twice within the shortest interval of its bots, within bounds', () => {
  expect([1, 2, 10, 30, 3600].map((seconds) => pollEveryMs(seconds, 1))).toEqual([
    500, 1000, 5000, 15_000, 15_000,
  ])
  expect(pollEveryMs(null, 1)).toBe(2000)
})

test('many series of one venue share its rate limit', () => {
  expect(pollEveryMs(1, 10)).toBe(500)
  expect(pollEveryMs(1, 100)).toBe(5000)
  expect(pollEveryMs(30, 100)).toBe(15_000)
})

test('failures are followed by longer and longer waits, to 15 s', () => {
  const error = new VenueError('UNREACHABLE', 'x')
  expect([1, 2, 3, 6, 50].map((failures) => backoffMs(error, failures, 500, 0))).toEqual([
    500, 1000, 2000, 15_000, 15_000,
  ])
  expect(backoffMs(error, 3, 500, 1)).toBe(1000)
})

test('Retry-After is heeded, whatever chance says', () => {
  const error = new VenueError('RATE_LIMITED', 'x', { retryAfterMs: 40_000 })
  expect(backoffMs(error, 1, 500, 1)).toBe(40_000)
})

test('what a person must change is asked again once a minute', () => {
  expect(backoffMs(new VenueError('MARKET_GONE', 'x'), 1, 500, 0)).toBe(60_000)
})
