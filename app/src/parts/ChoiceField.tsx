import { For, Show, createUniqueId, type JSX } from 'solid-js'
import { Icon } from './Icon.tsx'

export type Choice = { value: string; label: string; detail?: JSX.Element; whyNot?: string | undefined }

/** Radio buttons as cards, where each choice deserves a sentence. */
export function ChoiceField(props: {
  label: string
  name: string
  value: string
  choices: readonly Choice[]
  onValue: (value: string) => void
  error?: string | undefined
}) {
  const id = createUniqueId()
  return (
    <fieldset
      class="field choices"
      data-field={props.name}
      aria-describedby={props.error ? `${id}-error` : undefined}
    >
      <legend>{props.label}</legend>
      <div class="choice-row">
        <For each={props.choices}>
          {(choice) => (
            <label class="choice" classList={{ 'choice-off': !!choice.whyNot }}>
              <input
                type="radio"
                name={`${id}-${props.name}`}
                value={choice.value}
                checked={choice.value === props.value}
                disabled={!!choice.whyNot}
                onChange={() => props.onValue(choice.value)}
              />
              <span>
                <strong>{choice.label}</strong>
                <Show when={choice.whyNot ?? choice.detail}>{(detail) => <small>{detail()}</small>}</Show>
              </span>
            </label>
          )}
        </For>
      </div>
      <Show when={props.error}>
        {(error) => (
          <p class="field-error" id={`${id}-error`} role="alert">
            <Icon name="alert" size={14} />
            {error()}
          </p>
        )}
      </Show>
    </fieldset>
  )
}
