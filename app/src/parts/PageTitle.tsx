import { A } from '@solidjs/router'
import { Show, createEffect, type JSX } from 'solid-js'
import { Icon } from './Icon.tsx'

/** The page's one h1, its actions, and the title of the browser's tab. */
export function PageTitle(props: {
  title: string
  detail?: JSX.Element
  back?: { href: string; label: string }
  children?: JSX.Element
}) {
  createEffect(() => {
    document.title = `${props.title} \u00b7 TradeBot`
  })
  return (
    <div class="page-title">
      <Show when={props.back}>
        {(back) => (
          <A class="back-link" href={back().href}>
            <Icon name="back" size={14} />
            {back().label}
          </A>
        )}
      </Show>
      <div class="page-title-row">
        <div>
          <h1>{props.title}</h1>
          <Show when={props.detail}>
            <div class="page-detail">{props.detail}</div>
          </Show>
        </div>
        <Show when={props.children}>
          <div class="page-actions">{props.children}</div>
        </Show>
      </div>
    </div>
  )
}
