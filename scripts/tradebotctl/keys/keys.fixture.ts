import { decryptSecret, encryptSecret, SecretError } from '#trading/config/secrets.ts'
import { addAlertChannel } from '#trading/store/alert-channels.ts'
import { inTransaction, type Pool } from '#trading/store/pool.ts'
import { apiKeyData, readSecretRows, SECRET_TABLES } from '#trading/store/secrets-at-rest.ts'

/** Every secret in clear, by table, id and column. */
export type Secrets = Map<string, string>

/** Keys of several users, some with a passphrase, every tenth deleted; and alert channels. Answers the secrets. */
export async function addSecrets(pool: Pool, masterKey: Buffer, keys: number): Promise<Secrets> {
  await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `INSERT INTO users (email, username, username_key, password_hash)
       SELECT 'u' || n || '@example.com', 'user' || n, 'user' || n, '-' FROM generate_series(1, 5) AS n RETURNING id::text`,
    )
    const users = rows.map(({ id }) => id)
    const sealedRows = Array.from({ length: keys }, (_, n) =>
      sealed(masterKey, String(n + 1), users[n % users.length] ?? '', n),
    )
    await tx.query(
      `INSERT INTO api_keys (id, user_id, exchange, label, key_hint, encrypted_key, encrypted_secret, encrypted_passphrase, deleted_at)
       SELECT k.id, k.user_id, 'sandbox', k.label, 'hint', k.key, k.secret, k.passphrase, CASE WHEN k.key = '' THEN now() END
       FROM jsonb_to_recordset($1::jsonb) AS k(id bigint, user_id bigint, label text, key text, secret text, passphrase text)`,
      [JSON.stringify(sealedRows)],
    )
    await tx.query(`SELECT setval(pg_get_serial_sequence('api_keys', 'id'), $1)`, [keys])
    for (const userId of users)
      await addAlertChannel(tx, masterKey, userId, {
        name: 'chat',
        kinds: [],
        target: { kind: 'TELEGRAM', botToken: `1234567:${'a'.repeat(30)}${userId}`, chatId: '42' },
      })
  })
  return (await openSecrets(pool, [masterKey])).secrets
}

/** A row as `insertApiKey` writes it, or as `deleteApiKey` leaves it. */
function sealed(masterKey: Buffer, id: string, userId: string, n: number) {
  const row = { id, user_id: userId, label: `key ${n}` }
  if (n % 10 === 9) return { ...row, key: '', secret: '', passphrase: null }
  const seal = (text: string) => encryptSecret(masterKey, text, apiKeyData(userId, id))
  return {
    ...row,
    key: seal(`api-key-${n}`),
    secret: seal(`secret-of-${n}-ключ`),
    passphrase: n % 3 === 0 ? seal(`pass ${n}`) : null,
  }
}

/** What the database holds, read with whichever of these keys reads it. */
export async function openSecrets(
  pool: Pool,
  masterKeys: readonly Buffer[],
): Promise<{ secrets: Secrets; unreadable: string[] }> {
  const secrets: Secrets = new Map()
  const unreadable: string[] = []
  for (const table of SECRET_TABLES) {
    const rows = await readSecretRows(pool, table, { afterId: '0', limit: 100_000, lock: false })
    for (const row of rows)
      for (const [index, secret] of row.secrets.entries()) {
        if (!secret) continue
        const name = `${table.table} ${row.id} ${table.columns[index]}`
        const plain = openWith(masterKeys, secret, table.dataOf(row.userId, row.id))
        if (plain === null) unreadable.push(name)
        else secrets.set(name, plain)
      }
  }
  return { secrets, unreadable }
}

function openWith(masterKeys: readonly Buffer[], secret: string, data: string): string | null {
  for (const key of masterKeys)
    try {
      return decryptSecret(key, secret, data)
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
    }
  return null
}
