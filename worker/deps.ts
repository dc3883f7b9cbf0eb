import type { Env } from '#trading/config/env.ts'
import type { Logger } from '#trading/config/logger.ts'
import type { TradingAccount } from '#trading/domain/exchange.ts'
import type { JobName, JobPayload } from '#trading/jobs/jobs.ts'
import type { Pool } from '#trading/store/pool.ts'
import type { Venues } from './exchange/venues.ts'
import type { MarketData } from './market-data/snapshot.ts'
import type { SignalBook } from './signals/signal-book.ts'

/** Signed access, one account an API key; only here are secrets decrypted. */
export type Accounts = { forKey(apiKeyId: string): Promise<TradingAccount> }

/** What a job handler of this worker process can use. */
export type WorkerDeps = {
  pool: Pool
  env: Env
  logger: Logger
  venues: Venues
  marketData: MarketData
  signals: SignalBook
  accounts: Accounts
  /** Of this process, for logs and events. graphile-worker's pool ids are others. */
  workerId: string
}

/**
 * Does one job; the string says what became of it, for the log. A handler records failures that pass in its own tables. `Deps`: what of a
 * worker it really uses.
 */
export type TaskHandler<Name extends JobName, Deps = WorkerDeps> = (
  payload: JobPayload<Name>,
  deps: Deps,
) => Promise<string>
