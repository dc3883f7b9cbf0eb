import { findApiToken } from '#trading/store/api-tokens.ts'
import type { Db } from '#trading/store/pool.ts'
import { findSession } from '#trading/store/sessions.ts'
import type { Auth } from '../context.ts'

/**
 * Who a request comes from. A Bearer token, where given, is the only credential that counts; then the session cookie. What is unknown or has
 * ended is nobody.
 */
export async function authenticate(
  db: Db,
  given: { bearer: string | null; sessionToken: string | null },
): Promise<{ auth: Auth | null; renewed: boolean }> {
  if (given.bearer !== null) {
    const token = await findApiToken(db, given.bearer)
    if (token === null) return { auth: null, renewed: false }
    const actor = { userId: token.userId, label: `token:${token.name}` }
    return {
      auth: { userId: token.userId, actor, credential: { kind: 'token', id: token.id } },
      renewed: false,
    }
  }
  if (given.sessionToken === null) return { auth: null, renewed: false }
  const session = await findSession(db, given.sessionToken)
  if (session === null) return { auth: null, renewed: false }
  const actor = { userId: session.userId, label: 'user' }
  const auth: Auth = { userId: session.userId, actor, credential: { kind: 'session', id: session.id } }
  return { auth, renewed: session.renewed }
}

/** The token of "Bearer TOKEN"; null when it is anything else. */
export function bearerToken(authorization: unknown): string | null {
  const match = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization.trim()) : null
  return match?.[1] ?? null
}
