import type { Env } from '#trading/config/env.ts'
import type { Logger } from '#trading/config/logger.ts'
import { SecretError } from '#trading/config/secrets.ts'
import { VenueError, type Credentials, type TradingAccount } from '#trading/domain/exchange.ts'
import { decryptApiKey } from '#trading/store/api-keys.ts'
import type { Db, Pool } from '#trading/store/pool.ts'
import type { Venues } from './venues.ts'

/** Signed access, one account an API key; only here are secrets decrypted. */
export type KeyedAccounts = {
  /** @throws VenueError KEY_REFUSED when the key is deleted or does not decrypt, REFUSED where LIVE is not supported */
  forKey(apiKeyId: string): Promise<TradingAccount>
  close(): Promise<void>
}

type Entry = { version: string; account: TradingAccount }

/** Accounts by key, kept for as long as the key's row stays the same. */
export function makeAccounts(parts: { pool: Pool; venues: Venues; env: Env; logger: Logger }): KeyedAccounts {
  const { pool, venues, env, logger } = parts
  const entries = new Map<string, Entry>()

  async function forKey(apiKeyId: string): Promise<TradingAccount> {
    const key = await readKey(pool, env.masterKey, apiKeyId)
    const known = entries.get(apiKeyId)
    if (known !== undefined && known.version === key.version) return known.account
    const account = venues.account(key.exchange, key.credentials, apiKeyId)
    entries.set(apiKeyId, { version: key.version, account })
    if (known !== undefined) {
      logger.info({ apiKeyId }, 'the API key has new credentials')
      await known.account.close()
    }
    return account
  }

  return {
    forKey,
    async close() {
      const all = [...entries.values()]
      entries.clear()
      await Promise.all(all.map((entry) => entry.account.close()))
    },
  }
}

export type OpenKey = { exchange: string; version: string; credentials: Credentials }

/** A key's row, decrypted. @throws VenueError KEY_REFUSED, with the sentence that people read */
export async function readKey(db: Db, masterKey: Buffer, apiKeyId: string): Promise<OpenKey> {
  const { rows } = await db.query<KeyRow>(
    `SELECT id, user_id, exchange, encrypted_key, encrypted_secret, encrypted_passphrase, updated_at::text AS version
     FROM api_keys WHERE id = $1 AND deleted_at IS NULL`,
    [apiKeyId],
  )
  const row = rows[0]
  if (row === undefined)
    throw new VenueError('KEY_REFUSED', 'The API key was deleted. Give the bot another one.')
  try {
    const credentials = decryptApiKey(masterKey, {
      id: row.id,
      userId: row.user_id,
      encryptedKey: row.encrypted_key,
      encryptedSecret: row.encrypted_secret,
      encryptedPassphrase: row.encrypted_passphrase,
    })
    return { exchange: row.exchange, version: row.version, credentials }
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    throw new VenueError('KEY_REFUSED', `${error.message} Enter the API key again.`, { cause: error })
  }
}

type KeyRow = {
  id: string
  user_id: string
  exchange: string
  encrypted_key: string
  encrypted_secret: string
  encrypted_passphrase: string | null
  version: string
}
