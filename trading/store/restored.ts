import type { Db, Tx } from './pool.ts'

const RESTORED_AT = 'restored_at'

/** The books are those of a backup from now on: until an account has been compared with its exchange, nothing is sent on their word. */
export async function noteRestored(tx: Tx): Promise<void> {
  await tx.query(
    `INSERT INTO settings (key, value) VALUES ($1, tradebot_now()::text) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`,
    [RESTORED_AT],
  )
}

/**
 * Whether the books were restored from a backup and no comparison of this account with its exchange since has proved them. A position in such books may
 * have been sold long ago, and a second exit would sell what is not the bot's.
 */
export async function awaitsComparison(db: Db, apiKeyId: string): Promise<boolean> {
  const { rows } = await db.query<{ waits: boolean }>(
    `SELECT EXISTS (SELECT FROM settings r, api_keys k WHERE r.key = $2 AND k.id = $1
       AND (k.reconciled_at IS NULL OR k.reconciled_at < r.value::timestamptz)) AS waits`,
    [apiKeyId, RESTORED_AT],
  )
  return rows[0]?.waits === true
}

/** What an order or a transfer says that waits for it. */
export const WAITS_FOR_COMPARISON =
  'The books were restored from a backup: it waits until they have been compared with the account.'
