import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { authenticate, bearerToken } from '../auth/authenticate.ts'
import type { Context, Services } from '../context.ts'
import type { Yoga } from '../graphql/yoga.ts'
import { clientAddress } from './client-address.ts'
import { originAllowed } from './origins.ts'
import { readBody } from './read-body.ts'
import { allowGraphiQL } from './security-headers.ts'
import { cookieName, readCookie, writeCookie } from './session-cookie.ts'
import { MOST_UPLOAD_BYTES } from './upload-limit.ts'

/** A larger body of somebody who is not signed in is refused unread. */
const MOST_BYTES = 256 * 1024

/**
 * One GraphQL request over HTTP. Refused before GraphQL sees it: bodies that are no JSON (a form needs no preflight, so any site could send
 * one), pages of foreign origins, and requests that use the session cookie without x-tradebot-csrf.
 */
export async function answerGraphQL(
  services: Services,
  yoga: Yoga,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { env, pool } = services
  const requestId = randomUUID()
  response.setHeader('x-request-id', requestId)
  response.setHeader('cache-control', 'no-store')
  const bearer = bearerToken(request.headers.authorization)
  // A header that is there and is no Bearer is a mistake that must not fall back to the cookie.
  const useCookie = request.headers.authorization === undefined
  const sessionToken = useCookie ? readCookie(request.headers.cookie, cookieName(env.publicUrl)) : null
  const csrfSafe = !useCookie || request.headers['x-tradebot-csrf'] !== undefined

  let authenticated: Awaited<ReturnType<typeof authenticate>> | null = null
  if (request.method === 'POST') {
    const { origin, host } = request.headers
    if (useCookie && origin !== undefined && !originAllowed(origin, host, env)) {
      return refuse(
        response,
        403,
        'FORBIDDEN_ORIGIN',
        `Pages of ${origin} may not use this API (TRADEBOT_ORIGINS).`,
      )
    }
    if (sessionToken !== null && !csrfSafe) {
      return refuse(
        response,
        403,
        'CSRF',
        'Send the header x-tradebot-csrf (any value) with the session cookie.',
      )
    }
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      return refuse(response, 415, 'BAD_REQUEST', 'Send JSON: content-type must be application/json.')
    }
    authenticated = await authenticate(pool, { bearer, sessionToken })
    const most = authenticated.auth === null ? MOST_BYTES : MOST_UPLOAD_BYTES
    const body = await readBody(request, most)
    if (body === null) {
      response.setHeader('connection', 'close')
      return refuse(response, 413, 'BAD_REQUEST', `The request is longer than ${most} bytes.`)
    }
    // Yoga takes a body that was read already from here.
    Object.assign(request, { body })
  }

  const { auth, renewed } = authenticated ?? (await authenticate(pool, { bearer, sessionToken }))
  const setCookie = (token: string | null) =>
    response.setHeader('set-cookie', writeCookie(env.publicUrl, token))
  if (renewed) setCookie(sessionToken)
  if (request.method === 'GET' && (request.headers.accept ?? '').includes('text/html'))
    allowGraphiQL(response)
  const context: Context = {
    services,
    transport: 'http',
    auth,
    sessionToken,
    cookie: { set: setCookie, clear: () => setCookie(null) },
    csrfSafe,
    ip: clientAddress(request, env.trustProxy),
    requestId,
  }
  await send(await yoga.handleNodeRequestAndResponse(request, response, context), response)
}

/** Refusals look like GraphQL's own errors, so that clients show them. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }))
}

async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) response.setHeader(name, value)
  if (answer.body === null) {
    response.end()
    return
  }
  const reader = answer.body.getReader()
  // A client that goes away ends the stream, and with it a subscription over HTTP.
  response.once('close', () => void reader.cancel())
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    if (!response.write(value))
      await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
  }
  response.end()
}
