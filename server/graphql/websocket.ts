import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { CloseCode, type ServerOptions } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { type ExecutionArgs, GraphQLError } from 'graphql'
import { WebSocketServer } from 'ws'
import { livingCredentials } from '#trading/store/sessions.ts'
import { authenticate, bearerToken } from '../auth/authenticate.ts'
import type { Auth, Context, Services } from '../context.ts'
import { clientAddress } from '../http/client-address.ts'
import { originAllowed } from '../http/origins.ts'
import { cookieName, readCookie } from '../http/session-cookie.ts'
import type { Yoga } from './yoga.ts'

const MOST_BYTES = 256 * 1024
const MOST_SUBSCRIPTIONS = 100
const MOST_SOCKETS = 5_000

type SocketExtra = { auth: Auth | null; unwatch: () => void }
type Params = Record<string, unknown>

/** GraphQL over WebSocket on /graphql (graphql-transport-ws). The returned function closes all sockets, telling them to come back. */
export function serveWebSockets(server: Server, services: Services, yoga: Yoga): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES })
  useServer<Params, SocketExtra>(socketOptions(services, yoga), sockets)
  // graphql-ws hears a socket's first error only, and prints it; a second one, unheard, would end the process.
  sockets.on('connection', (socket) =>
    socket
      .removeAllListeners('error')
      .on('error', (error) => services.logger.debug({ err: error }, 'a socket broke')),
  )

  const onUpgrade = (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    duplex.on('error', () => duplex.destroy())
    const path = (request.url ?? '').split('?', 1)[0]
    if (path !== '/graphql') return refuse(duplex, '404 Not Found')
    if (sockets.clients.size >= MOST_SOCKETS) return refuse(duplex, '503 Service Unavailable')
    sockets.handleUpgrade(request, duplex, head, (socket) => sockets.emit('connection', socket, request))
  }
  server.on('upgrade', onUpgrade)

  return async () => {
    server.off('upgrade', onUpgrade)
    const closed = [...sockets.clients].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    )
    // 1012, service restart: clients reconnect to whoever serves next.
    for (const socket of sockets.clients) socket.close(1012, 'The server is restarting')
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 400).unref())
    await Promise.race([Promise.all(closed), patience])
    for (const socket of sockets.clients) socket.terminate()
  }
}

function socketOptions(services: Services, yoga: Yoga): ServerOptions<Params, Extra & Partial<SocketExtra>> {
  const { pool, credentials } = services
  const engines = new WeakMap<ExecutionArgs, ReturnType<Yoga['getEnveloped']>>()
  return {
    async onConnect({ extra, connectionParams }) {
      const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization']
      const credential = credentialOf(extra.request, given, services)
      const { auth } = await authenticate(pool, credential)
      // A token that is none is refused here; no credential at all may still ask for `viewer`.
      if (auth === null && credential.bearer !== null) return false
      extra.auth = auth
      if (auth !== null && extra.socket.readyState === extra.socket.OPEN) {
        extra.unwatch = credentials.watch(auth.credential, () =>
          extra.socket.close(CloseCode.Forbidden, 'The credential has ended'),
        )
      }
      return true
    },
    onClose: ({ extra }) => extra.unwatch?.(),
    async onSubscribe({ extra, subscriptions }, _id, payload) {
      if (Object.keys(subscriptions).length > MOST_SUBSCRIPTIONS) {
        return [new GraphQLError(`A socket has at most ${MOST_SUBSCRIPTIONS} operations at a time.`)]
      }
      const auth = extra.auth ?? null
      if (auth !== null && (await livingCredentials(pool, [auth.credential])).size === 0) {
        extra.socket.close(CloseCode.Forbidden, 'The credential has ended')
        return [new GraphQLError('The credential has ended.', { extensions: { code: 'UNAUTHENTICATED' } })]
      }
      const context: Context = {
        services,
        transport: 'websocket',
        auth,
        sessionToken: null,
        cookie: null,
        csrfSafe: true,
        ip: clientAddress(extra.request, services.env.trustProxy),
        requestId: randomUUID(),
      }
      const engine = yoga.getEnveloped(context)
      try {
        const document: ExecutionArgs['document'] = engine.parse(payload.query)
        const errors: readonly GraphQLError[] = engine.validate(engine.schema, document)
        if (errors.length > 0) return [...errors]
        const args: ExecutionArgs = {
          schema: engine.schema,
          document,
          operationName: payload.operationName ?? null,
          variableValues: payload.variables ?? null,
          contextValue: await engine.contextFactory(),
        }
        engines.set(args, engine)
        return args
      } catch (error) {
        // Left to graphql-ws, a syntax error would close the socket, and its client takes that for the end.
        if (error instanceof GraphQLError) return [error]
        throw error
      }
    },
    execute: (args) => engines.get(args)?.execute(args),
    subscribe: (args) => engines.get(args)?.subscribe(args),
  }
}

/** Bearer in connectionParams or in the upgrade's own headers; else the cookie, which counts only on a page of an allowed origin. */
function credentialOf(request: IncomingMessage, authorization: unknown, { env }: Services) {
  const given = authorization ?? request.headers.authorization
  if (given !== undefined && given !== null) return { bearer: bearerToken(given) ?? '', sessionToken: null }
  const { origin, host, cookie } = request.headers
  const trusted = origin === undefined || originAllowed(origin, host, env)
  return { bearer: null, sessionToken: trusted ? readCookie(cookie, cookieName(env.publicUrl)) : null }
}

function refuse(duplex: Duplex, status: string): void {
  duplex.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}
