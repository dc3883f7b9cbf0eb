import { expect, test } from 'vitest'
import { findFormIssues, toCreateInput, toUpdateInput } from './form-input.ts'
import { defaultValues as blankValues } from './form-values.ts'

const defaultValues = () => ({ ...blankValues(), name: 'Test' })

const fields = (values: ReturnType<typeof defaultValues>) =>
  findFormIssues(values).map((issue) => issue.path[0])

test('the defaults have nothing to complain about', () => {
  expect(findFormIssues(defaultValues())).toEqual([])
})

test('names each field that is no number or missing', () => {
  const values = { ...defaultValues(), name: ' ', stopLossPerc: '1,5', emaFast: '2.5', initialCapital: '' }
  expect(new Set(fields(values))).toEqual(new Set(['emaFast', 'initialCapital', 'name', 'stopLossPerc']))
})

test('an optional number may be left out, but not be nonsense', () => {
  expect(fields({ ...defaultValues(), maxDailyTrades: '' })).toEqual([])
  expect(fields({ ...defaultValues(), maxDailyTrades: 'ten' })).toEqual(['maxDailyTrades'])
})

test('a hidden field does not hold the form up', () => {
  expect(fields({ ...defaultValues(), leverage: 'x' })).toEqual([])
  expect(fields({ ...defaultValues(), positionType: 'FUTURES', leverage: 'x' })).toEqual(['leverage'])
})

test('a live bot needs a key', () => {
  expect(fields({ ...defaultValues(), mode: 'LIVE' })).toEqual(['apiKeyId'])
})

test('decimals go out as the text that was typed, and none as null', () => {
  const input = toCreateInput({ ...defaultValues(), initialCapital: ' 1000.000000000000000001 ' })
  expect(input.initialCapital).toBe('1000.000000000000000001')
  expect(input.dailyTargetPerc).toBeNull()
  expect(input.emaFast).toBe(12)
})

test('spot is long without leverage, whatever was chosen for futures before', () => {
  const input = toCreateInput({ ...defaultValues(), direction: 'SHORT', leverage: '5' })
  expect(input).toMatchObject({ direction: 'LONG', leverage: 1 })
})

test('an update carries only what changed, and null for what was cleared', () => {
  const before = defaultValues()
  const after = { ...before, stopLossPerc: '3', maxDailyLossPerc: '' }
  expect(toUpdateInput('7', 2, after, before)).toEqual({
    id: '7',
    revision: 2,
    stopLossPerc: '3',
    maxDailyLossPerc: null,
  })
  expect(toUpdateInput('7', 2, before, before)).toBeUndefined()
})
