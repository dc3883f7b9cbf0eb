import { For, Show } from 'solid-js'
import type { FormChoices, StrategyChoice } from '../../../graphql/documents/bot-form.ts'
import { formatExact } from '../../../format/decimal.ts'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { fieldOf, withLabels } from '../../../parts/form-errors.ts'
import { Icon } from '../../../parts/Icon.tsx'
import { SelectField } from '../../../parts/SelectField.tsx'
import { TextField } from '../../../parts/TextField.tsx'
import { paramField, type BotForm } from './bot-form.ts'
import { findFormIssues } from './form-input.ts'
import { defaultValues } from './form-values.ts'
import { NumberFields } from './NumberFields.tsx'
import { numberFieldsOf } from './number-fields.ts'

/** Step 2: the strategy, and exactly the numbers that it reads. */
export function TechnicalFields(props: { form: BotForm; choices: FormChoices }) {
  const strategy = () => props.choices.strategies.find((one) => one.id === props.form.values.strategy)
  const params = () => strategy()?.parameters ?? []
  const fields = () =>
    numberFieldsOf('technical', false).filter((name) => strategy()?.fields.includes(name) ?? true)
  // What was typed for a strategy is there again when one comes back to it.
  const typed = new Map<string, Record<string, string>>()
  const chooseStrategy = (id: string) => {
    const next = props.choices.strategies.find((one) => one.id === id)
    typed.set(props.form.values.strategy, { ...props.form.values.strategyParams })
    const defaults = Object.fromEntries((next?.parameters ?? []).map((param) => [param.name, param.default]))
    props.form.set('strategy', id)
    props.form.set('strategyParams', typed.get(id) ?? defaults)
    for (const param of params()) props.form.errors.clear(paramField(param.name))
    restoreHidden(props.form, next?.fields ?? [])
  }
  const labels = () => Object.fromEntries(params().map((param) => [param.name, param.label]))
  const errorOf = (name: string) => {
    const message = props.form.errors.of(paramField(name))
    return message && withLabels(message, labels())
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
            {
              value: 'LONG',
              label: 'Long',
              detail: 'Enters on a signal to buy; gains when the price rises.',
            },
            {
              value: 'SHORT',
              label: 'Short',
              detail: 'Enters on a signal to sell; gains when the price falls.',
            },
            { value: 'BOTH', label: 'Both', detail: 'Whichever the signal says, one position at a time.' },
          ]}
        />
      </Show>
      <Show when={fields().length > 0}>
        <NumberFields form={props.form} names={fields()} />
      </Show>
      <Show when={params().length > 0}>
        <div class="field-grid">
          <For each={params()}>
            {(param) => (
              <TextField
                label={param.label}
                name={`param-${param.name}`}
                inputmode={param.integer ? 'numeric' : 'decimal'}
                class="num"
                value={props.form.values.strategyParams[param.name] ?? param.default}
                onValue={(value) => props.form.setParam(param.name, value)}
                help={`${param.help} ${rangeWords(param)}`}
                error={errorOf(param.name)}
              />
            )}
          </For>
        </div>
      </Show>
      <Show when={props.form.errors.of('strategyParams')}>
        {(message) => (
          <p class="field-error" role="alert">
            <Icon name="alert" size={14} />
            {withLabels(message(), labels())}
          </p>
        )}
      </Show>
    </>
  )
}

/** A number that the strategy does not read is not shown; a wrong one left there could not be mended, so it goes back to its default. */
function restoreHidden(form: BotForm, fields: readonly string[]): void {
  const hidden = numberFieldsOf('technical', false).filter((name) => !fields.includes(name))
  const wrong = new Set(findFormIssues(form.values).map(fieldOf))
  const related = (name: string) =>
    ['emaFast', 'emaSlow'].includes(name) && Number(form.values.emaFast) >= Number(form.values.emaSlow)
  const defaults = defaultValues()
  for (const name of hidden) if (wrong.has(name) || related(name)) form.set(name, defaults[name])
}

type Parameter = StrategyChoice['parameters'][number]

function rangeWords({ min, max, integer, default: fallback }: Parameter): string {
  const range =
    min !== null && max !== null
      ? `from ${formatExact(min)} to ${formatExact(max)}`
      : min !== null
        ? `at least ${formatExact(min)}`
        : max !== null
          ? `at most ${formatExact(max)}`
          : ''
  const kind = integer ? 'A whole number' : 'A number'
  return `${[kind, range].filter(Boolean).join(' ')}; ${formatExact(fallback)} by default.`
}
