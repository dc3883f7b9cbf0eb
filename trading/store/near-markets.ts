import type { PositionType } from '../domain/bot.ts'
import type { Db } from './pool.ts'

/** What a venue trades of a kind that comes nearest to a pair: the same base first, then the same quote, then what is traded most. */
export async function nearMarkets(
  db: Db,
  exchange: string,
  type: PositionType,
  pair: { base: string; quote: string },
): Promise<string[]> {
  const { rows } = await db.query<{ symbol: string }>(
    `SELECT symbol FROM markets WHERE exchange = $1 AND type = $2 AND active
     ORDER BY base = $3 DESC, quote = $4 DESC, volume_24h DESC NULLS LAST, symbol LIMIT 4`,
    [exchange, type, pair.base, pair.quote],
  )
  return rows.map((row) => row.symbol)
}
