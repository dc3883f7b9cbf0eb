import { Show, createUniqueId, type JSX } from 'solid-js'
import { Icon } from './Icon.tsx'

export type ControlProps = {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': 'true' | undefined
}

/** Label, help and error round one control; the control gets the attributes that tie them together. */
export function Field(props: {
  label: string
  name?: string
  help?: JSX.Element
  error?: string | undefined
  optional?: boolean
  children: (control: ControlProps) => JSX.Element
}) {
  const id = createUniqueId()
  const describedBy = () =>
    [props.error ? `${id}-error` : '', props.help ? `${id}-help` : ''].filter(Boolean).join(' ') || undefined
  return (
    <div class="field" classList={{ 'field-invalid': !!props.error }} data-field={props.name}>
      <label for={id}>
        {props.label}
        <Show when={props.optional}>
          <span class="field-optional"> optional</span>
        </Show>
      </label>
      {props.children({
        id,
        get 'aria-describedby'() {
          return describedBy()
        },
        get 'aria-invalid'() {
          return props.error ? ('true' as const) : undefined
        },
      })}
      <Show when={props.error}>
        {(error) => (
          <p class="field-error" id={`${id}-error`} role="alert">
            <Icon name="alert" size={14} />
            {error()}
          </p>
        )}
      </Show>
      <Show when={props.help}>
        <p class="field-help" id={`${id}-help`}>
          {props.help}
        </p>
      </Show>
    </div>
  )
}
