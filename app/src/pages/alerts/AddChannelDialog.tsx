import { Match, Show, Switch, createEffect, createSignal, on } from 'solid-js'
import { AddAlertChannelMutation } from '../../graphql/documents/alerts.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { Button } from '../../parts/Button.tsx'
import { ChoiceField } from '../../parts/ChoiceField.tsx'
import { CopyBox } from '../../parts/CopyBox.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { createFormErrors, focusFirstInvalid } from '../../parts/form-errors.ts'
import { Notice } from '../../parts/Notice.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { showToast } from '../../parts/toasts.ts'
import { KindFields } from './KindFields.tsx'
import { emptyChannel, channelInput, channelLabels, type ChannelValues } from './channel-values.ts'

const channelKinds = [
  { value: 'WEBHOOK', label: 'Webhook', detail: 'A POST of JSON to an address of yours' },
  { value: 'TELEGRAM', label: 'Telegram', detail: 'A message from a bot of yours' },
]

/** Asks where alerts go; shows the secret of a new webhook this once. */
export function AddChannelDialog(props: { open: boolean; onClose: () => void; onAdded: () => void }) {
  const [values, setValues] = createSignal<ChannelValues>(emptyChannel)
  const [secret, setSecret] = createSignal<string>()
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors(channelLabels)
  const set = (part: Partial<ChannelValues>) => setValues((all) => ({ ...all, ...part }))
  createEffect(
    on(
      () => props.open,
      () => {
        setValues(emptyChannel)
        setSecret(undefined)
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
    const data = await runMutation(AddAlertChannelMutation, { input: channelInput(values()) })
    setBusy(false)
    const answer = data?.addAlertChannel
    if (answer?.__typename === 'AddedAlertChannel') {
      props.onAdded()
      if (answer.secret) setSecret(answer.secret)
      else {
        showToast({ tone: 'ok', message: `Channel ${answer.channel.name} is added. Send it a test.` })
        props.onClose()
      }
    } else if (answer) {
      errors.set(answer.issues)
      focusFirstInvalid(form)
    }
  }
  return (
    <Dialog
      open={props.open}
      title={secret() ? 'Copy the signing secret now' : 'Add a channel'}
      onClose={() => props.onClose()}
    >
      <Show
        when={secret()}
        fallback={
          <form novalidate onSubmit={(event) => void submit(event)}>
            <Show when={errors.general()}>
              {(message) => (
                <Notice tone="danger">
                  <p>{message()}</p>
                </Notice>
              )}
            </Show>
            <ChoiceField
              label="Kind"
              name="kind"
              value={values().kind}
              choices={channelKinds}
              onValue={(kind) => set({ kind: kind === 'TELEGRAM' ? 'TELEGRAM' : 'WEBHOOK' })}
            />
            <TextField
              label="Name"
              name="name"
              maxlength={100}
              help="A name of your own, such as Phone or On-call chat."
              value={values().name}
              onValue={(name) => set({ name })}
              error={errors.of('name')}
            />
            <Switch>
              <Match when={values().kind === 'WEBHOOK'}>
                <TextField
                  label="Address"
                  name="url"
                  type="url"
                  inputmode="url"
                  class="mono"
                  spellcheck={false}
                  placeholder="https://"
                  help="Stored encrypted; of it only the host is shown later."
                  value={values().url}
                  onValue={(url) => set({ url })}
                  error={errors.of('url')}
                />
                <TextField
                  label="Signing secret"
                  name="secret"
                  type="password"
                  autocomplete="new-password"
                  class="mono"
                  optional
                  help="Each POST is signed with it (X-TradeBot-Signature). Left empty, one is made and shown once."
                  value={values().secret}
                  onValue={(text) => set({ secret: text })}
                  error={errors.of('secret')}
                />
              </Match>
              <Match when={values().kind === 'TELEGRAM'}>
                <TextField
                  label="Bot token"
                  name="botToken"
                  type="password"
                  autocomplete="new-password"
                  class="mono"
                  help="BotFather gives it when you make a bot. Stored encrypted; it is never shown again."
                  value={values().botToken}
                  onValue={(botToken) => set({ botToken })}
                  error={errors.of('botToken')}
                />
                <TextField
                  label="Chat id"
                  name="chatId"
                  class="mono"
                  spellcheck={false}
                  help="A number, or the @name of a public channel. Write to the bot first: it cannot begin a chat."
                  value={values().chatId}
                  onValue={(chatId) => set({ chatId })}
                  error={errors.of('chatId')}
                />
              </Match>
            </Switch>
            <KindFields kinds={values().kinds} onKinds={(kinds) => set({ kinds })} />
            <div class="dialog-actions">
              <Button onClick={() => props.onClose()}>Cancel</Button>
              <Button type="submit" kind="primary" busy={busy()}>
                Add channel
              </Button>
            </div>
          </form>
        }
      >
        {(value) => (
          <>
            <p>
              This is the only time it is shown. With it your receiver can tell that a POST comes from
              TradeBot: the header X-TradeBot-Signature is <code>sha256=</code> and the HMAC-SHA256 of the
              body, in hex.
            </p>
            <CopyBox text={value()} label="secret" />
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
