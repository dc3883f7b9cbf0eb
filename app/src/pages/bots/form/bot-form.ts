import { createStore } from 'solid-js/store'
import { createFormErrors, fieldOf, type FormErrors, type Issue } from '../../../parts/form-errors.ts'
import type { BotFormValues } from './form-values.ts'
import { formLabels } from './steps.ts'

export type BotForm = {
  values: BotFormValues
  errors: FormErrors
  /** Sets one field; its error goes, for it was about the old value. */
  set: <Name extends keyof BotFormValues>(name: Name, value: BotFormValues[Name]) => void
  setParam: (name: string, value: string) => void
}

/** One bot's settings being typed, with the errors that belong to them. */
export function createBotForm(initial: BotFormValues): BotForm {
  const [values, setValues] = createStore<BotFormValues>({ ...initial })
  const byField = createFormErrors(formLabels, (field) => field.startsWith('strategyParams.'))
  const errors = {
    ...byField,
    set: (issues: readonly Issue[]) =>
      byField.set(issues.map((issue) => atParam(issue, Object.keys(values.strategyParams)))),
  }
  return {
    values,
    errors,
    set(name, value) {
      setValues((now) => ({ ...now, [name]: value }))
      errors.clear(name)
    },
    setParam(name, value) {
      setValues('strategyParams', (now) => ({ ...now, [name]: value }))
      errors.clear(paramField(name))
      // A rule between parameters is told at the list where neither of them was given.
      errors.clear('strategyParams')
    },
  }
}

/** The field that a parameter's error is kept under. */
export function paramField(name: string): string {
  return `strategyParams.${name}`
}

/** The API tells of a parameter by its place in the list that was sent, the form's own issues by its name. */
export function atParam(issue: Issue, names: readonly string[]): Issue {
  if (fieldOf(issue) !== 'strategyParams') return issue
  const key = issue.path[issue.path.indexOf('strategyParams') + 1]
  const name = key !== undefined && /^\d+$/.test(key) ? names[Number(key)] : key
  return name === undefined ? issue : { ...issue, path: [paramField(name)] }
}
