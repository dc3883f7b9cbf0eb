import { Navigate, useLocation } from '@solidjs/router'
import { Show, createEffect, onCleanup, type JSX } from 'solid-js'
import type { Viewer } from '../graphql/documents/session.ts'
import { startFeed } from '../live/feed.ts'
import { createPoll } from '../live/poll.ts'
import { Button } from '../parts/Button.tsx'
import { Notice } from '../parts/Notice.tsx'
import { paths } from '../paths.ts'
import { loadViewer, sessionProblem, viewer } from '../session/session.ts'
import { ConnectionBanner } from './ConnectionBanner.tsx'
import { HaltBanner } from './Halt.tsx'
import { Header } from './Header.tsx'

/** The frame of every page behind the sign-in, and the guard in front of them. */
export function Shell(props: { children?: JSX.Element }) {
  return (
    <Show when={viewer() !== undefined} fallback={<Starting />}>
      <Show when={viewer()} fallback={<ToSignIn />}>
        {(user) => <Frame viewer={user()}>{props.children}</Frame>}
      </Show>
    </Show>
  )
}

function Frame(props: { viewer: Viewer; children: JSX.Element }) {
  onCleanup(startFeed())
  const location = useLocation()
  let main: HTMLElement | undefined
  // A new page starts at its heading for a screen reader, as a page load would.
  createEffect((last: string | undefined) => {
    if (last !== undefined && last !== location.pathname) main?.focus({ preventScroll: true })
    return location.pathname
  })
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <Header viewer={props.viewer} />
      <ConnectionBanner />
      <HaltBanner viewer={props.viewer} />
      <main id="main" ref={(element) => (main = element)} tabIndex={-1}>
        {props.children}
      </main>
    </>
  )
}

function ToSignIn() {
  const location = useLocation()
  const here = location.pathname + location.search
  return <Navigate href={here === '/' ? paths.signIn : `${paths.signIn}?next=${encodeURIComponent(here)}`} />
}

/** Before the server has said who is signed in, or while it cannot be reached. */
function Starting() {
  createPoll(
    () => sessionProblem() !== undefined,
    () => void loadViewer(),
  )
  return (
    <Show
      when={sessionProblem()}
      fallback={
        <p class="starting" role="status">
          Loading TradeBot
        </p>
      }
    >
      {(problem) => (
        <div class="starting">
          <Notice tone="danger" action={<Button onClick={() => void loadViewer()}>Try again</Button>}>
            <p>{problem().message}</p>
          </Notice>
        </div>
      )}
    </Show>
  )
}
