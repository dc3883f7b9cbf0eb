import { Show, createEffect, createSignal, on } from 'solid-js'
import { CreateApiTokenMutation } from '../../graphql/documents/tokens.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { Button } from '../../parts/Button.tsx'
import { CopyBox } from '../../parts/CopyBox.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { createFormErrors, focusFirstInvalid } from '../../parts/form-errors.ts'
import { Notice } from '../../parts/Notice.tsx'
import { TextField } from '../../parts/TextField.tsx'

/** Asks for a name, then shows the token this once. */
export function CreateTokenDialog(props: { open: boolean; onClose: () => void; onCreated: () => void }) {
  const [name, setName] = createSignal('')
  const [token, setToken] = createSignal<string>()
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors({ name: 'Name' })
  createEffect(
    on(
      () => props.open,
      () => {
        setName('')
        setToken(undefined)
        errors.set([])
      },
    ),
  )
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    if (busy()) return
    setBusy(true)
    errors.set([])
    const data = await runMutation(CreateApiTokenMutation, { name: name().trim() })
    setBusy(false)
    const answer = data?.createApiToken
    if (answer?.__typename === 'IssuedApiToken') {
      setToken(answer.token)
      props.onCreated()
    } else if (answer) {
      errors.set(answer.issues)
      focusFirstInvalid(form)
    }
  }
  return (
    <Dialog
      open={props.open}
      title={token() ? 'Copy your token now' : 'Create an API token'}
      onClose={() => props.onClose()}
    >
      <Show
        when={token()}
        fallback={
          <form novalidate onSubmit={(event) => void submit(event)}>
            <Show when={errors.general()}>
              {(message) => (
                <Notice tone="danger">
                  <p>{message()}</p>
                </Notice>
              )}
            </Show>
            <TextField
              label="Name"
              name="name"
              maxlength={100}
              autofocus
              help="What will use it, so that you know later which one to delete."
              value={name()}
              onValue={setName}
              error={errors.of('name')}
            />
            <div class="dialog-actions">
              <Button onClick={() => props.onClose()}>Cancel</Button>
              <Button type="submit" kind="primary" busy={busy()}>
                Create token
              </Button>
            </div>
          </form>
        }
      >
        {(value) => (
          <>
            <p>
              This is the only time it is shown. It can do what you can do here, so keep it like a password.
            </p>
            <CopyBox text={value()} label="token" />
            <div class="dialog-actions">
              <Button kind="primary" onClick={() => props.onClose()}>
                Done
              </Button>
            </div>
          </>
        )}
      </Show>
    </Dialog>
  )
}
