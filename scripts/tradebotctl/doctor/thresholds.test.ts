import { expect, test } from 'vitest'
import { judgeClock } from './database-checks.ts'
import { judgeSpace } from './machine.ts'

const GB = 1024 ** 3

test.each([
  ['ok', 50, 100],
  ['ok', 2, 40],
  ['warning', 1.9, 10],
  ['warning', 4, 100],
  ['warning', 0.2, 0.4],
  ['bad', 0.19, 100],
  ['bad', 0, 100],
])('a disk is %s with %d GB free of %d', (status, free, total) => {
  const check = judgeSpace('disk', '/data', free * GB, total * GB)
  expect(check.status).toBe(status)
  expect(check.found).toBe(`${free.toFixed(1)} GB free of ${total.toFixed(1)} GB at /data`)
  expect(check.advice === null).toBe(status === 'ok')
})

test.each([
  ['ok', 0, '0 ms ahead of'],
  ['ok', -1_999, '1999 ms behind'],
  ['warning', 2_000, '2000 ms ahead of'],
  ['warning', -29_999, '29999 ms behind'],
  ['bad', 30_000, '30 s ahead of'],
  ['bad', -86_400_000, '24 hours behind'],
])('a clock is %s when it is %d ms ahead', (status, difference, words) => {
  expect(judgeClock(difference)).toMatchObject({ status, found: `this machine is ${words} the database` })
})
