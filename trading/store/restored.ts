import type { Db, Tx } from './pool.ts'

const RESTORED_AT = 'restored_at'
/** Of a key: from when on the books of its account are trusted again. */
const OPENS = 'restored_opens:'

/** An account whose comparison proves nothing for so long, for an order stays in doubt, is left to the rules that hold at all times. */
const LONGEST_WAIT_MINUTES = 10

/** The books are those of a backup from now on: until an account has been compared with its exchange, nothing is sent on their word. */
export async function noteRestored(tx: Tx): Promise<void> {
  await tx.query(`DELETE FROM settings WHERE starts_with(key, $1)`, [OPENS])
  await tx.query(
    `INSERT INTO settings (key, value) VALUES ($1, tradebot_now()::text) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`,
    [RESTORED_AT],
  )
}

/** UNCOMPARED: no comparison since the restore; UNPROVEN: one, in which something on its way could explain or hide a difference. */
export type RestoredGate = 'OPEN' | 'UNCOMPARED' | 'UNPROVEN'

/**
 * Whether something LIVE may be sent on the word of the books. A position in restored books may have been sold long ago, and a second exit
 * would sell what is not the bot's.
 */
export async function restoredGate(db: Db, apiKeyId: string): Promise<RestoredGate> {
  const { rows } = await db.query<{ gate: RestoredGate }>(
    `SELECT CASE WHEN opens <= tradebot_now() OR NOT EXISTS (SELECT FROM settings WHERE key = $1) THEN 'OPEN'
       WHEN opens IS NULL THEN 'UNCOMPARED' ELSE 'UNPROVEN' END AS gate
     FROM (SELECT (SELECT value::timestamptz FROM settings WHERE key = $2) AS opens) AS key`,
    [RESTORED_AT, `${OPENS}${apiKeyId}`],
  )
  return rows[0]?.gate ?? 'OPEN'
}

/** A comparison that began at `askedAt` is done. */
export async function noteRestoredCompared(
  db: Db,
  apiKeyId: string,
  askedAt: Date,
  proven: boolean,
): Promise<void> {
  await db.query(
    `INSERT INTO settings (key, value)
     SELECT $2, (tradebot_now() + make_interval(mins => $4))::text FROM settings WHERE key = $1 AND value::timestamptz <= $3
     ON CONFLICT (key) DO UPDATE SET value = least(settings.value::timestamptz, EXCLUDED.value::timestamptz)::text`,
    [RESTORED_AT, `${OPENS}${apiKeyId}`, askedAt, proven ? 0 : LONGEST_WAIT_MINUTES],
  )
}

/** What an order or a transfer says that waits for it. */
export const WAITS_FOR_COMPARISON = `The books were restored from a backup: it waits until a comparison with the account proves them, ${LONGEST_WAIT_MINUTES} minutes at most while an order stays in doubt.`
