import { createSignal } from 'solid-js'
import { DeleteApiTokenMutation, type ApiToken } from '../../graphql/documents/tokens.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { ConfirmDialog } from '../../parts/ConfirmDialog.tsx'
import { showToast } from '../../parts/toasts.ts'

export function DeleteTokenDialog(props: { token: ApiToken; onClose: () => void; onDeleted: () => void }) {
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<string>()
  const remove = async () => {
    setBusy(true)
    const data = await runMutation(DeleteApiTokenMutation, { id: props.token.id })
    setBusy(false)
    const answer = data?.deleteApiToken
    if (answer?.__typename === 'Deleted') {
      showToast({ tone: 'ok', message: `Token ${props.token.name} is deleted.` })
      props.onDeleted()
    } else if (answer) setError(answer.message)
  }
  return (
    <ConfirmDialog
      open
      title={`Delete the token ${props.token.name}?`}
      action="Delete token"
      busy={busy()}
      error={error()}
      onConfirm={() => void remove()}
      onClose={() => props.onClose()}
    >
      <p>Whatever uses it is signed out at once, live connections too. There is no way to get it back.</p>
    </ConfirmDialog>
  )
}
