import { expect, test } from 'vitest'
import { paths, safeNext } from './paths.ts'

test('after signing in only pages of this app are followed', () => {
  expect(safeNext('/bots/7')).toBe('/bots/7')
  expect(safeNext('//evil.example')).toBe(paths.bots)
  expect(safeNext('/\\evil.example')).toBe(paths.bots)
  expect(safeNext('https://evil.example')).toBe(paths.bots)
  expect(safeNext(undefined)).toBe(paths.bots)
})

test('an id cannot leave its place in the address', () => {
  expect(paths.bot('../keys')).toBe('/bots/..%2Fkeys')
})
