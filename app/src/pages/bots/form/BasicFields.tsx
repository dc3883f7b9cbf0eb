import { Show } from 'solid-js'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { createPoll } from '../../../live/poll.ts'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { SelectField } from '../../../parts/SelectField.tsx'
import { TextField } from '../../../parts/TextField.tsx'
import { Advanced } from './Advanced.tsx'
import type { BotForm } from './bot-form.ts'
import { intervalFor, timeframeFor } from './exchange-defaults.ts'
import { KeyChoice } from './KeyChoice.tsx'
import { KindChoice } from './KindChoice.tsx'
import { MarketField } from './MarketField.tsx'
import { NumberFields } from './NumberFields.tsx'
import { numberFieldsOf } from './number-fields.ts'
import { TimeframeField } from './TimeframeField.tsx'

/** Step 1: name, exchange, kind of market, market, timeframe, mode. */
export function BasicFields(props: { form: BotForm; choices: FormChoices; onChoicesChanged: () => void }) {
  const exchange = () => props.choices.exchanges.find((one) => one.id === props.form.values.exchange)
  const isLive = (one: FormChoices['exchanges'][number] | undefined, kind: string) =>
    (kind === 'FUTURES' ? one?.liveFutures : one?.live) ?? false
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
    if (!isLive(next, props.form.values.positionType)) props.form.set('mode', 'PAPER')
  }
  const whyNotLive = () => {
    const kind = props.form.values.positionType
    if (isLive(exchange(), kind)) return undefined
    const what = kind === 'FUTURES' ? 'Live orders of futures' : 'Live orders'
    return `${what} are not offered on ${exchange()?.name ?? 'this exchange'} yet. Paper works.`
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
      <KindChoice
        form={props.form}
        onKind={(kind) => {
          if (!isLive(exchange(), kind)) props.form.set('mode', 'PAPER')
        }}
      />
      <div class="field-grid field-pair">
        <MarketField form={props.form} />
        <TimeframeField form={props.form} timeframes={exchange()?.timeframes ?? []} />
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
            whyNot: whyNotLive(),
          },
        ]}
      />
      <Show when={props.form.values.mode === 'LIVE'}>
        <KeyChoice form={props.form} choices={props.choices} onKeysChanged={props.onChoicesChanged} />
      </Show>
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
