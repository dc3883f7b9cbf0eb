import { Show, createSignal } from 'solid-js'
import { formatExact } from '../../../format/decimal.ts'
import { formatFull } from '../../../format/time.ts'
import type { TransferRow } from '../../../graphql/documents/bot-detail.ts'
import { ResolveTransferMutation } from '../../../graphql/documents/bot-commands.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { ConfirmDialog } from '../../../parts/ConfirmDialog.tsx'
import { createFormErrors } from '../../../parts/form-errors.ts'
import { TextField } from '../../../parts/TextField.tsx'
import { showToast } from '../../../parts/toasts.ts'

/** A person says whether a transfer that TradeBot cannot tell from others was made. */
export function ResolveTransferDialog(props: {
  transfer: TransferRow
  onClose: () => void
  onResolved: () => void
}) {
  const [outcome, setOutcome] = createSignal<'PLACED' | 'NOT_PLACED'>('NOT_PLACED')
  const [exchangeTransferId, setExchangeTransferId] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors({ outcome: 'This', exchangeTransferId: "The exchange's transfer id" })
  const resolve = async () => {
    setBusy(true)
    errors.set([])
    const data = await runMutation(ResolveTransferMutation, {
      input: {
        id: props.transfer.id,
        outcome: outcome(),
        exchangeTransferId: outcome() === 'PLACED' ? exchangeTransferId().trim() || null : null,
      },
    })
    setBusy(false)
    const answer = data?.resolveTransfer
    if (answer?.__typename === 'Transfer') {
      showToast({ tone: 'ok', message: 'The transfer is resolved. It is in the audit log under your name.' })
      props.onResolved()
    } else if (answer?.__typename === 'ValidationError') errors.set(answer.issues)
    else if (answer) errors.setGeneral(answer.message)
  }
  return (
    <ConfirmDialog
      open
      title="What became of this transfer?"
      action="Resolve transfer"
      busy={busy()}
      error={errors.general()}
      onConfirm={() => void resolve()}
      onClose={() => props.onClose()}
    >
      <p>
        TradeBot asked to move {formatExact(props.transfer.amount)} {props.transfer.currency} from the{' '}
        {props.transfer.fromWallet.toLowerCase()} to the {props.transfer.toWallet.toLowerCase()} wallet at{' '}
        {formatFull(new Date(props.transfer.createdAt))}, and cannot tell whether it happened. Look at the
        transfer history of the exchange, then say what is there.
      </p>
      <Show when={props.transfer.errorMessage}>{(message) => <p class="field-help">{message()}</p>}</Show>
      <ChoiceField
        label="At the exchange"
        name="outcome"
        value={outcome()}
        onValue={(value) => setOutcome(value === 'PLACED' ? 'PLACED' : 'NOT_PLACED')}
        error={errors.of('outcome')}
        choices={[
          { value: 'NOT_PLACED', label: 'It is not there', detail: 'No such transfer in the history.' },
          { value: 'PLACED', label: 'It is there', detail: 'The money was moved.' },
        ]}
      />
      <Show when={outcome() === 'PLACED'}>
        <TextField
          label="The exchange's transfer id"
          name="exchangeTransferId"
          class="mono"
          value={exchangeTransferId()}
          onValue={setExchangeTransferId}
          error={errors.of('exchangeTransferId')}
        />
      </Show>
    </ConfirmDialog>
  )
}
