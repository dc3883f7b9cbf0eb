import type { Prisma } from '#prisma/client.ts'
import type { Env } from '#trading/config/env.ts'
import type { Logger } from '#trading/config/logger.ts'
import type { Actor } from '#trading/domain/actor.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { CredentialWatch } from './auth/credential-watch.ts'
import type { RateLimiter } from './auth/rate-limit.ts'
import type { LiveFeeds } from './live/feeds.ts'

/** What the process has one of; every resolver reaches it through its context. */
export type Services = {
  env: Env
  logger: Logger
  pool: Pool
  prisma: Prisma
  feeds: LiveFeeds
  credentials: CredentialWatch
  limits: { signIn: RateLimiter; signUp: RateLimiter }
}

/** Who is asking, and by which credential: the subscription ends when the credential does. */
export type Auth = {
  userId: string
  actor: Actor
  credential: { kind: 'session' | 'token'; id: string }
}

/** How the answer's session cookie is written. */
export type SessionCookie = { set(token: string): void; clear(): void }

export type Context = {
  services: Services
  transport: 'http' | 'websocket'
  auth: Auth | null
  /** The session's own token, when it came by cookie. */
  sessionToken: string | null
  /** Null where the answer can carry none (WebSocket). */
  cookie: SessionCookie | null
  /** Whether the request carries x-tradebot-csrf or a Bearer token, either of which no other site's page can send. */
  csrfSafe: boolean
  ip: string
  requestId: string
}
