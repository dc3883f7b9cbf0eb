import { expect, test } from 'vitest'
import { indentedList, printable } from './lists.ts'

test.each([
  ['server/main.ts', 'server/main.ts'],
  ['Ünïcode – 名.ts', 'Ünïcode – 名.ts'],
  ['two\nlines', String.raw`"two\nlines"`],
  ['\u001b[31mred', String.raw`"\u001b[31mred"`],
  ['csi\u009b31m', String.raw`"csi\u009b31m"`],
  ['del\u007f', String.raw`"del\u007f"`],
  ['txt.\u202eexe', String.raw`"txt.\u202eexe"`],
  ['tag\u{e0041}', String.raw`"tag\udb40\udc41"`],
])('%j is shown as %s', (name, shown) => {
  expect(printable(name)).toBe(shown)
  if (name !== shown) expect(JSON.parse(shown)).toBe(name)
})

test('a long list is cut, and says how to see the rest', () => {
  const lines = Array.from({ length: 1_022 }, (_, index) => `line ${index}`)
  const shown = indentedList(lines, '--all shows them').split('\n')
  expect([shown.length, shown[0], shown.at(-1)]).toEqual([
    21,
    '  line 0',
    '  … and 1,002 more; --all shows them.',
  ])
  expect(indentedList(lines, null).split('\n')).toHaveLength(1_022)
})
