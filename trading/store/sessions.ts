import { hashToken, makeToken } from './credential-token.ts'
import type { Db } from './pool.ts'

/** A session lives this long after it was last used. */
export const SESSION_DAYS = 30

/** The token goes into the cookie; only its hash is kept. */
export async function createSession(db: Db, userId: string): Promise<{ id: string; token: string }> {
  const token = makeToken()
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO sessions (user_id, token_hash, created_at, last_seen_at, expires_at)
     VALUES ($1, $2, tradebot_now(), tradebot_now(), tradebot_now() + make_interval(days => $3)) RETURNING id`,
    [userId, hashToken(token), SESSION_DAYS],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('INSERT INTO sessions answered no row.')
  return { id, token }
}

/**
 * The session of a cookie, or null when it is unknown or has expired. Its life slides, written at most once an hour; `renewed` says that
 * the cookie is to be sent again, so that the browser keeps it as long.
 */
export async function findSession(
  db: Db,
  token: string,
): Promise<{ id: string; userId: string; renewed: boolean } | null> {
  const { rows } = await db.query<{ id: string; user_id: string; due: boolean }>(
    `SELECT id, user_id, last_seen_at < tradebot_now() - interval '1 hour' AS due
     FROM sessions WHERE token_hash = $1 AND expires_at > tradebot_now()`,
    [hashToken(token)],
  )
  const row = rows[0]
  if (row === undefined) return null
  if (row.due) {
    await db.query(
      `UPDATE sessions SET last_seen_at = tradebot_now(), expires_at = tradebot_now() + make_interval(days => $2) WHERE id = $1`,
      [row.id, SESSION_DAYS],
    )
  }
  return { id: row.id, userId: row.user_id, renewed: row.due }
}

/** True when there was such a session. */
export async function deleteSession(db: Db, token: string): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM sessions WHERE token_hash = $1', [hashToken(token)])
  return rowCount === 1
}

/** Rows of sessions that have ended are of no use; called at sign-in. */
export async function deleteExpiredSessions(db: Db, userId: string): Promise<void> {
  await db.query('DELETE FROM sessions WHERE user_id = $1 AND expires_at <= tradebot_now()', [userId])
}

/** Which of these credentials still hold, as `kind:id`. */
export async function livingCredentials(
  db: Db,
  credentials: { kind: 'session' | 'token'; id: string }[],
): Promise<Set<string>> {
  const idsOf = (kind: 'session' | 'token') =>
    credentials.filter((one) => one.kind === kind).map((one) => one.id)
  const { rows } = await db.query<{ name: string }>(
    `SELECT 'session:' || id AS name FROM sessions WHERE id = ANY($1::bigint[]) AND expires_at > tradebot_now()
     UNION ALL SELECT 'token:' || id FROM api_tokens WHERE id = ANY($2::bigint[])`,
    [idsOf('session'), idsOf('token')],
  )
  return new Set(rows.map((row) => row.name))
}
