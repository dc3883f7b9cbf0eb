import { Show, type JSX } from 'solid-js'
import type { PagedList } from '../../../live/paged-list.ts'
import { Button } from '../../../parts/Button.tsx'
import { Loaded } from '../../../parts/Loading.tsx'

/** A table that is read in pages: loading, empty with a word on when it fills, rows, more. */
export function HistoryList<Node extends { id: string }>(props: {
  list: PagedList<Node>
  empty: string
  label: string
  children: (nodes: () => readonly Node[]) => JSX.Element
}) {
  return (
    <Loaded
      data={props.list.nodes()}
      problem={props.list.problem()}
      onRetry={props.list.refresh}
      lines={4}
      label={`Loading ${props.label}`}
    >
      {(nodes) => (
        <Show when={nodes().length > 0} fallback={<p class="tab-empty">{props.empty}</p>}>
          {props.children(nodes)}
          <Show when={props.list.hasMore()}>
            <Button class="load-more" busy={props.list.busy()} onClick={() => props.list.loadMore()}>
              Load more
            </Button>
          </Show>
        </Show>
      )}
    </Loaded>
  )
}
