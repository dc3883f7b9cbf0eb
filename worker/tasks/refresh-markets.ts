import { VenueError } from '#trading/domain/exchange.ts'
import { recordVenueError, upsertMarkets } from '#trading/store/markets.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'

type Deps = Pick<WorkerDeps, 'pool' | 'venues' | 'logger'>

/** Reads a venue's markets and timeframes into `markets` and `venues`; what went wrong is in `venues.error`, for who asked. */
export const refreshMarkets: TaskHandler<'refresh_markets', Deps> = async ({ exchange }, deps) => {
  try {
    const { markets, timeframes } = await deps.venues.marketData(exchange).loadMarkets()
    // An empty answer would make every market inactive.
    if (markets.length === 0) throw new VenueError('UNREADABLE', `${exchange} named no spot market.`)
    await inTransaction(deps.pool, (tx) => upsertMarkets(tx, exchange, markets, timeframes))
    return `Refreshed (${markets.length} markets)`
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    deps.logger.warn({ err: error, exchange }, 'markets could not be read')
    await recordVenueError(deps.pool, exchange, error.message)
    return `Failed (${error.kind})`
  }
}
