import type { Db } from './pool.ts'

/**
 * The next nonce of a key, for a venue that takes a request only if its number is above every earlier one of that key (Kraken). Given out by
 * the database, so that all workers draw from one rising row: the wall clock in microseconds, or one more than the last where that is not
 * enough. Never given twice. Numbers below 2^53 until the year 2255.
 */
export async function nextNonce(db: Db, apiKeyId: string): Promise<number> {
  const { rows } = await db.query<{ last: string }>(
    `INSERT INTO venue_nonces AS n (api_key_id, last)
     VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
     ON CONFLICT (api_key_id) DO UPDATE SET last = greatest(n.last + 1, EXCLUDED.last)
     RETURNING last`,
    [apiKeyId],
  )
  const row = rows[0]
  if (row === undefined) throw new Error('a nonce gave no row')
  return Number(row.last)
}
