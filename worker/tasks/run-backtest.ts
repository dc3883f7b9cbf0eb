import { MOST_CANDLES } from '#trading/domain/backtest/candle-columns.ts'
import { VenueError } from '#trading/domain/exchange.ts'
import { timeframeMs } from '#trading/domain/market.ts'
import { strategyById } from '#trading/domain/strategies/index.ts'
import { paramsOf } from '#trading/domain/strategies/strategy.ts'
import {
  beatBacktest,
  claimBacktest,
  type ClaimedBacktest,
  endCanceled,
  failBacktest,
  finishBacktest,
  type Progress,
} from '#trading/store/backtests.ts'
import { findMarket } from '#trading/store/known-markets.ts'
import { configFromStored } from '#trading/store/read-config.ts'
import { loadCandles } from '../backtest/load-candles.ts'
import { runInThread, type ThreadEnd } from '../backtest/run-in-thread.ts'
import type { ThreadInput } from '../backtest/thread-messages.ts'
import type { TaskHandler, WorkerDeps } from '../deps.ts'
import { hintSoon } from '../hints.ts'

type Deps = Pick<WorkerDeps, 'pool' | 'logger' | 'venues'>

/** Progress is written this often. Milliseconds. */
const BEAT_MS = 500

/**
 * Runs one backtest. Candles are read here, the rest happens in a thread, so that no tick waits for it. Killed anywhere, its beat falls
 * silent and another worker runs it from the start; canceled, deleted or taken over, it finds out at its next beat and ends.
 */
export const runBacktest: TaskHandler<'run_backtest', Deps> = async ({ backtestId }, deps) => {
  const claimed = await claimBacktest(deps.pool, backtestId)
  if (claimed === null) return 'Skipped (nothing to run)'
  hintSoon(deps, claimed.userId)
  try {
    const ended = await run(claimed, deps).catch((error: unknown) => fail(claimed, error, deps))
    return ended === null ? 'Failed' : await record(claimed, ended, deps)
  } finally {
    hintSoon(deps, claimed.userId)
  }
}

/** What the run threw, told to people; the fault itself goes to the log. */
async function fail(claimed: ClaimedBacktest, error: unknown, { pool, logger }: Deps): Promise<null> {
  const told =
    error instanceof VenueError
      ? `The exchange gave no candles: ${error.message}`
      : "It ended by a fault of TradeBot; the worker's log tells more."
  logger.warn({ err: error, backtestId: claimed.id }, 'a backtest failed')
  await failBacktest(pool, claimed, told)
  return null
}

async function record(claimed: ClaimedBacktest, ended: ThreadEnd, deps: Deps): Promise<string> {
  switch (ended.kind) {
    case 'STOPPED':
      await endCanceled(deps.pool, claimed)
      return 'Stopped'
    case 'REFUSED':
      await failBacktest(deps.pool, claimed, ended.message)
      return 'Refused'
    case 'RESULT': {
      const { summary, curve, trades, candles } = ended
      await finishBacktest(deps.pool, claimed, { summary, curve, trades, candles })
      return `Done (${candles} candles)`
    }
  }
}

async function run(claimed: ClaimedBacktest, deps: Deps): Promise<ThreadEnd> {
  const config = configFromStored(claimed.config)
  const market = await findMarket(deps.pool, config.exchange, config.symbol)
  if (market === null)
    return { kind: 'REFUSED', message: `${config.exchange} has no market ${config.symbol}.` }
  const input: ThreadInput = {
    config: claimed.config,
    market: JSON.parse(JSON.stringify(market)),
    csv: claimed.csv,
    candles: null,
    fromMs: claimed.from?.getTime() ?? null,
    toMs: claimed.to?.getTime() ?? null,
  }
  if (claimed.csv === null) {
    const loaded = await load(claimed, deps)
    if ('kind' in loaded) return loaded
    input.candles = loaded
  }
  return runInThread(
    input,
    (done, total) => beatOnce(claimed, { phase: 'RUNNING', done, total }, deps),
    BEAT_MS,
  )
}

/** A database that is away for a moment ends no backtest: the next beat tells, and asks whether it is still ours. */
async function beatOnce(claimed: ClaimedBacktest, progress: Progress, deps: Deps): Promise<boolean> {
  try {
    const goOn = await beatBacktest(deps.pool, claimed, progress)
    hintSoon(deps, claimed.userId)
    return goOn
  } catch (error) {
    deps.logger.warn({ err: error, backtestId: claimed.id }, 'the progress of a backtest was not written')
    return true
  }
}

/** The asked time, and before it what the strategy needs to be warm when it begins. */
async function load(
  claimed: ClaimedBacktest,
  deps: Deps,
): Promise<NonNullable<ThreadInput['candles']> | ThreadEnd> {
  const config = configFromStored(claimed.config)
  const lengthMs = timeframeMs(config.timeframe)
  const strategy = strategyById(config.strategy)
  if (lengthMs === null || strategy === null || claimed.from === null || claimed.to === null)
    return {
      kind: 'REFUSED',
      message: 'The backtest names no time, timeframe or strategy that is known here.',
    }
  const warmUp = strategy.warmUp(paramsOf(strategy, config))
  const firstMs = (Math.floor(claimed.from.getTime() / lengthMs) - warmUp) * lengthMs
  const lastMs = Math.floor(claimed.to.getTime() / lengthMs) * lengthMs - lengthMs
  const total = Math.floor((lastMs - firstMs) / lengthMs) + 1
  if (total > MOST_CANDLES)
    return {
      kind: 'REFUSED',
      message: `${total.toLocaleString('en')} candles are more than a backtest takes (${MOST_CANDLES.toLocaleString('en')}). Choose a shorter time or a longer timeframe.`,
    }
  let beatenAt = -Infinity
  const candles = await loadCandles(
    { series: config, lengthMs, firstMs, lastMs },
    {
      pool: deps.pool,
      source: deps.venues.marketData(config.exchange),
      onProgress: async (done) => {
        if (performance.now() - beatenAt < BEAT_MS) return true
        beatenAt = performance.now()
        return beatOnce(claimed, { phase: 'LOADING', done, total }, deps)
      },
    },
  )
  return candles ?? { kind: 'STOPPED' }
}
