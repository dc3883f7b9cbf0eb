import type {
  AlertEvent,
  AlertKind,
  BotFacts,
  DeadWorkerFacts,
  OpenAlert,
  Trouble,
} from '../domain/alerts.ts'
import { quietMs } from '../domain/alerts.ts'
import type { BotMode, PauseReason } from '../domain/bot.ts'
import type { BotStatus } from '../domain/bot-lifecycle.ts'
import type { Tx } from './pool.ts'

/** One watcher at a time in the whole cluster ("TBal" in ASCII); false while another worker watches. Held until the transaction ends. */
export async function takeWatch(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ got: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1) AS got',
    [0x5442616c],
  )
  return rows[0]?.got === true
}

export type NewAlertEvent = AlertEvent & { userId: string; at: Date }

/**
 * The events that nobody has looked at for alerts, in order, at most `most` of each user; those users' cursors move behind them, with this
 * transaction. Sequence numbers have no gaps and follow the commits, so what is at or below a counter that is seen is seen as well. The
 * counters are read and never locked: every commit of an event waits for them.
 */
export async function takeNewEvents(tx: Tx, most = 200): Promise<NewAlertEvent[]> {
  const { rows: behind } = await tx.query<{ user_id: string; from_seq: string; to_seq: string }>(
    `SELECT c.user_id, coalesce(a.seq, 0) AS from_seq, least(c.last_seq, coalesce(a.seq, 0) + $1) AS to_seq
     FROM event_counters c LEFT JOIN alert_cursors a ON a.user_id = c.user_id
     WHERE c.last_seq > coalesce(a.seq, 0) LIMIT 500`,
    [most],
  )
  if (behind.length === 0) return []
  const spans = JSON.stringify(behind)
  const { rows } = await tx.query<{
    user_id: string
    bot_id: string
    type: string
    from_status: BotStatus | null
    to_status: BotStatus | null
    message: string
    at: Date
    pause_reason: PauseReason | null
  }>(
    `SELECT e.user_id, e.bot_id, e.type, e.from_status, e.to_status, e.message, e.at, s.pause_reason
     FROM jsonb_to_recordset($1::jsonb) AS b(user_id bigint, from_seq bigint, to_seq bigint)
     JOIN bot_events e ON e.user_id = b.user_id AND e.seq > b.from_seq AND e.seq <= b.to_seq
     JOIN bot_states s ON s.bot_id = e.bot_id
     ORDER BY e.user_id, e.seq`,
    [spans],
  )
  await tx.query(
    `INSERT INTO alert_cursors (user_id, seq)
     SELECT b.user_id, b.to_seq FROM jsonb_to_recordset($1::jsonb) AS b(user_id bigint, to_seq bigint)
     ON CONFLICT (user_id) DO UPDATE SET seq = EXCLUDED.seq`,
    [spans],
  )
  return rows.map((row) => ({
    userId: row.user_id,
    botId: row.bot_id,
    type: row.type,
    fromStatus: row.from_status,
    toStatus: row.to_status,
    message: row.message,
    at: row.at,
    pauseReason: row.pause_reason,
  }))
}

/** Whom a trouble concerns, and since when; `at` null: it was found just now. */
export type Concern = { userId: string; botId: string | null; at: Date | null }

/**
 * Writes an alert and its deliveries, unless the same trouble is told already. Channels get what happened after they were made. Answers whether
 * it is new. `ended`: it was over when it was found.
 */
export async function beginAlert(
  tx: Tx,
  { userId, botId, at }: Concern,
  { kind, key, message }: Trouble,
  ended = false,
): Promise<boolean> {
  const { rows } = await tx.query<{ id: string }>(
    `WITH moment AS (SELECT coalesce($6::timestamptz, tradebot_now()) AS at),
     alert AS (
       INSERT INTO alerts (user_id, bot_id, kind, dedupe_key, message, created_at, ended_at)
       SELECT $1, $2, $3, $4, $5, at, CASE WHEN $7 THEN at END FROM moment
       WHERE NOT EXISTS (SELECT FROM alerts WHERE user_id = $1 AND dedupe_key = $4
                         AND ended_at > (SELECT tradebot_now()) - $8 * interval '1 millisecond')
       ON CONFLICT (user_id, dedupe_key) WHERE ended_at IS NULL DO NOTHING
       RETURNING id, user_id, kind, created_at),
     deliveries AS (
       INSERT INTO alert_deliveries (alert_id, channel_id, next_try_at)
       SELECT a.id, c.id, tradebot_now() FROM alert a JOIN alert_channels c ON c.user_id = a.user_id
       WHERE c.deleted_at IS NULL AND c.enabled AND c.created_at <= a.created_at
         AND (cardinality(c.kinds) = 0 OR a.kind = ANY (c.kinds)))
     SELECT id FROM alert`,
    [userId, botId, kind, key, message, at, ended, quietMs(kind)],
  )
  return rows.length > 0
}

/** Ends the user's alerts of these keys, where they are open. */
export async function endAlerts(tx: Tx, userId: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await tx.query(
    `UPDATE alerts SET ended_at = tradebot_now() WHERE user_id = $1 AND dedupe_key = ANY ($2::text[]) AND ended_at IS NULL`,
    [userId, keys],
  )
}

/** An open alert with what the tables say of its bot; null for one that is no single bot's. */
export type OpenAlertRow = OpenAlert & { userId: string; facts: BotFacts | null }

export async function readOpenAlerts(tx: Tx): Promise<OpenAlertRow[]> {
  const { rows } = await tx.query<
    FactsRow & { alert_user: string; kind: AlertKind; dedupe_key: string; created_at: Date }
  >(
    `SELECT a.user_id AS alert_user, a.kind, a.dedupe_key, a.created_at, f.*
     FROM alerts a LEFT JOIN (${FACTS}) f ON f.bot_id = a.bot_id
     WHERE a.ended_at IS NULL`,
  )
  return rows.map((row) => ({
    userId: row.alert_user,
    kind: row.kind,
    key: row.dedupe_key,
    createdAt: row.created_at,
    facts: row.bot_id === null ? null : factsFromRow(row),
  }))
}

/** Bots that look late or unprotected, with their users; the rules have the last word. */
export async function readSuspects(tx: Tx): Promise<{ userId: string; facts: BotFacts }[]> {
  const { rows } = await tx.query<FactsRow>(
    `SELECT f.* FROM (${FACTS}) f WHERE f.bot_id IN (
       SELECT bot_id FROM bot_states WHERE next_tick_at < (SELECT tradebot_now()) - interval '30 seconds'
       UNION SELECT bot_id FROM bot_states WHERE status = 'ERROR')`,
  )
  return rows.map((row) => ({ userId: row.user_id, facts: factsFromRow(row) }))
}

/** The workers that a sweep has found silent, once. */
export async function takeDeadWorkers(tx: Tx): Promise<DeadWorkerFacts[]> {
  const { rows } = await tx.query<{ host: string; pid: number; started_at: Date; beat_at: Date }>(
    'DELETE FROM dead_workers RETURNING host, pid, started_at, beat_at',
  )
  return rows.map((row) => ({
    host: row.host,
    pid: row.pid,
    startedAt: row.started_at,
    beatAt: row.beat_at,
  }))
}

export async function usersWithActiveBots(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ user_id: string }>(
    'SELECT DISTINCT user_id FROM bot_configs WHERE is_active AND deleted_at IS NULL',
  )
  return rows.map((row) => row.user_id)
}

export async function readNow(tx: Tx): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('SELECT tradebot_now() AS now')
  const now = rows[0]?.now
  if (now === undefined) throw new Error('The database does not tell the time.')
  return now
}

type FactsRow = {
  bot_id: string
  user_id: string
  status: BotStatus
  mode: BotMode
  pause_reason: PauseReason | null
  check_interval_seconds: number
  next_tick_at: Date | null
  held_since: Date | null
  stop_rests: boolean
  exit_failures: number
  unknown: boolean
  transfer_unknown: boolean
}

const FACTS = `
  SELECT c.id AS bot_id, c.user_id, s.status, c.mode, s.pause_reason, c.check_interval_seconds, s.next_tick_at, s.exit_failures,
         p.opened_at AS held_since,
         EXISTS (SELECT FROM orders o WHERE o.bot_id = c.id AND o.purpose = 'PROTECTIVE_STOP'
                 AND o.status IN ('OPEN', 'PARTIALLY_FILLED')) AS stop_rests,
         EXISTS (SELECT FROM orders o WHERE o.bot_id = c.id AND o.status = 'UNKNOWN') AS unknown,
         EXISTS (SELECT FROM transfers t WHERE t.bot_id = c.id AND t.status = 'UNKNOWN') AS transfer_unknown
  FROM bot_configs c JOIN bot_states s ON s.bot_id = c.id
  LEFT JOIN positions p ON p.bot_id = c.id AND p.closed_at IS NULL`

function factsFromRow(row: FactsRow): BotFacts {
  return {
    botId: row.bot_id,
    status: row.status,
    mode: row.mode,
    pauseReason: row.pause_reason,
    checkIntervalSeconds: row.check_interval_seconds,
    nextTickAt: row.next_tick_at,
    heldSince: row.held_since,
    stopRests: row.stop_rests,
    exitFailures: row.exit_failures,
    unknown: row.unknown,
    transferUnknown: row.transfer_unknown,
  }
}
