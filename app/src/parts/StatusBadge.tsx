import type { BotStatus } from '../graphql/documents/bots.ts'
import { Icon, type IconName } from './Icon.tsx'

const looks: Record<BotStatus, { label: string; icon: IconName }> = {
  STOPPED: { label: 'Stopped', icon: 'stop' },
  PENDING: { label: 'Pending', icon: 'clock' },
  RUNNING: { label: 'Running', icon: 'play' },
  PAUSED: { label: 'Paused', icon: 'pause' },
  ERROR: { label: 'Error', icon: 'alert' },
}

/** Colour, icon and word: none of them alone carries the meaning. */
export function StatusBadge(props: { status: BotStatus; large?: boolean }) {
  return (
    <span
      class={`badge status-${props.status.toLowerCase()}`}
      classList={{ 'badge-large': props.large }}
      data-status={props.status}
    >
      <Icon name={looks[props.status].icon} size={props.large ? 14 : 12} />
      {looks[props.status].label}
    </span>
  )
}

export function ModeBadge(props: { mode: 'PAPER' | 'LIVE'; exchange: string }) {
  const playMoney = () => props.exchange === 'sandbox'
  return (
    <span
      class="badge mode"
      classList={{ 'mode-live': props.mode === 'LIVE' && !playMoney() }}
      title={
        props.mode === 'PAPER'
          ? 'Paper: orders are simulated in TradeBot, at real prices'
          : playMoney()
            ? 'Live orders on the sandbox exchange, with play money'
            : 'Live: orders with real money'
      }
    >
      {props.mode === 'PAPER' ? 'Paper' : playMoney() ? 'Live \u00b7 play money' : 'Live \u00b7 real money'}
    </span>
  )
}
