import type { TradingAccount } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { type Decimal, decimal, plain, ZERO } from '#trading/domain/money.ts'
import type { Order } from '#trading/domain/order.ts'
import { type Position, reachesMinimum } from '#trading/domain/position.ts'
import { loadSurroundings, saveState } from '#trading/store/bots.ts'
import { writeEvents } from '#trading/store/events.ts'
import { inTransaction, type Tx } from '#trading/store/pool.ts'
import { heldOf } from '#trading/store/reservations.ts'
import type { WorkerDeps } from '../deps.ts'
import { type Claim, deny } from './claim-order.ts'
import { lockOrderContext } from './order-context.ts'
import { readBalance } from './read-balance.ts'

/**
 * Before a sell whose predecessor was refused for want of coins: asks the account, and writes off what it lacks of the position, where that is
 * less than could be traded (a person converted the dust of earlier exits, which the position had taken along; the venue took a fee of another
 * market from it). Without this the exit would be refused for ever over a speck. More than a speck is reconciliation's to explain.
 * Answers what became of the order where it must be decided anew. @throws VenueError
 */
export async function writeOffSpeck(
  deps: WorkerDeps,
  account: TradingAccount,
  seen: Order,
  market: Market,
): Promise<Claim | null> {
  const { apiKeyId } = seen
  if (seen.side !== 'SELL' || market.type === 'FUTURES' || apiKeyId === null || !(await wasShort(deps, seen)))
    return null
  await readBalance(deps, account, apiKeyId, 'SPOT', market.base)
  return inTransaction(deps.pool, async (tx) => {
    const context = await lockOrderContext(tx, seen)
    const { locked, order } = context
    const { position } = await loadSurroundings(tx, order.botId)
    if (order.status !== 'INTENDED' || position === null) return null
    const there = await coinsOf(tx, order, apiKeyId, market.base)
    const speck = there === null ? ZERO : position.amount.minus(there)
    if (!speck.gt(0) || !isSpeck(speck, position, order, market)) return null
    // Its cost stays with the rest, so that the loss shows in the profit of the sale.
    await tx.query(`UPDATE positions SET amount = amount - $2::numeric WHERE id = $1`, [
      position.id,
      plain(speck),
    ])
    const left = position.amount.minus(speck)
    const denied = order.amount.lte(left)
      ? null
      : await deny(tx, context, {
          code: 'POSITION_CHANGED',
          message: `The account holds ${plain(left)} ${market.base} of the position; it is decided anew.`,
        })
    if (denied !== null && locked.state.nextTickAt !== null) {
      Object.assign(locked.state, { nextTickAt: locked.now, exitRetryAt: null, stopRetryAt: null })
      await saveState(tx, locked.state)
    }
    await writeEvents(tx, { userId: order.userId, label: 'worker' }, [
      {
        botId: order.botId,
        type: 'SPECK_WRITTEN_OFF',
        message: `The account holds ${plain(speck)} ${market.base} less than the position, too little to be traded (was dust converted, or a fee taken from it?): it is written off, so that the rest can be sold.`,
      },
    ])
    return denied
  })
}

function isSpeck(speck: Decimal, position: Position, order: Order, market: Market): boolean {
  return speck.lt(position.amount) && !reachesMinimum(speck, order.referencePrice, market)
}

/** The bot's last sell was refused because the account did not hold what was to be sold. */
async function wasShort(deps: WorkerDeps, order: Order): Promise<boolean> {
  const { rows } = await deps.pool.query<{ error_code: string | null }>(
    `SELECT error_code FROM orders WHERE bot_id = $1 AND side = 'SELL' AND id < $2 ORDER BY id DESC LIMIT 1`,
    [order.botId, order.id],
  )
  return rows[0]?.error_code === 'BALANCE_INSUFFICIENT'
}

/**
 * What the account holds of the asset beyond what other bots of the key hold; null where that is not certain, for an order has moved since
 * the balance was read, or is on its way.
 */
async function coinsOf(tx: Tx, order: Order, apiKeyId: string, asset: string): Promise<Decimal | null> {
  const { rows } = await tx.query<{ total: string; moving: boolean }>(
    `SELECT b.total, EXISTS (
       SELECT FROM orders o JOIN markets m ON m.exchange = o.exchange AND m.symbol = o.symbol AND (m.base = $2 OR m.quote = $2)
       WHERE o.api_key_id = $1 AND o.id <> $3
         AND (o.status IN ('SUBMITTING', 'UNKNOWN', 'PARTIALLY_FILLED') OR (o.status = 'OPEN' AND o.purpose <> 'PROTECTIVE_STOP')
           OR (o.updated_at >= b.read_at AND o.filled > 0))) AS moving
     FROM account_balances b WHERE b.api_key_id = $1 AND b.wallet = 'SPOT' AND b.asset = $2`,
    [apiKeyId, asset, order.id],
  )
  const row = rows[0]
  if (row === undefined || row.moving) return null
  return decimal(row.total).minus(await heldOf(tx, apiKeyId, asset, order.botId))
}
