import { Show } from 'solid-js'
import { formatClock } from '../format/time.ts'
import { connection } from '../live/connection.ts'
import { Icon } from '../parts/Icon.tsx'

/** Says that figures may be old, and since when. It goes by itself when the connection is back. */
export function ConnectionBanner() {
  const lost = () => {
    const now = connection()
    return now.state === 'lost' ? now : undefined
  }
  return (
    <div role="status" aria-live="assertive">
      <Show when={lost()}>
        {(state) => (
          <p class="banner banner-warn" data-testid="connection-lost">
            <Icon name="offline" />
            <span>
              <strong>Connection lost {'\u2013'} retrying.</strong> Figures may be old since{' '}
              <span class="num">{formatClock(state().since)}</span>. The bots do not depend on this page.
            </span>
          </p>
        )}
      </Show>
    </div>
  )
}

export function LiveDot() {
  const label = () =>
    connection().state === 'live' ? 'Live' : connection().state === 'lost' ? 'Offline' : 'Connecting'
  return (
    <span class={`live live-${connection().state}`} title={titles[connection().state]} data-testid="live">
      <span class="live-dot" aria-hidden="true" />
      {label()}
    </span>
  )
}

const titles = {
  idle: 'Connecting to the server',
  connecting: 'Connecting to the server',
  live: 'This page updates by itself',
  lost: 'The server does not answer; retrying',
}
