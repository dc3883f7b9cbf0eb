import { For } from 'solid-js'
import { baseOf, quoteOf } from '../../../format/symbol.ts'
import { BotTradesQuery, type TradeRow } from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { createPagedList } from '../../../live/paged-list.ts'
import { Exact, Pnl, Price, When } from '../../../parts/Figures.tsx'
import { ExportTrades } from '../ExportTrades.tsx'
import { currentClient } from '../../../session/session.ts'
import { onBotActivity } from './bot-activity.ts'
import { HistoryList } from './HistoryList.tsx'

const pageSize = 20

export function TradesTab(props: { bot: BotLive }) {
  const list = createPagedList<TradeRow>(
    () => props.bot.id,
    (after) => fetchTrades(props.bot.id, after),
  )
  onBotActivity(() => props.bot, list.refresh)
  return (
    <HistoryList list={list} label="trades" empty="No trades yet. Each fill of an order is listed here.">
      {(trades) => (
        <>
          <div class="tab-actions">
            <ExportTrades bot={props.bot.id} />
          </div>
          <div class="table-box">
            <table class="table table-cards table-dense">
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">Side</th>
                  <th scope="col" class="right">
                    Amount ({baseOf(props.bot.symbol)})
                  </th>
                  <th scope="col" class="right">
                    Price
                  </th>
                  <th scope="col" class="right">
                    Fee
                  </th>
                  <th scope="col" class="right">
                    Realised
                  </th>
                </tr>
              </thead>
              <tbody>
                <For each={trades()}>
                  {(trade) => (
                    <tr>
                      <td data-label="Time">
                        <When at={trade.executedAt} />
                      </td>
                      <td data-label="Side">
                        <span class={`side side-${trade.side.toLowerCase()}`}>
                          {trade.side === 'BUY' ? 'Buy' : 'Sell'}
                        </span>
                      </td>
                      <td data-label="Amount" class="right">
                        <Exact value={trade.amount} />
                      </td>
                      <td data-label="Price" class="right">
                        <Price value={trade.price} />
                      </td>
                      <td data-label="Fee" class="right">
                        <Exact value={trade.fee} unit={trade.feeCurrency} />
                      </td>
                      <td data-label="Realised" class="right">
                        <Pnl value={trade.realizedPnl} currency={quoteOf(props.bot.symbol)} />
                      </td>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          </div>
        </>
      )}
    </HistoryList>
  )
}

async function fetchTrades(id: string, after: string | null) {
  const result = await currentClient()
    .query(BotTradesQuery, { id, first: pageSize, after }, { requestPolicy: 'network-only' })
    .toPromise()
  const connection = result.data?.bot?.trades
  if (!connection) return { error: result.error }
  return { page: { nodes: connection.edges.map((edge) => edge.node), ...connection.pageInfo } }
}
