import { A, useNavigate } from '@solidjs/router'
import { Show, createEffect, createSignal, onCleanup } from 'solid-js'
import {
  BacktestChangedSubscription,
  BacktestQuery,
  CancelBacktestMutation,
  DeleteBacktestMutation,
  type BacktestRow,
} from '../../../graphql/documents/backtests.ts'
import { runMutation } from '../../../graphql/run-mutation.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { liveSocket } from '../../../live/feed.ts'
import { ById } from '../../../parts/ById.tsx'
import { Button } from '../../../parts/Button.tsx'
import { ConfirmDialog } from '../../../parts/ConfirmDialog.tsx'
import { EmptyState } from '../../../parts/EmptyState.tsx'
import { Loaded } from '../../../parts/Loading.tsx'
import { Notice } from '../../../parts/Notice.tsx'
import { PageTitle } from '../../../parts/PageTitle.tsx'
import { showToast } from '../../../parts/toasts.ts'
import { paths } from '../../../paths.ts'
import { BacktestStatus, isUnfinished } from '../BacktestStatus.tsx'
import { spanOf } from '../backtest-words.ts'
import { BacktestProgress } from './BacktestProgress.tsx'
import { BacktestTrades } from './BacktestTrades.tsx'
import { EquityChart } from './EquityChart.tsx'
import { ResultFigures } from './ResultFigures.tsx'

/** /backtests/:id, live. Keyed by the id: another backtest is another page. */
export function BacktestPage() {
  return <ById>{(id) => <OneBacktest id={id} />}</ById>
}

function OneBacktest(props: { id: string }) {
  const query = useQuery(BacktestQuery, () => ({ id: props.id }))
  const [newest, setNewest] = createSignal<BacktestRow>()
  const offer = (row: BacktestRow) =>
    setNewest((known) => (known && BigInt(known.version) > BigInt(row.version) ? known : row))
  createEffect(() => {
    const found = query.data()?.backtest
    if (found) offer(found)
  })
  createEffect(() => {
    const id = props.id
    const stop = liveSocket()?.listen(
      BacktestChangedSubscription,
      () => ({ id }),
      ({ backtestChanged }) => offer(backtestChanged),
    )
    onCleanup(() => stop?.())
  })
  return (
    <Show when={query.data()?.backtest !== null} fallback={<NoBacktest />}>
      <Loaded
        data={newest()}
        problem={query.problem()}
        onRetry={query.refetch}
        lines={8}
        label="Loading the backtest"
      >
        {(row) => <BacktestView row={row()} />}
      </Loaded>
    </Show>
  )
}

function BacktestView(props: { row: BacktestRow }) {
  return (
    <>
      <PageTitle
        title={props.row.name}
        back={{ href: paths.backtests, label: 'Backtests' }}
        detail={
          <>
            <BacktestStatus backtest={props.row} />
            <span>
              {props.row.strategy} on {props.row.symbol} {'\u00b7'} {props.row.timeframe} {'\u00b7'}{' '}
              {props.row.source === 'CSV' ? 'your CSV' : props.row.exchange} {'\u00b7'}{' '}
              {spanOf(props.row.figures?.from ?? props.row.from, props.row.figures?.to ?? props.row.to)}
            </span>
          </>
        }
      >
        <Commands row={props.row} />
      </PageTitle>
      <Show when={isUnfinished(props.row)}>
        <BacktestProgress row={props.row} />
      </Show>
      <Show when={props.row.status === 'FAILED'}>
        <Notice tone="danger">
          <p>{props.row.error}</p>
        </Notice>
      </Show>
      <Show when={props.row.status === 'CANCELED'}>
        <Notice tone="info">
          <p>It was canceled before it was done.</p>
        </Notice>
      </Show>
      <Show when={props.row.figures}>
        {(figures) => (
          <>
            <ResultFigures figures={figures()} symbol={props.row.symbol} />
            <EquityChart id={props.row.id} symbol={props.row.symbol} />
            <BacktestTrades id={props.row.id} symbol={props.row.symbol} refusals={figures().refusals} />
          </>
        )}
      </Show>
    </>
  )
}

function Commands(props: { row: BacktestRow }) {
  const navigate = useNavigate()
  const [busy, setBusy] = createSignal(false)
  const [deleting, setDeleting] = createSignal(false)
  const cancel = async () => {
    setBusy(true)
    const answer = (await runMutation(CancelBacktestMutation, { id: props.row.id }))?.cancelBacktest
    setBusy(false)
    if (answer?.__typename === 'NotFoundError') showToast({ tone: 'danger', message: answer.message })
  }
  const remove = async () => {
    setBusy(true)
    const { name } = props.row
    const answer = (await runMutation(DeleteBacktestMutation, { id: props.row.id }))?.deleteBacktest
    setBusy(false)
    if (answer?.__typename !== 'Deleted') return
    showToast({ tone: 'ok', message: `${name} is deleted.` })
    navigate(paths.backtests)
  }
  return (
    <>
      <Show when={isUnfinished(props.row)}>
        <Button
          icon="stop"
          busy={busy()}
          whyNot={props.row.canceling ? 'It is being canceled.' : undefined}
          onClick={() => void cancel()}
        >
          Cancel
        </Button>
      </Show>
      <Button icon="trash" onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <ConfirmDialog
        open={deleting()}
        title="Delete this backtest?"
        action="Delete"
        busy={busy()}
        onConfirm={() => void remove()}
        onClose={() => setDeleting(false)}
      >
        <p>Its figures and trades are gone for good. Bots are not touched.</p>
      </ConfirmDialog>
    </>
  )
}

function NoBacktest() {
  return (
    <>
      <PageTitle title="Backtest not found" back={{ href: paths.backtests, label: 'Backtests' }} />
      <EmptyState title="There is no such backtest">
        <p>It was deleted, or it belongs to another account.</p>
        <A class="button button-primary" href={paths.backtests}>
          Go to your backtests
        </A>
      </EmptyState>
    </>
  )
}
