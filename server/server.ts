import { createServer } from 'node:http'
import path from 'node:path'
import { makePrisma } from '#prisma/client.ts'
import type { Env } from '#trading/config/env.ts'
import type { Logger } from '#trading/config/logger.ts'
import { makePool } from '#trading/store/pool.ts'
import { makeCredentialWatch } from './auth/credential-watch.ts'
import { makeRateLimiter } from './auth/rate-limit.ts'
import type { Services } from './context.ts'
import { serveWebSockets } from './graphql/websocket.ts'
import { makeYoga } from './graphql/yoga.ts'
import { makeRequestListener } from './http/request-listener.ts'
import { makeLiveFeeds } from './live/feeds.ts'

export type RunningServer = {
  /** The port that it listens on, which the system chose where 0 was asked for. */
  port: number
  /** Closes sockets (1012), ends what is under way or cuts it off after `graceMs`, then frees the database: some 1.2 s at most. */
  close(graceMs?: number): Promise<void>
}

const FIVE_MINUTES = 5 * 60_000

/** Listens on env.host and env.port. @throws the listen error of node:http, such as EADDRINUSE */
export async function startServer(
  env: Env,
  logger: Logger,
  distFolder = path.join(import.meta.dirname, '..', 'app', 'dist'),
): Promise<RunningServer> {
  const pool = makePool(env.databaseUrl, { max: 10, applicationName: 'tradebot-server', logger })
  const prisma = makePrisma(env.databaseUrl)
  const feeds = makeLiveFeeds({ databaseUrl: env.databaseUrl, pool, prisma, logger })
  const credentials = makeCredentialWatch(pool, logger)
  const limits = {
    signIn: makeRateLimiter({ most: 10, windowMs: FIVE_MINUTES }),
    signUp: makeRateLimiter({ most: 10, windowMs: FIVE_MINUTES }),
  }
  const services: Services = { env, logger, pool, prisma, feeds, credentials, limits }
  const yoga = makeYoga(services)
  const server = createServer(
    { requestTimeout: 60_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 },
    makeRequestListener(services, yoga, distFolder),
  )
  const closeSockets = serveWebSockets(server, services, yoga)
  const release = async () => {
    credentials.close()
    await feeds.close()
    await prisma.$disconnect()
    await pool.end()
  }

  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(env.port, env.host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    await release()
    throw error
  }
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : env.port,
    async close(graceMs = 500) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await closeSockets()
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(cut)
      await release()
    },
  }
}
