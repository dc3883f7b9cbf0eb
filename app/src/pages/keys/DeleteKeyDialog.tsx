import { createSignal } from 'solid-js'
import { DeleteApiKeyMutation, type ApiKey } from '../../graphql/documents/keys.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx'
import { showToast } from '../../parts/toasts.ts'

export function DeleteKeyDialog(props: { apiKey: ApiKey; onClose: () => void; onDeleted: () => void }) {
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<string>()
  const remove = async () => {
    setBusy(true)
    const data = await runMutation(DeleteApiKeyMutation, { id: props.apiKey.id })
    setBusy(false)
    const answer = data?.deleteApiKey
    if (answer?.__typename === 'Deleted') {
      showToast({ tone: 'ok', message: `Key ${props.apiKey.label} is deleted.` })
      props.onDeleted()
    } else if (answer?.__typename === 'ValidationError')
      setError(answer.issues.map((issue) => issue.message).join(' ') || answer.message)
    else if (answer) setError(answer.message)
  }
  return (
    <ConfirmDialog
      open
      title={`Delete the key ${props.apiKey.label}?`}
      action="Delete key"
      busy={busy()}
      error={error()}
      onConfirm={() => void remove()}
      onClose={() => props.onClose()}
    >
      <p>
        TradeBot forgets its secret. At the exchange the key stays valid until you revoke it there. A key that
        a bot still uses is not deleted.
      </p>
    </ConfirmDialog>
  )
}
