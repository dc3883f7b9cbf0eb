import type { Env } from '#trading/config/env.ts'
import type { Logger } from '#trading/config/logger.ts'
import type { MarketDataSource, TradingAccount } from '#trading/domain/exchange.ts'
import type { Candle } from '#trading/domain/market.ts'
import type { Decimal } from '#trading/domain/money.ts'
import type { JobName, JobPayload } from '#trading/jobs/jobs.ts'
import type { Pool } from '#trading/store/pool.ts'

/** What the market-data loop last learned of one market and timeframe. */
export type MarketSnapshot = {
  /** Oldest first; the forming candle, when the venue gives one, last (closed false). */
  candles: Candle[]
  /** The forming candle's close: what stop loss and take profit look at. */
  price: Decimal
  /** `performance.now()` when the fetch was begun: monotonic, so that no clock correction makes old data young. */
  fetchedAt: number
}

/** Public data of each venue, one source a venue, shared by all of this process. */
export type Venues = { marketData(exchange: string): MarketDataSource }

/** The loop that talks to the exchanges, so that no tick has to. */
export type MarketData = {
  /** Null until the series has been fetched once. */
  snapshot(exchange: string, symbol: string, timeframe: string): MarketSnapshot | null
  /** Something new may be wanted: look now instead of at the next turn. */
  nudge(): void
  stop(): Promise<void>
}

/** Signed access, one account an API key; only here are secrets decrypted. */
export type Accounts = { forKey(apiKeyId: string): Promise<TradingAccount> }

/** What a job handler of this worker process can use. */
export type WorkerDeps = {
  pool: Pool
  env: Env
  logger: Logger
  venues: Venues
  marketData: MarketData
  accounts: Accounts
  /** Of this process, for logs and events. graphile-worker's pool ids are others. */
  workerId: string
}

/** Does one job; the string says what became of it, for the log. A handler records failures that pass in its own tables. */
export type TaskHandler<Name extends JobName> = (
  payload: JobPayload<Name>,
  deps: WorkerDeps,
) => Promise<string>
