import { Show, createSignal } from 'solid-js'
import { formatExact } from '../../../format/decimal.ts'
import { formatFull } from '../../../format/time.ts'
import type { TransferRow } from '../../../graphql/documents/bot-detail.ts'
import { ResolveTransferMutation } from '../../../graphql/documents/bot-commands.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { type Choice, ChoiceField } from '../../../parts/ChoiceField.tsx'
import { ConfirmDialog } from '../../../parts/ConfirmDialog.tsx'
import { createFormErrors } from '../../../parts/form-errors.ts'
import { TextField } from '../../../parts/TextField.tsx'
import { showToast } from '../../../parts/toasts.ts'

/** A number of the exchange may not collide with these. */
const absent = 'answer:absent'
const another = 'answer:another'

/** A person says whether a transfer that TradeBot cannot tell from others was made, and as which of those it found. Nothing is presumed. */
export function ResolveTransferDialog(props: {
  transfer: TransferRow
  onClose: () => void
  onResolved: () => void
}) {
  const [answer, setAnswer] = createSignal('')
  const [typedNumber, setTypedNumber] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors({ outcome: 'This', exchangeTransferId: "The exchange's transfer id" })
  const number = () => (answer() === another ? typedNumber().trim() : answer())
  const isAnswered = () => answer() === absent || number() !== ''
  const resolve = async () => {
    setBusy(true)
    errors.set([])
    const data = await runMutation(ResolveTransferMutation, {
      input: {
        id: props.transfer.id,
        outcome: answer() === absent ? 'NOT_PLACED' : 'PLACED',
        exchangeTransferId: answer() === absent ? null : number(),
      },
    })
    setBusy(false)
    const reply = data?.resolveTransfer
    if (reply?.__typename === 'Transfer') {
      showToast({ tone: 'ok', message: 'The transfer is resolved. It is in the audit log under your name.' })
      props.onResolved()
    } else if (reply?.__typename === 'ValidationError') errors.set(reply.issues)
    else if (reply) errors.setGeneral(reply.message)
  }
  const amount = () => `${formatExact(props.transfer.amount)} ${props.transfer.currency}`
  const choices = (): Choice[] => {
    const found = props.transfer.candidates
    return [
      ...found.map(({ id, at }) => ({
        value: id,
        label: `It is number ${id}`,
        detail: `${amount()} at ${formatFull(new Date(at))}, found by TradeBot in the history.`,
      })),
      {
        value: another,
        label: found.length > 0 ? 'It is there under another number' : 'It is there',
        detail: 'The money was moved. TradeBot checks the number in the history.',
      },
      {
        value: absent,
        label: found.length > 0 ? 'It is none of these' : 'It is not there',
        detail: 'TradeBot books that no money was moved.',
      },
    ]
  }
  return (
    <ConfirmDialog
      open
      title="What became of this transfer?"
      action="Resolve transfer"
      busy={busy()}
      whyNot={isAnswered() ? undefined : 'First say what is there.'}
      error={errors.general()}
      onConfirm={() => void resolve()}
      onClose={() => props.onClose()}
    >
      <p>
        TradeBot asked to move {amount()} from the {props.transfer.fromWallet.toLowerCase()} to the{' '}
        {props.transfer.toWallet.toLowerCase()} wallet at {formatFull(new Date(props.transfer.createdAt))},
        and cannot tell whether it happened. Look at the transfer history of the exchange, then say what is
        there.
      </p>
      <Show when={props.transfer.errorMessage}>{(message) => <p class="field-help">{message()}</p>}</Show>
      <ChoiceField
        label="At the exchange"
        name="outcome"
        value={answer()}
        onValue={setAnswer}
        error={errors.of('outcome') ?? (answer() === another ? undefined : errors.of('exchangeTransferId'))}
        choices={choices()}
      />
      <Show when={answer() === another}>
        <TextField
          label="The exchange's transfer id"
          name="exchangeTransferId"
          class="mono"
          value={typedNumber()}
          onValue={setTypedNumber}
          error={errors.of('exchangeTransferId')}
        />
      </Show>
    </ConfirmDialog>
  )
}
