import { Show, createSignal } from 'solid-js'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { Button } from '../../../parts/Button.tsx'
import { SelectField } from '../../../parts/SelectField.tsx'
import { AddKeyDialog } from '../../keys/AddKeyDialog.tsx'
import type { BotForm } from './bot-form.ts'

/** The key of a live bot, with a way to add one that does not lose the form. */
export function KeyChoice(props: { form: BotForm; choices: FormChoices; onKeysChanged: () => void }) {
  const [adding, setAdding] = createSignal(false)
  const keys = () => props.choices.apiKeys.filter((key) => key.exchange === props.form.values.exchange)
  const options = () => [
    { value: '', label: keys().length > 0 ? 'Choose a key' : 'No key for this exchange yet' },
    ...keys().map((key) => ({ value: key.id, label: `${key.label} (ends in ${key.keyHint})` })),
  ]
  return (
    <div class="key-choice">
      <SelectField
        label="API key"
        name="apiKeyId"
        value={props.form.values.apiKeyId}
        options={options()}
        onValue={(value) => props.form.set('apiKeyId', value)}
        error={props.form.errors.of('apiKeyId')}
        help={
          <Show when={keys().length === 0} fallback="The bot's orders go to this account.">
            Add a key of your account at this exchange.
          </Show>
        }
      />
      <Button icon="plus" onClick={() => setAdding(true)}>
        Add key
      </Button>
      <AddKeyDialog
        open={adding()}
        exchanges={props.choices.exchanges}
        exchange={props.form.values.exchange}
        onClose={() => setAdding(false)}
        onAdded={(id) => {
          setAdding(false)
          props.onKeysChanged()
          props.form.set('apiKeyId', id)
        }}
      />
    </div>
  )
}
