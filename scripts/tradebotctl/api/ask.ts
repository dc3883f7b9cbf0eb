import { z } from 'zod'
import { parseJson } from '#trading/config/read-file.ts'
import { CouldNotError, InterruptedError, UsageError } from '../frame/errors.ts'
import type { Connection } from './connection.ts'

/** createBot may wait 10 s for a worker. */
const TIMEOUT_MS = 30_000

export type Operation = { text: string; kind: 'query' | 'mutation' }

/**
 * Sends one operation; answers its `data`, parsed. A query ends at Ctrl-C; a mutation is heard out, for what became of it must be told.
 * @throws CouldNotError SERVER_UNREACHABLE, SERVER_TIMEOUT, SERVER_FOREIGN, SERVER_ERROR, UNAUTHENTICATED, UsageError
 */
export async function ask<T>(
  connection: Connection,
  operation: Operation,
  variables: Record<string, unknown>,
  answer: z.ZodType<T>,
): Promise<T> {
  const { data } = await send(connection, operation, variables)
  const parsed = answer.safeParse(data)
  if (parsed.success) return parsed.data
  throw foreign(connection, 'its answer lacks what this program asks for', parsed.error)
}

/** The whole answer, and its headers. */
export async function send(
  connection: Connection,
  { text, kind }: Operation,
  variables: Record<string, unknown>,
): Promise<{ data: unknown; headers: Headers }> {
  const { url, credential, signal } = connection
  if (signal.aborted) throw new InterruptedError()
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  let response: Response
  let body: string
  try {
    response = await fetch(`${url}/graphql`, {
      method: 'POST',
      redirect: 'manual',
      signal: kind === 'query' ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-tradebot-csrf': '1',
        ...(credential === null
          ? {}
          : 'bearer' in credential
            ? { authorization: `Bearer ${credential.bearer}` }
            : credential),
      },
      body: JSON.stringify({ query: text, variables }),
    })
    body = await response.text()
  } catch (error) {
    throw unreachable(connection, kind, error)
  }
  const location = response.headers.get('location')
  if (location !== null)
    throw foreign({ url }, `it leads to ${location}: give that address with --url or TRADEBOT_URL`)
  const parsed = answerSchema.safeParse(parseJson(body))
  if (!parsed.success && response.status >= 500) throw inTrouble(url, response.status)
  if (!parsed.success) throw foreign({ url }, `HTTP ${response.status}`)
  const [error] = parsed.data.errors ?? []
  if (error !== undefined) throw refused(url, error)
  return { data: parsed.data.data, headers: response.headers }
}

const errorSchema = z.object({
  message: z.string(),
  extensions: z.object({ code: z.string().optional() }).optional(),
})
const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z.array(errorSchema).optional(),
})

/** An error of GraphQL's own, as one of ours. */
export function refused(url: string, { message, extensions }: z.infer<typeof errorSchema>): Error {
  const code = extensions?.code ?? 'SERVER_ERROR'
  if (code === 'UNAUTHENTICATED') return unauthenticated(url)
  if (code === 'BAD_USER_INPUT') return new UsageError(message)
  if (code === 'GRAPHQL_VALIDATION_FAILED')
    return new CouldNotError(
      'SERVER_VERSION',
      `The server at ${url} does not know what this program asks for: it is of another version, or no TradeBot.`,
      { cause: new Error(message), hint: 'Use the tradebotctl of the release that runs there.' },
    )
  const hint = code === 'INTERNAL_SERVER_ERROR' ? { hint: DOCTOR } : {}
  return new CouldNotError(code, `The server at ${url} answers: ${message}`, hint)
}

export function unauthenticated(url: string): CouldNotError {
  return new CouldNotError('UNAUTHENTICATED', `The server at ${url} does not accept the API token.`, {
    hint: 'It was deleted, or is of another account or server. Sign in again: tradebotctl login.',
  })
}

function unreachable(
  { url, signal, direct }: Connection,
  kind: Operation['kind'],
  error: unknown,
): CouldNotError | InterruptedError {
  if (signal.aborted) return new InterruptedError()
  if (error instanceof Error && error.name === 'TimeoutError') {
    const perhaps = kind === 'mutation' ? ' What was asked for may have been done all the same: look.' : ''
    return new CouldNotError(
      'SERVER_TIMEOUT',
      `The server at ${url} did not answer within ${TIMEOUT_MS / 1000} s.${perhaps}`,
      { cause: error },
    )
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  // A name with two addresses fails with an error that holds the two.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  const reason = first instanceof Error ? first.message : String(first)
  return new CouldNotError('SERVER_UNREACHABLE', `The server at ${url} does not answer: ${reason}.`, {
    cause: error,
    hint: `Start it (npm start, or tradebotctl run), or say where it is with --url.${direct ? ' Without it: --direct works in its database.' : ''}`,
  })
}

const DOCTOR = 'tradebotctl doctor says what is wrong: its database, mostly.'

/** It answers, and cannot work: without its database, say, or behind a proxy that does not reach it. */
function inTrouble(url: string, status: number): CouldNotError {
  return new CouldNotError('SERVER_ERROR', `The server at ${url} is up, but has trouble: HTTP ${status}.`, {
    hint: DOCTOR,
  })
}

function foreign({ url }: Pick<Connection, 'url'>, why: string, cause?: unknown): CouldNotError {
  return new CouldNotError('SERVER_FOREIGN', `What answers at ${url} is not TradeBot's API: ${why}.`, {
    cause,
  })
}
