import { SecretError } from '#trading/config/secrets.ts'
import type { Bot } from '#trading/domain/bot.ts'
import type { StartFacts } from '#trading/domain/tick/types.ts'
import { isLiveAt } from '#trading/domain/venues.ts'
import { decryptApiKey } from '#trading/store/api-keys.ts'
import type { Tx } from '#trading/store/pool.ts'

/** What the first tick of a PENDING bot asks: is its key there and readable, is its market known? From tables alone. */
export async function readStartFacts(tx: Tx, bot: Bot, masterKey: Buffer): Promise<StartFacts> {
  const { rows } = await tx.query<{ refreshed: boolean; listed: boolean; error: string | null }>(
    `SELECT v.refreshed_at IS NOT NULL AS refreshed, v.error,
            EXISTS (SELECT FROM markets m WHERE m.exchange = v.exchange AND m.symbol = $2) AS listed
     FROM venues v WHERE v.exchange = $1`,
    [bot.exchange, bot.symbol],
  )
  const venue = rows[0]
  return {
    ...(await readKeyFacts(tx, bot, masterKey)),
    ...(await readReconciliation(tx, bot)),
    venueLive: isLiveAt(bot.exchange, bot.positionType),
    marketListed: venue === undefined || !venue.refreshed ? null : venue.listed,
    venueError: venue?.error ?? null,
  }
}

async function readReconciliation(
  tx: Tx,
  bot: Bot,
): Promise<Pick<StartFacts, 'reconciled' | 'reconcileError'>> {
  if (bot.mode === 'PAPER') return { reconciled: true, reconcileError: null }
  const { rows } = await tx.query<{ done: boolean; error: string | null }>(
    `SELECT coalesce(k.reconciled_at >= s.started_at, false) AS done, k.reconcile_error AS error
     FROM api_keys k JOIN bot_states s ON s.bot_id = $2 WHERE k.id = $1`,
    [bot.apiKeyId, bot.id],
  )
  return { reconciled: rows[0]?.done === true, reconcileError: rows[0]?.error ?? null }
}

type KeyRow = {
  id: string
  user_id: string
  encrypted_key: string
  encrypted_secret: string
  encrypted_passphrase: string | null
  can_trade: boolean | null
  checked: boolean
  check_error: string | null
  check_passes: boolean
}

async function readKeyFacts(
  tx: Tx,
  bot: Bot,
  masterKey: Buffer,
): Promise<Pick<StartFacts, 'key' | 'keyMessage'>> {
  if (bot.mode === 'PAPER') return { key: 'OK', keyMessage: null }
  const { rows } = await tx.query<KeyRow>(
    `SELECT id, user_id, encrypted_key, encrypted_secret, encrypted_passphrase, can_trade, checked_at IS NOT NULL AS checked, check_error, check_passes
     FROM api_keys WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL`,
    [bot.apiKeyId, bot.userId],
  )
  const row = rows[0]
  if (row === undefined) return { key: 'MISSING', keyMessage: null }
  if (!isReadable(row, masterKey)) return { key: 'UNREADABLE', keyMessage: null }
  if (!row.checked || row.check_passes) return { key: 'UNCHECKED', keyMessage: row.check_error }
  if (row.check_error !== null) return { key: 'REFUSED', keyMessage: row.check_error }
  if (row.can_trade === false) return { key: 'REFUSED', keyMessage: 'it may not trade' }
  return { key: 'OK', keyMessage: null }
}

function isReadable(row: KeyRow, masterKey: Buffer): boolean {
  try {
    decryptApiKey(masterKey, {
      id: row.id,
      userId: row.user_id,
      encryptedKey: row.encrypted_key,
      encryptedSecret: row.encrypted_secret,
      encryptedPassphrase: row.encrypted_passphrase,
    })
    return true
  } catch (error) {
    if (error instanceof SecretError) return false
    throw error
  }
}
