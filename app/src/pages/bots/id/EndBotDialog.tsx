import { useNavigate } from '@solidjs/router'
import { Show, createSignal, untrack } from 'solid-js'
import { DeleteBotMutation, StopBotMutation } from '../../../graphql/documents/bot-commands.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { forgetBot, mergeBot } from '../../../live/bots-store.ts'
import { ChoiceField } from '../../../parts/ChoiceField.tsx'
import { ConfirmDialog } from '../../../parts/ConfirmDialog.tsx'
import { showToast } from '../../../parts/toasts.ts'
import { paths } from '../../../paths.ts'
import { leftWords } from '../bot-words.ts'

type Policy = 'CLOSE' | 'KEEP'

/** Confirms stop or delete, and asks what becomes of an open position or an order still on its way. */
export function EndBotDialog(props: { bot: BotLive; command: 'STOP' | 'DELETE'; onClose: () => void }) {
  const navigate = useNavigate()
  const [busy, setBusy] = createSignal(false)
  const [error, setError] = createSignal<string>()
  // The API asks as well where only an unsettled order exists, which the position does not show.
  const [asked, setAsked] = createSignal(untrack(() => props.bot.position !== null))
  const [policy, setPolicy] = createSignal<Policy>('CLOSE')
  const stops = () => props.command === 'STOP'

  const confirm = async () => {
    setBusy(true)
    setError(undefined)
    const answer = await end(props.command, props.bot.id, asked() ? policy() : null)
    setBusy(false)
    if (!answer) return
    if (answer.__typename === 'Bot') {
      mergeBot(answer)
      props.onClose()
    } else if (answer.__typename === 'Deleted') {
      forgetBot(answer.id)
      showToast({ tone: 'ok', message: `${props.bot.name} is deleted.` })
      navigate(paths.bots)
    } else {
      if (answer.__typename === 'OpenPositionError') setAsked(true)
      setError(answer.message)
    }
  }

  return (
    <ConfirmDialog
      open
      title={stops() ? `Stop ${props.bot.name}?` : `Delete ${props.bot.name}?`}
      action={stops() ? 'Stop bot' : 'Delete bot'}
      busy={busy()}
      error={error()}
      onConfirm={() => void confirm()}
      onClose={() => props.onClose()}
    >
      <p>
        {stops()
          ? 'It opens no more positions. You can start it again at any time; what it has lost or gained today still counts.'
          : 'It disappears from your list, with its configuration. This cannot be undone.'}
      </p>
      <Show when={asked()}>
        <ChoiceField
          label="Its open position"
          name="openPosition"
          value={policy()}
          onValue={(value) => setPolicy(value === 'KEEP' ? 'KEEP' : 'CLOSE')}
          choices={[
            {
              value: 'CLOSE',
              label: 'Close it',
              detail: `It is ${leftWords(props.bot)} at the market price. The bot is done when that is settled.`,
            },
            { value: 'KEEP', label: 'Keep it', detail: keepWords(props.bot) },
          ]}
        />
      </Show>
    </ConfirmDialog>
  )
}

function keepWords(bot: BotLive): string {
  return bot.position?.protectedAtExchange
    ? 'It stays at the exchange, with its stop order resting there.'
    : 'It stays, and TradeBot no longer guards it: no stop loss acts.'
}

async function end(command: 'STOP' | 'DELETE', id: string, openPosition: Policy | null) {
  if (command === 'STOP') return (await runMutation(StopBotMutation, { id, openPosition }))?.stopBot
  return (await runMutation(DeleteBotMutation, { id, openPosition }))?.deleteBot
}
