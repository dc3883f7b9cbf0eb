import { Show } from 'solid-js'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { formatExact } from '../../../format/decimal.ts'
import { quoteOf } from '../../../format/symbol.ts'
import { Advanced } from './Advanced.tsx'
import type { BotForm } from './bot-form.ts'
import { NumberFields } from './NumberFields.tsx'
import { numberFieldsOf } from './number-fields.ts'
import { TransferFields } from './TransferFields.tsx'

/** Step 4: capital and sizes, and what moves between wallets. */
export function FundFields(props: { form: BotForm; choices: FormChoices }) {
  const values = () => props.form.values
  const own = () => numberFieldsOf('funds', false).filter((name) => name !== 'transferAmount')
  const isPaper = () => values().mode === 'PAPER'
  return (
    <>
      <NumberFields form={props.form} names={own()} />
      <Show when={sizeWords(values().positionSizeFixed, values().leverage)}>
        {(size) => (
          <Show when={values().positionType === 'FUTURES'}>
            <p class="field-help" data-testid="entry-size">
              Each entry binds {formatExact(size().margin)} {quoteOf(values().symbol)} as margin, for a
              position worth {formatExact(size().notional)} {quoteOf(values().symbol)} at {values().leverage}
              x.
            </p>
          </Show>
        )}
      </Show>
      <Show when={values().positionType === 'FUTURES' && values().mode === 'LIVE'}>
        <TransferFields form={props.form} choices={props.choices} />
      </Show>
      <Show when={isPaper()}>
        <Advanced form={props.form} fields={numberFieldsOf('funds', true)}>
          <NumberFields form={props.form} names={numberFieldsOf('funds', true)} />
        </Advanced>
      </Show>
    </>
  )
}

function sizeWords(margin: string, leverage: string): { margin: string; notional: string } | undefined {
  const size = Number(margin)
  const times = Number(leverage)
  if (!/^\d{1,12}(\.\d{1,8})?$/.test(margin.trim()) || !Number.isInteger(times) || times < 2) return undefined
  return { margin: margin.trim(), notional: String(Number((size * times).toFixed(8))) }
}
