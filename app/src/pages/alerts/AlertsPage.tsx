import { useSearchParams } from '@solidjs/router'
import { Show, createSignal, onCleanup } from 'solid-js'
import {
  AlertChannelsQuery,
  AlertsQuery,
  type AlertChannel,
  type AlertRow,
} from '../../graphql/documents/alerts.ts'
import { useQuery } from '../../graphql/use-query.ts'
import { onBotEvent } from '../../live/feed.ts'
import { createPagedList } from '../../live/paged-list.ts'
import { createPoll } from '../../live/poll.ts'
import { Button } from '../../parts/Button.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { Loaded } from '../../parts/Loading.tsx'
import { PageTitle } from '../../parts/PageTitle.tsx'
import { currentClient } from '../../session/session.ts'
import { AddChannelDialog } from './AddChannelDialog.tsx'
import { AlertList } from './AlertList.tsx'
import { ChannelTable } from './ChannelTable.tsx'
import { DeleteChannelDialog } from './DeleteChannelDialog.tsx'

const pageSize = 20

/** Where alerts go, and what they told lately. */
export function AlertsPage() {
  const [params, setParams] = useSearchParams()
  const channels = useQuery(AlertChannelsQuery, () => ({}))
  const alerts = createPagedList<AlertRow>(() => '', fetchAlerts)
  const [deleting, setDeleting] = createSignal<AlertChannel>()
  const refresh = () => {
    channels.refetch()
    alerts.refresh()
  }
  const openAdd = () => setParams({ add: 1 })
  const closeAdd = () => setParams({ add: undefined }, { replace: true })
  onCleanup(onBotEvent(alerts.refresh))
  // Deliveries, and alerts that no event of a bot tells of, are announced by nothing.
  createPoll(() => true, refresh)

  return (
    <>
      <PageTitle
        title="Alerts"
        detail="TradeBot tells you when a bot needs you: by a webhook of yours, or by Telegram."
      >
        <Button kind="primary" icon="plus" onClick={openAdd}>
          Add channel
        </Button>
      </PageTitle>
      <Loaded
        data={channels.data()}
        problem={channels.problem()}
        onRetry={channels.refetch}
        lines={3}
        label="Loading your channels"
      >
        {(data) => (
          <Show when={data().alertChannels.length > 0} fallback={<NoChannels onAdd={openAdd} />}>
            <ChannelTable channels={data().alertChannels} onChanged={refresh} onDelete={setDeleting} />
          </Show>
        )}
      </Loaded>
      <AlertList list={alerts} />
      <AddChannelDialog open={params['add'] !== undefined} onClose={closeAdd} onAdded={refresh} />
      <Show when={deleting()} keyed>
        {(channel) => (
          <DeleteChannelDialog
            channel={channel}
            onClose={() => setDeleting(undefined)}
            onDeleted={() => {
              setDeleting(undefined)
              refresh()
            }}
          />
        )}
      </Show>
    </>
  )
}

function NoChannels(props: { onAdd: () => void }) {
  return (
    <EmptyState title="Nobody is told yet">
      <p>
        Alerts are listed below, and nowhere else so far. Add a webhook (a chat, a pager, a script of yours)
        or a Telegram chat, then send a test to see that it arrives.
      </p>
      <Button kind="primary" icon="plus" onClick={() => props.onAdd()}>
        Add your first channel
      </Button>
    </EmptyState>
  )
}

async function fetchAlerts(after: string | null) {
  const result = await currentClient()
    .query(AlertsQuery, { first: pageSize, after }, { requestPolicy: 'network-only' })
    .toPromise()
  const connection = result.data?.alerts
  if (!connection) return { error: result.error }
  return { page: { nodes: connection.edges.map((edge) => edge.node), ...connection.pageInfo } }
}
