import { masterKeyFingerprint } from '#trading/config/secrets.ts'
import { beginRotation, dropRotation, finishRotation } from '#trading/store/master-key.ts'
import { inTransaction, type Pool, type Tx } from '#trading/store/pool.ts'
import { SECRET_TABLES } from '#trading/store/secrets-at-rest.ts'
import { RefusedError } from '../frame/errors.ts'
import { forEachPage, type KeyPair, type Tally, type Unreadable } from './re-encrypt.ts'

// The order is what keeps every secret readable: the new key is on disk, then the change is noted, then secrets move, some dozens in a
// transaction; one last transaction proves them all and makes the new key the database's own. Killed anywhere, each secret is under one
// of two keys that are both on disk, and the note says which.

/** Reads all secrets and changes nothing. */
export function lookAtSecrets(pool: Pool, keys: KeyPair): Promise<Tally> {
  return forEachPage(keys, false, (work) => work(pool))
}

/** Notes that the change is under way; servers and workers refuse to start from now on. */
export function noteBegin(pool: Pool, { from, to }: KeyPair): Promise<void> {
  return inTransaction(pool, (tx) => beginRotation(tx, masterKeyFingerprint(from), masterKeyFingerprint(to)))
}

/** Brings every secret under the new key. Stops between two pages when asked to. */
export function moveSecrets(
  pool: Pool,
  keys: KeyPair,
  signal: AbortSignal | null,
  onProgress?: (done: number) => void,
): Promise<Tally> {
  return forEachPage(
    keys,
    true,
    (work) => {
      signal?.throwIfAborted()
      return inTransaction(pool, work)
    },
    onProgress,
  )
}

/**
 * Makes the new key the database's own, once all secrets are proved to be under it; those that somebody wrote under the old one meanwhile are
 * moved on the way. `tolerated`: secrets that were unreadable before. `check` throws when it must not be done now.
 * @throws RefusedError SECRETS_UNREADABLE
 */
export function makeFinal(
  pool: Pool,
  keys: KeyPair,
  tolerated: readonly Unreadable[],
  check: (tx: Tx) => Promise<void>,
): Promise<Tally> {
  return inTransaction(pool, async (tx) => {
    await lockSecrets(tx)
    await check(tx)
    const tally = await forEachPage(keys, true, (work) => work(tx))
    refuseUnreadable(tally.unreadable, tolerated)
    await finishRotation(tx, masterKeyFingerprint(keys.from), masterKeyFingerprint(keys.to))
    return tally
  })
}

/** Brings every secret back under the old key, and forgets that the change was begun. */
export async function takeBack(pool: Pool, keys: KeyPair): Promise<void> {
  const back = { from: keys.to, to: keys.from }
  await moveSecrets(pool, back, null)
  await inTransaction(pool, async (tx) => {
    await lockSecrets(tx)
    await forEachPage(back, true, (work) => work(tx))
    await dropRotation(tx)
  })
}

/** @throws RefusedError SECRETS_UNREADABLE that names each */
export function refuseUnreadable(found: readonly Unreadable[], tolerated: readonly Unreadable[]): void {
  const known = new Set(tolerated.map(nameOf))
  const news = found.filter((secret) => !known.has(nameOf(secret)))
  if (news.length === 0) return
  const names = [...new Set(news.map(nameOf))]
  throw new RefusedError(
    'SECRETS_UNREADABLE',
    `${names.length === 1 ? 'A secret does' : `${names.length} secrets do`} not decrypt with the master key:\n${names.map((name) => `  ${name}`).join('\n')}`,
    {
      hint: 'Enter the key anew in the web UI, or delete it there; or go on with --leave-unreadable, which leaves it as it is. Nothing was changed.',
    },
  )
}

export function nameOf({ what, name, id, userId, column }: Unreadable): string {
  return `${what} "${name}" (id ${id}, user ${userId}), ${column}`
}

/** The row of the fingerprint first: who writes a secret holds that one first, too. */
async function lockSecrets(tx: Tx): Promise<void> {
  await tx.query(`SELECT 1 FROM settings WHERE key = 'master_key_fingerprint' FOR UPDATE`)
  await tx.query(
    `LOCK TABLE ${SECRET_TABLES.map(({ table }) => table).join(', ')} IN SHARE ROW EXCLUSIVE MODE`,
  )
}
