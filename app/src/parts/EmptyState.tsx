import type { JSX } from 'solid-js'

/** Where a list would be: what is missing and what to do next. */
export function EmptyState(props: { title: string; children: JSX.Element }) {
  return (
    <section class="empty">
      <h2>{props.title}</h2>
      {props.children}
    </section>
  )
}
