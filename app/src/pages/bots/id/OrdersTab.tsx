import { For, Show, createSignal } from 'solid-js'
import { formatPrice } from '../../../format/decimal.ts'
import { baseOf } from '../../../format/symbol.ts'
import { BotOrdersQuery, type OrderRow } from '../../../graphql/documents/bot-detail.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { createPoll } from '../../../live/poll.ts'
import { createPagedList } from '../../../live/paged-list.ts'
import { Button } from '../../../parts/Button.tsx'
import { Exact, Price, When } from '../../../parts/Figures.tsx'
import { currentClient } from '../../../session/session.ts'
import { isUnsettled, orderStatusWords, purposeWords } from '../bot-words.ts'
import { onBotActivity } from './bot-activity.ts'
import { HistoryList } from './HistoryList.tsx'
import { ResolveOrderDialog } from './ResolveOrderDialog.tsx'

const pageSize = 20

export function OrdersTab(props: { bot: BotLive }) {
  const list = createPagedList<OrderRow>(
    () => props.bot.id,
    (after) => fetchOrders(props.bot.id, after),
  )
  const [resolving, setResolving] = createSignal<OrderRow>()
  onBotActivity(() => props.bot, list.refresh)
  // An order can move without an event of the bot; while one is on its way the table asks.
  createPoll(() => list.nodes()?.some((order) => isUnsettled(order.status)) ?? false, list.refresh)
  return (
    <>
      <HistoryList list={list} label="orders" empty="No orders yet. The first one follows the first signal.">
        {(orders) => (
          <div class="table-box">
            <table class="table table-cards table-dense">
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">Order</th>
                  <th scope="col">Status</th>
                  <th scope="col" class="right">
                    Amount ({baseOf(props.bot.symbol)})
                  </th>
                  <th scope="col" class="right">
                    Filled
                  </th>
                  <th scope="col" class="right">
                    Average price
                  </th>
                  <th scope="col">Reason</th>
                </tr>
              </thead>
              <tbody>
                <For each={orders()}>{(order) => <OrderLine order={order} onResolve={setResolving} />}</For>
              </tbody>
            </table>
          </div>
        )}
      </HistoryList>
      <Show when={resolving()} keyed>
        {(order) => (
          <ResolveOrderDialog
            order={order}
            onClose={() => setResolving(undefined)}
            onResolved={() => {
              setResolving(undefined)
              list.refresh()
            }}
          />
        )}
      </Show>
    </>
  )
}

function OrderLine(props: { order: OrderRow; onResolve: (order: OrderRow) => void }) {
  return (
    <tr title={`Client order id ${props.order.clientOrderId}`}>
      <td data-label="Time">
        <When at={props.order.createdAt} />
      </td>
      <td data-label="Order">
        <span class={`side side-${props.order.side.toLowerCase()}`}>
          {props.order.side === 'BUY' ? 'Buy' : 'Sell'}
        </span>{' '}
        {purposeWords[props.order.purpose]}
        <span class="row-note">{termsOf(props.order)}</span>
      </td>
      <td data-label="Status">
        <span class={`order-status order-${props.order.status.toLowerCase()}`}>
          {orderStatusWords[props.order.status]}
        </span>
        <Show when={props.order.status === 'UNKNOWN'}>
          <Button small onClick={() => props.onResolve(props.order)}>
            Resolve
          </Button>
        </Show>
      </td>
      <td data-label="Amount" class="right">
        <Exact value={props.order.amount} />
      </td>
      <td data-label="Filled" class="right">
        <Exact value={props.order.filled} />
      </td>
      <td data-label="Average price" class="right">
        <Price value={props.order.averagePrice} />
      </td>
      <td data-label="Reason" class="wrap">
        {props.order.reason}
        <Show when={props.order.errorMessage}>
          <span class="row-note loss">
            {props.order.errorMessage}
            <Show when={props.order.errorCode}>
              {' '}
              <code>{props.order.errorCode}</code>
            </Show>
          </span>
        </Show>
      </td>
    </tr>
  )
}

/** How it was sent, which configuration decided it, and whose it is where not the bot's own. */
function termsOf({ type, price, stopPrice, revision, origin, reduceOnly }: OrderRow): string {
  const at = (value: string | null) => (value === null ? '' : ` ${formatPrice(value)}`)
  const terms = {
    MARKET: 'market',
    LIMIT_IOC: `limit${at(price)}, at once`,
    STOP_LIMIT: `stop${at(stopPrice)}, limit${at(price)}`,
    STOP_MARKET: `stop${at(stopPrice)}, market`,
    OTHER: 'other kind',
  }[type]
  const whose = {
    BOT: '',
    TAKEN_OVER: ' \u00b7 found at the exchange',
    MANUAL: ' \u00b7 placed by a person',
    LIQUIDATION: ' \u00b7 liquidated by the exchange',
  }[origin]
  const only = reduceOnly ? ', reduce-only' : ''
  return `${terms}${only} \u00b7 rev ${revision}${whose}`
}

async function fetchOrders(id: string, after: string | null) {
  const result = await currentClient()
    .query(BotOrdersQuery, { id, first: pageSize, after }, { requestPolicy: 'network-only' })
    .toPromise()
  const connection = result.data?.bot?.orders
  if (!connection) return { error: result.error }
  return { page: { nodes: connection.edges.map((edge) => edge.node), ...connection.pageInfo } }
}
