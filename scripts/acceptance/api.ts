import { createClient, type Client } from 'graphql-ws'
import { WebSocket } from 'ws'
import { z } from 'zod'

/** GraphQL as any program speaks it: JSON over HTTP, and graphql-ws's own client. */
export type Api = {
  /** The data, or a throw with the errors. */
  ask(document: string, variables?: Record<string, unknown>): Promise<Answer>
  /** What arrives, with when it did, for as long as the API is open. */
  subscribe(document: string, variables?: Record<string, unknown>): Promise<Received[]>
  close(): Promise<void>
}
export type Received = { data: Answer; at: number }

/** Unknown data, with fields by name. What a test expects of it, the test says. */
// oxlint-disable-next-line typescript/no-explicit-any -- a black-box client takes what comes
export type Answer = any

const bodySchema = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
})

export function openApi(url: string, token: string): Api {
  let socket: Client | undefined
  const connect = () =>
    (socket ??= createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      // Without it the client gives up when it is refused a connection, as while the server is being restarted.
      shouldRetry: () => true,
      connectionParams: { authorization: `Bearer ${token}` },
    }))
  return {
    ask: (document, variables) => post(url, document, variables, { authorization: `Bearer ${token}` }),
    async subscribe(document, variables) {
      const received: Received[] = []
      const client = connect()
      client.subscribe<Answer>(
        { query: document, variables: variables ?? null },
        {
          next: ({ data, errors }) => {
            received.push({ data: data ?? { errors }, at: performance.now() })
          },
          error: (error) => received.push({ data: { error: describe(error) }, at: performance.now() }),
          complete: () => undefined,
        },
      )
      return received
    },
    async close() {
      await socket?.dispose()
    },
  }
}

/** One request over HTTP. @throws Error with the GraphQL errors */
export async function post(
  url: string,
  document: string,
  variables: Record<string, unknown> | undefined,
  headers: Record<string, string>,
  onResponse?: (response: Response) => void,
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: document, variables }),
  })
  onResponse?.(response)
  const text = await response.text()
  let body
  try {
    body = bodySchema.parse(JSON.parse(text))
  } catch (error) {
    throw new Error(`HTTP ${response.status}: ${text.slice(0, 500)}`, { cause: error })
  }
  if (body.errors) throw new Error(JSON.stringify(body.errors))
  return body.data
}

/** An Error, a close event or GraphQL errors, so that a failing test shows them. */
function describe(error: unknown): string {
  if (error instanceof Error) return error.stack ?? error.message
  if (typeof error === 'object' && error !== null && 'code' in error) {
    const reason: unknown = 'reason' in error ? error.reason : ''
    return `closed ${String(error.code)} ${String(reason)}`
  }
  return JSON.stringify(error)
}
