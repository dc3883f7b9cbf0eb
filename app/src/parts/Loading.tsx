import { Index, Show, type JSX } from 'solid-js'
import type { ApiProblem } from '../graphql/api-problem.ts'
import { Button } from './Button.tsx'
import { Notice } from './Notice.tsx'

/** Grey bars where text will stand, so that the page does not jump when it comes. */
function Skeleton(props: { lines: number; label: string }) {
  return (
    <div class="skeleton" role="status" aria-label={props.label}>
      <Index each={Array.from({ length: props.lines })}>{() => <span />}</Index>
    </div>
  )
}

/** One of: loading, could not be loaded (with a way to try again), loaded. Old data outlives an error. */
export function Loaded<Data>(props: {
  data: Data | undefined
  problem: ApiProblem | undefined
  onRetry: () => void
  lines: number
  label: string
  children: (data: () => NonNullable<Data>) => JSX.Element
}) {
  return (
    <>
      <Show when={props.problem}>
        {(problem) => (
          <Notice tone="danger" action={<Button onClick={() => props.onRetry()}>Try again</Button>}>
            <p>{problem().message}</p>
          </Notice>
        )}
      </Show>
      <Show
        when={props.data}
        fallback={
          <Show when={!props.problem}>
            <Skeleton lines={props.lines} label={props.label} />
          </Show>
        }
      >
        {(data) => props.children(data)}
      </Show>
    </>
  )
}
