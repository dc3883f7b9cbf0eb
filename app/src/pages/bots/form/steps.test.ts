import { expect, test } from 'vitest'
import { toCreateInput } from './form-input.ts'
import { defaultValues } from './form-values.ts'
import { allFormFields, stepIndexOf } from './steps.ts'

test('every setting that is sent has a step where its error can be shown', () => {
  expect(
    Object.keys(toCreateInput(defaultValues())).filter((field) => !allFormFields.includes(field)),
  ).toEqual([])
})

test('no field is asked twice', () => {
  expect(new Set(allFormFields).size).toBe(allFormFields.length)
})

test('an issue leads to the first step that can show it', () => {
  expect(stepIndexOf(['positionSizeFixed', 'stopLossPerc'])).toBe(2)
  expect(stepIndexOf(['elsewhere'])).toBeUndefined()
})
