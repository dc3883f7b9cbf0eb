import { decryptSecret, SecretError } from '#trading/config/secrets.ts'
import { addAlertChannel } from '#trading/store/alert-channels.ts'
import { deleteApiKey, insertApiKey } from '#trading/store/api-keys.ts'
import { inTransaction, type Pool } from '#trading/store/pool.ts'
import { readSecretRows, SECRET_TABLES } from '#trading/store/secrets-at-rest.ts'

/** Every secret in clear, by table, id and column. */
export type Secrets = Map<string, string>

/** Keys of several users as people enter them, some with a passphrase, every tenth user key deleted; and alert channels. Answers the secrets. */
export async function addSecrets(pool: Pool, masterKey: Buffer, keys: number): Promise<Secrets> {
  await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `INSERT INTO users (email, username, username_key, password_hash)
       SELECT 'u' || n || '@example.com', 'user' || n, 'user' || n, '-' FROM generate_series(1, 5) AS n RETURNING id::text`,
    )
    const users = rows.map(({ id }) => id)
    for (let n = 0; n < keys; n++) {
      const userId = users[n % users.length] ?? ''
      const credentials = {
        apiKey: `api-key-${n}`,
        secretKey: `secret-of-${n}-ключ`,
        passphrase: n % 3 === 0 ? `pass ${n}` : null,
      }
      const id = await insertApiKey(tx, masterKey, userId, {
        exchange: 'sandbox',
        label: `key ${n}`,
        acceptWithdraw: false,
        credentials,
      })
      if (n % 10 === 9) await deleteApiKey(tx, userId, id)
    }
    for (const userId of users)
      await addAlertChannel(tx, masterKey, userId, {
        name: 'chat',
        kinds: [],
        target: { kind: 'TELEGRAM', botToken: `1234567:${'a'.repeat(30)}${userId}`, chatId: '42' },
      })
  })
  return (await openSecrets(pool, [masterKey])).secrets
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
