import type { Db } from './pool.ts'

/** The bot that holds a perpetual of this key, besides one; null: none does. */
export async function findFuturesBot(
  db: Db,
  { apiKeyId, symbol, besides }: { apiKeyId: string; symbol: string; besides: string | null },
): Promise<{ id: string; name: string } | null> {
  const { rows } = await db.query<{ id: string; name: string }>(
    `SELECT id::text AS id, name FROM bot_configs WHERE api_key_id = $1 AND symbol = $2 AND position_type = 'FUTURES' AND deleted_at IS NULL
       AND id IS DISTINCT FROM $3::bigint`,
    [apiKeyId, symbol, besides],
  )
  return rows[0] ?? null
}

/** Whether Postgres refused a second bot on the same key and perpetual. */
export function isSecondFuturesBot(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'bot_configs_one_futures_bot'
}
