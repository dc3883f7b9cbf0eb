import { Match, Switch } from 'solid-js'
import type { ApiKey } from '../../graphql/documents/keys.ts'
import { When } from '../../parts/Figures.tsx'

/** When the books were last compared with the account, or why they could not be; nothing where no live bot has needed it. */
export function Reconciled(props: { apiKey: ApiKey }) {
  return (
    <Switch>
      <Match when={props.apiKey.reconcileError}>
        {(error) => <small class="loss">Books not compared with the account: {error()}</small>}
      </Match>
      <Match when={props.apiKey.reconciledAt}>
        {(at) => (
          <small class="none">
            Books compared with the account <When at={at()} />
          </small>
        )}
      </Match>
    </Switch>
  )
}
