import { For, Show, createEffect, on } from 'solid-js'
import { BotChecksQuery, type TradingCheck } from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { createPoll } from '../../../live/poll.ts'
import { Icon, type IconName } from '../../../parts/Icon.tsx'

const everyMs = 5_000

/** A worker that dies changes no row of the bot: only asking again tells. */
const silent = [
  'WORKER_NONE',
  'TICK_LATE',
  'DATA_STALE',
  'VENUE_MAINTENANCE',
  'VENUE_RATE_LIMITED',
  'TRADING_HALTED',
]

/** Why the bot is not entering a position: the first check that bites, and the whole ladder behind it. */
export function TradingLadder(props: { bot: BotLive }) {
  const query = useQuery(BotChecksQuery, () => ({ id: props.bot.id }))
  createPoll(() => true, query.refetch, everyMs)
  const footprint = () => {
    const { state, position, notTradingBecause } = props.bot
    return [state.status, state.closing, state.notice, position?.amount, notTradingBecause?.code].join(' ')
  }
  createEffect(on(footprint, query.refetch, { defer: true }))
  const checks = () => query.data()?.bot?.tradingChecks ?? []
  // The bot's own answer comes with each of its changes; what no change of it announces, only the question does.
  const first = () => {
    const asked = checks().find((check) => check.passed === false)
    return asked && silent.includes(asked.code) ? asked : props.bot.notTradingBecause
  }
  const look = () => lookOf(first()?.code)
  return (
    <details
      class={`panel ladder ladder-${look().tone}`}
      data-testid="trading-checks"
      data-code={first()?.code}
    >
      <summary>
        <Icon name={look().icon} />
        <span class="ladder-answer">
          <strong>{look().title}</strong> {first()?.message ?? 'Every check has passed.'}
        </span>
        <span class="ladder-more">
          {passedWords(checks())}
          <Icon name="down" size={12} />
        </span>
      </summary>
      <ol>
        <For each={checks()}>
          {(check) => (
            <li
              class={check.passed === null ? 'check-unknown' : check.passed ? 'check-passed' : 'check-failed'}
              classList={{ 'check-first': check.code === first()?.code }}
            >
              <Icon name={check.passed === null ? 'minus' : check.passed ? 'check' : 'close'} size={14} />
              <span class="check-label">{check.label}</span>
              <span class="check-message">
                {check.message}
                <Show when={check.passed === false}>
                  {' '}
                  <code>{check.code}</code>
                </Show>
              </span>
            </li>
          )}
        </For>
      </ol>
    </details>
  )
}

type Look = { title: string; tone: 'calm' | 'warn' | 'danger'; icon: IconName }

/** A bot that waits or holds is well; what is wrong with others is not equally bad. */
function lookOf(code: string | undefined): Look {
  switch (code) {
    case undefined:
    case 'SIGNAL_NONE':
      return { title: 'Ready to enter.', tone: 'calm', icon: 'check' }
    case 'POSITION_EXISTS':
      return { title: 'In a position.', tone: 'calm', icon: 'shield' }
    case 'BOT_STATUS':
      return { title: 'Not entering.', tone: 'calm', icon: 'stop' }
    case 'WORKER_NONE':
    case 'TICK_LATE':
      return { title: 'Not entering.', tone: 'danger', icon: 'alert' }
    default:
      return { title: 'Not entering.', tone: 'warn', icon: 'hand' }
  }
}

function passedWords(checks: readonly TradingCheck[]): string {
  if (checks.length === 0) return 'All checks'
  return `${checks.filter((check) => check.passed === true).length} of ${checks.length} checks pass`
}
