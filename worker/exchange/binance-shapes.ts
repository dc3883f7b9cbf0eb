import { z } from 'zod'
import type { OrderSide } from '#trading/domain/bot.ts'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { decimal, ZERO, type Decimal } from '#trading/domain/money.ts'

// Binance's own rows, read as they are: ccxt's unified ones drop the digits and ids that we compare.

const id = z.union([z.string().min(1), z.number().int()]).transform(String)
/** Amounts come as strings; a JSON number would have lost digits already. */
const amount = z.string().transform((text) => decimal(text))
const side = z.enum(['BUY', 'SELL'])
const instant = z
  .number()
  .int()
  .positive()
  .transform((ms) => new Date(ms))

const STATUS: Record<string, VenueOrder['status']> = {
  NEW: 'OPEN',
  PENDING_NEW: 'OPEN',
  PENDING_CANCEL: 'OPEN',
  PARTIALLY_FILLED: 'PARTIALLY_FILLED',
  FILLED: 'FILLED',
  CANCELED: 'CANCELED',
  REJECTED: 'REJECTED',
  EXPIRED: 'EXPIRED',
  EXPIRED_IN_MATCH: 'EXPIRED',
}

const status = z.string().transform((name, context) => {
  const known = Object.hasOwn(STATUS, name) ? STATUS[name] : undefined
  if (known !== undefined) return known
  context.addIssue({ code: 'custom', message: `unknown order status ${name}` })
  return z.NEVER
})

const orderFields = z.object({
  orderId: id,
  clientOrderId: z.string(),
  side,
  status,
  origQty: amount,
  executedQty: amount,
  cummulativeQuoteQty: amount,
  price: amount.optional(),
  stopPrice: amount.optional(),
})

/** Answers of GET order, openOrders and allOrders. */
export const orderRow = orderFields.extend({ time: instant }).transform((row) => toOrder(row, row.time))
export const orderRows = z.array(orderRow)

const placedFill = z.object({
  tradeId: id,
  price: amount,
  qty: amount,
  commission: amount,
  commissionAsset: z.string(),
})

/** The answer of POST order with newOrderRespType FULL. `fills` null: not all of them are in it. */
export const placedOrder = orderFields
  .extend({ transactTime: instant, fills: z.array(placedFill) })
  .transform((row): { order: VenueOrder; fills: VenueFill[] | null } => {
    const order = toOrder(row, row.transactTime)
    const fills = row.fills.map((fill) => ({
      tradeId: fill.tradeId,
      exchangeOrderId: row.orderId,
      side: row.side,
      amount: fill.qty,
      price: fill.price,
      fee: fill.commission,
      feeCurrency: fill.commissionAsset,
      executedAt: row.transactTime,
    }))
    return { order, fills: sumOf(fills).eq(order.filled) ? fills : null }
  })

/** The answer of myTrades. */
export const tradeRows = z.array(
  z
    .object({
      id,
      orderId: id,
      price: amount,
      qty: amount,
      commission: amount,
      commissionAsset: z.string(),
      time: instant,
      isBuyer: z.boolean(),
    })
    .transform((row): VenueFill => ({
      tradeId: row.id,
      exchangeOrderId: row.orderId,
      side: row.isBuyer ? 'BUY' : 'SELL',
      amount: row.qty,
      price: row.price,
      fee: row.commission,
      feeCurrency: row.commissionAsset,
      executedAt: row.time,
    })),
)

export const accountRow = z.object({
  canTrade: z.boolean(),
  balances: z.array(z.object({ asset: z.string(), free: amount, locked: amount })),
})

export const apiRestrictions = z.object({
  enableSpotAndMarginTrading: z.boolean(),
  enableWithdrawals: z.boolean(),
  enableInternalTransfer: z.boolean().default(false),
  permitsUniversalTransfer: z.boolean().default(false),
})

/** What the fills add up to, in base currency. */
export function sumOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO)
}

type OrderFields = {
  orderId: string
  clientOrderId: string
  side: OrderSide
  status: VenueOrder['status']
  origQty: Decimal
  executedQty: Decimal
  cummulativeQuoteQty: Decimal
  price?: Decimal | undefined
  stopPrice?: Decimal | undefined
}

function toOrder(row: OrderFields, createdAt: Date): VenueOrder {
  return {
    exchangeOrderId: row.orderId,
    clientOrderId: row.clientOrderId === '' ? null : row.clientOrderId,
    side: row.side,
    status: row.status,
    amount: row.origQty,
    filled: row.executedQty,
    averagePrice: row.executedQty.isZero() ? null : row.cummulativeQuoteQty.div(row.executedQty),
    price: positive(row.price),
    stopPrice: positive(row.stopPrice),
    createdAt,
  }
}

/** Binance writes 0 where an order has no such price. */
function positive(value: Decimal | undefined): Decimal | null {
  return value === undefined || value.isZero() ? null : value
}
