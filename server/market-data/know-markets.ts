import { ensureMarkets } from '#trading/store/known-markets.ts'
import { DataUnavailableError } from '#trading/store/wanted-data.ts'
import type { Services } from '../context.ts'

/**
 * Sees that a venue's markets are known, as fresh as can be: where they cannot be read anew, what is known stays good enough to look at.
 * @throws DataUnavailableError where nothing is known
 */
export async function knowMarkets(
  { env, pool }: Pick<Services, 'env' | 'pool'>,
  exchange: string,
): Promise<void> {
  try {
    await ensureMarkets(pool, exchange, { deadAfterMs: env.timing.deadAfterMs })
  } catch (error) {
    if (!(error instanceof DataUnavailableError)) throw error
    const { rows } = await pool.query('SELECT 1 FROM markets WHERE exchange = $1 AND active LIMIT 1', [
      exchange,
    ])
    if (rows.length === 0) throw error
  }
}
