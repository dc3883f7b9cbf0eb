import { For, createUniqueId, type JSX } from 'solid-js'

export type Tab = { id: string; label: string }

/** Tabs by the ARIA pattern: arrow keys move, Home and End jump. Only the chosen panel exists. */
export function Tabs(props: {
  tabs: readonly Tab[]
  current: string
  onTab: (id: string) => void
  label: string
  children: JSX.Element
}) {
  const base = createUniqueId()
  const press = (event: KeyboardEvent) => {
    const at = props.tabs.findIndex((tab) => tab.id === props.current)
    const last = props.tabs.length - 1
    const to =
      event.key === 'ArrowRight'
        ? at === last
          ? 0
          : at + 1
        : event.key === 'ArrowLeft'
          ? at === 0
            ? last
            : at - 1
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? last
              : -1
    const tab = props.tabs[to]
    if (!tab) return
    event.preventDefault()
    props.onTab(tab.id)
    document.getElementById(`${base}-tab-${tab.id}`)?.focus()
  }
  return (
    <section class="tabs">
      <div class="tab-list" role="tablist" aria-label={props.label} onKeyDown={press}>
        <For each={props.tabs}>
          {(tab) => (
            <button
              type="button"
              role="tab"
              id={`${base}-tab-${tab.id}`}
              aria-selected={tab.id === props.current}
              aria-controls={`${base}-panel`}
              tabIndex={tab.id === props.current ? 0 : -1}
              onClick={() => props.onTab(tab.id)}
            >
              {tab.label}
            </button>
          )}
        </For>
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-tab-${props.current}`}>
        {props.children}
      </div>
    </section>
  )
}
