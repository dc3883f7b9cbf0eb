import type { Difference } from '#trading/jobs/reconcile-answer.ts'
import type { Db } from '#trading/store/pool.ts'
import type { Worded } from './reconcile-words.ts'

/** With the bots' names. */
export async function named(db: Db, { botIds, ...worded }: Worded): Promise<Difference> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT id::text, name FROM bot_configs WHERE id = ANY($1::bigint[]) ORDER BY id`,
    [botIds],
  )
  return { ...worded, state: 'NEW', bots: rows }
}
