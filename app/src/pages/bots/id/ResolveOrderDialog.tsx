import { Show, createSignal } from 'solid-js'
import type { OrderRow } from '../../../graphql/documents/bot-detail.ts'
import { ResolveOrderMutation } from '../../../graphql/documents/bot-commands.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { ConfirmDialog } from '../../../parts/ConfirmDialog.tsx'
import { createFormErrors } from '../../../parts/form-errors.ts'
import { TextField } from '../../../parts/TextField.tsx'
import { showToast } from '../../../parts/toasts.ts'

/** A person says what became of an order whose outcome TradeBot could not find out. */
export function ResolveOrderDialog(props: { order: OrderRow; onClose: () => void; onResolved: () => void }) {
  // Nothing is chosen for people: a wrong answer here books what is not so.
  const [outcome, setOutcome] = createSignal<'PLACED' | 'NOT_PLACED' | null>(null)
  const [exchangeOrderId, setExchangeOrderId] = createSignal('')
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors({ outcome: 'This', exchangeOrderId: "The exchange's order id" })
  const resolve = async () => {
    const answered = outcome()
    if (answered === null) return
    setBusy(true)
    errors.set([])
    const data = await runMutation(ResolveOrderMutation, {
      input: {
        id: props.order.id,
        outcome: answered,
        exchangeOrderId: answered === 'PLACED' ? exchangeOrderId().trim() || null : null,
      },
    })
    setBusy(false)
    const answer = data?.resolveOrder
    if (answer?.__typename === 'Order') {
      showToast({ tone: 'ok', message: 'The order is resolved. It is in the audit log under your name.' })
      props.onResolved()
    } else if (answer?.__typename === 'ValidationError') errors.set(answer.issues)
    else if (answer) errors.setGeneral(answer.message)
  }
  return (
    <ConfirmDialog
      open
      title="What became of this order?"
      action="Resolve order"
      busy={busy()}
      whyNot={outcome() === null ? 'First say what is there.' : undefined}
      error={errors.general()}
      onConfirm={() => void resolve()}
      onClose={() => props.onClose()}
    >
      <p>
        TradeBot sent it, and got no answer that settles it. Look at the exchange's own order history for the
        client order id, then say what is there. TradeBot goes on by your word.
      </p>
      <p>
        Client order id: <code class="break">{props.order.clientOrderId}</code>
      </p>
      <ChoiceField
        label="At the exchange"
        name="outcome"
        value={outcome() ?? ''}
        onValue={(value) => setOutcome(value === 'PLACED' ? 'PLACED' : 'NOT_PLACED')}
        error={errors.of('outcome')}
        choices={[
          { value: 'NOT_PLACED', label: 'It is not there', detail: 'No such order in the history.' },
          { value: 'PLACED', label: 'It is there', detail: 'TradeBot reads its fills from the exchange.' },
        ]}
      />
      <Show when={outcome() === 'PLACED'}>
        <TextField
          label="The exchange's order id"
          name="exchangeOrderId"
          class="mono"
          value={exchangeOrderId()}
          onValue={setExchangeOrderId}
          error={errors.of('exchangeOrderId')}
        />
      </Show>
    </ConfirmDialog>
  )
}
