import type { BotConfig } from '#trading/domain/bot.ts'
import type { Candle } from '#trading/domain/market.ts'
import { startSignals } from '#trading/domain/strategies/candle-signals.ts'
import { strategyById } from '#trading/domain/strategies/index.ts'
import {
  type CandleSignal,
  paramsOf,
  type Strategy,
  type StrategyConfig,
  type StrategyParams,
} from '#trading/domain/strategies/strategy.ts'
import { followCandles, type SignalSeries } from './signal-series.ts'

/** What the strategies of all bots say, each indicator computed once a candle, however many bots share market and parameters. */
export type SignalBook = {
  /** What the bot's strategy says of the newest of these closed candles, oldest first, at most ten. */
  newest(bot: SignalKey, candles: readonly Candle[]): readonly CandleSignal[]
  /** Series that are kept now. */
  size(): number
}

export type SignalKey = StrategyConfig & Pick<BotConfig, 'exchange' | 'symbol' | 'timeframe' | 'strategy'>

type Options = {
  /** Series kept at most; beyond them, the one that was not asked for the longest starts anew when it is. */
  most?: number
  /** A series nobody asked for so long is dropped. */
  idleMs?: number
  /** A monotonic clock. */
  now?: () => number
}

/** An empty book, of one worker process. */
export function makeSignalBook({
  most = 5_000,
  idleMs = 3_600_000,
  now = () => performance.now(),
}: Options = {}): SignalBook {
  // Maps remember the order of insertion: the least recently used comes first.
  const kept = new Map<string, { series: SignalSeries; usedAt: number }>()

  function seriesOf(key: string, strategy: Strategy, params: StrategyParams): SignalSeries {
    const known = kept.get(key)
    kept.delete(key)
    const series = known?.series ?? followCandles(() => startSignals(strategy, params))
    kept.set(key, { series, usedAt: now() })
    return series
  }

  function evict(): void {
    for (const [key, { usedAt }] of kept) {
      if (kept.size <= most && now() - usedAt <= idleMs) return
      kept.delete(key)
    }
  }

  return {
    newest(bot, candles) {
      const strategy = strategyById(bot.strategy)
      if (strategy === null) return candles.slice(-1).map((candle) => unknownStrategy(bot.strategy, candle))
      const params = paramsOf(strategy, bot)
      const key = JSON.stringify([bot.exchange, bot.symbol, bot.timeframe, strategy.id, params])
      const signals = seriesOf(key, strategy, params).follow(candles)
      evict()
      return signals
    },
    size: () => kept.size,
  }
}

/** A worker older than the server that saved the bot. */
function unknownStrategy(id: string, { openTime }: Candle): CandleSignal {
  return {
    openTime,
    signal: { long: null, short: null, reason: `The strategy ${id} is not known to this worker` },
  }
}
