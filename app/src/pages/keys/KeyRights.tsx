import { For, Show } from 'solid-js'
import type { ApiKey } from '../../graphql/documents/keys.ts'
import { Icon } from '../../parts/Icon.tsx'

/** What the key may do, as the exchange says; the right to withdraw is pointed out. */
export function KeyRights(props: { apiKey: ApiKey }) {
  const rights = () => [
    { name: 'Trade', has: props.apiKey.canTrade, risky: false },
    { name: 'Transfer', has: props.apiKey.canTransfer, risky: false },
    { name: 'Withdraw', has: props.apiKey.canWithdraw, risky: true },
  ]
  return (
    <Show
      when={rights().some((right) => right.has !== null)}
      fallback={<span class="none">Not asked yet {'\u2013'} a worker does it soon</span>}
    >
      <ul class="rights">
        <For each={rights()}>
          {(right) => (
            <li
              classList={{
                'right-yes': right.has === true,
                'right-risky': right.has === true && right.risky,
              }}
            >
              <Icon name={right.has === null ? 'minus' : right.has ? 'check' : 'close'} size={12} />
              {right.name}
              <Show
                when={right.has === null}
                fallback={<span class="visually-hidden">{right.has ? ' yes' : ' no'}</span>}
              >
                <span title="The exchange does not tell">: not told</span>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </Show>
  )
}
