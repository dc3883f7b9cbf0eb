import { Show } from 'solid-js'
import type { BacktestRow } from '../../../graphql/documents/backtests.ts'
import { percentDone } from '../BacktestStatus.tsx'

const count = new Intl.NumberFormat()

/** How far it is: a bar, and the same in words. */
export function BacktestProgress(props: { row: BacktestRow }) {
  const loading = () => props.row.phase === 'LOADING'
  return (
    <section class="panel backtest-progress" aria-label="Progress">
      <p>
        <Show
          when={props.row.status === 'RUNNING'}
          fallback="Waiting for a worker. Each one runs one backtest at a time."
        >
          {loading() ? 'Reading candles' : 'Trading over candles'}
          <Show when={props.row.candlesTotal > 0} fallback={'\u2026'}>
            : {count.format(props.row.candlesDone)} of {count.format(props.row.candlesTotal)}
          </Show>
        </Show>
      </p>
      <progress max="100" value={props.row.status === 'RUNNING' ? percentDone(props.row) : 0}>
        {percentDone(props.row)} %
      </progress>
    </section>
  )
}
