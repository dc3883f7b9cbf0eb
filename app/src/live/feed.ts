import { BotEventsSubscription, BotsChangedSubscription, type BotEvent } from '../graphql/documents/bots.ts'
import { loadViewer } from '../session/session.ts'
import { forgetAllBots, mergeBot } from './bots-store.ts'
import { openSocket, type LiveSocket } from './socket.ts'

type EventListener = (event: BotEvent) => void

const haltEvents = new Set(['HALTED', 'HALT_ENDED'])

const listeners = new Set<EventListener>()
let socket: LiveSocket | undefined

/** Opens the live connection of a signed-in session; the returned function ends it. */
export function startFeed(): () => void {
  forgetAllBots()
  const opened = openSocket(() => void loadViewer())
  socket = opened
  // No cursor at first: what happened before this page was opened is in its queries.
  let cursor: string | null = null
  opened.listen(
    BotsChangedSubscription,
    () => ({}),
    (data) => mergeBot(data.botsChanged),
  )
  opened.listen(
    BotEventsSubscription,
    () => ({ after: cursor }),
    ({ botEvents: event }) => {
      cursor = event.cursor
      // Halted or resumed by another page or program: the banner goes by the viewer's row.
      if (haltEvents.has(event.type)) void loadViewer()
      for (const listener of listeners) listener(event)
    },
  )
  return () => {
    opened.close()
    socket = undefined
    forgetAllBots()
  }
}

/** Calls back for every event of the viewer's bots from now on, in order, none twice. */
export function onBotEvent(listener: EventListener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The session's socket, for subscriptions of a single page; undefined when nobody is signed in. */
export function liveSocket(): LiveSocket | undefined {
  return socket
}
