import { useParams } from '@solidjs/router'
import { Show } from 'solid-js'
import { BotConfigQuery } from '../../../../graphql/documents/bot-detail.ts'
import { FormChoicesQuery } from '../../../../graphql/documents/bot-form.ts'
import { useQuery } from '../../../../graphql/use-query.ts'
import { Loaded } from '../../../../parts/Loading.tsx'
import { PageTitle } from '../../../../parts/PageTitle.tsx'
import { paths } from '../../../../paths.ts'
import { NotFoundPage } from '../../../NotFoundPage.tsx'
import { EditForm } from './EditForm.tsx'

/** /bots/:id/edit: all settings of one bot that may change, in one form. */
export function EditBotPage() {
  const params = useParams()
  const id = () => params['id'] ?? ''
  const bot = useQuery(BotConfigQuery, () => ({ id: id() }))
  const choices = useQuery(FormChoicesQuery, () => ({}))
  const loaded = () => {
    const config = bot.data()?.bot
    const offered = choices.data()
    return config && offered ? { config, offered } : undefined
  }
  return (
    <Show when={bot.data()?.bot !== null} fallback={<NotFoundPage />}>
      <PageTitle
        title={`Edit ${bot.data()?.bot?.name ?? 'bot'}`}
        back={{ href: paths.bot(id()), label: bot.data()?.bot?.name ?? 'Bot' }}
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
          // Keyed by the revision: reloading after someone else's change starts from theirs.
          <Show when={data().config.revision} keyed>
            <EditForm
              config={data().config}
              choices={data().offered}
              onReload={bot.refetch}
              onKeysChanged={choices.refetch}
            />
          </Show>
        )}
      </Loaded>
    </Show>
  )
}
