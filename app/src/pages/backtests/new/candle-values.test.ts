import { expect, test } from 'vitest'
import { candleIssues, candlesInput, lastMonth } from './candle-values.ts'

const values = lastMonth(new Date('2026-05-31T14:30:00Z'))

test('begins with the thirty days before today', () => {
  expect(candlesInput(values)).toEqual({
    csv: null,
    from: '2026-05-01T00:00:00.000Z',
    to: '2026-05-31T00:00:00.000Z',
  })
})

test('says what is missing of a time and of a file', () => {
  expect(candleIssues(values)).toEqual([])
  expect(candleIssues({ ...values, from: '', to: 'x' }).map(({ path }) => path)).toEqual([['from'], ['to']])
  expect(candleIssues({ ...values, source: 'CSV' })).toHaveLength(1)
  const csv = { name: 'a.csv', text: 'a' }
  expect(candleIssues({ ...values, source: 'CSV', csv })).toEqual([])
  expect(candlesInput({ ...values, source: 'CSV', csv })).toEqual({ csv: 'a', from: null, to: null })
  const binary = { name: 'a.png', text: 'PNG\0\0' }
  expect(candleIssues({ ...values, source: 'CSV', csv: binary })[0]).toMatchObject({ path: ['csv'] })
  const large = { name: 'a.csv', text: 'x'.repeat(8 * 1024 * 1024) }
  expect(candleIssues({ ...values, source: 'CSV', csv: large })[0]?.message).toContain(
    'npx tradebotctl backtest',
  )
})
