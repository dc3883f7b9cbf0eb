import { createSignal } from 'solid-js'

/** `idle`: nothing is subscribed. `lost`: was live, or should be, and is being retried. */
export type Connection = { state: 'idle' | 'connecting' | 'live' } | { state: 'lost'; since: Date }

const [connection, setConnection] = createSignal<Connection>({ state: 'idle' })
const [reconnects, setReconnects] = createSignal(0)

/** `reconnects` grows each time the live connection comes back; queries ask again then. */
export { connection, reconnects }

export function markConnecting(): void {
  setConnection((now) => (now.state === 'lost' ? now : { state: 'connecting' }))
}

export function markLive(): void {
  const wasLost = connection().state === 'lost'
  setConnection({ state: 'live' })
  if (wasLost) setReconnects((count) => count + 1)
}

/** Keeps the first moment: figures are old since then, however often the retry fails. */
export function markLost(lastHeard: Date): void {
  setConnection((now) => (now.state === 'lost' ? now : { state: 'lost', since: lastHeard }))
}

export function markIdle(): void {
  setConnection({ state: 'idle' })
}
