import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { z } from 'zod'
import { type EventShape, eventShape } from '../bots/shapes.ts'
import { refused, unauthenticated } from './ask.ts'
import type { Connection } from './connection.ts'
import { FOLLOW_EVENTS } from './operations.ts'

/** A server that says nothing for so long, not even to a ping, is gone. */
const PING_MS = 10_000
const PONG_MS = 5_000
/** Until a connection is made, or is given up and begun again. */
const CONNECT_MS = 15_000
const LONGEST_WAIT_MS = 5_000

/**
 * Every event after the cursor, in order, until the signal. Where the connection ends, it is made again from the last event that was taken:
 * the server orders all events of a user without gaps, so none is lost and none comes twice.
 * @throws CouldNotError UNAUTHENTICATED when the token has ended
 */
export async function* followEvents(
  connection: Connection,
  after: string,
  signal: AbortSignal,
  say: (line: string) => void,
): AsyncGenerator<EventShape> {
  let cursor = after
  let failures = 0
  while (!signal.aborted) {
    try {
      for await (const event of eventsUntilBroken(connection, cursor, signal, () => {
        if (failures > 0) say('Connected again.')
        failures = 0
      })) {
        // A server that was restored from a backup begins again where it is: what it sends is new all the same.
        cursor = event.cursor
        yield event
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) throw problemOf(connection, error)
    }
    if (signal.aborted) return
    failures += 1
    if (failures === 1) say('The connection is lost; trying again.')
    await wait(Math.min(200 * 2 ** failures, LONGEST_WAIT_MS), undefined, { signal }).catch(() => undefined)
  }
}

async function* eventsUntilBroken(
  { url, credential }: Connection,
  cursor: string,
  signal: AbortSignal,
  onConnected: () => void,
): AsyncGenerator<EventShape> {
  const bearer = credential !== null && 'bearer' in credential ? credential.bearer : ''
  let socket: WebSocket | undefined
  let silence: NodeJS.Timeout | undefined
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { authorization: `Bearer ${bearer}` },
    // Coming back is ours: the cursor has moved meanwhile.
    retryAttempts: 0,
    keepAlive: PING_MS,
    on: {
      opened: (opened) => {
        if (opened instanceof WebSocket) socket = opened
      },
      connected: () => {
        clearTimeout(connecting)
        onConnected()
      },
      ping: (received) => {
        if (!received) silence = setTimeout(() => socket?.close(4408, 'Request Timeout'), PONG_MS)
      },
      pong: (received) => {
        if (received) clearTimeout(silence)
      },
    },
  })
  const results = client.iterate({ query: FOLLOW_EVENTS, variables: { after: cursor } })
  // While it is only being made, a connection hears of nothing but this.
  const stop = () => client.terminate()
  const connecting = setTimeout(stop, CONNECT_MS)
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const result of results) {
      const [error] = result.errors ?? []
      if (error !== undefined) throw new GraphQLFailure(errorShape.parse(error))
      yield dataShape.parse(result.data).botEvents
    }
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(silence)
    clearTimeout(connecting)
    await client.dispose()
  }
}

const dataShape = z.object({ botEvents: eventShape })
const errorShape = z.object({
  message: z.string(),
  extensions: z.object({ code: z.string().optional() }).optional(),
})

class GraphQLFailure extends Error {
  readonly told: z.infer<typeof errorShape>
  constructor(told: z.infer<typeof errorShape>) {
    super(told.message)
    this.name = 'GraphQLFailure'
    this.told = told
  }
}

/** Unauthorized and Forbidden: the token is none, or has ended. Bad request and sub-protocol: no retry mends them. */
const FINAL = new Set([4400, 4401, 4403, 4406])

function isPassing(error: unknown): boolean {
  const told = toldOf(error)
  if (told !== undefined) return told.extensions?.code === 'INTERNAL_SERVER_ERROR' // Its database is away.
  return !(error instanceof z.ZodError) && !FINAL.has(codeOf(error))
}

function problemOf({ url }: Connection, error: unknown): unknown {
  const told = toldOf(error)
  if (told !== undefined) return refused(url, told)
  return FINAL.has(codeOf(error)) ? unauthenticated(url) : error
}

/** What GraphQL says is wrong: with an event, or, as a list, with the subscription. */
function toldOf(error: unknown): z.infer<typeof errorShape> | undefined {
  if (error instanceof GraphQLFailure) return error.told
  return Array.isArray(error) ? errorShape.parse(error[0]) : undefined
}

/** Of a socket's closing, as graphql-ws throws it. */
function codeOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : 0
}
