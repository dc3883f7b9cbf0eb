import { type TradingAccount, VenueError } from '#trading/domain/exchange.ts'
import type { Order } from '#trading/domain/order.ts'
import { writeEvents } from '#trading/store/events.ts'
import type { Tx } from '#trading/store/pool.ts'
import { wasTold } from './order-context.ts'

/**
 * Asks the exchange to cancel the order. A cancel that it refuses must not hide what became of the order, which may be why: answers the
 * reason, and the look that follows tells. @throws VenueError where the exchange could not be asked
 */
export async function tryCancel(
  account: TradingAccount,
  order: Parameters<TradingAccount['cancelOrder']>[0],
): Promise<string | null> {
  try {
    await account.cancelOrder(order)
    return null
  } catch (error) {
    if (error instanceof VenueError && (error.kind === 'REFUSED' || error.kind === 'MARKET_GONE'))
      return error.message
    throw error
  }
}

/** It rests on, and what waits for its end cannot go out: told once an hour for each reason. */
export async function tellCancelRefused(tx: Tx, order: Order, reason: string): Promise<void> {
  const type = 'CANCEL_REFUSED'
  const message = `${order.exchange} refuses to cancel ${order.purpose} order ${order.id}: ${reason} It is asked again and again; what waits for the order's end, a sale of the position too, waits on. Cancel it at the exchange if you can.`
  if (await wasTold(tx, order.botId, type, message)) return
  await writeEvents(tx, { userId: order.userId, label: 'worker' }, [{ botId: order.botId, type, message }])
}
