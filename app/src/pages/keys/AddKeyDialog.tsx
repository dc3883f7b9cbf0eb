import { Show, createEffect, createSignal, on } from 'solid-js'
import { AddApiKeyMutation } from '../../graphql/documents/keys.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { Button } from '../../parts/Button.tsx'
import { CheckField } from '../../parts/CheckField.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { createFormErrors, fieldOf, focusFirstInvalid } from '../../parts/form-errors.ts'
import { Notice } from '../../parts/Notice.tsx'
import { SelectField } from '../../parts/SelectField.tsx'
import { TextField } from '../../parts/TextField.tsx'
import { showToast } from '../../parts/toasts.ts'
import { SandboxHint } from './SandboxHint.tsx'
import { SecretFields, emptySecrets, secretLabels, secretsInput } from './SecretFields.tsx'

export type ExchangeChoice = { id: string; name: string; live: boolean; realMoney: boolean }

/** Adds a key of the user's account at an exchange. */
export function AddKeyDialog(props: {
  open: boolean
  exchanges: readonly ExchangeChoice[]
  exchange?: string
  onClose: () => void
  onAdded: (id: string) => void
}) {
  const [exchange, setExchange] = createSignal('')
  const [label, setLabel] = createSignal('')
  const [secrets, setSecrets] = createSignal(emptySecrets)
  const [acceptWithdraw, setAcceptWithdraw] = createSignal(false)
  const [asksWithdraw, setAsksWithdraw] = createSignal(false)
  const [busy, setBusy] = createSignal(false)
  const errors = createFormErrors({
    ...secretLabels,
    exchange: 'Exchange',
    label: 'Label',
    acceptWithdraw: 'This consent',
  })
  createEffect(
    on(
      () => props.open,
      (open) => {
        if (!open) return
        setExchange(
          props.exchange ?? props.exchanges.find((one) => one.live)?.id ?? props.exchanges[0]?.id ?? '',
        )
        setLabel('')
        setSecrets(emptySecrets)
        setAcceptWithdraw(false)
        setAsksWithdraw(false)
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
    const input = { exchange: exchange(), label: label().trim(), ...secretsInput(secrets()) }
    const data = await runMutation(AddApiKeyMutation, {
      input: { ...input, acceptWithdraw: acceptWithdraw() },
    })
    setBusy(false)
    const answer = data?.addApiKey
    if (answer?.__typename === 'ApiKey') {
      showToast({
        tone: 'ok',
        message: `Key ${answer.label} is added. A worker now asks the exchange for its rights.`,
      })
      props.onAdded(answer.id)
    } else if (answer) {
      if (answer.issues.some((issue) => fieldOf(issue) === 'acceptWithdraw')) setAsksWithdraw(true)
      errors.set(answer.issues)
      focusFirstInvalid(form)
    }
  }

  return (
    <Dialog open={props.open} title="Add an API key" onClose={() => props.onClose()}>
      {/* Stopped here: this dialog can stand inside another form, in the tree if not on the screen. */}
      <form
        novalidate
        onSubmit={(event) => {
          event.stopPropagation()
          void submit(event)
        }}
      >
        <Show when={errors.general()}>
          {(message) => (
            <Notice tone="danger">
              <p>{message()}</p>
            </Notice>
          )}
        </Show>
        <SelectField
          label="Exchange"
          name="exchange"
          value={exchange()}
          options={props.exchanges.map((one) => ({
            value: one.id,
            label: one.name,
          }))}
          onValue={setExchange}
          error={errors.of('exchange')}
        />
        <Show when={exchange() === 'sandbox'}>
          <SandboxHint />
        </Show>
        <TextField
          label="Label"
          name="label"
          maxlength={100}
          help="A name of your own, to tell keys apart."
          value={label()}
          onValue={setLabel}
          error={errors.of('label')}
        />
        <SecretFields
          secrets={secrets()}
          onSecrets={setSecrets}
          errors={errors}
          withPassphrase={exchange() !== 'sandbox'}
        />
        <Show when={asksWithdraw()}>
          <CheckField
            label="Accept that this key may withdraw"
            name="acceptWithdraw"
            checked={acceptWithdraw()}
            onChecked={setAcceptWithdraw}
            error={errors.of('acceptWithdraw')}
            help="TradeBot never withdraws. A key without that right is safer should it leak."
          />
        </Show>
        <div class="dialog-actions">
          <Button onClick={() => props.onClose()}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy()}>
            Add key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
