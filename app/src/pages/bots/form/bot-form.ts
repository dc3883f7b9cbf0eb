import { createStore } from 'solid-js/store'
import { createFormErrors, type FormErrors } from '../../../parts/form-errors.ts'
import type { BotFormValues } from './form-values.ts'
import { formLabels } from './steps.ts'

export type BotForm = {
  values: BotFormValues
  errors: FormErrors
  /** Sets one field; its error goes, for it was about the old value. */
  set: <Name extends keyof BotFormValues>(name: Name, value: BotFormValues[Name]) => void
  setParam: (name: string, value: string) => void
  replace: (values: BotFormValues) => void
}

/** One bot's settings being typed, with the errors that belong to them. */
export function createBotForm(initial: BotFormValues): BotForm {
  const [values, setValues] = createStore<BotFormValues>({ ...initial })
  const errors = createFormErrors(formLabels)
  return {
    values,
    errors,
    set(name, value) {
      setValues((now) => ({ ...now, [name]: value }))
      errors.clear(name)
    },
    setParam(name, value) {
      setValues('strategyParams', name, value)
      errors.clear('strategyParams')
    },
    replace: (next) => setValues(next),
  }
}
