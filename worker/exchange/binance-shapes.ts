import { z } from 'zod'
import type { OrderSide } from '#trading/domain/bot.ts'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { decimal, plain, ZERO, type Decimal } from '#trading/domain/money.ts'

// Binance's own rows, read as they are: ccxt's unified ones drop the digits and ids that we compare.

/** ccxt gives every number of an answer as text as soon as one of them is too large for a double. */
export const id = z.union([z.string().regex(/^\d+$/), z.number().int().nonnegative()]).transform(String)
/**
 * Amounts come as strings. A JSON number is taken while it cannot have lost digits: doubles carry 15 significant ones without fail.
 */
export const amount = z.union([z.string(), z.number()]).transform((value, context) => {
  const text = String(value)
  const readable = /^\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text)
  const figure = readable ? decimal(text) : null
  if (figure !== null && (typeof value === 'string' || figure.precision() <= 15)) return figure
  context.addIssue({ code: 'custom', message: `not an amount: ${text.slice(0, 40)}` })
  return z.NEVER
})
export const positiveAmount = amount.refine((value) => value.gt(0), { message: 'must be more than 0' })
export const side = z.enum(['BUY', 'SELL'])
export const instant = z
  .union([
    z.number().int().positive(),
    z
      .string()
      .regex(/^\d{1,16}$/)
      .transform(Number),
  ])
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
  // Liquidations on their way to the matching engine.
  NEW_INSURANCE: 'OPEN',
  NEW_ADL: 'OPEN',
}

export const status = z.string().transform((name, context) => {
  const known = Object.hasOwn(STATUS, name) ? STATUS[name] : undefined
  if (known !== undefined) return known
  context.addIssue({ code: 'custom', message: `unknown order status ${name}` })
  return z.NEVER
})

const orderFields = z.object({
  symbol: z.string(),
  orderId: id,
  clientOrderId: z.string(),
  side,
  status,
  origQty: amount,
  executedQty: amount,
  // Below 0 where Binance does not know it any more (old orders).
  cummulativeQuoteQty: z.union([
    amount,
    z
      .string()
      .regex(/^-\d+(\.\d+)?$/)
      .transform(() => null),
  ]),
  price: amount.optional(),
  stopPrice: amount.optional(),
})

/** Answers of GET order, openOrders and allOrders. `symbol` is the market's own name. */
export const orderRow = orderFields
  .extend({ time: instant })
  .transform((row, context) => ({ symbol: row.symbol, order: toOrder(row, row.time, context) }))
export const orderRows = z.array(orderRow)

const placedFill = z.object({
  tradeId: id,
  price: positiveAmount,
  qty: positiveAmount,
  commission: amount,
  commissionAsset: z.string().min(1),
})

/**
 * The answer of POST order with newOrderRespType FULL. `fills` null: not all of them are in it, or not readable; they are to be looked up.
 */
export const placedOrder = orderFields
  .extend({ transactTime: instant, fills: z.unknown().optional() })
  .transform((row, context): { symbol: string; order: VenueOrder; fills: VenueFill[] | null } => {
    const order = toOrder(row, row.transactTime, context)
    const listed = z.array(placedFill).safeParse(row.fills)
    const fills = (listed.data ?? []).map((fill) => ({
      tradeId: fill.tradeId,
      exchangeOrderId: row.orderId,
      side: row.side,
      amount: fill.qty,
      price: fill.price,
      fee: fill.commission,
      feeCurrency: fill.commissionAsset,
      executedAt: row.transactTime,
    }))
    const each = [...new Map(fills.map((fill) => [fill.tradeId, fill])).values()]
    return { symbol: row.symbol, order, fills: sumOf(each).eq(order.filled) ? each : null }
  })

/** The answer of myTrades. */
export const tradeRows = z.array(
  z
    .object({
      symbol: z.string(),
      id,
      orderId: id,
      price: positiveAmount,
      qty: positiveAmount,
      commission: amount,
      commissionAsset: z.string().min(1),
      time: instant,
      isBuyer: z.boolean(),
    })
    .transform((row) => ({
      symbol: row.symbol,
      fill: {
        tradeId: row.id,
        exchangeOrderId: row.orderId,
        side: row.isBuyer ? 'BUY' : 'SELL',
        amount: row.qty,
        price: row.price,
        fee: row.commission,
        feeCurrency: row.commissionAsset,
        executedAt: row.time,
      } satisfies VenueFill,
    })),
)

export const accountRow = z.object({
  canTrade: z.boolean(),
  balances: z.array(z.object({ asset: z.string(), free: amount, locked: amount })),
})

export const apiRestrictions = z.object({
  enableSpotAndMarginTrading: z.boolean(),
  enableWithdrawals: z.boolean(),
  enableFutures: z.boolean().default(false),
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
  cummulativeQuoteQty: Decimal | null
  price?: Decimal | undefined
  stopPrice?: Decimal | undefined
}

function toOrder(row: OrderFields, createdAt: Date, context: z.RefinementCtx): VenueOrder {
  const contradiction = contradictionOf(row)
  if (contradiction !== null) context.addIssue({ code: 'custom', message: contradiction })
  const { executedQty, cummulativeQuoteQty } = row
  return {
    exchangeOrderId: row.orderId,
    clientOrderId: row.clientOrderId === '' ? null : row.clientOrderId,
    side: row.side,
    status: row.status === 'OPEN' && executedQty.gt(0) ? 'PARTIALLY_FILLED' : row.status,
    amount: row.origQty,
    filled: executedQty,
    averagePrice:
      executedQty.isZero() || cummulativeQuoteQty === null ? null : cummulativeQuoteQty.div(executedQty),
    price: positive(row.price),
    stopPrice: positive(row.stopPrice),
    createdAt,
  }
}

/** An order that says two things proves neither. */
export function contradictionOf({
  status,
  origQty,
  executedQty,
}: Pick<OrderFields, 'status' | 'origQty' | 'executedQty'>): string | null {
  if (executedQty.gt(origQty))
    return `executedQty ${plain(executedQty)} is more than origQty ${plain(origQty)}`
  if (status === 'FILLED' && executedQty.lt(origQty))
    return `FILLED, with ${plain(executedQty)} of ${plain(origQty)} executed`
  if (status === 'REJECTED' && executedQty.gt(0)) return `REJECTED, with ${plain(executedQty)} executed`
  return null
}

/** Binance writes 0 where an order has no such price. */
export function positive(value: Decimal | undefined): Decimal | null {
  return value === undefined || value.isZero() ? null : value
}
