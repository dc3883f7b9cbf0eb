import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import { quoteOf } from '../../format/symbol.ts'
import { BacktestsQuery, type BacktestRow } from '../../graphql/documents/backtests.ts'
import { createPagedList } from '../../live/paged-list.ts'
import { createPoll } from '../../live/poll.ts'
import { Button } from '../../parts/Button.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { Ago, Money } from '../../parts/Figures.tsx'
import { Icon } from '../../parts/Icon.tsx'
import { Loaded } from '../../parts/Loading.tsx'
import { PageTitle } from '../../parts/PageTitle.tsx'
import { paths } from '../../paths.ts'
import { currentClient } from '../../session/session.ts'
import { BacktestStatus, isUnfinished } from './BacktestStatus.tsx'
import { percent, ratio, signedPercent, spanOf } from './backtest-words.ts'

const pageSize = 50

/** /backtests: all of the viewer's, newest first. */
export function BacktestsPage() {
  const list = createPagedList<BacktestRow>(() => 'all', fetchBacktests)
  createPoll(() => list.nodes()?.some(isUnfinished) ?? false, list.refresh, 1_000)
  return (
    <>
      <PageTitle title="Backtests">
        <Show when={(list.nodes()?.length ?? 0) > 0}>
          <NewBacktest />
        </Show>
      </PageTitle>
      <Loaded
        data={list.nodes()}
        problem={list.problem()}
        onRetry={list.refresh}
        lines={5}
        label="Loading your backtests"
      >
        {(rows) => (
          <Show when={rows().length > 0} fallback={<NoBacktests />}>
            <BacktestTable rows={rows()} />
            <Show when={list.hasMore()}>
              <Button class="load-more" busy={list.busy()} onClick={list.loadMore}>
                Load more
              </Button>
            </Show>
          </Show>
        )}
      </Loaded>
    </>
  )
}

function NewBacktest() {
  return (
    <A class="button button-primary" href={paths.newBacktest}>
      <Icon name="plus" />
      New backtest
    </A>
  )
}

function NoBacktests() {
  return (
    <EmptyState title="Try a bot on the past">
      <p>
        A backtest runs a strategy over candles that have closed, with the fees, slippage and limits that the
        bot would have, and shows what would have become of the money.
      </p>
      <NewBacktest />
    </EmptyState>
  )
}

function BacktestTable(props: { rows: readonly BacktestRow[] }) {
  return (
    <div class="table-box">
      <table class="table table-cards">
        <thead>
          <tr>
            <th scope="col">Backtest</th>
            <th scope="col">Status</th>
            <th scope="col" class="right">
              Return
            </th>
            <th scope="col" class="right">
              Buy and hold
            </th>
            <th scope="col" class="right">
              Max drawdown
            </th>
            <th scope="col" class="right">
              Sharpe
            </th>
            <th scope="col" class="right">
              Equity
            </th>
            <th scope="col" class="right">
              Started
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>{(row) => <Row row={row} />}</For>
        </tbody>
      </table>
    </div>
  )
}

function Row(props: { row: BacktestRow }) {
  const figures = () => props.row.figures
  return (
    <tr class="row-link">
      <td class="cell-head">
        <A class="row-main" href={paths.backtest(props.row.id)}>
          {props.row.name}
        </A>
        <div class="row-sub">
          <span>
            {props.row.symbol} {'\u00b7'} {props.row.timeframe} {'\u00b7'} {props.row.strategy} {'\u00b7'}{' '}
            {spanOf(figures()?.from ?? props.row.from, figures()?.to ?? props.row.to)}
          </span>
        </div>
      </td>
      <td data-label="Status" class="cell-wide">
        <BacktestStatus backtest={props.row} />
      </td>
      <td data-label="Return" class="right">
        <span class="num">{signedPercent(figures()?.returnPerc ?? null)}</span>
      </td>
      <td data-label="Buy and hold" class="right">
        <span class="num">{signedPercent(figures()?.buyAndHoldPerc ?? null)}</span>
      </td>
      <td data-label="Max drawdown" class="right">
        <span class="num">{percent(figures()?.maxDrawdownPerc ?? null)}</span>
      </td>
      <td data-label="Sharpe" class="right">
        <span class="num">{ratio(figures()?.sharpe ?? null)}</span>
      </td>
      <td data-label="Equity" class="right">
        <Money value={figures()?.finalEquity} currency={quoteOf(props.row.symbol)} showCurrency />
      </td>
      <td data-label="Started" class="right">
        <Ago at={props.row.createdAt} />
      </td>
    </tr>
  )
}

async function fetchBacktests(after: string | null) {
  const result = await currentClient()
    .query(BacktestsQuery, { first: pageSize, after }, { requestPolicy: 'network-only' })
    .toPromise()
  const connection = result.data?.backtests
  if (!connection) return { error: result.error }
  return { page: { nodes: connection.edges.map((edge) => edge.node), ...connection.pageInfo } }
}
