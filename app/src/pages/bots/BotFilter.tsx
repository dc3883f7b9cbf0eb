import { For, createEffect, createSignal, onCleanup } from 'solid-js'
import type { BotStatus } from '../../graphql/documents/bots.ts'
import { Icon } from '../../parts/Icon.tsx'

const statuses: readonly { value: BotStatus | undefined; label: string }[] = [
  { value: undefined, label: 'All' },
  { value: 'RUNNING', label: 'Running' },
  { value: 'PAUSED', label: 'Paused' },
  { value: 'ERROR', label: 'Error' },
  { value: 'PENDING', label: 'Pending' },
  { value: 'STOPPED', label: 'Stopped' },
]

const typingMs = 250

/** The status in the address, which a person may have typed. */
export function statusOf(param: string | string[] | undefined): BotStatus | undefined {
  return statuses.find((one) => one.value !== undefined && one.value.toLowerCase() === param)?.value
}

export function BotFilter(props: {
  search: string
  status: BotStatus | undefined
  onSearch: (text: string) => void
  onStatus: (status: BotStatus | undefined) => void
}) {
  const [text, setText] = createSignal('')
  createEffect(() => setText(props.search))
  let timer: ReturnType<typeof setTimeout> | undefined
  onCleanup(() => clearTimeout(timer))
  const type = (value: string) => {
    setText(value)
    clearTimeout(timer)
    timer = setTimeout(() => props.onSearch(value.trim()), typingMs)
  }
  return (
    <div class="filter" role="search">
      <label class="search-box">
        <span class="visually-hidden">Search bots</span>
        <Icon name="search" />
        <input
          type="search"
          placeholder="Search by name or market"
          value={text()}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </label>
      <div class="segmented" role="group" aria-label="Status">
        <For each={statuses}>
          {(one) => (
            <button
              type="button"
              classList={{ on: props.status === one.value }}
              aria-pressed={props.status === one.value}
              onClick={() => props.onStatus(one.value)}
            >
              {one.label}
            </button>
          )}
        </For>
      </div>
    </div>
  )
}
