import { A, useNavigate } from '@solidjs/router'
import { Show, createSignal } from 'solid-js'
import {
  PauseBotMutation,
  ResumeBotMutation,
  StartBotMutation,
} from '../../../graphql/documents/bot-commands.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { mergeBot } from '../../../live/bots-store.ts'
import { Button } from '../../../parts/Button.tsx'
import { Icon } from '../../../parts/Icon.tsx'
import { showToast } from '../../../parts/toasts.ts'
import { paths } from '../../../paths.ts'
import { whyNot } from '../bot-words.ts'
import { EndBotDialog } from './EndBotDialog.tsx'

type Simple = 'START' | 'PAUSE' | 'RESUME'

/** The commands, drawn from `allowedCommands`: one that is not allowed now says why. */
export function BotActions(props: { bot: BotLive }) {
  const navigate = useNavigate()
  const [busy, setBusy] = createSignal<Simple>()
  const [ending, setEnding] = createSignal<'STOP' | 'DELETE'>()
  const run = async (command: Simple) => {
    setBusy(command)
    const answer = await send(command, props.bot.id)
    setBusy(undefined)
    if (!answer) return
    if (answer.__typename === 'Bot') mergeBot(answer)
    else showToast({ tone: 'danger', message: answer.message })
  }
  // One of the two is always the sensible one; the other would only take room.
  const showsResume = () => props.bot.state.status === 'PAUSED'
  // Pausing what a daily limit has paused means: midnight does not wake it.
  const showsPause = () =>
    !showsStart() && (!showsResume() || props.bot.state.pauseReason?.startsWith('DAILY_') === true)
  const showsStart = () => props.bot.state.status === 'STOPPED' || props.bot.state.status === 'ERROR'
  return (
    <>
      <Show when={showsStart()}>
        <Button
          kind="primary"
          icon="play"
          busy={busy() === 'START'}
          whyNot={whyNot('START', props.bot)}
          onClick={() => void run('START')}
        >
          Start
        </Button>
      </Show>
      <Show when={showsResume()}>
        <Button
          kind="primary"
          icon="play"
          busy={busy() === 'RESUME'}
          whyNot={whyNot('RESUME', props.bot)}
          onClick={() => void run('RESUME')}
        >
          Resume
        </Button>
      </Show>
      <Show when={showsPause()}>
        <Button
          icon="pause"
          busy={busy() === 'PAUSE'}
          whyNot={whyNot('PAUSE', props.bot)}
          onClick={() => void run('PAUSE')}
        >
          {showsResume() ? 'Stay paused' : 'Pause'}
        </Button>
      </Show>
      <Button
        icon="stop"
        kind={props.bot.state.status === 'ERROR' ? 'primary' : 'secondary'}
        whyNot={whyNot('STOP', props.bot)}
        onClick={() => setEnding('STOP')}
      >
        Stop
      </Button>
      <Button
        icon="edit"
        whyNot={whyNot('UPDATE', props.bot)}
        onClick={() => navigate(paths.editBot(props.bot.id))}
      >
        Edit
      </Button>
      <A class="button button-secondary" href={paths.duplicateBot(props.bot.id)}>
        <Icon name="copy" />
        Duplicate
      </A>
      <A class="button button-secondary" href={paths.backtestOf(props.bot.id)}>
        <Icon name="clock" />
        Backtest
      </A>
      <Button icon="trash" whyNot={whyNot('DELETE', props.bot)} onClick={() => setEnding('DELETE')}>
        Delete
      </Button>
      <Show when={ending()} keyed>
        {(command) => <EndBotDialog bot={props.bot} command={command} onClose={() => setEnding(undefined)} />}
      </Show>
    </>
  )
}

async function send(command: Simple, id: string) {
  switch (command) {
    case 'START':
      return (await runMutation(StartBotMutation, { id }))?.startBot
    case 'PAUSE':
      return (await runMutation(PauseBotMutation, { id }))?.pauseBot
    case 'RESUME':
      return (await runMutation(ResumeBotMutation, { id }))?.resumeBot
  }
}
