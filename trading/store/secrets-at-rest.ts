import type { Db } from './pool.ts'

/** A row copied to another user, or under another id, decrypts to nothing. */
export function apiKeyData(userId: string, keyId: string): string {
  return `user:${userId}:api_key:${keyId}`
}

/** As `apiKeyData`. */
export function alertChannelData(userId: string, channelId: string): string {
  return `user:${userId}:alert_channel:${channelId}`
}

/**
 * Every column that is encrypted with the master key. One that is missing here is lost when the key is changed: a test looks for columns
 * whose names say that they are encrypted.
 */
export const SECRET_TABLES = [
  {
    table: 'api_keys',
    what: 'API key',
    name: 'label',
    columns: ['encrypted_key', 'encrypted_secret', 'encrypted_passphrase'],
    dataOf: apiKeyData,
  },
  {
    table: 'alert_channels',
    what: 'alert channel',
    name: 'name',
    columns: ['encrypted_target'],
    dataOf: alertChannelData,
  },
] as const

export type SecretTable = (typeof SECRET_TABLES)[number]

/** A row with secrets. Null and empty ones (of what was deleted) are none. */
export type SecretRow = { id: string; userId: string; name: string; secrets: (string | null)[] }

/** The next rows by id, locked until the transaction ends where `lock`. */
export async function readSecretRows(
  db: Db,
  { table, name, columns }: SecretTable,
  page: { afterId: string; limit: number; lock: boolean },
): Promise<SecretRow[]> {
  const { rows } = await db.query<SecretRow>(
    `SELECT id::text, user_id::text AS "userId", ${name} AS name, ARRAY[${columns.join(', ')}]::text[] AS secrets
     FROM ${table} WHERE id > $1 ORDER BY ${table}.id LIMIT $2 ${page.lock ? 'FOR UPDATE' : ''}`,
    [page.afterId, page.limit],
  )
  return rows
}

/** Writes the same secrets, encrypted anew; for everybody else the row stays as it was. */
export async function writeSecrets(
  db: Db,
  { table, columns }: SecretTable,
  id: string,
  secrets: readonly (string | null)[],
): Promise<void> {
  const sets = columns.map((column, index) => `${column} = $${index + 2}`)
  await db.query(`UPDATE ${table} SET ${sets.join(', ')} WHERE id = $1`, [id, ...secrets])
}
