import { Show } from 'solid-js'
import type { FormErrors } from '../../parts/form-errors.ts'
import { TextField } from '../../parts/TextField.tsx'

export type Secrets = { apiKey: string; secretKey: string; passphrase: string }

export const emptySecrets: Secrets = { apiKey: '', secretKey: '', passphrase: '' }

export const secretLabels = { apiKey: 'API key', secretKey: 'Secret key', passphrase: 'Passphrase' }

/** As the API takes them: pasted keys come with spaces and line ends round them. */
export function secretsInput(secrets: Secrets) {
  return {
    apiKey: secrets.apiKey.trim(),
    secretKey: secrets.secretKey.trim(),
    passphrase: secrets.passphrase.trim() || null,
  }
}

/** Key and secret as the exchange shows them; for adding and replacing. */
export function SecretFields(props: {
  secrets: Secrets
  onSecrets: (secrets: Secrets) => void
  errors: FormErrors
  withPassphrase: boolean
}) {
  const set = (part: Partial<Secrets>) => props.onSecrets({ ...props.secrets, ...part })
  return (
    <>
      <TextField
        label="API key"
        name="apiKey"
        class="mono"
        spellcheck={false}
        value={props.secrets.apiKey}
        onValue={(apiKey) => set({ apiKey })}
        error={props.errors.of('apiKey')}
      />
      <TextField
        label="Secret key"
        name="secretKey"
        type="password"
        autocomplete="new-password"
        class="mono"
        help="Stored encrypted. It is never shown again."
        value={props.secrets.secretKey}
        onValue={(secretKey) => set({ secretKey })}
        error={props.errors.of('secretKey')}
      />
      <Show when={props.withPassphrase}>
        <TextField
          label="Passphrase"
          name="passphrase"
          type="password"
          autocomplete="new-password"
          class="mono"
          optional
          help="Only where the exchange gave you one (OKX)."
          value={props.secrets.passphrase}
          onValue={(passphrase) => set({ passphrase })}
          error={props.errors.of('passphrase')}
        />
      </Show>
    </>
  )
}
