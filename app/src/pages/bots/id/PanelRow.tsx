import type { JSX } from 'solid-js'

/** One line of a list of figures: what it is, and the figure. */
export function PanelRow(props: { label: JSX.Element; children: JSX.Element }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}
