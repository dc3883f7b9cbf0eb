import { For, type JSX } from 'solid-js'
import { Field } from './Field.tsx'

export type Option = { value: string; label: string; disabled?: boolean }

export function SelectField(props: {
  label: string
  name?: string
  value: string
  options: readonly Option[]
  onValue: (value: string) => void
  help?: JSX.Element
  error?: string | undefined
  optional?: boolean
}) {
  return (
    <Field
      label={props.label}
      name={props.name}
      help={props.help}
      error={props.error}
      optional={props.optional}
    >
      {(control) => (
        <span class="select-box">
          <select
            id={control.id}
            name={props.name}
            aria-describedby={control['aria-describedby']}
            aria-invalid={control['aria-invalid']}
            onChange={(event) => props.onValue(event.currentTarget.value)}
          >
            <For each={props.options}>
              {(option) => (
                <option
                  value={option.value}
                  selected={option.value === props.value}
                  disabled={option.disabled}
                >
                  {option.label}
                </option>
              )}
            </For>
          </select>
        </span>
      )}
    </Field>
  )
}
