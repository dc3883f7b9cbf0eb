import { expect, test } from 'vitest'
import { formatDistance, formatDuration } from './time.ts'

const now = new Date('2026-11-22T12:00:00.000Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)

test('says how far away a moment is, in the largest unit that fits', () => {
  expect(formatDistance(later(12), now)).toBe('in 12 s')
  expect(formatDistance(later(-45), now)).toBe('45 s ago')
  expect(formatDistance(later(0.3), now)).toBe('now')
  expect(formatDistance(later(-180), now)).toBe('3 min ago')
  expect(formatDistance(later(7200), now)).toBe('in 2 h')
  expect(formatDuration(3 * 86_400)).toBe('3 d')
})
