import { useParams } from '@solidjs/router'
import { Show, type JSX } from 'solid-js'

/** A page of one thing, keyed by the id in its address: another one is another page. */
export function ById(props: { children: (id: string) => JSX.Element }) {
  const params = useParams()
  return (
    <Show when={params['id']} keyed>
      {(id) => props.children(id)}
    </Show>
  )
}
