import { For, Show, createSignal } from 'solid-js'
import {
  SwitchAlertChannelMutation,
  TestAlertChannelMutation,
  type AlertChannel,
} from '../../graphql/documents/alerts.ts'
import { runMutation } from '../../graphql/run-mutation.ts'
import { Button } from '../../parts/Button.tsx'
import { When } from '../../parts/Figures.tsx'
import { Icon } from '../../parts/Icon.tsx'
import { showToast } from '../../parts/toasts.ts'
import { alertWords } from './alert-words.ts'

export function ChannelTable(props: {
  channels: readonly AlertChannel[]
  onChanged: () => void
  onDelete: (channel: AlertChannel) => void
}) {
  return (
    <div class="table-box">
      <table class="table table-cards">
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">Leads to</th>
            <th scope="col">Alerts</th>
            <th scope="col">State</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.channels}>
            {(channel) => (
              <ChannelRow
                channel={channel}
                onChanged={() => props.onChanged()}
                onDelete={() => props.onDelete(channel)}
              />
            )}
          </For>
        </tbody>
      </table>
    </div>
  )
}

function ChannelRow(props: { channel: AlertChannel; onChanged: () => void; onDelete: () => void }) {
  const [testing, setTesting] = createSignal(false)
  const [switching, setSwitching] = createSignal(false)
  const chosen = () => props.channel.kinds.map((kind) => alertWords[kind].label)

  const test = async () => {
    const { id, name } = props.channel
    setTesting(true)
    const data = await runMutation(TestAlertChannelMutation, { id })
    setTesting(false)
    const answer = data?.testAlertChannel
    if (answer?.__typename === 'AlertChannelTest' && answer.delivered)
      showToast({ tone: 'ok', message: `${name}: the test has arrived.` })
    else if (answer) showToast({ tone: 'danger', message: `${name}: ${answer.message}` })
    props.onChanged()
  }
  const toggle = async () => {
    const { id, enabled } = props.channel
    setSwitching(true)
    const data = await runMutation(SwitchAlertChannelMutation, { id, enabled: !enabled })
    setSwitching(false)
    const answer = data?.updateAlertChannel
    if (answer && answer.__typename !== 'AlertChannel') showToast({ tone: 'danger', message: answer.message })
    props.onChanged()
  }

  return (
    <tr>
      <td class="cell-head">
        <strong>{props.channel.name}</strong>
      </td>
      <td data-label="Leads to">
        {props.channel.kind === 'WEBHOOK' ? 'Webhook' : 'Telegram'}, <code>{props.channel.targetHint}</code>
      </td>
      <td data-label="Alerts">
        <Show when={chosen().length > 0} fallback="All">
          <span title={chosen().join(', ')}>
            {chosen().length === 1 ? chosen()[0] : `${chosen().length} kinds`}
          </span>
        </Show>
      </td>
      <td data-label="State" class="wrap">
        <ChannelState channel={props.channel} />
      </td>
      <td class="cell-actions">
        <Button small busy={testing()} onClick={() => void test()}>
          Send test<span class="visually-hidden"> to {props.channel.name}</span>
        </Button>
        <Button small busy={switching()} onClick={() => void toggle()}>
          {props.channel.enabled ? 'Switch off' : 'Switch on'}
          <span class="visually-hidden"> {props.channel.name}</span>
        </Button>
        <Button small onClick={() => props.onDelete()}>
          Delete<span class="visually-hidden"> {props.channel.name}</span>
        </Button>
      </td>
    </tr>
  )
}

function ChannelState(props: { channel: AlertChannel }) {
  return (
    <div class="status-cell channel-state">
      <Show
        when={props.channel.enabled}
        fallback={
          <span class="badge">
            <Icon name="pause" size={12} />
            Off
          </span>
        }
      >
        <Show
          when={props.channel.lastError}
          fallback={
            <Show when={props.channel.lastSentAt} fallback={<span class="none">Nothing sent yet</span>}>
              <span class="badge status-running">
                <Icon name="check" size={12} />
                Working
              </span>
            </Show>
          }
        >
          <span class="badge status-error">
            <Icon name="alert" size={12} />
            Failing
          </span>
        </Show>
      </Show>
      <Show when={props.channel.lastError}>
        {(error) => (
          <span class="row-note" title={error()}>
            {error()}
          </span>
        )}
      </Show>
      <Show when={props.channel.lastSentAt}>
        <span class="row-note">
          Last sent <When at={props.channel.lastSentAt} />
        </span>
      </Show>
    </div>
  )
}
