import { isLate } from '#trading/domain/alerts.ts'
import type { Pool } from '#trading/store/pool.ts'
import { ago, bad, ok, warning, type Check } from './check.ts'

type Named = { id: string; name: string; username: string }

/** A bot for people: its name, its id, whose it is. */
const nameOf = ({ id, name, username }: Named) => `"${name}" (id ${id}) of ${username}`

/** More of one kind than this are counted. */
const MOST = 10

/** Bots in ERROR, and bots that nobody looks after. */
export async function checkBots(pool: Pool): Promise<Check[]> {
  const { rows } = await pool.query<
    Named & {
      status: string
      error_message: string | null
      next_tick_at: Date | null
      seconds: number
      now: Date
    }
  >(
    `SELECT c.id::text, c.name, u.username, s.status::text, s.error_message, s.next_tick_at, c.check_interval_seconds AS seconds, tradebot_now() AS now
     FROM bot_configs c JOIN bot_states s ON s.bot_id = c.id JOIN users u ON u.id = c.user_id
     WHERE c.deleted_at IS NULL ORDER BY c.id`,
  )
  const failed = rows.filter(({ status }) => status === 'ERROR')
  const late = rows.filter(({ next_tick_at, seconds, now }) =>
    isLate({ nextTickAt: next_tick_at, checkIntervalSeconds: seconds }, now),
  )
  const checks = [
    ...listed('bot-error', failed, (bot) =>
      bad(
        'bot-error',
        `${nameOf(bot)} is in ERROR: ${bot.error_message ?? 'no reason is noted'}`,
        `Mend that, then: tradebotctl bots start ${bot.id}`,
      ),
    ),
    ...listed('bot-late', late, (bot) =>
      bad(
        'bot-late',
        `${nameOf(bot)} was due ${ago(bot.now.getTime() - (bot.next_tick_at?.getTime() ?? 0))} ago; it should be looked after every ${bot.seconds} s`,
        'See whether a worker is alive and keeps up.',
      ),
    ),
  ]
  const active = rows.filter(({ status }) => status === 'RUNNING' || status === 'PENDING').length
  return checks.length > 0
    ? checks
    : [ok('bots', `${rows.length}, of which ${active} run; none is late or in ERROR`)]
}

/** LIVE positions that no stop at the exchange guards. While an exit is under way the stop has gone on purpose. */
export async function checkPositions(pool: Pool): Promise<Check[]> {
  const { rows } = await pool.query<Named & { symbol: string; status: string; stop_notice: string | null }>(
    `SELECT c.id::text, c.name, u.username, c.symbol, s.status::text, s.stop_notice
     FROM positions p JOIN bot_configs c ON c.id = p.bot_id JOIN bot_states s ON s.bot_id = c.id JOIN users u ON u.id = c.user_id
     WHERE p.closed_at IS NULL AND p.amount > 0 AND c.mode = 'LIVE' AND s.exit_purpose IS NULL AND NOT s.closing
       AND p.opened_at < tradebot_now() - interval '15 seconds'
       AND NOT EXISTS (SELECT FROM orders o WHERE o.bot_id = c.id AND o.purpose = 'PROTECTIVE_STOP' AND o.status IN ('OPEN', 'PARTIALLY_FILLED'))
     ORDER BY c.id`,
  )
  const checks = listed('position-unprotected', rows, (bot) => {
    const found = `${nameOf(bot)} holds ${bot.symbol} with no stop at the exchange${bot.stop_notice === null ? '' : `: ${bot.stop_notice}`}`
    return bot.status === 'RUNNING'
      ? warning(
          'position-unprotected',
          found,
          'A worker guards it as long as one runs; see the events of the bot.',
        )
      : bad('position-unprotected', found, 'Close it at the exchange, or mend the bot and start it.')
  })
  return checks.length > 0 ? checks : [ok('positions', 'each LIVE one has its stop at the exchange')]
}

/** Orders and transfers whose fate is not known; they hold their bot back until it is. */
export async function checkUnknown(pool: Pool): Promise<Check[]> {
  const orders = await pool.query<Named & { order_id: string; age: number }>(
    `SELECT c.id::text, c.name, u.username, o.id::text AS order_id,
            (extract(epoch FROM tradebot_now() - coalesce(o.unknown_since, o.updated_at)) * 1000)::float8 AS age
     FROM orders o JOIN bot_configs c ON c.id = o.bot_id JOIN users u ON u.id = c.user_id
     WHERE o.status = 'UNKNOWN' AND coalesce(o.unknown_since, o.updated_at) < tradebot_now() - interval '1 minute' ORDER BY o.id`,
  )
  const transfers = await pool.query<Named & { transfer_id: string; asked: boolean }>(
    `SELECT c.id::text, c.name, u.username, t.id::text AS transfer_id, t.next_settle_at IS NULL AS asked
     FROM transfers t JOIN bot_configs c ON c.id = t.bot_id JOIN users u ON u.id = c.user_id
     WHERE t.status = 'UNKNOWN' AND coalesce(t.unknown_since, t.updated_at) < tradebot_now() - interval '1 minute' ORDER BY t.id`,
  )
  const checks = [
    ...listed('order-unknown', orders.rows, (order) => {
      const found = `order ${order.order_id} of bot ${nameOf(order)}: its fate has not been known for ${ago(order.age)}`
      const advice = 'A worker looks again and again; see at the exchange whether the order is there.'
      return order.age > 600_000
        ? bad('order-unknown', found, advice)
        : warning('order-unknown', found, advice)
    }),
    ...listed('transfer-unknown', transfers.rows, (transfer) =>
      warning(
        'transfer-unknown',
        `transfer ${transfer.transfer_id} of bot ${nameOf(transfer)}: its fate is not known`,
        transfer.asked
          ? 'Say in the web UI which transfer of the exchange it is, or that it was not made.'
          : 'A worker looks again and again.',
      ),
    ),
  ]
  return checks.length > 0 ? checks : [ok('orders', 'the fate of every order and transfer is known')]
}

/** Keys that their exchange refuses, or whose account cannot be compared with the books. */
export async function checkKeys(pool: Pool): Promise<Check[]> {
  const { rows } = await pool.query<
    Named & {
      exchange: string
      check_error: string | null
      check_passes: boolean
      reconcile_error: string | null
    }
  >(
    `SELECT k.id::text, k.label AS name, u.username, k.exchange, k.check_error, k.check_passes, k.reconcile_error
     FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.deleted_at IS NULL ORDER BY k.id`,
  )
  const wrong = rows.filter((key) => key.check_error !== null || key.reconcile_error !== null)
  const checks = listed('key', wrong, (key) => {
    const who = `${key.exchange} key ${nameOf(key)}`
    if (key.check_error !== null && !key.check_passes)
      return bad(
        'key',
        `${who} is refused: ${key.check_error}`,
        'Mend it at the exchange, or enter it anew in the web UI.',
      )
    return warning(
      'key',
      `${who}: ${key.reconcile_error ?? key.check_error ?? ''}`,
      `It is tried again by itself; tradebotctl reconcile --plan says more.`,
    )
  })
  return checks.length > 0 ? checks : [ok('keys', `${rows.length}, none refused`)]
}

export async function checkHalts(pool: Pool): Promise<Check[]> {
  const { rows } = await pool.query<{ username: string; halted_at: Date }>(
    'SELECT username, halted_at FROM users WHERE halted_at IS NOT NULL ORDER BY id',
  )
  const checks = listed('halted', rows, ({ username, halted_at }) =>
    warning(
      'halted',
      `trading of ${username} is halted since ${halted_at.toISOString()}`,
      'When it may go on: tradebotctl resume-trading, or the button in the web UI.',
    ),
  )
  return checks.length > 0 ? checks : [ok('halts', 'nobody has halted trading')]
}

function listed<T>(id: string, rows: readonly T[], tell: (row: T) => Check): Check[] {
  const shown = rows.slice(0, MOST).map(tell)
  const more = rows.length - shown.length
  if (more === 0) return shown
  const status = shown.some((check) => check.status === 'bad') ? bad : warning
  return [...shown, status(id, `${more} more like these`, 'See those above.')]
}
