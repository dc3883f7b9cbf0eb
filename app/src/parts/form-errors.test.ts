import { createRoot } from 'solid-js'
import { expect, test } from 'vitest'
import { createFormErrors, fieldOf } from './form-errors.ts'

test('the field of an issue is found with and without a leading input', () => {
  expect(fieldOf({ path: ['input', 'stopLossPerc'], message: '' })).toBe('stopLossPerc')
  expect(fieldOf({ path: ['stopLossPerc'], message: '' })).toBe('stopLossPerc')
  expect(fieldOf({ path: ['strategyParams', '0', 'value'], message: '' })).toBe('strategyParams')
  expect(fieldOf({ path: [], message: '' })).toBe('')
})

test('issues of unknown fields are never lost', () => {
  createRoot((dispose) => {
    const errors = createFormErrors(() => ['name'])
    errors.set([
      { path: ['name'], message: 'Too long.' },
      { path: ['input', 'other'], message: 'Odd.' },
    ])
    expect(errors.of('name')).toBe('Too long.')
    expect(errors.general()).toBe('input.other: Odd.')
    errors.clear('name')
    expect(errors.of('name')).toBeUndefined()
    dispose()
  })
})
