import { createRoot } from 'solid-js'
import { expect, test } from 'vitest'
import { createFormErrors, fieldOf, withLabels } from './form-errors.ts'

test('the field of an issue is found with and without a leading input', () => {
  expect(fieldOf({ path: ['input', 'stopLossPerc'], message: '' })).toBe('stopLossPerc')
  expect(fieldOf({ path: ['stopLossPerc'], message: '' })).toBe('stopLossPerc')
  expect(fieldOf({ path: ['strategyParams', '0', 'value'], message: '' })).toBe('strategyParams')
  expect(fieldOf({ path: [], message: '' })).toBe('')
})

test('issues of unknown fields are never lost', () => {
  createRoot((dispose) => {
    const errors = createFormErrors({ name: 'Name' })
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

test("the API's field names are read as the form's labels", () => {
  const labels = { emaFast: 'Fast EMA', emaSlow: 'Slow EMA', name: 'Label', mode: 'Mode' }
  expect(withLabels('emaFast must be less than emaSlow.', labels)).toBe(
    'Fast EMA must be less than Slow EMA.',
  )
  expect(withLabels('name is the name of another bot.', labels)).toBe('Label is the name of another bot.')
  expect(withLabels('LIVE is not offered in this mode.', labels)).toBe('LIVE is not offered in this mode.')
})
