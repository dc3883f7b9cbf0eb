import { expect, test } from 'vitest'
import { CouldNotError } from '../frame/errors.ts'
import { parseIgnore } from './ignore-file.ts'

test.each([
  ['*.log', 'a.log', 'deep/er/b.log'],
  ['name', 'name', 'a/name'],
  ['/name', 'name'],
  ['docs/name', 'docs/name'],
  ['docs/*.md', 'docs/a.md'],
  ['a/**/b', 'a/b', 'a/x/b', 'a/x/y/b'],
  ['**/b', 'b', 'a/b'],
  ['a/**', 'a/b', 'a/b/c'],
  ['a+b', 'a+b'],
  ['*', 'a\nb'],
])('%s leaves out what it names', (pattern, ...paths) => {
  for (const each of paths) expect(parseIgnore(`# why\n\n${pattern}  \r\n`)(each, false)).toBe(true)
})

test.each([
  ['*.log', 'a.logs', 'alog'],
  ['name', 'names', 'a/my-name'],
  ['/name', 'a/name'],
  ['docs/name', 'a/docs/name'],
  ['docs/*.md', 'docs/a/b.md'],
  ['a/**/b', 'a/xb', 'xa/b'],
  ['a/**', 'a'],
  ['folder/', 'folder'],
  ['#name', '#name', 'name'],
  ['a.b', 'axb'],
])('%s leaves nothing else out', (pattern, ...paths) => {
  for (const each of paths) expect(parseIgnore(pattern)(each, false)).toBe(false)
})

test('a slash at the end means folders', () => {
  expect(parseIgnore('folder/')('a/folder', true)).toBe(true)
})

test.each(['!name', 'a?', '[ab]', 'a\\b', '..', 'a//b', '/', 'a**'])(
  '%s is an error that names the line',
  (pattern) => {
    expect(() => parseIgnore(`ok\n${pattern}`)).toThrow(CouldNotError)
    expect(() => parseIgnore(`ok\n${pattern}`)).toThrow('line 2')
  },
)
