import { z } from 'zod'
import { masterKeyFingerprint } from '../config/secrets.ts'
import type { Db, Tx } from './pool.ts'

const FINGERPRINT = 'master_key_fingerprint'
const ROTATION = 'master_key_rotation'

const rotationSchema = z.object({
  /** Fingerprints. */
  from: z.string(),
  to: z.string(),
  /** ISO 8601; null: some secrets are under the one key, some under the other. */
  finishedAt: z.string().nullable(),
})

/** The last change of the master key (`keys rotate`). */
export type Rotation = z.infer<typeof rotationSchema>

/** `fingerprint` null: no process has used this database yet. */
export type MasterKeyState = { fingerprint: string | null; rotation: Rotation | null }

/**
 * Whether this master key is the database's own. The first process to ask writes its key's fingerprint; one with another key could neither
 * read what is encrypted nor write what the others can read, and must end. So must everyone while the key is being changed.
 */
export async function claimMasterKey(db: Db, masterKey: Buffer): Promise<boolean> {
  const fingerprint = masterKeyFingerprint(masterKey)
  await noteFingerprint(db, fingerprint)
  const state = await readMasterKeyState(db)
  return state.fingerprint === fingerprint && state.rotation?.finishedAt !== null
}

/** What a process says before it exits 1 because `claimMasterKey` was false. */
export async function whyMasterKeyRefused(db: Db, masterKey: Buffer): Promise<string> {
  const { rotation } = await readMasterKeyState(db)
  if (rotation?.finishedAt === null)
    return 'The master key is being changed, and the change was not finished: run tradebotctl keys rotate again, which goes on where it stopped. No secret is lost.'
  if (rotation !== null && rotation.from === masterKeyFingerprint(masterKey))
    return 'The master key was changed, and this process was given the old one: set TRADEBOT_MASTER_KEY to the new key; where the key is the file master.key, run tradebotctl keys rotate --resume, which puts the new one there.'
  return 'TRADEBOT_MASTER_KEY is not the key of this database: its exchange secrets were encrypted with another one. Give the right key back.'
}

/**
 * Holds the master key off from being changed until the transaction ends. For whoever writes a secret: a process that did not notice that the
 * key was changed would write what nobody can read. @throws Error when it is another one by now
 */
export async function holdMasterKey(tx: Tx, masterKey: Buffer): Promise<void> {
  const { rows } = await tx.query<{ value: string }>('SELECT value FROM settings WHERE key = $1 FOR SHARE', [
    FINGERPRINT,
  ])
  const fingerprint = rows[0]?.value
  if (fingerprint !== undefined && fingerprint !== masterKeyFingerprint(masterKey))
    throw new Error('The master key was changed while this process ran: start TradeBot anew.')
}

export async function readMasterKeyState(db: Db): Promise<MasterKeyState> {
  const { rows } = await db.query<{ key: string; value: string }>(
    'SELECT key, value FROM settings WHERE key IN ($1, $2)',
    [FINGERPRINT, ROTATION],
  )
  const valueOf = (key: string) => rows.find((row) => row.key === key)?.value
  const rotation = valueOf(ROTATION)
  return {
    fingerprint: valueOf(FINGERPRINT) ?? null,
    rotation: rotation === undefined ? null : rotationSchema.parse(JSON.parse(rotation)),
  }
}

/** From now on no process starts until the change is finished or taken back. */
export async function beginRotation(tx: Tx, from: string, to: string): Promise<void> {
  await noteFingerprint(tx, from)
  await writeRotation(tx, { from, to, finishedAt: null })
}

/** In the transaction that has proved every secret readable with the new key. @throws Error when another rotation came between */
export async function finishRotation(tx: Tx, from: string, to: string): Promise<void> {
  const { rowCount } = await tx.query('UPDATE settings SET value = $3 WHERE key = $1 AND value = $2', [
    FINGERPRINT,
    from,
    to,
  ])
  if (rowCount !== 1)
    throw new Error('The master key of the database was changed by somebody else meanwhile.')
  await writeRotation(tx, { from, to, finishedAt: new Date().toISOString() })
}

/** In the transaction that has proved every secret readable with the old key. */
export async function dropRotation(tx: Tx): Promise<void> {
  await tx.query('DELETE FROM settings WHERE key = $1', [ROTATION])
}

async function noteFingerprint(db: Db, fingerprint: string): Promise<void> {
  await db.query('INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING', [
    FINGERPRINT,
    fingerprint,
  ])
}

async function writeRotation(tx: Tx, rotation: Rotation): Promise<void> {
  await tx.query(
    'INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value',
    [ROTATION, JSON.stringify(rotation)],
  )
}
