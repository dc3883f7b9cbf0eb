import type { Actor } from '../domain/actor.ts'
import { InvalidTransitionError, NotFoundError, ValidationError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import { enqueue } from '../jobs/enqueue.ts'
import { lockBot } from './bots.ts'
import { writeEvents } from './events.ts'
import { loadOrder, lockOrder, markOrder } from './orders.ts'
import type { Tx } from './pool.ts'

export type Resolution = { id: string; outcome: 'PLACED' | 'NOT_PLACED'; exchangeOrderId: string | null }

/**
 * A person says what an order in UNKNOWN became. PLACED needs the venue's own order id, by which the next look fetches the fills from the
 * venue: none is invented. NOT_PLACED settles it; should it be found later all the same, the evidence wins.
 * @throws NotFoundError, ValidationError, InvalidTransitionError
 */
export async function resolveOrder(tx: Tx, actor: Actor, resolution: Resolution): Promise<void> {
  const found = /^\d{1,18}$/.test(resolution.id) ? await loadOrder(tx, resolution.id) : null
  if (found === null || found.userId !== actor.userId) throw new NotFoundError('order')
  const { state } = await lockBot(tx, found.botId, { userId: actor.userId })
  const order = await lockOrder(tx, found.id)
  if (order.status !== 'UNKNOWN') {
    throw new InvalidTransitionError(
      state.status,
      'UPDATE',
      `Order ${order.id} is ${order.status}; only one in UNKNOWN can be resolved.`,
    )
  }
  const exchangeOrderId = resolution.exchangeOrderId?.trim() ?? ''
  if (resolution.outcome === 'PLACED' && exchangeOrderId === '') {
    throw new ValidationError([
      {
        path: ['exchangeOrderId'],
        message: "exchangeOrderId is needed for PLACED: it is the exchange's own number of the order.",
      },
    ])
  }
  if (resolution.outcome === 'NOT_PLACED' && exchangeOrderId !== '') {
    throw new ValidationError([
      {
        path: ['exchangeOrderId'],
        message: 'exchangeOrderId goes with PLACED only: an order that has a number was placed.',
      },
    ])
  }
  if (resolution.outcome === 'PLACED') {
    await refuseKnownNumber(tx, order, exchangeOrderId)
    await tx.query(
      `UPDATE orders SET exchange_order_id = $2, next_settle_at = tradebot_now(), updated_at = tradebot_now() WHERE id = $1`,
      [order.id, exchangeOrderId],
    )
    await enqueue(tx, 'settle_order', { orderId: order.id })
  } else {
    await markOrder(tx, order.id, {
      status: 'NOT_PLACED',
      code: 'RESOLVED_BY_PERSON',
      message: 'A person looked at the exchange and found it not placed.',
      settleInMs: order.submittedAt === null ? null : 60_000,
    })
  }
  const said = resolution.outcome === 'PLACED' ? `placed as ${exchangeOrderId}` : 'not placed'
  await writeEvents(tx, actor, [
    {
      botId: order.botId,
      type: 'ORDER_RESOLVED',
      message: `A person answered: order ${order.id} was ${said}.`,
    },
  ])
}

async function refuseKnownNumber(tx: Tx, order: Order, exchangeOrderId: string): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT id FROM orders WHERE exchange_order_id = $2 AND exchange = $3 AND symbol = $4 AND id <> $1 AND mode = 'LIVE'`,
    [order.id, exchangeOrderId, order.exchange, order.symbol],
  )
  if (rows[0] === undefined) return
  throw new ValidationError([
    {
      path: ['exchangeOrderId'],
      message: `exchangeOrderId ${exchangeOrderId} belongs to another order in the books (${rows[0].id}).`,
    },
  ])
}
