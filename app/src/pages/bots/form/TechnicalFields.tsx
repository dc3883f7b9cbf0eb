import { For, Show } from 'solid-js'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { formatExact } from '../../../format/decimal.ts'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { SelectField } from '../../../parts/SelectField.tsx'
import { TextField } from '../../../parts/TextField.tsx'
import type { BotForm } from './bot-form.ts'
import { NumberFields } from './NumberFields.tsx'
import { allNumberFields, numberFieldsOf } from './number-fields.ts'

/** Step 2: the strategy and its numbers. */
export function TechnicalFields(props: { form: BotForm; choices: FormChoices }) {
  const strategy = () => props.choices.strategies.find((one) => one.id === props.form.values.strategy)
  // The EMA and RSI numbers are fields of the bot itself; the rest of a strategy's parameters go by name.
  const params = () =>
    (strategy()?.parameters ?? []).filter((param) => !allNumberFields.some((field) => field === param.name))
  const chooseStrategy = (id: string) => {
    const next = props.choices.strategies.find((one) => one.id === id)
    const own = (next?.parameters ?? []).filter(
      (param) => !allNumberFields.some((field) => field === param.name),
    )
    props.form.set('strategy', id)
    props.form.set('strategyParams', Object.fromEntries(own.map((param) => [param.name, param.default])))
  }
  return (
    <>
      <SelectField
        label="Strategy"
        name="strategy"
        value={props.form.values.strategy}
        options={props.choices.strategies.map((one) => ({ value: one.id, label: one.name }))}
        onValue={chooseStrategy}
        help={strategy()?.description}
        error={props.form.errors.of('strategy')}
      />
      <Show when={props.form.values.positionType === 'FUTURES'}>
        <ChoiceField
          label="Direction"
          name="direction"
          value={props.form.values.direction}
          onValue={(value) =>
            props.form.set('direction', value === 'SHORT' ? 'SHORT' : value === 'BOTH' ? 'BOTH' : 'LONG')
          }
          error={props.form.errors.of('direction')}
          choices={[
            { value: 'LONG', label: 'Long', detail: 'Gains when the price rises.' },
            { value: 'SHORT', label: 'Short', detail: 'Gains when the price falls.' },
            { value: 'BOTH', label: 'Both', detail: 'Whichever the signal says.' },
          ]}
        />
      </Show>
      <NumberFields form={props.form} names={numberFieldsOf('technical', false)} />
      <Show when={params().length > 0}>
        <div class="field-grid">
          <For each={params()}>
            {(param) => (
              <TextField
                label={param.label}
                name={`param-${param.name}`}
                inputmode="decimal"
                class="num"
                value={props.form.values.strategyParams[param.name] ?? param.default}
                onValue={(value) => props.form.setParam(param.name, value)}
                help={`${param.help}${rangeWords(param.min, param.max)}`}
              />
            )}
          </For>
        </div>
        <Show when={props.form.errors.of('strategyParams')}>
          {(message) => (
            <p class="field-error" role="alert">
              {message()}
            </p>
          )}
        </Show>
      </Show>
    </>
  )
}

function rangeWords(min: string | null, max: string | null): string {
  if (min !== null && max !== null) return ` From ${formatExact(min)} to ${formatExact(max)}.`
  if (min !== null) return ` At least ${formatExact(min)}.`
  if (max !== null) return ` At most ${formatExact(max)}.`
  return ''
}
