import { masterKeyFingerprint } from '../config/secrets.ts'
import type { Db } from './pool.ts'

/**
 * Whether this master key is the database's own. The first process to ask writes its key's fingerprint; one with another key could neither
 * read what is encrypted nor write what the others can read, and must end.
 */
export async function claimMasterKey(db: Db, masterKey: Buffer): Promise<boolean> {
  const fingerprint = masterKeyFingerprint(masterKey)
  await db.query(
    `INSERT INTO settings (key, value) VALUES ('master_key_fingerprint', $1) ON CONFLICT (key) DO NOTHING`,
    [fingerprint],
  )
  const { rows } = await db.query<{ value: string }>(
    `SELECT value FROM settings WHERE key = 'master_key_fingerprint'`,
  )
  return rows[0]?.value === fingerprint
}

/** What a process says before it exits 1 because `claimMasterKey` was false. */
export const wrongMasterKey =
  'TRADEBOT_MASTER_KEY is not the key of this database: its exchange secrets were encrypted with another one. Give the right key back.'
