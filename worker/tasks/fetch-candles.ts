import { VenueError } from '#trading/domain/exchange.ts'
import { CANDLES_KEPT, markSeries, upsertCandles } from '#trading/store/candles.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'

type Deps = Pick<WorkerDeps, 'pool' | 'venues' | 'logger'>

/** Reads a series once into `candles`, for a chart; what went wrong is in `candle_series.error`, for who asked. */
export const fetchCandles: TaskHandler<'fetch_candles', Deps> = async (payload, deps) => {
  const { exchange, symbol, timeframe } = payload
  const series = { exchange, symbol, timeframe }
  const limit = Math.min(Math.max(payload.limit, 1), CANDLES_KEPT)
  try {
    const candles = await deps.venues.marketData(exchange).fetchCandles(symbol, timeframe, limit)
    const changed = await upsertCandles(deps.pool, [{ series, candles }])
    await markSeries(deps.pool, [{ series, error: null }])
    return `Fetched (${candles.length} candles, ${changed} new)`
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    deps.logger.warn({ err: error, ...series }, 'candles could not be read')
    await markSeries(deps.pool, [{ series, error: error.message }])
    return `Failed (${error.kind})`
  }
}
