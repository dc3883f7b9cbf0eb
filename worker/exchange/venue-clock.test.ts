import { afterEach, expect, test, vi } from 'vitest'
import { makeVenueClock } from './venue-clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A venue whose clock is `ahead` of ours, answering after `latency` of which half is the way there. */
function venueTime(ahead: number, latency: number) {
  const calls = vi.fn(async () => {
    await vi.advanceTimersByTimeAsync(latency / 2)
    const server = Date.now() + ahead
    await vi.advanceTimersByTimeAsync(latency / 2)
    return server
  })
  return calls
}

test('it follows the venue and is never ahead of it', async () => {
  vi.useFakeTimers()
  const clock = makeVenueClock(venueTime(90_000, 400))
  await clock.ready()
  expect(clock.now()).toBe(Date.now() + 90_000 - 200)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(clock.now()).toBe(Date.now() + 90_000 - 200)
  expect(clock.fromHost(Date.now() - 5000)).toBe(Date.now() + 90_000 - 200 - 5000)
})

test('it tells how far the host is ahead, by the middle of the round trip', async () => {
  vi.useFakeTimers()
  const told = vi.fn()
  await makeVenueClock(venueTime(-4_000, 600), told).ready()
  expect(told).toHaveBeenCalledExactlyOnceWith(4_000)
})

test('it measures once a minute, once for all who wait, and again when told so', async () => {
  vi.useFakeTimers()
  const time = venueTime(0, 0)
  const clock = makeVenueClock(time)
  await Promise.all([clock.ready(), clock.ready()])
  await clock.ready()
  expect(time).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(61_000)
  await clock.ready()
  expect(time).toHaveBeenCalledTimes(2)
  clock.distrust()
  await clock.ready()
  expect(time).toHaveBeenCalledTimes(3)
})

test('a jump of the host’s wall clock moves nothing, and is measured anew', async () => {
  vi.useFakeTimers()
  const time = venueTime(0, 0)
  const clock = makeVenueClock(time)
  await clock.ready()
  const before = clock.now()
  vi.setSystemTime(Date.now() + 3_600_000)
  expect(clock.now()).toBeCloseTo(before, 0)
  // An order signed for before the jump: its age is not known any more, and it counts as too old, never as fresh.
  expect(clock.fromHost(Date.now() - 3_600_000)).toBeLessThan(before - 3_000_000)
  await clock.ready()
  expect(time).toHaveBeenCalledTimes(2)
})

test('a venue that tells no time is taken to share ours', async () => {
  const clock = makeVenueClock(null)
  await clock.ready()
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50)
})
