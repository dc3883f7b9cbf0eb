import { expect, test } from 'vitest'
import { compareReleases, isRelease } from './release.ts'

test('releases are ordered as Semantic Versioning orders them', () => {
  const ordered = [
    '0.1.0',
    '0.9.0',
    '0.10.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
  ]
  ordered.push('1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.1-0')
  for (const [index, one] of ordered.entries()) {
    expect(isRelease(one)).toBe(true)
    for (const [other, two] of ordered.entries())
      expect(Math.sign(compareReleases(one, two))).toBe(Math.sign(index - other))
  }
})

test.each([
  '',
  '1',
  '1.2',
  '01.2.3',
  '1.2.3+build',
  'v1.2.3',
  '1.2.3-',
  '1.2.3-RC.1',
  '1.2.3-01',
  '1.2.3-a/b',
  '1.2.3\n',
  '1.2.3-x.partial',
  '1.2.3-..',
])('%j names no release', (text) => {
  expect(isRelease(text)).toBe(false)
})
