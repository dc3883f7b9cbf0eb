import { timeframeMs } from '#trading/domain/market.ts'
import { latestCandles, seriesStatus, type Series, type StoredCandle } from '#trading/store/candle-feed.ts'
import { ensureMarkets, findMarket, venueTimeframes } from '#trading/store/known-markets.ts'
import { askWorker, DataUnavailableError } from '#trading/store/wanted-data.ts'
import type { Services } from '../context.ts'
import { offeredExchange } from '../schema/exchange.ts'
import { badInput } from '../schema/viewer.ts'

type Needs = Pick<Services, 'env' | 'pool'>

/** A chart that is this old is read again; shorter than a timeframe, for its last candle moves all the time. */
const FRESH_MS = 10_000

/** Sees that the series exists at the venue, so that nobody makes workers follow nonsense. @throws BAD_USER_INPUT, DataUnavailableError */
export async function checkSeries({ env, pool }: Needs, series: Series): Promise<void> {
  const { symbol, timeframe } = series
  const exchange = offeredExchange(env, series.exchange)
  if (timeframeMs(timeframe) === null)
    throw badInput(['timeframe'], `"${timeframe}" is none; it is like 1m or 1h.`)
  await ensureMarkets(pool, exchange, { deadAfterMs: env.timing.deadAfterMs })
  if ((await findMarket(pool, exchange, symbol)) === null) {
    throw badInput(['symbol'], `${exchange} has no market ${symbol}.`)
  }
  const timeframes = (await venueTimeframes(pool, [exchange])).get(exchange) ?? []
  if (timeframes.length > 0 && !timeframes.includes(timeframe)) {
    throw badInput(
      ['timeframe'],
      `${exchange} has no candles of ${timeframe}; it has ${timeframes.join(', ')}.`,
    )
  }
}

/** The newest candles, oldest first; a worker is asked where they are missing or old. @throws BAD_USER_INPUT, DataUnavailableError */
export async function readCandles(needs: Needs, series: Series, limit: number): Promise<StoredCandle[]> {
  const { env, pool } = needs
  await checkSeries(needs, series)
  const begun = performance.now()
  const isRead = async () => {
    const { ageMs } = await seriesStatus(pool, series)
    return ageMs !== null && ageMs < Math.max(FRESH_MS, performance.now() - begun)
  }
  const known = await latestCandles(pool, series, limit)
  if (known.length >= limit && (await isRead())) return known
  const isComplete = async () =>
    (await isRead()) && (await latestCandles(pool, series, limit)).length >= limit
  const ended = await askWorker(pool, 'fetch_candles', { ...series, limit: Math.max(limit, 1) }, isComplete, {
    deadAfterMs: env.timing.deadAfterMs,
  })
  const candles = await latestCandles(pool, series, limit)
  const { ageMs, error } = await seriesStatus(pool, series)
  if (ageMs !== null && (candles.length > 0 || error === null)) return candles
  throw new DataUnavailableError(
    error !== null
      ? `The candles of ${series.symbol} could not be read: ${error}`
      : ended
        ? `The candles of ${series.symbol} could not be read; the worker's log says why.`
        : `The candles of ${series.symbol} have not come within 10 seconds. Try again in a moment.`,
  )
}
