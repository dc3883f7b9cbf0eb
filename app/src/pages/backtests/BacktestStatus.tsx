import { Show } from 'solid-js'
import type { BacktestRow } from '../../graphql/documents/backtests.ts'
import { Icon, type IconName } from '../../parts/Icon.tsx'

const looks: Record<BacktestRow['status'], { label: string; icon: IconName; tone: string }> = {
  QUEUED: { label: 'Waiting', icon: 'clock', tone: 'pending' },
  RUNNING: { label: 'Running', icon: 'play', tone: 'pending' },
  DONE: { label: 'Done', icon: 'check', tone: 'running' },
  FAILED: { label: 'Failed', icon: 'alert', tone: 'error' },
  CANCELED: { label: 'Canceled', icon: 'stop', tone: 'stopped' },
}

/** Colour, icon and word; while it runs, how far it is. */
export function BacktestStatus(props: { backtest: BacktestRow }) {
  const look = () => looks[props.backtest.status]
  return (
    <span class={`badge status-${look().tone}`} data-status={props.backtest.status}>
      <Icon name={look().icon} size={12} />
      {props.backtest.canceling ? 'Canceling' : look().label}
      <Show when={props.backtest.status === 'RUNNING' && props.backtest.candlesTotal > 0}>
        <span class="num">{percentDone(props.backtest)} %</span>
      </Show>
    </span>
  )
}

export function percentDone({ candlesDone, candlesTotal }: BacktestRow): number {
  return candlesTotal === 0 ? 0 : Math.min(100, Math.floor((candlesDone / candlesTotal) * 100))
}

export function isUnfinished({ status }: BacktestRow): boolean {
  return status === 'QUEUED' || status === 'RUNNING'
}
