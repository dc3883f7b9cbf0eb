import { Show, createEffect, createSignal, on, untrack } from 'solid-js'
import { BotConfigQuery } from '../../../../graphql/documents/bot-detail.ts'
import { FormChoicesQuery } from '../../../../graphql/documents/bot-form.ts'
import { useQuery } from '../../../../graphql/use-query.ts'
import { ById } from '../../../../parts/ById.tsx'
import { Loaded } from '../../../../parts/Loading.tsx'
import { PageTitle } from '../../../../parts/PageTitle.tsx'
import { paths } from '../../../../paths.ts'
import { NotFoundPage } from '../../../NotFoundPage.tsx'
import { onEditedElsewhere } from '../bot-activity.ts'
import { EditForm } from './EditForm.tsx'

/** /bots/:id/edit: all settings of one bot that may change, in one form. Keyed by the id: another bot is another form. */
export function EditBotPage() {
  return <ById>{(id) => <EditBot id={id} />}</ById>
}

function EditBot(props: { id: string }) {
  const bot = useQuery(BotConfigQuery, () => ({ id: props.id }))
  const choices = useQuery(FormChoicesQuery, () => ({}))
  const loaded = () => {
    const config = bot.data()?.bot
    const offered = choices.data()
    return config && offered ? { config, offered } : undefined
  }
  const newest = () => bot.data()?.bot?.revision
  // What the form starts from. A newer one takes its place when the person asks for it, for that takes away what was typed.
  const [revision, setRevision] = createSignal<number>()
  let asked = false
  createEffect(
    on(newest, (now) => {
      if (now === undefined || (untrack(revision) !== undefined && !asked)) return
      asked = false
      setRevision(now)
    }),
  )
  const reload = () => {
    if (newest() !== revision()) return setRevision(newest())
    asked = true
    bot.refetch()
  }
  onEditedElsewhere(() => props.id, newest, bot.refetch)
  return (
    <Show when={bot.data()?.bot !== null} fallback={<NotFoundPage />}>
      <PageTitle
        title={`Edit ${bot.data()?.bot?.name ?? 'bot'}`}
        back={{ href: paths.bot(props.id), label: bot.data()?.bot?.name ?? 'Bot' }}
      />
      <Loaded
        data={loaded()}
        problem={bot.problem() ?? choices.problem()}
        onRetry={() => {
          bot.refetch()
          choices.refetch()
        }}
        lines={8}
        label="Loading the settings"
      >
        {(data) => (
          <Show when={revision()} keyed>
            <EditForm
              config={data().config}
              choices={data().offered}
              onReload={reload}
              onKeysChanged={choices.refetch}
            />
          </Show>
        )}
      </Loaded>
    </Show>
  )
}
