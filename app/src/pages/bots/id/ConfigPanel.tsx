import { A } from '@solidjs/router'
import { For } from 'solid-js'
import type { BotConfig } from '../../../graphql/documents/bot-detail.ts'
import { StrategiesQuery } from '../../../graphql/documents/bot-form.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { When } from '../../../parts/Figures.tsx'
import { paths } from '../../../paths.ts'
import { valuesOf } from '../form/form-values.ts'
import { settingsOf } from '../form/settings.ts'
import { SettingList } from '../form/SettingList.tsx'
import { steps } from '../form/steps.ts'
import { RevisionList } from './RevisionList.tsx'

/** Every setting, in the order of the form that made them. */
export function ConfigPanel(props: { config: BotConfig; bot: BotLive }) {
  const values = () => valuesOf(props.config)
  const key = () =>
    props.config.apiKey ? `${props.config.apiKey.label} (\u2026${props.config.apiKey.keyHint})` : undefined
  const strategies = useQuery(StrategiesQuery, () => ({}))
  const known = () => strategies.data()?.strategies ?? []
  const strategy = () => known().find((one) => one.id === props.config.strategy)
  return (
    <section class="panel config" aria-labelledby="config-title">
      <div class="panel-head">
        <h2 id="config-title">Configuration</h2>
        <span class="panel-note">
          Revision {props.config.revision}, changed <When at={props.config.updatedAt} />
        </span>
        <A class="link-button" href={paths.editBot(props.bot.id)}>
          Edit
        </A>
      </div>
      <div class="config-groups">
        <For each={steps}>
          {(step) => (
            <div>
              <h3>{step.title}</h3>
              <SettingList settings={settingsOf(step.id, values(), { key: key(), strategy: strategy() })} />
            </div>
          )}
        </For>
      </div>
      <RevisionList bot={props.bot} strategies={known()} />
    </section>
  )
}
