import type { Order } from '../domain/order.ts'
import type { Tx } from './pool.ts'

/**
 * The stop is not wanted any more. One that nobody has claimed is never sent: the claim takes the bot's lock, which the caller holds. Any
 * other is cancelled by settle_order, at once, and counts until the exchange has shown it terminal.
 */
export async function cancelStop(tx: Tx, stop: Pick<Order, 'id' | 'status'>, why: string): Promise<void> {
  if (stop.status === 'INTENDED') {
    await tx.query(
      `UPDATE orders SET status = 'NOT_PLACED', error_code = 'STOP_NOT_WANTED', error_message = $2, next_settle_at = NULL,
         updated_at = tradebot_now() WHERE id = $1 AND status = 'INTENDED'`,
      [stop.id, `Never sent: ${why}.`],
    )
    return
  }
  await tx.query(
    `UPDATE orders SET cancel_requested = true, next_settle_at = least(next_settle_at, tradebot_now()) WHERE id = $1`,
    [stop.id],
  )
}

/** The price has reached the stop: what became of it is asked now, not at its next turn. */
export async function lookAtStop(tx: Tx, stopId: string): Promise<void> {
  await tx.query(`UPDATE orders SET next_settle_at = least(next_settle_at, tradebot_now()) WHERE id = $1`, [
    stopId,
  ])
}
