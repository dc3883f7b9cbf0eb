import { Navigate, useSearchParams } from '@solidjs/router'
import { Show, createEffect, type JSX } from 'solid-js'
import { Notice } from '../../parts/Notice.tsx'
import { safeNext } from '../../paths.ts'
import { sessionProblem, viewer } from '../../session/session.ts'
import { Brand } from '../../shell/Brand.tsx'

/** The narrow page of /signin and /signup. Who is signed in goes on to where they wanted to be. */
export function AuthFrame(props: { title: string; lead: string; children: JSX.Element; other: JSX.Element }) {
  const [search] = useSearchParams()
  createEffect(() => {
    document.title = `${props.title} \u00b7 TradeBot`
  })
  return (
    <Show when={!viewer()} fallback={<Navigate href={safeNext(search['next'])} />}>
      <main class="auth">
        <div class="auth-card">
          <Brand />
          <h1>{props.title}</h1>
          <p class="auth-lead">{props.lead}</p>
          <Show when={sessionProblem()}>
            {(problem) => (
              <Notice tone="danger">
                <p>{problem().message}</p>
              </Notice>
            )}
          </Show>
          {props.children}
          <p class="auth-other">{props.other}</p>
        </div>
      </main>
    </Show>
  )
}
