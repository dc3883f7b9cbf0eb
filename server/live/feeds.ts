import type { Prisma } from '#prisma/client.ts'
import type { Logger } from '#trading/config/logger.ts'
import type { Pool } from '#trading/store/pool.ts'
import { makeBacktestWatch, type BacktestWatch } from './backtest-watch.ts'
import { makeBotWatch, type BotWatch } from './bot-watch.ts'
import { makeCandleWatch, type CandleWatch } from './candle-watch.ts'
import { listenForChanges } from './change-listener.ts'
import { makeEventWatch, type EventWatch } from './event-watch.ts'
import { makePulse } from './pulse.ts'

export type LiveFeeds = {
  bots: BotWatch
  events: EventWatch
  candles: CandleWatch
  backtests: BacktestWatch
  /** Look now: this process has just changed something itself. */
  beat(): void
  listening(): boolean
  close(): Promise<void>
}

/** Everything that subscriptions read, shared by all sockets of this process. */
export function makeLiveFeeds(given: {
  databaseUrl: string
  pool: Pool
  prisma: Prisma
  logger: Logger
}): LiveFeeds {
  const pulse = makePulse(given.logger)
  const listener = listenForChanges(given.databaseUrl, given.logger, () => pulse.beat())
  return {
    bots: makeBotWatch(given.pool, given.prisma, pulse),
    events: makeEventWatch(given.pool, pulse),
    candles: makeCandleWatch(given.pool, pulse),
    backtests: makeBacktestWatch(given.pool, given.prisma, pulse),
    beat: () => pulse.beat(),
    listening: () => listener.connected(),
    async close() {
      pulse.close()
      await listener.close()
    },
  }
}
