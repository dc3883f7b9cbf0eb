import { For, Show, createSignal } from 'solid-js'
import { TokensQuery, type ApiToken } from '../../graphql/documents/tokens.ts'
import { useQuery } from '../../graphql/use-query.ts'
import { Button } from '../../parts/Button.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { When } from '../../parts/Figures.tsx'
import { Loaded } from '../../parts/Loading.tsx'
import { PageTitle } from '../../parts/PageTitle.tsx'
import { CreateTokenDialog } from './CreateTokenDialog.tsx'
import { DeleteTokenDialog } from './DeleteTokenDialog.tsx'

export function TokensPage() {
  const query = useQuery(TokensQuery, () => ({}))
  const [creating, setCreating] = createSignal(false)
  const [deleting, setDeleting] = createSignal<ApiToken>()
  return (
    <>
      <PageTitle
        title="API tokens"
        detail="For programs of yours that use TradeBot's GraphQL API: Authorization: Bearer TOKEN."
      >
        <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
          Create token
        </Button>
      </PageTitle>
      <Loaded
        data={query.data()}
        problem={query.problem()}
        onRetry={query.refetch}
        lines={4}
        label="Loading your tokens"
      >
        {(data) => (
          <Show
            when={data().apiTokens.length > 0}
            fallback={
              <EmptyState title="No API tokens yet">
                <p>
                  The web app does not need one. Create one for a script, and give it that instead of your
                  password.
                </p>
                <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
                  Create your first token
                </Button>
              </EmptyState>
            }
          >
            <TokenTable tokens={data().apiTokens} onDelete={setDeleting} />
          </Show>
        )}
      </Loaded>
      <CreateTokenDialog open={creating()} onClose={() => setCreating(false)} onCreated={query.refetch} />
      <Show when={deleting()} keyed>
        {(token) => (
          <DeleteTokenDialog
            token={token}
            onClose={() => setDeleting(undefined)}
            onDeleted={() => {
              setDeleting(undefined)
              query.refetch()
            }}
          />
        )}
      </Show>
    </>
  )
}

function TokenTable(props: { tokens: readonly ApiToken[]; onDelete: (token: ApiToken) => void }) {
  return (
    <div class="table-box">
      <table class="table table-cards">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.tokens}>
            {(token) => (
              <tr>
                <td class="cell-head">
                  <strong>{token.name}</strong>
                </td>
                <td data-label="Created">
                  <When at={token.createdAt} />
                </td>
                <td data-label="Last used">
                  <Show when={token.lastUsedAt} fallback={<span class="none">Never</span>}>
                    <When at={token.lastUsedAt} />
                  </Show>
                </td>
                <td class="cell-actions">
                  <Button small onClick={() => props.onDelete(token)}>
                    Delete<span class="visually-hidden"> {token.name}</span>
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
