import { Show, createUniqueId, type JSX } from 'solid-js'
import { Icon } from './Icon.tsx'

export function CheckField(props: {
  label: string
  name?: string
  checked: boolean
  onChecked: (checked: boolean) => void
  help?: JSX.Element
  error?: string | undefined
}) {
  const id = createUniqueId()
  return (
    <div class="field check" data-field={props.name}>
      <label>
        <input
          type="checkbox"
          name={props.name}
          checked={props.checked}
          aria-describedby={props.help ? `${id}-help` : undefined}
          aria-invalid={props.error ? 'true' : undefined}
          onChange={(event) => props.onChecked(event.currentTarget.checked)}
        />
        <span>{props.label}</span>
      </label>
      <Show when={props.error}>
        {(error) => (
          <p class="field-error" role="alert">
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
