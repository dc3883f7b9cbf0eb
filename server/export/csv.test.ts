import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine, textCell } from './csv.ts'
import { TRADE_COLUMNS } from './trades-csv.ts'

test('cells are quoted where RFC 4180 asks for it, and lines end in CRLF', () => {
  expect(csvLine(['a', 'b c', 'd,e', 'f"g', 'h\r\ni', ''])).toBe('a,b c,"d,e","f""g","h\r\ni",\r\n')
})

test('whatever text is written is what a CSV reader reads', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 3, maxLength: 3 })),
      (rows) => {
        const text = rows.map((row) => csvLine(row)).join('')
        expect(parse(text, { record_delimiter: '\r\n' })).toEqual(rows)
      },
    ),
  )
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://x","y")'])(
  'the text %j is no formula to a spreadsheet',
  (text) => {
    expect(textCell(text)).toBe(`'${text}`)
  },
)

test('other text stays as it is', () => {
  for (const text of ['Trend', 'a=b', '1-2', '', "'quoted"]) expect(textCell(text)).toBe(text)
})

test('every column of the trades is documented, and no other', () => {
  const file = path.join(import.meta.dirname, '..', '..', 'docs', 'alerts-and-export.md')
  const [, table = ''] = readFileSync(file, 'utf8').split('| column | meaning |')
  const documented = table.split('\n').flatMap((line) => line.split('|')[1]?.match(/(?<=`)\w+(?=`)/g) ?? [])
  expect(documented).toEqual(TRADE_COLUMNS.map(([name]) => name))
})
