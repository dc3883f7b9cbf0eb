import { Show } from 'solid-js'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { CheckField } from '../../../parts/CheckField.tsx'
import type { BotForm } from './bot-form.ts'
import { NumberFields } from './NumberFields.tsx'

/** Of a LIVE futures bot: money between the spot and the futures wallet. Offered only where there are two and a proven way between them. */
export function TransferFields(props: { form: BotForm; choices: FormChoices }) {
  const exchange = () => props.choices.exchanges.find((one) => one.id === props.form.values.exchange)
  const key = () => props.choices.apiKeys.find((one) => one.id === props.form.values.apiKeyId)
  return (
    <Show
      when={exchange()?.transfers}
      fallback={
        <p class="field-help">
          {exchange()?.oneWallet
            ? `${exchange()?.name} pays for spot and futures from one wallet: nothing has to be moved.`
            : `TradeBot moves no money between the wallets of ${exchange()?.name ?? 'this exchange'}: keep the margin in its futures wallet.`}
        </p>
      }
    >
      <CheckField
        label="Move funds between the spot and the futures wallet"
        name="autoTransferFunds"
        checked={props.form.values.autoTransferFunds}
        onChecked={(checked) => props.form.set('autoTransferFunds', checked)}
        error={props.form.errors.of('autoTransferFunds')}
        help={
          <>
            When an entry lacks margin, the amount below is moved to the futures wallet, once for that entry.
            At the end of each day, profit above the capital goes back to spot. Moving is no profit and no
            loss.{' '}
            <Show when={key()?.canTransfer === false} fallback="The key must be allowed to transfer.">
              <strong class="loss">
                The key {key()?.label} may not transfer: allow it at the exchange first.
              </strong>
            </Show>
          </>
        }
      />
      <NumberFields form={props.form} names={['transferAmount']} />
    </Show>
  )
}
