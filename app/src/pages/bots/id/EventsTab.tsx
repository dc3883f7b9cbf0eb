import { For, Show } from 'solid-js'
import { BotEventsQuery } from '../../../graphql/documents/bot-detail.ts'
import type { BotEvent, BotLive } from '../../../graphql/documents/bots.ts'
import { createPagedList } from '../../../live/paged-list.ts'
import { When } from '../../../parts/Figures.tsx'
import { StatusBadge } from '../../../parts/StatusBadge.tsx'
import { currentClient } from '../../../session/session.ts'
import { onBotActivity } from './bot-activity.ts'
import { HistoryList } from './HistoryList.tsx'

const pageSize = 30

export function EventsTab(props: { bot: BotLive }) {
  const list = createPagedList<BotEvent>(
    () => props.bot.id,
    (after) => fetchEvents(props.bot.id, after),
  )
  onBotActivity(() => props.bot, list.refresh)
  return (
    <HistoryList list={list} label="events" empty="No events yet. Every change of this bot is written here.">
      {(events) => (
        <ol class="events">
          <For each={events()}>
            {(event) => (
              <li>
                <span class="event-time">
                  <When at={event.at} />
                </span>
                <div class="event-body">
                  <p>{event.message}</p>
                  <p class="event-meta">
                    <Show
                      when={
                        event.toStatus && event.toStatus !== event.fromStatus ? event.toStatus : undefined
                      }
                    >
                      {(status) => <StatusBadge status={status()} />}
                    </Show>
                    <code>{event.type}</code> by {event.actor}
                  </p>
                </div>
              </li>
            )}
          </For>
        </ol>
      )}
    </HistoryList>
  )
}

async function fetchEvents(id: string, after: string | null) {
  const result = await currentClient()
    .query(BotEventsQuery, { id, first: pageSize, after }, { requestPolicy: 'network-only' })
    .toPromise()
  const connection = result.data?.bot?.events
  if (!connection) return { error: result.error }
  return { page: { nodes: connection.edges.map((edge) => edge.node), ...connection.pageInfo } }
}
