import { For, Show, createEffect, on } from 'solid-js'
import { BotRevisionsQuery, type BotRevision } from '../../../graphql/documents/bot-detail.ts'
import type { StrategyChoice } from '../../../graphql/documents/bot-form.ts'
import type { BotLive } from '../../../graphql/documents/bots.ts'
import { useQuery } from '../../../graphql/use-query.ts'
import { formatExact } from '../../../format/decimal.ts'
import { When } from '../../../parts/Figures.tsx'
import { formLabels } from '../form/steps.ts'

const shown = 20

/** What was changed of the bot, from what to what, by whom and when; orders name the revision that decided them. */
export function RevisionList(props: { bot: BotLive; strategies: readonly StrategyChoice[] }) {
  const query = useQuery(BotRevisionsQuery, () => ({ id: props.bot.id, last: shown }))
  createEffect(on(() => props.bot.revision, query.refetch, { defer: true }))
  const revisions = () => query.data()?.bot?.revisions ?? []
  return (
    <Show when={revisions().length > 0}>
      <details class="revisions" data-testid="revisions">
        <summary>
          {props.bot.revision === 1 ? 'Never changed since it was created' : 'What was changed, and when'}
        </summary>
        <ol class="revision-list">
          <For each={revisions()}>
            {(revision) => (
              <li>
                <p class="revision-head">
                  <strong>Revision {revision.revision}</strong> <When at={revision.at} /> by {revision.actor}
                </p>
                <Changes revision={revision} strategies={props.strategies} />
              </li>
            )}
          </For>
        </ol>
      </details>
    </Show>
  )
}

function Changes(props: { revision: BotRevision; strategies: readonly StrategyChoice[] }) {
  return (
    <Show
      when={props.revision.changes.length > 0}
      fallback={
        <p class="none">
          {props.revision.revision === 1 ? 'As it was created.' : 'What was before it is not kept.'}
        </p>
      }
    >
      <ul>
        <For each={props.revision.changes}>
          {(change) => (
            <li>
              {labelOf(change.field, props.strategies)}: <span class="num">{wordsOf(change.from)}</span>{' '}
              {'\u2192'} <strong class="num">{wordsOf(change.to)}</strong>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}

function labelOf(field: string, strategies: readonly StrategyChoice[]): string {
  const parameter = field.startsWith('strategyParams.') ? field.slice('strategyParams.'.length) : undefined
  if (parameter === undefined) return formLabels[field] ?? field
  const known = strategies.flatMap((one) => one.parameters).find((one) => one.name === parameter)
  return known?.label ?? parameter
}

function wordsOf(value: string | null): string {
  if (value === null || value === '') return 'none'
  if (value === 'true') return 'yes'
  if (value === 'false') return 'no'
  return /^-?\d+(\.\d+)?$/.test(value) ? formatExact(value) : value
}
