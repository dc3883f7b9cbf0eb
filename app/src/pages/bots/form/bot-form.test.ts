import { expect, test } from 'vitest'
import { atParam, createBotForm } from './bot-form.ts'
import { toCreateInput } from './form-input.ts'
import { defaultValues } from './form-values.ts'

test("an error of a parameter is told at that parameter, by its place in the API's list or by its name", () => {
  const values = { ...defaultValues(), strategyParams: { fastPeriod: '12', slowPeriod: '5' } }
  const form = createBotForm(values)
  const sent = toCreateInput(form.values).strategyParams ?? []
  expect(sent[1]).toEqual({ name: 'slowPeriod', value: '5' })
  form.errors.set([
    { path: ['strategyParams', '1', 'value'], message: 'slowPeriod must be at least 10; it is 5.' },
  ])
  expect(form.errors.of('strategyParams.slowPeriod')).toContain('at least 10')
  expect(form.errors.of('strategyParams.fastPeriod')).toBeUndefined()
  expect(form.errors.general()).toBeUndefined()
  form.setParam('slowPeriod', '26')
  expect(form.errors.of('strategyParams.slowPeriod')).toBeUndefined()
  expect(form.values.strategyParams).toEqual({ fastPeriod: '12', slowPeriod: '26' })
  expect(atParam({ path: ['strategyParams', 'slowPeriod'], message: '' }, []).path).toEqual([
    'strategyParams.slowPeriod',
  ])
})

test('a rule between parameters is told at their list, any other field at itself', () => {
  const rule = { path: ['strategyParams'], message: 'fastPeriod must be less than slowPeriod.' }
  expect(atParam(rule, ['fastPeriod'])).toBe(rule)
  const other = { path: ['emaFast'], message: '' }
  expect(atParam(other, ['fastPeriod'])).toBe(other)
})
