import { Show, createSignal } from 'solid-js'
import { ReplaceApiKeyMutation, type ApiKey } from '../../graphql/documents/keys.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { createFormErrors, focusFirstInvalid } from '../../parts/form-errors.ts'
import { Notice } from '../../parts/Notice.tsx'
import { showToast } from '../../parts/toasts.ts'
import { SecretFields, emptySecrets, secretLabels, secretsInput } from './SecretFields.tsx'

/** New credentials of the same account; bots that use the key go on with them. */
export function ReplaceKeyDialog(props: { apiKey: ApiKey; onClose: () => void; onReplaced: () => void }) {
  const [secrets, setSecrets] = createSignal(emptySecrets)
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors(secretLabels)
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    if (busy()) return
    setBusy(true)
    errors.set([])
    const input = { id: props.apiKey.id, ...secretsInput(secrets()) }
    const data = await runMutation(ReplaceApiKeyMutation, { input })
    setBusy(false)
    const answer = data?.replaceApiKey
    if (answer?.__typename === 'ApiKey') {
      showToast({ tone: 'ok', message: `Key ${answer.label} has new credentials.` })
      props.onReplaced()
    } else if (answer?.__typename === 'ValidationError') {
      errors.set(answer.issues)
      focusFirstInvalid(form)
    } else if (answer) errors.setGeneral(answer.message)
  }
  return (
    <Dialog open title={`Replace ${props.apiKey.label}`} onClose={() => props.onClose()}>
      <form novalidate onSubmit={(event) => void submit(event)}>
        <p>
          New credentials of the <strong>same account</strong>. Bots that use this key go on with them;
          credentials of another account belong in a key of their own.
        </p>
        <Show when={errors.general()}>
          {(message) => (
            <Notice tone="danger">
              <p>{message()}</p>
            </Notice>
          )}
        </Show>
        <SecretFields
          secrets={secrets()}
          onSecrets={setSecrets}
          errors={errors}
          withPassphrase={props.apiKey.exchange !== 'sandbox'}
        />
        <div class="dialog-actions">
          <Button onClick={() => props.onClose()}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy()}>
            Replace key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
