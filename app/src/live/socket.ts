import { stringifyDocument, type TypedDocumentNode } from '@urql/core'
import { CloseCode, createClient, type Client } from 'graphql-ws'
import { markConnecting, markIdle, markLive, markLost } from './connection.ts'

export type LiveSocket = {
  /**
   * Keeps a subscription alive through reconnects until the returned function is called. `variables` is read at
   * each (re)subscription, so that a cursor in it resumes where the last message ended.
   */
  listen<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: () => Variables,
    onData: (data: Data) => void,
  ): () => void
  close(): void
}

/** The server's codes for "this credential is no good"; all else is retried for ever. */
const authCloseCodes: readonly number[] = [CloseCode.Unauthorized, CloseCode.Forbidden]
const longestWaitMs = 4_000
const resubscribeMs = 1_000

/** One WebSocket for all subscriptions of one signed-in session. The cookie is read when it opens. */
export function openSocket(onUnauthenticated: () => void): LiveSocket {
  let closing = false
  let lastHeard = new Date()
  const client: Client = createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: true,
    keepAlive: 5_000,
    retryAttempts: Infinity,
    retryWait: waitBeforeRetry,
    shouldRetry: (problem) => !closing && !isAuthClose(problem),
    on: {
      connecting: markConnecting,
      connected: () => {
        lastHeard = new Date()
        markLive()
      },
      message: () => {
        lastHeard = new Date()
      },
      // A ping without a pong in time is a dead connection that TCP has not noticed yet.
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), 5_000)
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer)
      },
      closed: (event) => {
        clearTimeout(pongTimer)
        if (closing) return
        markLost(lastHeard)
        if (isAuthClose(event)) onUnauthenticated()
      },
    },
  })
  let pongTimer: ReturnType<typeof setTimeout> | undefined
  const stops = new Set<() => void>()

  return {
    listen(document, variables, onData) {
      const stop = keepSubscribed(client, document, variables, onData, onUnauthenticated)
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    close() {
      closing = true
      clearTimeout(pongTimer)
      for (const stop of stops) stop()
      stops.clear()
      void client.dispose()
      markIdle()
    },
  }
}

/** Subscribes, and again when the server ends the subscription or answers it with an error. */
function keepSubscribed<Data, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: () => Variables,
  onData: (data: Data) => void,
  onUnauthenticated: () => void,
): () => void {
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let unsubscribe = () => {}
  const payload = {
    query: stringifyDocument(document),
    // graphql-ws serialises the payload at every attempt: a getter gives each one the newest cursor.
    get variables() {
      return { ...variables() }
    },
  }
  const again = () => {
    if (!stopped) timer = setTimeout(start, resubscribeMs)
  }
  const start = () => {
    unsubscribe = client.subscribe<Data>(payload, {
      next: (result) => {
        if (result.data) onData(result.data)
        if (isUnauthenticated(result.errors)) onUnauthenticated()
      },
      error: (problem) => {
        if (isUnauthenticated(problem)) onUnauthenticated()
        else again()
      },
      complete: again,
    })
  }
  start()
  return () => {
    stopped = true
    clearTimeout(timer)
    unsubscribe()
  }
}

/** Backs off to a few seconds, but tries at once when the browser says that the network is back. */
async function waitBeforeRetry(retries: number): Promise<void> {
  const wait = Math.min(longestWaitMs, 300 * 2 ** Math.min(retries, 6)) * (0.75 + Math.random() / 2)
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, wait)
    addEventListener('online', done)
  })
}

function isAuthClose(problem: unknown): boolean {
  return (
    typeof problem === 'object' &&
    problem !== null &&
    'code' in problem &&
    typeof problem.code === 'number' &&
    authCloseCodes.includes(problem.code)
  )
}

function isUnauthenticated(problem: unknown): boolean {
  return (
    Array.isArray(problem) &&
    problem.some((one: { extensions?: { code?: unknown } }) => one.extensions?.code === 'UNAUTHENTICATED')
  )
}
