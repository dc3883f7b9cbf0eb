import { decryptSecret, encryptSecret } from '../config/secrets.ts'
import { NotFoundError, ValidationError, type ValidationIssue } from '../domain/errors.ts'
import type { Credentials } from '../domain/exchange.ts'
import { holdMasterKey } from './master-key.ts'
import type { Db, Tx } from './pool.ts'
import { apiKeyData } from './secrets-at-rest.ts'

export type NewApiKey = { exchange: string; label: string; acceptWithdraw: boolean; credentials: Credentials }

/** What a worker found out about a key; `checkedAt` null: nobody has asked yet. */
export type KeyCheck = {
  checkedAt: Date | null
  checkError: string | null
  canTrade: boolean | null
  canTransfer: boolean | null
  canWithdraw: boolean | null
}

export type EncryptedKey = {
  id: string
  userId: string
  encryptedKey: string
  encryptedSecret: string
  encryptedPassphrase: string | null
}

/** Rules of label and credentials; paths as in the input objects of the API. */
export function checkApiKey(key: { label?: string; credentials: Credentials }): ValidationIssue[] {
  const issues: ValidationIssue[] = []
  const label = key.label?.trim()
  if (label !== undefined && !/^\P{Cc}{1,100}$/u.test(label)) {
    issues.push({ path: ['label'], message: 'label must have 1 to 100 printable characters.' })
  }
  const secrets = { apiKey: key.credentials.apiKey, secretKey: key.credentials.secretKey }
  for (const [field, value] of Object.entries(secrets)) {
    if (!/^[^\s\p{Cc}]+$/u.test(value.trim()) || value.length > 5000) {
      issues.push({
        path: [field],
        message: `${field} must be the text that the exchange shows, without spaces.`,
      })
    }
  }
  return issues
}

/** Encrypts and writes a key that nobody has checked yet; answers its id. */
export async function insertApiKey(
  tx: Tx,
  masterKey: Buffer,
  userId: string,
  key: NewApiKey,
): Promise<string> {
  await holdMasterKey(tx, masterKey)
  const label = key.label.trim()
  const { rows } = await tx.query<{ id: string }>(
    `SELECT nextval(pg_get_serial_sequence('api_keys', 'id'))::text AS id`,
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('The sequence of api_keys answered nothing.')
  const secret = encrypt(masterKey, userId, id, key.credentials)
  await tx.query(
    `INSERT INTO api_keys (id, user_id, exchange, label, key_hint, encrypted_key, encrypted_secret, encrypted_passphrase, accept_withdraw, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, tradebot_now(), tradebot_now())`,
    [
      id,
      userId,
      key.exchange,
      label,
      secret.hint,
      secret.key,
      secret.secret,
      secret.passphrase,
      key.acceptWithdraw,
    ],
  )
  return id
}

/** Overwrites the credentials of a key and what was known of them. @throws NotFoundError */
export async function overwriteApiKey(
  tx: Tx,
  masterKey: Buffer,
  userId: string,
  id: string,
  credentials: Credentials,
  check: KeyCheck,
): Promise<void> {
  await holdMasterKey(tx, masterKey)
  const secret = encrypt(masterKey, userId, id, credentials)
  const { rowCount } = await tx.query(
    `UPDATE api_keys SET key_hint = $3, encrypted_key = $4, encrypted_secret = $5, encrypted_passphrase = $6, can_trade = $7,
            can_transfer = $8, can_withdraw = $9, checked_at = $10, check_error = $11, updated_at = tradebot_now()
     WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL`,
    [
      id,
      userId,
      secret.hint,
      secret.key,
      secret.secret,
      secret.passphrase,
      check.canTrade,
      check.canTransfer,
      check.canWithdraw,
      check.checkedAt,
      check.checkError,
    ],
  )
  if (rowCount !== 1) throw new NotFoundError('API key')
}

export async function readKeyCheck(db: Db, id: string): Promise<KeyCheck | null> {
  const { rows } = await db.query<{
    checked_at: Date | null
    check_error: string | null
    can_trade: boolean | null
    can_transfer: boolean | null
    can_withdraw: boolean | null
  }>('SELECT checked_at, check_error, can_trade, can_transfer, can_withdraw FROM api_keys WHERE id = $1', [
    id,
  ])
  const row = rows[0]
  if (row === undefined) return null
  return {
    checkedAt: row.checked_at,
    checkError: row.check_error,
    canTrade: row.can_trade,
    canTransfer: row.can_transfer,
    canWithdraw: row.can_withdraw,
  }
}

/**
 * Takes back a key that was refused after it had been written. A bot that was made with it meanwhile keeps a reference, so the row stays then,
 * without its secrets.
 */
export async function discardApiKey(tx: Tx, id: string): Promise<void> {
  const { rowCount } = await tx.query(
    `DELETE FROM api_keys k WHERE id = $1
       AND NOT EXISTS (SELECT 1 FROM bot_configs WHERE api_key_id = k.id) AND NOT EXISTS (SELECT 1 FROM orders WHERE api_key_id = k.id)`,
    [id],
  )
  if (rowCount !== 1) await tx.query(EMPTY_KEY, [id])
}

/** Soft: its orders keep their key's id, and its secrets are emptied. @throws NotFoundError, ValidationError while it is in use */
export async function deleteApiKey(tx: Tx, userId: string, id: string): Promise<void> {
  // The lock holds off a bot that is being saved with this key: `lockOwnedKey` waits for us, and then finds it deleted.
  const { rows } = await tx.query<{ id: string }>(
    'SELECT id FROM api_keys WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR UPDATE',
    [id, userId],
  )
  if (rows.length === 0) throw new NotFoundError('API key')
  const bots = await tx.query<{ name: string }>(
    'SELECT name FROM bot_configs WHERE api_key_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT 5',
    [id],
  )
  if (bots.rows.length > 0) {
    const names = bots.rows.map((row) => row.name).join(', ')
    throw new ValidationError([
      {
        path: ['id'],
        message: `The key is used by ${names}: delete these bots, or give them another key, first.`,
      },
    ])
  }
  const unsettled = await tx.query(
    `SELECT 1 FROM orders WHERE api_key_id = $1 AND status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED') LIMIT 1`,
    [id],
  )
  if (unsettled.rows.length > 0) {
    throw new ValidationError([{ path: ['id'], message: 'An order made with this key is not settled yet.' }])
  }
  const moving = await tx.query(
    `SELECT 1 FROM transfers WHERE api_key_id = $1 AND status IN ('INTENDED', 'SUBMITTING', 'UNKNOWN') LIMIT 1`,
    [id],
  )
  if (moving.rows.length > 0) {
    throw new ValidationError([
      { path: ['id'], message: 'A transfer made with this key is not settled yet.' },
    ])
  }
  await tx.query(EMPTY_KEY, [id])
}

/** What is known of the viewer's key without its secrets; null when there is no such key. */
export async function findApiKey(
  db: Db,
  userId: string,
  id: string,
): Promise<{ exchange: string; label: string; acceptWithdraw: boolean } | null> {
  const { rows } = await db.query<{ exchange: string; label: string; acceptWithdraw: boolean }>(
    `SELECT exchange, label, accept_withdraw AS "acceptWithdraw" FROM api_keys WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL`,
    [id, userId],
  )
  return rows[0] ?? null
}

/** The viewer's key, which cannot be deleted before this transaction ends; null when there is no such key. `canTransfer` null: nobody has asked yet. */
export async function lockOwnedKey(
  tx: Tx,
  userId: string,
  id: string,
): Promise<{ exchange: string; label: string; canTransfer: boolean | null } | null> {
  const { rows } = await tx.query<{ exchange: string; label: string; canTransfer: boolean | null }>(
    `SELECT exchange, label, can_transfer AS "canTransfer" FROM api_keys WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR KEY SHARE`,
    [id, userId],
  )
  return rows[0] ?? null
}

/** The key's secrets; for a worker only. @throws SecretError when the row is not what was encrypted with this master key */
export function decryptApiKey(masterKey: Buffer, row: EncryptedKey): Credentials {
  const aad = apiKeyData(row.userId, row.id)
  return {
    apiKey: decryptSecret(masterKey, row.encryptedKey, aad),
    secretKey: decryptSecret(masterKey, row.encryptedSecret, aad),
    passphrase:
      row.encryptedPassphrase === null ? null : decryptSecret(masterKey, row.encryptedPassphrase, aad),
  }
}

const EMPTY_KEY = `UPDATE api_keys SET deleted_at = tradebot_now(), updated_at = tradebot_now(), encrypted_key = '', encrypted_secret = '', encrypted_passphrase = NULL WHERE id = $1`

function encrypt(masterKey: Buffer, userId: string, id: string, credentials: Credentials) {
  const aad = apiKeyData(userId, id)
  const apiKey = credentials.apiKey.trim()
  return {
    hint: apiKey.slice(-4),
    key: encryptSecret(masterKey, apiKey, aad),
    secret: encryptSecret(masterKey, credentials.secretKey.trim(), aad),
    passphrase:
      credentials.passphrase === null ? null : encryptSecret(masterKey, credentials.passphrase, aad),
  }
}
