import { decimal, ZERO } from '../domain/money.ts'
import { strategyById } from '../domain/strategies/index.ts'
import { paramsOf } from '../domain/strategies/strategy.ts'
import type { Series } from './candle-feed.ts'
import { keyOf } from './candles.ts'
import type { Db } from './pool.ts'

/** Candles that a tick looks back at, beside the newest. */
const LOOKED_BACK_AT = 5

/** Charts want this much history even where no bot does. */
const LEAST_CANDLES = 200

export type FollowedSeries = Series & {
  /** Closed candles that the longest warm-up among its bots needs. */
  needed: number
  /** The shortest interval at which one of its bots looks; null when only a chart does. */
  checkIntervalSeconds: number | null
}

/** What bots that tick, or charts that are open, want to know. */
export async function listFollowedSeries(db: Db): Promise<FollowedSeries[]> {
  // Grouped by all that a warm-up is made of: reading every bot each second would cost more than following it.
  const { rows } = await db.query<WantedRow>(
    `SELECT c.exchange, c.symbol, c.timeframe, c.strategy, c.strategy_params AS "strategyParams",
            c.ema_fast AS "emaFast", c.ema_slow AS "emaSlow", c.rsi_period AS "rsiPeriod", min(c.check_interval_seconds)::int AS seconds
     FROM bot_states s JOIN bot_configs c ON c.id = s.bot_id
     WHERE s.next_tick_at IS NOT NULL AND c.deleted_at IS NULL
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
     UNION ALL
     SELECT exchange, symbol, timeframe, NULL, NULL, NULL, NULL, NULL, NULL
     FROM candle_series WHERE wanted_until > (SELECT tradebot_now())`,
  )
  const followed = new Map<string, FollowedSeries>()
  for (const row of rows) {
    const { exchange, symbol, timeframe, seconds } = row
    const known = followed.get(keyOf(row))
    const needed = Math.max(LEAST_CANDLES, neededFor(row), known?.needed ?? 0)
    const others = known?.checkIntervalSeconds ?? null
    const checkIntervalSeconds =
      seconds === null || others === null ? (seconds ?? others) : Math.min(seconds, others)
    followed.set(keyOf(row), { exchange, symbol, timeframe, needed, checkIntervalSeconds })
  }
  return [...followed.values()]
}

/** A chart's row has no strategy. Thresholds take no part in a warm-up. */
type WantedRow = Series & {
  seconds: number | null
  strategyParams: { name: string; value: string }[] | null
  strategy: string | null
  emaFast: number | null
  emaSlow: number | null
  rsiPeriod: number | null
}

/** Closed candles that the strategy's warm-up takes, and those beyond it that a late tick looks back at. */
function neededFor(row: WantedRow): number {
  const strategy = row.strategy === null ? null : strategyById(row.strategy)
  if (strategy === null) return 0
  const params = paramsOf(strategy, {
    emaFast: row.emaFast ?? 0,
    emaSlow: row.emaSlow ?? 0,
    rsiPeriod: row.rsiPeriod ?? 0,
    rsiOverbought: ZERO,
    rsiOversold: ZERO,
    strategyParams: (row.strategyParams ?? []).map(({ name, value }) => ({ name, value: decimal(value) })),
  })
  return strategy.warmUp(params) + LOOKED_BACK_AT
}
