import { VenueError, type LeverageLimits } from '#trading/domain/exchange.ts'
import type { ListedMarket } from '#trading/domain/market.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import { postponeRefresh, scheduleRefresh } from '#trading/store/market-refresh.ts'
import { recordVenueError, upsertMarkets } from '#trading/store/markets.ts'
import { inTransaction } from '#trading/store/pool.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { readKey } from '../exchange/accounts.ts'

type Deps = Pick<WorkerDeps, 'pool' | 'venues' | 'logger' | 'env'>

/**
 * Reads a venue's markets, volumes and timeframes into `markets` and `venues`; what went wrong is in `venues.error`, for who asked. While
 * somebody uses the venue, it is due again in a quarter of an hour.
 */
export const refreshMarkets: TaskHandler<'refresh_markets', Deps> = async ({ exchange }, deps) => {
  const { pool, env, logger } = deps
  await postponeRefresh(pool, exchange)
  try {
    const { markets, timeframes, unread = [] } = await deps.venues.marketData(exchange).loadMarkets()
    // An empty answer would make every market inactive.
    if (markets.length === 0) throw new VenueError('UNREADABLE', `${exchange} named no market.`)
    const limited = await withLeverage(deps, exchange, markets)
    await inTransaction(pool, async (tx) => {
      await upsertMarkets(tx, exchange, limited, timeframes, unread)
      await scheduleRefresh(tx, exchange, env.exchanges.includes(exchange))
    })
    if (unread.length > 0) logger.warn({ exchange, unread }, 'some markets could not be read')
    return `Refreshed (${markets.length} markets)`
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    logger.warn({ err: error, exchange }, 'markets could not be read')
    await recordVenueError(pool, exchange, error.message)
    await scheduleRefresh(pool, exchange, env.exchanges.includes(exchange))
    return `Failed (${error.kind})`
  }
}

/** Where a venue tells its leverage limits to customers only, they are asked for with a key of somebody's that works. */
async function withLeverage(
  deps: Deps,
  exchange: string,
  markets: readonly ListedMarket[],
): Promise<readonly ListedMarket[]> {
  if (!markets.some((market) => market.futures !== undefined)) return markets
  const limits = await leverageLimits(deps, exchange)
  if (limits === 'NOT_TOLD') return markets
  const result: ListedMarket[] = []
  for (const market of markets) result.push(await limitedBy(deps, market, limits))
  return result
}

/** UNREADABLE: they are told, but not now. NOT_TOLD: nobody has a key, or the public answer has them. */
async function leverageLimits(
  deps: Deps,
  exchange: string,
): Promise<LeverageLimits | 'UNREADABLE' | 'NOT_TOLD'> {
  const { rows } = await deps.pool.query<{ id: string }>(
    `SELECT id FROM api_keys WHERE exchange = $1 AND deleted_at IS NULL AND check_error IS NULL AND can_trade IS NOT FALSE
     ORDER BY checked_at DESC NULLS LAST LIMIT 1`,
    [exchange],
  )
  if (rows[0] === undefined) return 'NOT_TOLD'
  try {
    const { credentials } = await readKey(deps.pool, deps.env.masterKey, rows[0].id)
    return (await deps.venues.leverageLimits(exchange, credentials)) ?? 'NOT_TOLD'
  } catch (error) {
    if (!(error instanceof VenueError)) throw error
    deps.logger.info({ err: error, exchange }, 'leverage limits could not be read')
    return 'UNREADABLE'
  }
}

/** What was known before stays where it cannot be read now: a limit that comes and goes would refuse bots at random. */
async function limitedBy(
  deps: Deps,
  market: ListedMarket,
  limits: LeverageLimits | 'UNREADABLE',
): Promise<ListedMarket> {
  if (market.futures === undefined) return market
  if (limits !== 'UNREADABLE') {
    const limit = limits.get(market.symbol)
    if (limit === undefined) return market
    const { maxLeverage, maintenanceMarginPerc } = limit
    return { ...market, maxLeverage, futures: { ...market.futures, maintenanceMarginPerc } }
  }
  const known = await findMarket(deps.pool, market.exchange, market.symbol)
  if (known?.futures === undefined) return market
  const { maintenanceMarginPerc } = known.futures
  return { ...market, maxLeverage: known.maxLeverage, futures: { ...market.futures, maintenanceMarginPerc } }
}
