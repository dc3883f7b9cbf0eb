import { type Decimal, plain, ZERO } from '../domain/money.ts'
import type { Market } from '../domain/market.ts'
import type { Order } from '../domain/order.ts'
import type { FeePrices, Position } from '../domain/position.ts'
import type { VenueFill } from '../domain/exchange.ts'
import { type LockedBot, saveState } from './bots.ts'
import { insertFills, sumFills } from './fills.ts'
import { closePosition } from './positions.ts'
import type { Tx } from './pool.ts'

/**
 * Lets this transaction, and nobody else, set an order's filled amount to less: the database refuses that to everybody, so that no evidence is
 * ever lost, and what no fill carries is no evidence. Until COMMIT or ROLLBACK nobody else writes orders, so take it before any other lock,
 * and wait for none after it.
 */
export async function withoutOrderGuard<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await tx.query(`SET LOCAL lock_timeout = '1s'`)
  await tx.query('ALTER TABLE orders DISABLE TRIGGER orders_guard')
  const result = await work()
  await tx.query('ALTER TABLE orders ENABLE TRIGGER orders_guard')
  return result
}

/** Sets the filled amount to what the fills in the books add up to, unless order or fills have changed since. Answers whether it did. */
export async function recountOrder(
  tx: Tx,
  judged: Pick<Order, 'id' | 'status' | 'filled'>,
  filled: Decimal,
): Promise<boolean> {
  const sums = await sumFills(tx, judged.id)
  if (!sums.filled.eq(filled)) return false
  const { rowCount } = await tx.query(
    `UPDATE orders SET filled = $4, average_price = $5, updated_at = tradebot_now()
     WHERE id = $1 AND status = $2::"OrderStatus" AND filled = $3`,
    [
      judged.id,
      judged.status,
      plain(judged.filled),
      plain(filled),
      sums.averagePrice === null ? null : plain(sums.averagePrice),
    ],
  )
  return rowCount === 1
}

/**
 * Writes fills that position, profit and day have already, because only their rows were lost. The profit of each is not known any more.
 * Answers how many the books did not have. `order` is locked by the caller.
 */
export async function recordFills(
  tx: Tx,
  order: Order,
  market: Market,
  fills: readonly VenueFill[],
  prices: FeePrices,
): Promise<number> {
  const fresh = await insertFills(tx, order, market, fills, prices)
  const { filled, averagePrice } = await sumFills(tx, order.id)
  await tx.query(
    `UPDATE orders SET filled = greatest(filled, $2::numeric), average_price = $3, updated_at = tradebot_now() WHERE id = $1`,
    [order.id, plain(filled), averagePrice === null ? null : plain(averagePrice)],
  )
  return fresh.length
}

/** Sets what the position holds; its cost and profit stay, for nothing proves them wrong. The bot looks at it at once. */
export async function recountPosition(
  tx: Tx,
  locked: LockedBot,
  position: Position,
  amount: Decimal,
): Promise<void> {
  if (amount.isZero()) await closePosition(tx, position.id, locked.now, ZERO)
  else await tx.query(`UPDATE positions SET amount = $2 WHERE id = $1`, [position.id, plain(amount)])
  if (locked.state.nextTickAt === null) return
  locked.state.nextTickAt = locked.now
  await saveState(tx, locked.state)
}
