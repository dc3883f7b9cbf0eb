import { For, Show } from 'solid-js'
import type { AlertKind } from '../../graphql/documents/alerts.ts'
import { CheckField } from '../../parts/CheckField.tsx'
import { alertWords, choosableKinds } from './alert-words.ts'

/** Which alerts a channel gets; null: all. */
export function KindFields(props: {
  kinds: readonly AlertKind[] | null
  onKinds: (kinds: readonly AlertKind[] | null) => void
}) {
  const toggle = (kind: AlertKind, wanted: boolean) =>
    props.onKinds(choosableKinds.filter((one) => (one === kind ? wanted : props.kinds?.includes(one))))
  return (
    <>
      <CheckField
        label="All alerts"
        name="allKinds"
        checked={props.kinds === null}
        onChecked={(all) => props.onKinds(all ? null : choosableKinds)}
      />
      <Show when={props.kinds}>
        {(kinds) => (
          <fieldset class="field alert-kinds">
            <legend>Only these</legend>
            <For each={choosableKinds}>
              {(kind) => (
                <label>
                  <input
                    type="checkbox"
                    name={kind}
                    checked={kinds().includes(kind)}
                    // A channel that wants nothing would look as if it wanted all.
                    disabled={kinds().length === 1 && kinds().includes(kind)}
                    onChange={(event) => toggle(kind, event.currentTarget.checked)}
                  />
                  <span>
                    {alertWords[kind].label} <small>{alertWords[kind].detail}</small>
                  </span>
                </label>
              )}
            </For>
          </fieldset>
        )}
      </Show>
    </>
  )
}
