import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Services } from '../context.ts'
import type { Yoga } from '../graphql/yoga.ts'
import { readHealth } from '../health.ts'
import { answerTradesExport, EXPORT_TRADES_PATH } from './export-trades.ts'
import { answerGraphQL } from './graphql-request.ts'
import { setSecurityHeaders } from './security-headers.ts'
import { answerStaticFile } from './static-files.ts'

/** Everything that the server answers over plain HTTP. */
export function makeRequestListener(services: Services, yoga: Yoga, distFolder: string): RequestListener {
  const { logger, env } = services
  return (request, response) => {
    setSecurityHeaders(response, env.publicUrl)
    route(request, response).catch((error: unknown) => {
      logger.error({ err: error, url: request.url }, 'a request could not be answered')
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
      response.end('Something went wrong here; the log says what.\n')
    })
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    if (path === '/graphql') return answerGraphQL(services, yoga, request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' })
      response.end('Only GET is answered here; the API is at /graphql.\n')
      return
    }
    if (path === '/healthz') {
      const health = await readHealth(services)
      response.writeHead(health.status === 'ok' ? 200 : 503, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      })
      response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(health)}\n`)
      return
    }
    if (path === EXPORT_TRADES_PATH) return answerTradesExport(services, request, response)
    await answerStaticFile(distFolder, path, request, response)
  }
}
