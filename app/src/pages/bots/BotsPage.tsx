import { A, useSearchParams } from '@solidjs/router'
import { Show, createMemo, onCleanup } from 'solid-js'
import { BotsQuery, type BotLive, type BotStatus } from '../../graphql/documents/bots.ts'
import { bots, mergeBots } from '../../live/bots-store.ts'
import { onBotEvent } from '../../live/feed.ts'
import { createPoll } from '../../live/poll.ts'
import { createPagedList } from '../../live/paged-list.ts'
import { Button } from '../../parts/Button.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { Icon } from '../../parts/Icon.tsx'
import { Loaded } from '../../parts/Loading.tsx'
import { PageTitle } from '../../parts/PageTitle.tsx'
import { paths } from '../../paths.ts'
import { currentClient } from '../../session/session.ts'
import { BotFilter, statusOf } from './BotFilter.tsx'
import { BotTable } from './BotTable.tsx'
import { ExchangeNotice } from './ExchangeNotice.tsx'
import { ExportTrades } from './ExportTrades.tsx'
import { FirstSteps } from './FirstSteps.tsx'

const pageSize = 50

export function BotsPage() {
  const [params, setParams] = useSearchParams()
  const search = () => (typeof params['search'] === 'string' ? params['search'] : '')
  const status = () => statusOf(params['status'])
  const filtered = () => search() !== '' || status() !== undefined
  const list = createPagedList<BotLive>(
    () => `${status()} ${search()}`,
    (after) => fetchBots(after, status(), search()),
  )
  // A status that changed may bring a row into the filter, and a new or deleted bot changes the list.
  onCleanup(onBotEvent((event) => event.fromStatus !== event.toStatus && list.refresh()))
  // What stops a bot without touching it, such as the end of the last worker, is only learned by asking.
  createPoll(() => true, list.refresh, 15_000)
  const shown = createMemo(() =>
    list.nodes()?.flatMap((node) => {
      const bot = bots[node.id]
      const wanted = status()
      return bot && (!wanted || bot.state.status === wanted) ? [bot] : []
    }),
  )

  return (
    <>
      <PageTitle title="Bots">
        <Show when={filtered() || (shown()?.length ?? 0) > 0}>
          <ExportTrades />
          <A class="button button-primary" href={paths.newBot}>
            <Icon name="plus" />
            New bot
          </A>
        </Show>
      </PageTitle>
      <ExchangeNotice exchanges={shown()?.map((bot) => bot.exchange) ?? []} />
      <Show when={filtered() || (shown()?.length ?? 0) > 0}>
        <BotFilter
          search={search()}
          status={status()}
          onSearch={(text) => setParams({ search: text || undefined }, { replace: true })}
          onStatus={(one) => setParams({ status: one?.toLowerCase() }, { replace: true })}
        />
      </Show>
      <Loaded
        data={shown()}
        problem={list.problem()}
        onRetry={list.refresh}
        lines={6}
        label="Loading your bots"
      >
        {(rows) => (
          <Show
            when={rows().length > 0}
            fallback={
              <NoBots
                filtered={filtered()}
                onClear={() => setParams({ search: undefined, status: undefined })}
              />
            }
          >
            <BotTable bots={rows()} />
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

function NoBots(props: { filtered: boolean; onClear: () => void }) {
  return (
    <Show when={props.filtered} fallback={<FirstSteps />}>
      <EmptyState title="No bot matches">
        <p>No bot of yours has this status and text in its name or market.</p>
        <Button onClick={() => props.onClear()}>Show all bots</Button>
      </EmptyState>
    </Show>
  )
}

async function fetchBots(after: string | null, status: BotStatus | undefined, search: string) {
  const result = await currentClient()
    .query(
      BotsQuery,
      { first: pageSize, after, status: status ?? null, search: search || null },
      { requestPolicy: 'network-only' },
    )
    .toPromise()
  const connection = result.data?.bots
  if (!connection) return { error: result.error }
  const nodes = connection.edges.map((edge) => edge.node)
  mergeBots(nodes)
  return { page: { nodes, ...connection.pageInfo } }
}
