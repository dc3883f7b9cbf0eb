import { expect, test } from 'vitest'
import { isNewer } from './version.ts'

const at = (revision: number, version: string) => ({ revision, state: { version } })

test('an older state never replaces a newer one', () => {
  expect(isNewer(at(1, '9'), at(1, '10'))).toBe(false)
  expect(isNewer(at(1, '10'), at(1, '9'))).toBe(true)
  expect(isNewer(at(1, '9007199254740993'), at(1, '9007199254740992'))).toBe(true)
})

test('the same version counts as newer, for more fields may have come', () => {
  expect(isNewer(at(1, '5'), at(1, '5'))).toBe(true)
})

test('a newer configuration wins over a state version', () => {
  expect(isNewer(at(2, '5'), at(1, '5'))).toBe(true)
  expect(isNewer(at(1, '6'), at(2, '5'))).toBe(false)
})
