import { Show } from 'solid-js'
import { CheckField } from '../../../parts/CheckField.tsx'
import { Advanced } from './Advanced.tsx'
import type { BotForm } from './bot-form.ts'
import { NumberFields } from './NumberFields.tsx'
import { numberFieldsOf } from './number-fields.ts'

/** Step 4: capital and sizes. */
export function FundFields(props: { form: BotForm }) {
  const advanced = () => [...numberFieldsOf('funds', true), 'autoTransferFunds']
  return (
    <>
      <NumberFields form={props.form} names={numberFieldsOf('funds', false)} />
      <Advanced form={props.form} fields={advanced()}>
        <NumberFields form={props.form} names={numberFieldsOf('funds', true)} />
        <Show when={props.form.values.mode === 'LIVE' && props.form.values.positionType === 'FUTURES'}>
          <CheckField
            label="Move funds between wallets when needed"
            name="autoTransferFunds"
            checked={props.form.values.autoTransferFunds}
            onChecked={(checked) => props.form.set('autoTransferFunds', checked)}
            error={props.form.errors.of('autoTransferFunds')}
            help="Off unless you want it: needs a key that may transfer."
          />
        </Show>
      </Advanced>
    </>
  )
}
