import { A } from '@solidjs/router'
import { For, Show } from 'solid-js'
import type { AlertDelivery, AlertRow } from '../../graphql/documents/alerts.ts'
import type { PagedList } from '../../live/paged-list.ts'
import { Button } from '../../parts/Button.tsx'
import { When } from '../../parts/Figures.tsx'
import { Icon } from '../../parts/Icon.tsx'
import { Loaded } from '../../parts/Loading.tsx'
import { paths } from '../../paths.ts'
import { alertWords } from './alert-words.ts'

/** What was told lately, to whom, and whether it lasts. */
export function AlertList(props: { list: PagedList<AlertRow> }) {
  return (
    <section class="recent-alerts" aria-labelledby="recent-alerts">
      <h2 id="recent-alerts">Recent alerts</h2>
      <Loaded
        data={props.list.nodes()}
        problem={props.list.problem()}
        onRetry={props.list.refresh}
        lines={4}
        label="Loading alerts"
      >
        {(alerts) => (
          <Show
            when={alerts().length > 0}
            fallback={<p class="tab-empty">No alerts. When a bot needs you, it is written here too.</p>}
          >
            <ol class="events">
              <For each={alerts()}>{(alert) => <Alert alert={alert} />}</For>
            </ol>
            <Show when={props.list.hasMore()}>
              <Button class="load-more" busy={props.list.busy()} onClick={() => props.list.loadMore()}>
                Load more
              </Button>
            </Show>
          </Show>
        )}
      </Loaded>
    </section>
  )
}

function Alert(props: { alert: AlertRow }) {
  const words = () => alertWords[props.alert.kind]
  return (
    <li>
      <span class="event-time">
        <When at={props.alert.createdAt} />
      </span>
      <div class="event-body">
        <p class="alert-head">
          <span class={`badge status-${words().tone}`} data-kind={props.alert.kind}>
            <Icon name={words().tone === 'pending' ? 'info' : 'alert'} size={12} />
            {words().label}
          </span>
          <Show when={props.alert.botId}>
            {(id) => <A href={paths.bot(id())}>{props.alert.botName ?? `Bot ${id()}`}</A>}
          </Show>
        </p>
        <p>{props.alert.message}</p>
        <p class="event-meta">
          <Show when={props.alert.kind !== 'TEST'}>
            <span>
              <Show when={props.alert.endedAt} fallback="Lasts.">
                Over since <When at={props.alert.endedAt} />.
              </Show>
            </span>
          </Show>
          <For
            each={props.alert.deliveries}
            fallback={<span class="none">Sent nowhere: no channel wanted it.</span>}
          >
            {(delivery) => <Delivery delivery={delivery} />}
          </For>
        </p>
      </div>
    </li>
  )
}

/** Icon, word and sentence: colour alone says nothing. */
function Delivery(props: { delivery: AlertDelivery }) {
  const state = () => props.delivery.status
  return (
    <span class={`delivery delivery-${state().toLowerCase()}`} data-delivery={state()}>
      <Icon name={state() === 'SENT' ? 'check' : state() === 'FAILED' ? 'close' : 'clock'} size={12} />
      <span>
        {state() === 'SENT' ? 'Sent to ' : state() === 'FAILED' ? 'Not sent to ' : 'Waits for '}
        {props.delivery.channel.name}
        <Show when={state() !== 'SENT' && props.delivery.error}>{(error) => <>: {error()}</>}</Show>
        <Show when={state() === 'PENDING' && props.delivery.error}>
          {' '}
          Next try <When at={props.delivery.nextTryAt} />.
        </Show>
      </span>
    </span>
  )
}
