import { expect, test } from 'vitest'
import { toCreateInput } from './form-input.ts'
import { defaultValues } from './form-values.ts'
import { fieldsOfStep, formLabels, stepIndexOf, steps } from './steps.ts'

const allFormFields = steps.flatMap((step) => fieldsOfStep(step.id))

test('every setting that is sent has a step where its error can be shown', () => {
  expect(
    Object.keys(toCreateInput(defaultValues())).filter((field) => !allFormFields.includes(field)),
  ).toEqual([])
})

test('every field that can be marked has a name for people', () => {
  expect(allFormFields.filter((field) => !Object.hasOwn(formLabels, field))).toEqual([])
})

test('no field is asked twice', () => {
  expect(new Set(allFormFields).size).toBe(allFormFields.length)
})

test('an issue leads to the first step that can show it', () => {
  expect(stepIndexOf(['positionSizeFixed', 'stopLossPerc'])).toBe(2)
  expect(stepIndexOf(['elsewhere'])).toBeUndefined()
})
