import { expect, test } from 'vitest'
import { makeRateLimiter } from './rate-limit.ts'

test('after the last allowed failure it waits for the end of the window, each key by itself', () => {
  let now = 0
  const limiter = makeRateLimiter({ most: 2, windowMs: 10_000 }, () => now)
  limiter.fail('a')
  now = 4_000
  limiter.check('a')
  limiter.fail('a')
  expect(() => limiter.check('a')).toThrow('Try again in 6 seconds.')
  limiter.check('b')
  now = 10_000
  limiter.check('a')
})

test('a success forgets the failures', () => {
  const limiter = makeRateLimiter({ most: 1, windowMs: 10_000 })
  limiter.fail('a')
  limiter.forget('a')
  expect(() => limiter.check('a')).not.toThrow()
})

test('memory is bounded: the oldest key goes', () => {
  const limiter = makeRateLimiter({ most: 1, windowMs: 10_000, mostKeys: 2 })
  for (const key of ['a', 'b', 'c']) limiter.fail(key)
  limiter.check('a')
  expect(() => limiter.check('b')).toThrow('Too many')
  expect(() => limiter.check('c')).toThrow('Too many')
})
