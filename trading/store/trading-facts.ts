import { decimal, type Decimal } from '../domain/money.ts'
import type { OrderStatus } from '../domain/order.ts'
import type { TradingFacts } from '../domain/trading-checks.ts'
import { walletOf } from '../domain/venues.ts'
import type { Row } from './bot-columns.ts'
import { UNSETTLED } from './bots.ts'
import type { Db } from './pool.ts'

/**
 * What the ladder of trading checks looks at, of many bots in one query; unknown ids are left out. `deadAfterMs`: a worker that has been silent
 * for longer is dead. Not scoped: pass ids that were.
 */
export async function loadTradingFacts(
  db: Db,
  botIds: readonly string[],
  deadAfterMs: number,
): Promise<Map<string, TradingFacts>> {
  // Prepared by name: planning so many joins takes longer than reading a page of bots.
  const { rows } = await db.query<Row>({ name: 'trading_facts', text: FACTS, values: [botIds, deadAfterMs] })
  return new Map(rows.map((row) => [String(row['bot_id']), factsOf(row)]))
}

// Silence of workers is time that really passes, so it is measured by the unshifted clock (see heartbeats.ts).
const FACTS = `
  WITH clock AS MATERIALIZED (
    SELECT tradebot_now() AS now, tradebot_today() AS today,
           EXISTS (SELECT FROM worker_heartbeats WHERE beat_at > clock_timestamp() - $2 * interval '1 millisecond') AS worker_alive
  )
  SELECT s.bot_id, clock.now, to_char(clock.today, 'YYYY-MM-DD') AS today, clock.worker_alive,
    b.exchange, b.symbol, b.mode, b.resume_next_day, b.check_interval_seconds, b.position_size_fixed, b.leverage, b.position_type, b.direction,
    b.daily_target_perc, b.max_daily_loss_perc, b.max_daily_trades, b.max_drawdown_perc, b.max_order_value, b.max_orders_per_minute,
    s.status, s.error_message, s.pause_reason, s.pause_day, s.closing OR s.deleting AS closing, s.notice, s.notice_message, s.last_signal,
    s.started_at, s.next_tick_at, s.cooldown_until, s.equity, s.peak_equity,
    f.message AS pause_finding, u.halted_at, d.start_equity, d.trade_count,
    coalesce(v.status, 'OK') AS venue_status, v.status_message AS venue_message, l.blocked_until, l.blocked_reason,
    m.active AS market_active, m.base, m.quote, m.min_cost,
    (extract(epoch FROM clock.now - c.refreshed_at) * 1000)::float8 AS data_age_ms, c.error AS data_error,
    o.id AS order_id, o.purpose, o.status AS order_status, t.id AS stop_id, t.status AS stop_status, p.amount AS held, p.side AS held_side, a.spot AS free_spot, a.futures AS free_futures,
    (SELECT count(*)::int FROM orders n WHERE n.bot_id = s.bot_id AND n.purpose <> 'PROTECTIVE_STOP'
       AND n.created_at > clock.now - interval '1 minute') AS orders_last_minute
  FROM bot_states s
  CROSS JOIN clock
  JOIN bot_configs b ON b.id = s.bot_id
  JOIN users u ON u.id = b.user_id
  LEFT JOIN bot_days d ON d.bot_id = s.bot_id AND d.day = clock.today
  LEFT JOIN venues v ON v.exchange = b.exchange
  LEFT JOIN markets m ON m.exchange = b.exchange AND m.symbol = b.symbol
  LEFT JOIN candle_series c ON c.exchange = b.exchange AND c.symbol = b.symbol AND c.timeframe = b.timeframe
  LEFT JOIN LATERAL (SELECT amount, side FROM positions WHERE bot_id = s.bot_id AND closed_at IS NULL LIMIT 1) p ON true
  -- Not in the state row: its notice is of entries and data, and is overwritten while the bot is paused.
  LEFT JOIN LATERAL (
    SELECT message FROM bot_events
    WHERE s.status = 'PAUSED' AND s.pause_reason = 'RECONCILIATION' AND bot_id = s.bot_id AND type = 'STATUS' AND to_status = 'PAUSED'
    ORDER BY id DESC LIMIT 1
  ) f ON true
  LEFT JOIN orders o ON o.bot_id = s.bot_id AND o.status IN ${UNSETTLED} AND o.purpose <> 'PROTECTIVE_STOP'
  LEFT JOIN orders t ON t.bot_id = s.bot_id AND t.status IN ${UNSETTLED} AND t.purpose = 'PROTECTIVE_STOP'
  LEFT JOIN LATERAL (
    SELECT blocked_until, blocked_reason FROM venue_limits
    WHERE scope IN (b.exchange, b.exchange || ':key:' || b.api_key_id) AND blocked_until > clock.now
    ORDER BY blocked_until DESC LIMIT 1
  ) l ON true
  LEFT JOIN LATERAL (
    SELECT max(w.free) FILTER (WHERE w.wallet = 'SPOT') AS spot, max(w.free) FILTER (WHERE w.wallet = 'FUTURES') AS futures FROM (
      SELECT e.wallet, e.free - coalesce(sum(r.amount) FILTER (WHERE r.released_at IS NULL OR r.released_at > e.read_at), 0) AS free
      FROM account_balances e LEFT JOIN reservations r ON r.api_key_id = e.api_key_id AND r.wallet = e.wallet AND r.asset = e.asset
      WHERE b.mode = 'LIVE' AND e.api_key_id = b.api_key_id AND e.asset = m.quote
      GROUP BY e.wallet, e.free, e.read_at
    ) w
  ) a ON true
  WHERE s.bot_id = ANY($1::bigint[])`

function factsOf(row: Row): TradingFacts {
  const positionType = row['position_type'] as TradingFacts['positionType']
  const wallet = walletOf(String(row['exchange']), positionType)
  return {
    now: row['now'] as Date,
    today: String(row['today']),
    exchange: String(row['exchange']),
    symbol: String(row['symbol']),
    mode: row['mode'] as TradingFacts['mode'],
    status: row['status'] as TradingFacts['status'],
    errorMessage: row['error_message'] as string | null,
    pauseReason: row['pause_reason'] as TradingFacts['pauseReason'],
    pauseDay: row['pause_day'] as string | null,
    pauseFinding: row['pause_finding'] as string | null,
    resumeNextDay: row['resume_next_day'] === true,
    closing: row['closing'] === true,
    notice: row['notice'] as string | null,
    noticeMessage: row['notice_message'] as string | null,
    lastSignal: row['last_signal'] as string | null,
    startedAt: row['started_at'] as Date | null,
    nextTickAt: row['next_tick_at'] as Date | null,
    cooldownUntil: row['cooldown_until'] as Date | null,
    checkIntervalSeconds: Number(row['check_interval_seconds']),
    equity: decimal(String(row['equity'])),
    peakEquity: decimal(String(row['peak_equity'])),
    positionSizeFixed: decimal(String(row['position_size_fixed'])),
    leverage: Number(row['leverage']),
    positionType,
    direction: row['direction'] as TradingFacts['direction'],
    dailyTargetPerc: optional(row['daily_target_perc']),
    maxDailyLossPerc: optional(row['max_daily_loss_perc']),
    maxDailyTrades: row['max_daily_trades'] as number | null,
    maxDrawdownPerc: optional(row['max_drawdown_perc']),
    maxOrderValue: optional(row['max_order_value']),
    maxOrdersPerMinute: row['max_orders_per_minute'] as number | null,
    day: dayOf(row),
    haltedAt: row['halted_at'] as Date | null,
    workerAlive: row['worker_alive'] === true,
    venueStatus: String(row['venue_status']),
    venueMessage: row['venue_message'] as string | null,
    venueBlockedUntil: row['blocked_until'] as Date | null,
    venueBlockedReason: row['blocked_reason'] as string | null,
    market: marketOf(row),
    dataAgeMs: row['data_age_ms'] as number | null,
    dataError: row['data_error'] as string | null,
    unsettled: unsettledOf(row),
    held: optional(row['held']),
    heldSide: row['held_side'] as TradingFacts['heldSide'],
    ordersLastMinute: Number(row['orders_last_minute']),
    wallet,
    freeBalance: optional(row[wallet === 'SPOT' ? 'free_spot' : 'free_futures']),
  }
}

function dayOf(row: Row): TradingFacts['day'] {
  const startEquity = optional(row['start_equity'])
  return startEquity === null ? null : { startEquity, tradeCount: Number(row['trade_count']) }
}

function marketOf(row: Row): TradingFacts['market'] {
  if (row['base'] === null) return null
  return {
    active: row['market_active'] === true,
    base: String(row['base']),
    quote: String(row['quote']),
    minCost: optional(row['min_cost']),
  }
}

/** A protective stop is no obstacle while its position is held; one that outlives it is. */
function unsettledOf(row: Row): TradingFacts['unsettled'] {
  if (row['order_id'] !== null) {
    const purpose = row['purpose'] as NonNullable<TradingFacts['unsettled']>['purpose']
    return { id: String(row['order_id']), purpose, status: row['order_status'] as OrderStatus }
  }
  if (row['stop_id'] === null || row['held'] !== null) return null
  return { id: String(row['stop_id']), purpose: 'PROTECTIVE_STOP', status: row['stop_status'] as OrderStatus }
}

function optional(value: unknown): Decimal | null {
  return value === null || value === undefined ? null : decimal(String(value))
}
