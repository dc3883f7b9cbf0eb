import { venueTimeframes } from '#trading/store/known-markets.ts'
import { askWorker, DataUnavailableError } from '#trading/store/wanted-data.ts'
import type { Services } from '../context.ts'

/** So long a list of exchanges waits for those that nobody has ever asked; they are asked on in the background. */
const WAIT_MS = 2_000

/** The timeframes of each offered exchange that is known; asks a worker for those that are not. */
export async function readVenues({
  env,
  pool,
}: Pick<Services, 'env' | 'pool'>): Promise<Map<string, string[]>> {
  const known = await venueTimeframes(pool, env.exchanges)
  const unknown = env.exchanges.filter((exchange) => !known.has(exchange))
  if (unknown.length === 0) return known
  const isKnown = async (exchange: string) => (await venueTimeframes(pool, [exchange])).has(exchange)
  await Promise.all(
    unknown.map((exchange) =>
      askWorker(pool, 'refresh_markets', { exchange }, () => isKnown(exchange), {
        deadAfterMs: env.timing.deadAfterMs,
        waitMs: WAIT_MS,
      }).catch((error: unknown) => {
        // No worker: the list is still true, only shorter.
        if (!(error instanceof DataUnavailableError)) throw error
      }),
    ),
  )
  return venueTimeframes(pool, env.exchanges)
}
