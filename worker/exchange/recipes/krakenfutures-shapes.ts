import { z } from 'zod'
import type { VenueOrder } from '#trading/domain/exchange.ts'
import { ZERO, type Decimal } from '#trading/domain/money.ts'
import { amount, clientId, figure, positive, price, rfc3339, sideOf } from './krakenfutures-fields.ts'

// Answers of the trading API, as the engine tells them (orders/status, sendorder) and as its lists do (openorders, openpositions).

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

/** The whole of an order that one row tells whole. */
export function whole(row: FuturesRow): VenueOrder | null {
  if (row.total === null) return null
  return { ...row.order, amount: row.total, averagePrice: null }
}
