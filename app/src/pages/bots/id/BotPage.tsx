import { A } from '@solidjs/router'
import { Show, createEffect } from 'solid-js'
import { BotQuery } from '../../../graphql/documents/bot-detail.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { bots, mergeBot } from '../../../live/bots-store.ts'
import { ById } from '../../../parts/ById.tsx'
import { EmptyState } from '../../../parts/EmptyState.tsx'
import { Loaded } from '../../../parts/Loading.tsx'
import { PageTitle } from '../../../parts/PageTitle.tsx'
import { paths } from '../../../paths.ts'
import { onEditedElsewhere } from './bot-activity.ts'
import { BotView } from './BotView.tsx'

/** /bots/:id. Keyed by the id: another bot is another page. */
export function BotPage() {
  return <ById>{(id) => <OneBot id={id} />}</ById>
}

function OneBot(props: { id: string }) {
  const query = useQuery(BotQuery, () => ({ id: props.id }))
  const found = () => query.data()?.bot
  const live = () => bots[props.id]
  createEffect(() => {
    const bot = found()
    if (bot) mergeBot(bot)
  })
  onEditedElsewhere(
    () => props.id,
    () => found()?.revision,
    query.refetch,
  )
  const both = () => {
    const config = found()
    const now = live()
    return config && now ? { config, now } : undefined
  }
  return (
    <Show when={found() !== null} fallback={<NoBot />}>
      <Loaded
        data={both()}
        problem={query.problem()}
        onRetry={query.refetch}
        lines={8}
        label="Loading the bot"
      >
        {(data) => <BotView config={data().config} bot={data().now} />}
      </Loaded>
    </Show>
  )
}

function NoBot() {
  return (
    <>
      <PageTitle title="Bot not found" back={{ href: paths.bots, label: 'Bots' }} />
      <EmptyState title="There is no such bot">
        <p>It was deleted, or it belongs to another account.</p>
        <A class="button button-primary" href={paths.bots}>
          Go to your bots
        </A>
      </EmptyState>
    </>
  )
}
