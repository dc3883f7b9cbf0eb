import { Show } from 'solid-js'
import { ValidateBotQuery, type FormChoices } from '../../../graphql/documents/bot-form.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { createPoll } from '../../../live/poll.ts'
import { fieldOf } from '../../../parts/form-errors.ts'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { SelectField } from '../../../parts/SelectField.tsx'
import { TextField } from '../../../parts/TextField.tsx'
import { Advanced } from './Advanced.tsx'
import type { BotForm } from './bot-form.ts'
import { intervalFor, timeframeFor } from './exchange-defaults.ts'
import { defaultValues } from './form-values.ts'
import { toCreateInput } from './form-input.ts'
import { KeyChoice } from './KeyChoice.tsx'
import { MarketField } from './MarketField.tsx'
import { NumberFields } from './NumberFields.tsx'
import { numberFieldsOf } from './number-fields.ts'
import { TimeframeField } from './TimeframeField.tsx'

/** Step 1: name, exchange, mode, market, timeframe. */
export function BasicFields(props: { form: BotForm; choices: FormChoices; onChoicesChanged: () => void }) {
  const exchange = () => props.choices.exchanges.find((one) => one.id === props.form.values.exchange)
  // Whether futures are offered is the API's to say: a bot with them is tried, and its refusal shown at the choice.
  const futures = useQuery(ValidateBotQuery, () => ({
    input: {
      ...toCreateInput(defaultValues()),
      name: 'futures?',
      exchange: props.form.values.exchange,
      positionType: 'FUTURES' as const,
      symbol: 'BTC/USDT:USDT',
    },
  }))
  const whyNoFutures = () =>
    futures.data()?.validateBot.find((issue) => fieldOf(issue) === 'positionType')?.message
  createPoll(
    () => exchange()?.timeframes.length === 0,
    () => props.onChoicesChanged(),
  )
  const chooseExchange = (id: string) => {
    const next = props.choices.exchanges.find((one) => one.id === id)
    if (!next) return
    props.form.set('exchange', id)
    props.form.set('timeframe', timeframeFor(next, props.form.values.timeframe))
    props.form.set('checkIntervalSeconds', intervalFor(next, props.form.values.checkIntervalSeconds))
    props.form.set('apiKeyId', '')
    if (!next.live) props.form.set('mode', 'PAPER')
  }
  return (
    <>
      <div class="field-grid field-pair">
        <TextField
          label="Name"
          name="name"
          maxlength={100}
          value={props.form.values.name}
          onValue={(value) => props.form.set('name', value)}
          error={props.form.errors.of('name')}
        />
        <SelectField
          label="Exchange"
          name="exchange"
          value={props.form.values.exchange}
          options={props.choices.exchanges.map((one) => ({
            value: one.id,
            label: one.name,
          }))}
          onValue={chooseExchange}
          error={props.form.errors.of('exchange')}
        />
      </div>
      <ChoiceField
        label="Mode"
        name="mode"
        value={props.form.values.mode}
        onValue={(value) => props.form.set('mode', value === 'LIVE' ? 'LIVE' : 'PAPER')}
        error={props.form.errors.of('mode')}
        choices={[
          { value: 'PAPER', label: 'Paper', detail: 'Orders are simulated at market prices. Needs no key.' },
          {
            value: 'LIVE',
            label: 'Live',
            detail: exchange()?.realMoney
              ? 'Sends orders to the exchange, with real money.'
              : 'Sends orders to the exchange, with play money.',
            whyNot: exchange()?.live
              ? undefined
              : `Live orders are not offered on ${exchange()?.name ?? 'this exchange'} yet. Paper works.`,
          },
        ]}
      />
      <Show when={props.form.values.mode === 'LIVE'}>
        <KeyChoice form={props.form} choices={props.choices} onKeysChanged={props.onChoicesChanged} />
      </Show>
      <ChoiceField
        label="Market type"
        name="positionType"
        value={props.form.values.positionType}
        onValue={(value) => props.form.set('positionType', value === 'FUTURES' ? 'FUTURES' : 'SPOT')}
        error={props.form.errors.of('positionType')}
        choices={[
          { value: 'SPOT', label: 'Spot', detail: 'Buys and sells the coin itself. Long only.' },
          {
            value: 'FUTURES',
            label: 'Futures',
            detail: 'Perpetual contracts: long or short, with leverage.',
            whyNot: whyNoFutures(),
          },
        ]}
      />
      <div class="field-grid field-pair">
        <MarketField form={props.form} />
        <TimeframeField form={props.form} timeframes={exchange()?.timeframes ?? []} />
      </div>
      <Advanced form={props.form} fields={numberFieldsOf('basic', true)}>
        <NumberFields form={props.form} names={numberFieldsOf('basic', true)} />
        <Show when={exchange()}>
          {(one) => (
            <p class="field-help">
              {one().name} allows {one().minCheckIntervalSeconds} s at the least.
            </p>
          )}
        </Show>
      </Advanced>
    </>
  )
}
