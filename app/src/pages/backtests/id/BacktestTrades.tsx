import { For, Show } from 'solid-js'
import { baseOf, isPerpetual, quoteOf } from '../../../format/symbol.ts'
import {
  BacktestTradesQuery,
  type BacktestFigures,
  type BacktestTrade,
} from '../../../graphql/documents/backtests.ts'
import { createPagedList } from '../../../live/paged-list.ts'
import { Exact, Money, Pnl, Price, When } from '../../../parts/Figures.tsx'
import { currentClient } from '../../../session/session.ts'
import { HistoryList } from '../../bots/id/HistoryList.tsx'
import { noTradeSentence } from '../backtest-words.ts'

const pageSize = 50

const exits: Record<NonNullable<BacktestTrade['exit']>, string> = {
  EXIT: 'Signal',
  STOP_LOSS: 'Stop loss',
  TAKE_PROFIT: 'Take profit',
  CLOSE: 'Limit',
  DUST: 'Too small',
}

/** Each position from its entry to its exit, oldest first. */
export function BacktestTrades(props: { id: string; symbol: string; refusals: BacktestFigures['refusals'] }) {
  const list = createPagedList<BacktestTrade>(
    () => props.id,
    (after) => fetchTrades(props.id, after),
  )
  const isFutures = () => isPerpetual(props.symbol)
  return (
    <section class="panel" aria-labelledby="trades-title">
      <div class="panel-head">
        <h2 id="trades-title">Trades</h2>
        <span class="panel-note">profit is net of fees</span>
      </div>
      <HistoryList list={list} label="trades" empty={noTradeSentence(props.refusals)}>
        {(trades) => (
          <div class="table-box">
            <table class="table table-cards table-dense">
              <thead>
                <tr>
                  <th scope="col">Entry</th>
                  <Show when={isFutures()}>
                    <th scope="col">Side</th>
                  </Show>
                  <th scope="col" class="right">
                    Price
                  </th>
                  <th scope="col" class="right">
                    Amount ({baseOf(props.symbol)})
                  </th>
                  <th scope="col">Exit</th>
                  <th scope="col" class="right">
                    Price
                  </th>
                  <th scope="col">By</th>
                  <th scope="col" class="right">
                    Fees
                  </th>
                  <th scope="col" class="right">
                    Profit
                  </th>
                </tr>
              </thead>
              <tbody>
                <For each={trades()}>
                  {(trade) => <Row trade={trade} quote={quoteOf(props.symbol)} withSide={isFutures()} />}
                </For>
              </tbody>
            </table>
          </div>
        )}
      </HistoryList>
    </section>
  )
}

function Row(props: { trade: BacktestTrade; quote: string; withSide: boolean }) {
  return (
    <tr>
      <td data-label="Entry" title={props.trade.entryReason}>
        <When at={props.trade.entryAt} />
      </td>
      <Show when={props.withSide}>
        <td data-label="Side">
          <span class={`side side-${props.trade.side.toLowerCase()}`}>
            {props.trade.side === 'BUY' ? 'Long' : 'Short'}
          </span>
        </td>
      </Show>
      <td data-label="Price" class="right">
        <Price value={props.trade.entryPrice} />
      </td>
      <td data-label="Amount" class="right">
        <Exact value={props.trade.amount} />
      </td>
      <td data-label="Exit" title={props.trade.exitReason ?? undefined}>
        <When at={props.trade.exitAt} />
      </td>
      <td data-label="Exit price" class="right">
        <Price value={props.trade.exitPrice} />
      </td>
      <td data-label="By">{props.trade.exit === null ? 'Still open' : exits[props.trade.exit]}</td>
      <td data-label="Fees" class="right">
        <Money value={props.trade.fees} currency={props.quote} />
      </td>
      <td data-label="Profit" class="right">
        <Pnl value={props.trade.profit} currency={props.quote} />
      </td>
    </tr>
  )
}

async function fetchTrades(id: string, after: string | null) {
  const result = await currentClient()
    .query(BacktestTradesQuery, { id, first: pageSize, after }, { requestPolicy: 'network-only' })
    .toPromise()
  const connection = result.data?.backtest?.trades
  if (!connection) return { error: result.error }
  return {
    page: {
      nodes: connection.edges.map(({ cursor, node }) => ({ ...node, id: cursor })),
      ...connection.pageInfo,
    },
  }
}
