import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PAGE, windowsSince, type Window } from './time-windows.ts'

const DAY = 86_400_000
const NOW = 1_800_000_000_000

/** Rows at these times, as a venue lists them: at most a page, the first or the latest of the window. */
function history(times: readonly number[], which: 'first' | 'latest') {
  const windows: Window[] = []
  const read = async (window: Window) => {
    windows.push(window)
    const { startTime, endTime = Infinity } = window
    if (startTime === undefined) return times.slice(-PAGE)
    if (endTime !== Infinity && endTime - startTime > DAY) throw new Error('-1127')
    const rows = times.filter((time) => time >= startTime && time <= endTime)
    return which === 'first' ? rows.slice(0, PAGE) : rows.slice(-PAGE)
  }
  return { read, windows }
}

async function all(since: number, read: (window: Window) => Promise<number[]>): Promise<number[]> {
  const found: number[] = []
  for await (const page of windowsSince(since, NOW, read, (time) => time)) found.push(...page)
  return found
}

test('every row since then comes once and in order, whichever end of a full page the venue gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: NOW - 3 * DAY, max: NOW + 5_000 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('first' as const, 'latest' as const),
      fc.integer({ min: NOW - 4 * DAY, max: NOW }),
      async (spread, dense, which, since) => {
        // A burst of more than a page on the busiest day.
        const burst = Array.from({ length: dense * 700 }, (_, index) => NOW - DAY / 2 + index * 3)
        const times = [...new Set([...spread, ...burst])].sort((a, b) => a - b)
        const { read, windows } = history(times, which)
        expect(await all(since, read)).toEqual(times.filter((time) => time >= since))
        for (const { startTime, endTime } of windows)
          if (startTime !== undefined && endTime !== undefined) expect(endTime - startTime).toBeLessThan(DAY)
      },
    ),
    { numRuns: 60 },
  )
})

test('the last day is asked for without an end, in one read where it fits', async () => {
  const { read, windows } = history([NOW + 2_000], 'latest')
  expect(await all(NOW - 60_000, read)).toEqual([NOW + 2_000])
  expect(windows).toEqual([{ startTime: NOW - 60_000 }])
})

test('years of an account that did little are one read', async () => {
  const { read, windows } = history([1_000, NOW - 400 * DAY, NOW - 3 * DAY], 'latest')
  expect(await all(NOW - 500 * DAY, read)).toEqual([NOW - 400 * DAY, NOW - 3 * DAY])
  expect(windows).toEqual([{}])
})

test('more rows at one instant than a page holds, and a history without end, are told instead of cut off', async () => {
  const same = Array.from({ length: PAGE }, () => NOW - 5_000)
  await expect(all(NOW - 10_000, history(same, 'latest').read)).rejects.toMatchObject({ kind: 'UNREADABLE' })
  const busy = Array.from({ length: 2 * PAGE }, (_, index) => NOW - 300 * DAY + index * 3_000_000)
  expect(await all(NOW - 330 * DAY, history(busy, 'first').read)).toEqual(busy)
  await expect(all(0, history(busy, 'first').read)).rejects.toMatchObject({ kind: 'UNREADABLE' })
})
