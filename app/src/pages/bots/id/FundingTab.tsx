import { For, Show } from 'solid-js'
import { quoteOf } from '../../../format/symbol.ts'
import { BotFundingsQuery } from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { Exact, Pnl, When } from '../../../parts/Figures.tsx'
import { Loaded } from '../../../parts/Loading.tsx'
import { onBotActivity } from './bot-activity.ts'

const most = 100

/** What was paid for holding positions open, or received. */
export function FundingTab(props: { bot: BotLive }) {
  const query = useQuery(BotFundingsQuery, () => ({ id: props.bot.id, last: most }))
  const quote = () => quoteOf(props.bot.symbol)
  onBotActivity(() => props.bot, query.refetch)
  return (
    <Loaded
      data={query.data()?.bot}
      problem={query.problem()}
      onRetry={query.refetch}
      lines={4}
      label="Loading funding"
    >
      {(bot) => (
        <Show
          when={bot().fundings.length > 0}
          fallback={
            <p class="tab-empty">
              No funding yet. Longs and shorts settle it every few hours; a position open then pays or
              receives.
            </p>
          }
        >
          <p class="tab-sum">
            <Pnl value={bot().totalFunding} currency={quote()} showCurrency /> in all. It is part of the
            profit.
            <Show when={bot().fundings.length === most}> The last {most} are listed.</Show>
          </p>
          <div class="table-box">
            <table class="table table-cards table-dense">
              <thead>
                <tr>
                  <th scope="col">Settled</th>
                  <th scope="col" class="right">
                    Amount ({quote()})
                  </th>
                  <th scope="col">Booked</th>
                </tr>
              </thead>
              <tbody>
                <For each={bot().fundings}>
                  {(payment) => (
                    <tr>
                      <td data-label="Settled">
                        <When at={payment.paidAt} />
                      </td>
                      <td data-label="Amount" class="right">
                        <span
                          class="num"
                          classList={{
                            gain: !payment.amount.startsWith('-'),
                            loss: payment.amount.startsWith('-'),
                          }}
                        >
                          <Exact value={payment.amount} />
                        </span>
                      </td>
                      <td data-label="Booked">
                        <When at={payment.recordedAt} />
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
