import { z } from 'zod'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { plain } from '#trading/domain/money.ts'
import { amount, clientId, figure, millis, positive, price, rfc3339, sideOf } from './krakenfutures-fields.ts'

// Answers of the history API: events, whose quantity is what is left.

/** `quantity` is what is left, `filled` what was filled before it. */
const pastOrder = z.object({
  uid: z.string(),
  clientId,
  tradeable: z.string(),
  direction: sideOf,
  quantity: amount,
  filled: amount.optional(),
  limitPrice: price,
  orderType: z.string(),
  timestamp: millis,
  triggerOptions: z.object({ triggerPrice: positive }).nullish(),
})
type PastOrder = z.output<typeof pastOrder>

const told = z.object({ order: pastOrder, reason: z.string().default('') })
const event = z.object({
  OrderPlaced: told.optional(),
  OrderUpdated: z.object({ newOrder: pastOrder, reason: z.string().default('') }).optional(),
  OrderCancelled: told.optional(),
  OrderRejected: told.extend({ orderError: z.string().default('') }).optional(),
  OrderTriggerPlaced: told.optional(),
  OrderTriggerUpdated: z.object({ newOrder: pastOrder, reason: z.string().default('') }).optional(),
  OrderTriggerCancelled: told.optional(),
  OrderTriggerActivated: told.optional(),
})

type PastKind =
  'PLACED' | 'UPDATED' | 'CANCELLED' | 'REJECTED' | 'TRIGGER_PLACED' | 'TRIGGER_CANCELLED' | 'ACTIVATED'
export type PastEvent = { kind: PastKind; order: PastOrder; reason: string; at: Date }

/** Answers of GET history/v3/orders and history/v3/triggers. Events of a kind that nobody knows are about no order of ours. */
export const historyAnswer = z
  .object({
    elements: z.array(z.object({ timestamp: millis, event })),
    continuationToken: z.string().nullish(),
  })
  .transform(({ elements, continuationToken }) => ({
    events: elements.flatMap(({ timestamp, event: its }) => eventOf(its, timestamp)),
    next: continuationToken === undefined || continuationToken === '' ? null : continuationToken,
  }))

function eventOf(its: z.output<typeof event>, at: Date): PastEvent[] {
  const { OrderPlaced, OrderUpdated, OrderCancelled, OrderRejected } = its
  const { OrderTriggerPlaced, OrderTriggerUpdated, OrderTriggerCancelled, OrderTriggerActivated } = its
  const found: PastEvent[] = []
  const add = (kind: PastKind, one: { order: PastOrder; reason: string } | undefined) => {
    if (one !== undefined) found.push({ kind, order: one.order, reason: one.reason, at })
  }
  add('PLACED', OrderPlaced)
  if (OrderUpdated !== undefined) add('UPDATED', { ...OrderUpdated, order: OrderUpdated.newOrder })
  add('CANCELLED', OrderCancelled)
  if (OrderRejected !== undefined)
    add('REJECTED', { ...OrderRejected, reason: `${OrderRejected.reason} ${OrderRejected.orderError}` })
  add('TRIGGER_PLACED', OrderTriggerPlaced)
  if (OrderTriggerUpdated !== undefined)
    add('TRIGGER_PLACED', { ...OrderTriggerUpdated, order: OrderTriggerUpdated.newOrder })
  add('TRIGGER_CANCELLED', OrderTriggerCancelled)
  add('ACTIVATED', OrderTriggerActivated)
  return found
}

/** A fill and what of its order its row tells. */
export type FuturesFill = { symbol: string; clientOrderId: string | null; fill: VenueFill }

/** Answer of GET history/v3/executions, the account's own. Fees of linear perpetuals are in US dollars. */
export const executionsAnswer = z
  .object({
    elements: z.array(
      z.object({
        timestamp: millis,
        event: z.object({
          Execution: z
            .object({
              execution: z.object({
                uid: z.string(),
                order: pastOrder,
                timestamp: millis,
                quantity: positive,
                price: positive,
                orderData: z.object({ fee: figure }).nullable(),
              }),
            })
            .optional(),
        }),
      }),
    ),
    continuationToken: z.string().nullish(),
  })
  .transform(({ elements, continuationToken }, context) => ({
    fills: elements.flatMap(({ event: { Execution } }): FuturesFill[] => {
      if (Execution === undefined) return []
      const { uid, order, timestamp, quantity, price: at, orderData } = Execution.execution
      if (orderData === null) {
        context.addIssue({ code: 'custom', message: `execution ${uid} does not tell its fee` })
        return []
      }
      const fill = {
        tradeId: uid,
        exchangeOrderId: order.uid,
        side: order.direction,
        amount: quantity,
        price: at,
        fee: orderData.fee,
        feeCurrency: 'USD',
        executedAt: timestamp,
      }
      return [{ symbol: order.tradeable, clientOrderId: order.clientId, fill }]
    }),
    next: continuationToken === undefined || continuationToken === '' ? null : continuationToken,
  }))

/** Answer of GET history/v3/account-log. */
export const accountLogAnswer = z
  .object({
    logs: z.array(
      z.object({
        id: z.union([z.number(), z.string()]).transform(Number),
        booking_uid: z.string(),
        asset: z.string(),
        contract: z.string().nullable(),
        date: rfc3339,
        realized_funding: figure.nullish(),
      }),
    ),
  })
  .transform(({ logs }) => logs)

/** @throws Error for an order that says two things */
export function checked(order: VenueOrder): VenueOrder {
  if (order.filled.gt(order.amount))
    throw new Error(`${plain(order.filled)} of ${plain(order.amount)} was executed`)
  return order
}
