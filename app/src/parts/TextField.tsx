import { Show, splitProps, type JSX } from 'solid-js'
import { Field } from './Field.tsx'

type TextFieldProps = {
  label: string
  value: string
  onValue: (value: string) => void
  help?: JSX.Element
  error?: string | undefined
  optional?: boolean
  /** Shown inside the field, after the value: "%", "USDT". */
  unit?: string | undefined
} & Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'onInput' | 'value' | 'id'>

export function TextField(props: TextFieldProps) {
  const [own, rest] = splitProps(props, ['label', 'value', 'onValue', 'help', 'error', 'optional', 'unit'])
  return (
    <Field label={own.label} name={rest.name} help={own.help} error={own.error} optional={own.optional}>
      {(control) => (
        <span class="input-box" classList={{ 'input-box-unit': !!own.unit }}>
          <input
            type="text"
            autocomplete="off"
            {...rest}
            id={control.id}
            aria-describedby={control['aria-describedby']}
            aria-invalid={control['aria-invalid']}
            value={own.value}
            onInput={(event) => own.onValue(event.currentTarget.value)}
          />
          <Show when={own.unit}>
            <span class="input-unit">{own.unit}</span>
          </Show>
        </span>
      )}
    </Field>
  )
}
