import { useSearchParams } from '@solidjs/router'
import { For, Match, Show, Switch, createSignal } from 'solid-js'
import { KeysQuery, type ApiKey } from '../../graphql/documents/keys.ts'
import { useQuery } from '../../graphql/use-query.ts'
import { createPoll } from '../../live/poll.ts'
import { Button } from '../../parts/Button.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { When } from '../../parts/Figures.tsx'
import { Loaded } from '../../parts/Loading.tsx'
import { PageTitle } from '../../parts/PageTitle.tsx'
import { AddKeyDialog } from './AddKeyDialog.tsx'
import { DeleteKeyDialog } from './DeleteKeyDialog.tsx'
import { KeyRights } from './KeyRights.tsx'
import { Reconciled } from './Reconciled.tsx'
import { ReplaceKeyDialog } from './ReplaceKeyDialog.tsx'

export function KeysPage() {
  const [params, setParams] = useSearchParams()
  const query = useQuery(KeysQuery, () => ({}))
  const [doing, setDoing] = createSignal<{ what: 'replace' | 'delete'; key: ApiKey }>()
  const adding = () => params['add'] !== undefined
  const closeAdd = () => setParams({ add: undefined }, { replace: true })
  const done = () => {
    setDoing(undefined)
    query.refetch()
  }
  // A worker fills in the rights soon after a key is added; nothing announces that, so the page asks.
  createPoll(() => query.data()?.apiKeys.some((key) => key.canTrade === null) ?? false, query.refetch)

  return (
    <>
      <PageTitle title="API keys" detail="Keys of your accounts at exchanges. Live bots trade with them.">
        <Button kind="primary" icon="plus" onClick={() => setParams({ add: 1 })}>
          Add key
        </Button>
      </PageTitle>
      <Loaded
        data={query.data()}
        problem={query.problem()}
        onRetry={query.refetch}
        lines={4}
        label="Loading your keys"
      >
        {(data) => (
          <>
            <Show when={data().apiKeys.length > 0} fallback={<NoKeys onAdd={() => setParams({ add: 1 })} />}>
              <KeyTable
                keys={data().apiKeys}
                nameOf={(id) => data().exchanges.find((one) => one.id === id)?.name ?? id}
                onReplace={(key) => setDoing({ what: 'replace', key })}
                onDelete={(key) => setDoing({ what: 'delete', key })}
              />
            </Show>
            <AddKeyDialog
              open={adding()}
              exchanges={data().exchanges}
              onClose={closeAdd}
              onAdded={() => {
                closeAdd()
                done()
              }}
            />
          </>
        )}
      </Loaded>
      <Show when={doing()} keyed>
        {(one) => (
          <Switch>
            <Match when={one.what === 'replace'}>
              <ReplaceKeyDialog apiKey={one.key} onClose={() => setDoing(undefined)} onReplaced={done} />
            </Match>
            <Match when={one.what === 'delete'}>
              <DeleteKeyDialog apiKey={one.key} onClose={() => setDoing(undefined)} onDeleted={done} />
            </Match>
          </Switch>
        )}
      </Show>
    </>
  )
}

function NoKeys(props: { onAdd: () => void }) {
  return (
    <EmptyState title="No API keys yet">
      <p>
        Only live bots need one; paper bots trade without. To try a live bot with play money, add a key of the
        sandbox exchange. The form shows how to get one.
      </p>
      <Button kind="primary" icon="plus" onClick={() => props.onAdd()}>
        Add your first key
      </Button>
    </EmptyState>
  )
}

function KeyTable(props: {
  keys: readonly ApiKey[]
  nameOf: (exchange: string) => string
  onReplace: (key: ApiKey) => void
  onDelete: (key: ApiKey) => void
}) {
  return (
    <div class="table-box">
      <table class="table table-cards">
        <thead>
          <tr>
            <th scope="col">Label</th>
            <th scope="col">Exchange</th>
            <th scope="col">Key</th>
            <th scope="col">Rights</th>
            <th scope="col">Added</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.keys}>
            {(key) => (
              <tr>
                <td class="cell-head">
                  <strong>{key.label}</strong>
                </td>
                <td data-label="Exchange">{props.nameOf(key.exchange)}</td>
                <td data-label="Key">
                  <code title="The last four characters">{`\u2026${key.keyHint}`}</code>
                </td>
                <td data-label="Rights">
                  <KeyRights apiKey={key} />
                  <Reconciled apiKey={key} />
                </td>
                <td data-label="Added">
                  <When at={key.createdAt} />
                </td>
                <td class="cell-actions">
                  <Button small onClick={() => props.onReplace(key)}>
                    Replace<span class="visually-hidden"> {key.label}</span>
                  </Button>
                  <Button small onClick={() => props.onDelete(key)}>
                    Delete<span class="visually-hidden"> {key.label}</span>
                  </Button>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  )
}
