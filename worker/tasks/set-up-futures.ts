import type { Denial } from '#trading/domain/denials.ts'
import { type TradingAccount, VenueError, type VenuePosition } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { plain } from '#trading/domain/money.ts'
import { opensPosition, type Order } from '#trading/domain/order.ts'
import { type NewEvent, writeEvents } from '#trading/store/events.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { reconcileWithin } from '#trading/store/reconcile-schedule.ts'
import type { WorkerDeps } from '../deps.ts'
import { deny } from './claim-order.ts'
import { failBot, lockOrderContext } from './order-context.ts'

/**
 * Before an entry on a perpetual is claimed: the account is set to one-way mode, isolated margin and the bot's leverage, and must be flat
 * there, for the venue knows one position per market and would mix a person's with the bot's; no stop of a former bot may rest there. Answers what became of the order where it may
 * not go out; null where it may, or needs none of this. @throws VenueError for what passes by itself
 */
export async function setUpEntry(
  deps: WorkerDeps,
  account: TradingAccount,
  order: Order,
  market: Market,
): Promise<string | null> {
  if (market.type !== 'FUTURES' || !opensPosition(order.purpose)) return null
  const leverage = await leverageOf(deps, order)
  let found: VenuePosition | null
  try {
    // Looked at first: leverage and margin mode of a position that is held cannot, or must not, be changed under it.
    found = await account.fetchPosition(order.symbol)
    if (found === null) await account.setUpFutures(order.symbol, leverage)
  } catch (error) {
    if (!(error instanceof VenueError) || error.kind !== 'REFUSED') throw error
    return refuse(deps, order, {
      code: 'LEVERAGE_REFUSED',
      message: `${order.exchange} does not take ${leverage}x leverage in isolated margin on ${order.symbol}: ${error.message}`,
    })
  }
  if (found !== null) return refuse(deps, order, foreign(order, market, found))
  const left = await cancelLeftStop(deps, order)
  return left === null ? null : refuse(deps, order, left)
}

/**
 * A deleted bot's stop rests on (KEEP), and a person closed its position: it would close what this bot is about to open. The account is flat,
 * so that it guards nothing; the next entry finds it gone.
 */
async function cancelLeftStop(deps: WorkerDeps, order: Order): Promise<Denial | null> {
  const { rows } = await deps.pool.query<{ id: string; name: string }>(
    `UPDATE orders o SET cancel_requested = true, next_settle_at = least(o.next_settle_at, tradebot_now()) FROM bot_configs c
     WHERE c.id = o.bot_id AND c.deleted_at IS NOT NULL AND o.api_key_id = $1 AND o.symbol = $2 AND o.bot_id <> $3
       AND o.mode = 'LIVE' AND o.purpose = 'PROTECTIVE_STOP' AND o.status IN ('SUBMITTING', 'UNKNOWN', 'OPEN', 'PARTIALLY_FILLED')
     RETURNING o.id::text AS id, c.name`,
    [order.apiKeyId, order.symbol, order.botId],
  )
  if (rows[0] === undefined) return null
  return {
    code: 'ORDER_UNSETTLED',
    message: `The stop that the deleted bot "${rows[0].name}" left on ${order.symbol} (order ${rows[0].id}) still rests at ${order.exchange} and would close what is opened now: it is cancelled first.`,
  }
}

function foreign(order: Order, market: Market, found: VenuePosition): Denial {
  const side = found.side === 'BUY' ? 'long' : 'short'
  return {
    code: 'POSITION_FOREIGN',
    message: `The account holds a ${side} position of ${plain(found.amount)} ${market.base} on ${order.symbol} that is not the bot's. Close it at ${order.exchange}, or give the bot a key of its own.`,
  }
}

/** What the venue will not do a moment later either is a person's to change; a foreign position may be one of ours, not yet booked. */
async function refuse(deps: WorkerDeps, seen: Order, denial: Denial): Promise<string> {
  return inTransaction(deps.pool, async (tx) => {
    const context = await lockOrderContext(tx, seen)
    const { order, locked } = context
    if (order.status !== 'INTENDED') return 'Skipped (not intended)'
    const events: NewEvent[] = []
    if (denial.code === 'LEVERAGE_REFUSED') {
      const advice = 'Stop the bot, lower its leverage or mend the account, then start it again.'
      await failBot(tx, locked, denial.code, `${denial.message} ${advice}`, events)
    } else if (order.apiKeyId !== null) {
      await reconcileWithin(tx, order.apiKeyId, 0)
    }
    const denied = await deny(tx, context, denial)
    await writeEvents(tx, { userId: order.userId, label: 'worker' }, events)
    return denied.kind === 'DONE' ? denied.outcome : 'Denied'
  })
}

async function leverageOf(deps: WorkerDeps, order: Order): Promise<number> {
  const { rows } = await deps.pool.query<{ leverage: number }>(
    `SELECT leverage FROM bot_configs WHERE id = $1`,
    [order.botId],
  )
  if (rows[0] === undefined) throw new Error(`the bot ${order.botId} of order ${order.id} is gone`)
  return rows[0].leverage
}
