import { For, Show, createSignal } from 'solid-js'
import { BotTransfersQuery, type TransferRow } from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { createPoll } from '../../../live/poll.ts'
import { Button } from '../../../parts/Button.tsx'
import { Exact, When } from '../../../parts/Figures.tsx'
import { Loaded } from '../../../parts/Loading.tsx'
import { isTransferInFlight, transferPurposeWords, transferStatusWords } from '../bot-words.ts'
import { onBotActivity } from './bot-activity.ts'
import { ResolveTransferDialog } from './ResolveTransferDialog.tsx'

const most = 100

/** Money that the bot moved between the spot and the futures wallet. */
export function TransfersTab(props: { bot: BotLive }) {
  const query = useQuery(BotTransfersQuery, () => ({ id: props.bot.id, last: most }))
  const [resolving, setResolving] = createSignal<TransferRow>()
  const rows = () => query.data()?.bot?.transfers
  onBotActivity(() => props.bot, query.refetch)
  createPoll(() => rows()?.some((transfer) => isTransferInFlight(transfer.status)) ?? false, query.refetch)
  return (
    <>
      <Loaded
        data={rows()}
        problem={query.problem()}
        onRetry={query.refetch}
        lines={4}
        label="Loading transfers"
      >
        {(transfers) => (
          <Show
            when={transfers().length > 0}
            fallback={
              <p class="tab-empty">
                No transfers. Where the bot may move funds between its wallets, each move is listed here.
              </p>
            }
          >
            <div class="table-box">
              <table class="table table-cards table-dense">
                <thead>
                  <tr>
                    <th scope="col">Time</th>
                    <th scope="col">Transfer</th>
                    <th scope="col">Status</th>
                    <th scope="col" class="right">
                      Amount
                    </th>
                    <th scope="col">Id at the exchange</th>
                  </tr>
                </thead>
                <tbody>
                  <For each={transfers()}>
                    {(transfer) => <TransferLine transfer={transfer} onResolve={setResolving} />}
                  </For>
                </tbody>
              </table>
            </div>
          </Show>
        )}
      </Loaded>
      <Show when={resolving()} keyed>
        {(transfer) => (
          <ResolveTransferDialog
            transfer={transfer}
            onClose={() => setResolving(undefined)}
            onResolved={() => {
              setResolving(undefined)
              query.refetch()
            }}
          />
        )}
      </Show>
    </>
  )
}

function TransferLine(props: { transfer: TransferRow; onResolve: (transfer: TransferRow) => void }) {
  const status = () => props.transfer.status
  return (
    <tr>
      <td data-label="Time">
        <When at={props.transfer.createdAt} />
      </td>
      <td data-label="Transfer" class="wrap">
        {walletWords(props.transfer)}
        <span class="row-note">
          {transferPurposeWords[props.transfer.purpose] ?? props.transfer.purpose}
          <Show when={props.transfer.order}>{(order) => <> (order {order().id})</>}</Show>
        </span>
      </td>
      <td data-label="Status" class="wrap">
        <span
          class={`order-status order-${status() === 'DONE' ? 'filled' : status() === 'REFUSED' ? 'rejected' : status().toLowerCase()}`}
        >
          {transferStatusWords[status()] ?? status()}
        </span>
        <Show when={status() === 'UNKNOWN'}>
          <Button small onClick={() => props.onResolve(props.transfer)}>
            Resolve
          </Button>
        </Show>
        <Show when={props.transfer.errorMessage}>
          <span class="row-note row-note-whole">
            {props.transfer.errorMessage}
            <Show when={props.transfer.errorCode}>
              {' '}
              <code>{props.transfer.errorCode}</code>
            </Show>
          </span>
        </Show>
      </td>
      <td data-label="Amount" class="right">
        <Exact value={props.transfer.amount} unit={props.transfer.currency} />
      </td>
      <td data-label="Id at the exchange">
        <Show when={props.transfer.exchangeTransferId} fallback={<span class="none">{'\u2013'}</span>}>
          {(id) => <code class="break">{id()}</code>}
        </Show>
      </td>
    </tr>
  )
}

/** "Spot → futures". */
function walletWords({ fromWallet, toWallet }: Pick<TransferRow, 'fromWallet' | 'toWallet'>): string {
  const from = fromWallet.charAt(0) + fromWallet.slice(1).toLowerCase()
  return `${from} \u2192 ${toWallet.toLowerCase()}`
}
