import { For, Show } from 'solid-js'
import { quoteOf } from '../../../format/symbol.ts'
import { TextField } from '../../../parts/TextField.tsx'
import type { BotForm } from './bot-form.ts'
import { numberSpecs, type NumberField } from './number-fields.ts'

/** A grid of number fields, drawn from their specifications. */
export function NumberFields(props: { form: BotForm; names: readonly NumberField[] }) {
  return (
    <div class="field-grid">
      <For each={props.names}>
        {(name) => (
          <Show when={numberSpecs[name].shown?.(props.form.values) ?? true}>
            <OneNumber form={props.form} name={name} />
          </Show>
        )}
      </For>
    </div>
  )
}

function OneNumber(props: { form: BotForm; name: NumberField }) {
  const spec = () => numberSpecs[props.name]
  const unit = () => (spec().unit === 'quote' ? quoteOf(props.form.values.symbol) : spec().unit)
  return (
    <TextField
      label={spec().label}
      name={props.name}
      inputmode={spec().whole ? 'numeric' : 'decimal'}
      class="num"
      unit={unit()}
      optional={spec().optional ?? false}
      help={spec().help}
      value={props.form.values[props.name]}
      onValue={(value) => props.form.set(props.name, value)}
      error={props.form.errors.of(props.name)}
    />
  )
}
