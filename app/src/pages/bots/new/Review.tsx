import { For, Show } from 'solid-js'
import type { FormChoices } from '../../../graphql/documents/bot-form.ts'
import { Notice } from '../../../parts/Notice.tsx'
import type { BotForm } from '../form/bot-form.ts'
import { settingsOf } from '../form/settings.ts'
import { steps } from '../form/steps.ts'
import { SettingList } from '../form/SettingList.tsx'

/** The whole bot before it exists, step by step, each with a way back. */
export function Review(props: { form: BotForm; choices: FormChoices; onEdit: (step: number) => void }) {
  const exchange = () => props.choices.exchanges.find((one) => one.id === props.form.values.exchange)
  const key = () => props.choices.apiKeys.find((one) => one.id === props.form.values.apiKeyId)?.label
  const strategy = () => props.choices.strategies.find((one) => one.id === props.form.values.strategy)
  return (
    <>
      <Show when={props.form.values.mode === 'LIVE' && exchange()?.realMoney}>
        <Notice tone="warn" icon="alert">
          <p>
            <strong>This bot trades with real money</strong> on {exchange()?.name}. It can lose it.
          </p>
        </Notice>
      </Show>
      <For each={steps}>
        {(step, at) => (
          <section class="review-step">
            <h3>{step.title}</h3>
            <button type="button" class="link-button" onClick={() => props.onEdit(at())}>
              Change<span class="visually-hidden"> {step.title}</span>
            </button>
            <SettingList
              settings={settingsOf(step.id, props.form.values, { key: key(), strategy: strategy() })}
            />
          </section>
        )}
      </For>
    </>
  )
}
