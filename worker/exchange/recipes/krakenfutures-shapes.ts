import { z } from 'zod'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { decimal, plain, ZERO, type Decimal } from '#trading/domain/money.ts'

// Rows of Kraken's futures API, which has three dialects: the trading engine's (orders/status, sendorder), the lists' (openorders, fills) and the
// history's (events, whose quantity is what is left).

const figure = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text), { message: 'not a number' })
  .transform((text) => decimal(text))
const amount = figure.refine((value) => value.gte(0), { message: 'below 0' })
const positive = figure.refine((value) => value.gt(0), { message: 'must be more than 0' })
/** The history writes "" where there is none. */
const price = z
  .union([z.literal('').transform(() => null), amount, z.null()])
  .optional()
  .transform((value) => (value === undefined || value === null || value.isZero() ? null : value))
const rfc3339 = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
const millis = z
  .union([z.number(), z.string().regex(/^\d{1,16}$/)])
  .transform((text) => new Date(Number(text)))
const clientId = z
  .string()
  .nullish()
  .transform((id) => (id === undefined || id === null || id === '' ? null : id))
const sideOf = z.string().transform((name, context) => {
  const low = name.toLowerCase()
  if (low === 'buy' || low === 'long') return 'BUY' as const
  if (low === 'sell' || low === 'short') return 'SELL' as const
  context.addIssue({ code: 'custom', message: `unknown side ${name}` })
  return z.NEVER
})

/** An order as far as one row tells it; `total` null: the row does not say how large it was in all. */
export type FuturesRow = {
  symbol: string
  order: Omit<VenueOrder, 'amount' | 'averagePrice'>
  total: Decimal | null
  /** Fills at once or goes. */
  immediate: boolean
}

const STATUS: Record<string, VenueOrder['status']> = {
  ENTERED_BOOK: 'OPEN',
  TRIGGER_PLACED: 'OPEN',
  FULLY_EXECUTED: 'FILLED',
  CANCELLED: 'CANCELED',
  REJECTED: 'REJECTED',
  TRIGGER_ACTIVATION_FAILURE: 'REJECTED',
}

/** Answer of POST orders/status: what rests, and what was over within the last five seconds. */
export const statusAnswer = z
  .object({
    orders: z.array(
      z.object({
        order: z.object({
          orderId: z.string(),
          cliOrdId: clientId,
          symbol: z.string(),
          side: sideOf,
          quantity: amount.nullable(),
          filled: amount.nullable(),
          limitPrice: price,
          timestamp: rfc3339,
          priceTriggerOptions: z.object({ triggerPrice: positive }).nullish(),
        }),
        status: z.string(),
        updateReason: z.string().nullish(),
        error: z.string().nullish(),
      }),
    ),
  })
  .transform(({ orders }, context) =>
    orders.map(({ order, status: name, updateReason, error }): FuturesRow => {
      const known = Object.hasOwn(STATUS, name) ? STATUS[name] : undefined
      if (known === undefined) context.addIssue({ code: 'custom', message: `unknown order status ${name}` })
      const filled = order.filled ?? ZERO
      const gone = /IOC_WOULD_NOT_EXECUTE/.test(`${updateReason ?? ''} ${error ?? ''}`)
      const status = gone
        ? 'EXPIRED'
        : known === 'OPEN' && filled.gt(0)
          ? 'PARTIALLY_FILLED'
          : (known ?? 'OPEN')
      return {
        symbol: order.symbol,
        order: {
          exchangeOrderId: order.orderId,
          clientOrderId: order.cliOrdId,
          side: order.side,
          status,
          filled,
          price: order.limitPrice,
          stopPrice: order.priceTriggerOptions?.triggerPrice ?? null,
          createdAt: order.timestamp,
        },
        // What it was or what is left? Kraken's documents leave it open once something was filled.
        total: filled.isZero() ? order.quantity : known === 'FILLED' ? filled : null,
        immediate: gone,
      }
    }),
  )

/** Answer of GET openorders. */
export const openOrdersAnswer = z
  .object({
    openOrders: z.array(
      z.object({
        order_id: z.string(),
        cliOrdId: clientId,
        cli_ord_id: clientId,
        symbol: z.string(),
        side: sideOf,
        limitPrice: price,
        stopPrice: price,
        unfilledSize: amount.nullish(),
        filledSize: amount,
        status: z.enum(['untouched', 'partiallyFilled']),
        receivedTime: rfc3339,
      }),
    ),
  })
  .transform(({ openOrders }) =>
    openOrders.map((row): FuturesRow => ({
      symbol: row.symbol,
      order: {
        exchangeOrderId: row.order_id,
        clientOrderId: row.cliOrdId ?? row.cli_ord_id,
        side: row.side,
        status: row.filledSize.gt(0) ? 'PARTIALLY_FILLED' : 'OPEN',
        filled: row.filledSize,
        price: row.limitPrice,
        stopPrice: row.stopPrice,
        createdAt: row.receivedTime,
      },
      total:
        row.unfilledSize === undefined || row.unfilledSize === null
          ? null
          : row.unfilledSize.plus(row.filledSize),
      immediate: false,
    })),
  )

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
export type PastOrder = z.output<typeof pastOrder>

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

export type PastKind =
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

const engineOrder = z.object({
  orderId: z.string(),
  cliOrdId: clientId,
  symbol: z.string(),
  side: sideOf,
  quantity: amount,
  filled: amount,
  limitPrice: price,
  timestamp: rfc3339,
})
const trigger = z.object({
  uid: z.string(),
  clientId,
  symbol: z.string(),
  side: sideOf,
  quantity: amount.nullable(),
  triggerPrice: positive.nullable(),
  timestamp: rfc3339,
})

/** Answer of POST sendorder. */
export const sentAnswer = z.object({
  result: z.literal('success'),
  sendStatus: z.object({
    status: z.string(),
    order_id: z.string().optional(),
    orderEvents: z
      .array(
        z.object({
          type: z.string(),
          order: engineOrder.nullish(),
          orderTrigger: trigger.nullish(),
          amount: positive.nullish(),
          price: positive.nullish(),
          executionId: z.string().nullish(),
          orderPriorExecution: engineOrder.nullish(),
          reason: z.string().nullish(),
        }),
      )
      .default([]),
  }),
})

export const cancelAnswer = z.object({ cancelStatus: z.object({ status: z.string() }) })

export const positionsAnswer = z
  .object({
    openPositions: z.array(
      z.object({
        symbol: z.string(),
        side: sideOf,
        size: amount,
        price: positive,
        maxFixedLeverage: positive.nullish(),
      }),
    ),
  })
  .transform(({ openPositions }) => openPositions)

export const leverageAnswer = z
  .object({ leveragePreferences: z.array(z.object({ symbol: z.string(), maxLeverage: positive })) })
  .transform(({ leveragePreferences }) => leveragePreferences)

/** Answer of GET accounts: the multi-collateral wallet that the PF_ perpetuals are margined from. */
export const accountsAnswer = z.object({
  accounts: z.object({
    flex: z.object({
      currencies: z.record(z.string(), z.object({ quantity: figure, available: figure.optional() })),
      availableMargin: figure,
      balanceValue: figure,
    }),
  }),
})

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

/** The whole of an order that one row tells whole. */
export function whole(row: FuturesRow): VenueOrder | null {
  if (row.total === null) return null
  return { ...row.order, amount: row.total, averagePrice: null }
}

/** @throws Error for an order that says two things */
export function checked(order: VenueOrder): VenueOrder {
  if (order.filled.gt(order.amount))
    throw new Error(`${plain(order.filled)} of ${plain(order.amount)} was executed`)
  return order
}
