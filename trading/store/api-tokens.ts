import { NotFoundError, ValidationError } from '../domain/errors.ts'
import { hashToken, makeToken } from './credential-token.ts'
import type { Db } from './pool.ts'

/** The token is answered once and never again: only its hash is kept. @throws ValidationError */
export async function createApiToken(
  db: Db,
  userId: string,
  name: string,
): Promise<{ id: string; token: string }> {
  const trimmed = name.trim()
  if (!/^\P{Cc}{1,100}$/u.test(trimmed)) {
    throw new ValidationError([{ path: ['name'], message: 'name must have 1 to 100 printable characters.' }])
  }
  const token = makeToken('tb_')
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO api_tokens (user_id, name, token_hash, created_at) VALUES ($1, $2, $3, tradebot_now()) RETURNING id`,
    [userId, trimmed, hashToken(token)],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('INSERT INTO api_tokens answered no row.')
  return { id, token }
}

/** @throws NotFoundError */
export async function deleteApiToken(db: Db, userId: string, id: string): Promise<void> {
  const { rowCount } = await db.query('DELETE FROM api_tokens WHERE id = $1 AND user_id = $2', [id, userId])
  if (rowCount !== 1) throw new NotFoundError('API token')
}

/** Whose token it is, or null. Its last use is written at most once a minute. */
export async function findApiToken(
  db: Db,
  token: string,
): Promise<{ id: string; userId: string; name: string } | null> {
  const { rows } = await db.query<{ id: string; user_id: string; name: string; due: boolean }>(
    `SELECT id, user_id, name, last_used_at IS NULL OR last_used_at < tradebot_now() - interval '1 minute' AS due
     FROM api_tokens WHERE token_hash = $1`,
    [hashToken(token)],
  )
  const row = rows[0]
  if (row === undefined) return null
  if (row.due) await db.query('UPDATE api_tokens SET last_used_at = tradebot_now() WHERE id = $1', [row.id])
  return { id: row.id, userId: row.user_id, name: row.name }
}
