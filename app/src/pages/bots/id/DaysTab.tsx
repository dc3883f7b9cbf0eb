import { For, Show } from 'solid-js'
import { quoteOf } from '../../../format/symbol.ts'
import { BotDaysQuery } from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { Money, Pnl } from '../../../parts/Figures.tsx'
import { Loaded } from '../../../parts/Loading.tsx'
import { onBotActivity } from './bot-activity.ts'

export function DaysTab(props: { bot: BotLive }) {
  const query = useQuery(BotDaysQuery, () => ({ id: props.bot.id }))
  const quote = () => quoteOf(props.bot.symbol)
  const isFutures = () => props.bot.positionType === 'FUTURES'
  onBotActivity(() => props.bot, query.refetch)
  const days = () => query.data()?.bot?.days.toSorted((a, b) => b.date.localeCompare(a.date))
  return (
    <Loaded data={days()} problem={query.problem()} onRetry={query.refetch} lines={4} label="Loading days">
      {(rows) => (
        <Show
          when={rows().length > 0}
          fallback={<p class="tab-empty">No days yet. One is opened at the first tick of each UTC day.</p>}
        >
          <div class="table-box">
            <table class="table table-cards table-dense">
              <thead>
                <tr>
                  <th scope="col">Day (UTC)</th>
                  <th scope="col" class="right">
                    Start equity
                  </th>
                  <th scope="col" class="right">
                    Realised
                  </th>
                  <th scope="col" class="right">
                    Unrealised
                  </th>
                  <th scope="col" class="right">
                    Fees
                  </th>
                  <Show when={isFutures()}>
                    <th scope="col" class="right">
                      Funding
                    </th>
                  </Show>
                  <th scope="col" class="right">
                    Entries
                  </th>
                </tr>
              </thead>
              <tbody>
                <For each={rows()}>
                  {(day) => (
                    <tr>
                      <td data-label="Day (UTC)" class="num">
                        {day.date}
                      </td>
                      <td data-label="Start equity" class="right">
                        <Money value={day.startEquity} currency={quote()} />
                      </td>
                      <td data-label="Realised" class="right">
                        <Pnl value={day.realizedPnl} currency={quote()} />
                      </td>
                      <td data-label="Unrealised" class="right">
                        <Pnl value={day.unrealizedPnl} currency={quote()} />
                      </td>
                      <td data-label="Fees" class="right">
                        <Money value={day.fees} currency={quote()} />
                      </td>
                      <Show when={isFutures()}>
                        <td data-label="Funding" class="right">
                          <Pnl value={day.funding} currency={quote()} />
                        </td>
                      </Show>
                      <td data-label="Entries" class="right num">
                        {day.tradeCount}
                      </td>
                    </tr>
                  )}
                </For>
              </tbody>
            </table>
          </div>
        </Show>
      )}
    </Loaded>
  )
}
