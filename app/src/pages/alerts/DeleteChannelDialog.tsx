import { createSignal } from 'solid-js'
import { DeleteAlertChannelMutation, type AlertChannel } from '../../graphql/documents/alerts.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx'
import { showToast } from '../../parts/toasts.ts'

export function DeleteChannelDialog(props: {
  channel: AlertChannel
  onClose: () => void
  onDeleted: () => void
}) {
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<string>()
  const remove = async () => {
    setBusy(true)
    const data = await runMutation(DeleteAlertChannelMutation, { id: props.channel.id })
    setBusy(false)
    const answer = data?.deleteAlertChannel
    if (answer?.__typename === 'Deleted') {
      showToast({ tone: 'ok', message: `Channel ${props.channel.name} is deleted.` })
      props.onDeleted()
    } else if (answer) setError(answer.message)
  }
  return (
    <ConfirmDialog
      open
      title={`Delete the channel ${props.channel.name}?`}
      action="Delete channel"
      busy={busy()}
      error={error()}
      onConfirm={() => void remove()}
      onClose={() => props.onClose()}
    >
      <p>TradeBot forgets where it leads. Alerts that still wait to be sent there are given up.</p>
    </ConfirmDialog>
  )
}
