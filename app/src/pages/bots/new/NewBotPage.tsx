import { useSearchParams } from '@solidjs/router'
import { Show } from 'solid-js'
import { BotConfigQuery } from '../../../graphql/documents/bot-detail.ts'
import { FormChoicesQuery } from '../../../graphql/documents/bot-form.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { Loaded } from '../../../parts/Loading.tsx'
import { Notice } from '../../../parts/Notice.tsx'
import { PageTitle } from '../../../parts/PageTitle.tsx'
import { paths } from '../../../paths.ts'
import { startValues } from './start-values.ts'
import { Wizard } from './Wizard.tsx'

/** /bots/new, and /bots/new?from=ID which begins as a copy of that bot. */
export function NewBotPage() {
  const [params] = useSearchParams()
  const from = typeof params['from'] === 'string' ? params['from'] : undefined
  const choices = useQuery(FormChoicesQuery, () => ({}))
  const source = useQuery(
    BotConfigQuery,
    () => ({ id: from ?? '' }),
    () => from === undefined,
  )
  const ready = () => (from === undefined || source.data() || source.problem() ? choices.data() : undefined)
  return (
    <>
      <PageTitle
        title={from === undefined ? 'New bot' : 'Duplicate a bot'}
        back={{ href: paths.bots, label: 'Bots' }}
      />
      <Show when={from !== undefined && source.data()?.bot === null}>
        <Notice tone="warn" icon="info">
          <p>The bot to copy was not found. The form starts from the defaults.</p>
        </Notice>
      </Show>
      <Loaded
        data={ready()}
        problem={choices.problem()}
        onRetry={choices.refetch}
        lines={8}
        label="Loading the form"
      >
        {(loaded) => (
          <Wizard
            choices={loaded()}
            initial={startValues(loaded(), source.data()?.bot ?? undefined)}
            onChoicesChanged={choices.refetch}
          />
        )}
      </Loaded>
    </>
  )
}
