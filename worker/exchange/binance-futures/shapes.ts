import { z } from 'zod'
import type { OrderSide } from '#trading/domain/bot.ts'
import type { VenueFill, VenueFunding, VenueOrder } from '#trading/domain/exchange.ts'
import { decimal, plain, type Decimal } from '#trading/domain/money.ts'
import {
  amount,
  contradictionOf,
  id,
  instant,
  positive,
  positiveAmount,
  side,
  status,
} from '../binance-shapes.ts'

// Rows of Binance's USDⓈ-M futures API, read as they are.

const signedAmount = z.union([z.string(), z.number()]).transform((value, context) => {
  const text = String(value)
  const figure = /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text) ? decimal(text) : null
  if (figure !== null && (typeof value === 'string' || figure.precision() <= 15)) return figure
  context.addIssue({ code: 'custom', message: `not an amount: ${text.slice(0, 40)}` })
  return z.NEVER
})

/** Orders of Binance's own that end a position: the margin was used up, or the market is settled. */
const AUTOMATIC = /^(adl_autoclose|autoclose-|settlement_autoclose-)/

/** Answers of POST, GET order, openOrders and allOrders. The one of POST has no `time`. */
export const orderRow = z
  .object({
    symbol: z.string(),
    orderId: id,
    clientOrderId: z.string(),
    side,
    status,
    origQty: amount,
    executedQty: amount,
    cumQuote: amount.optional(),
    avgPrice: amount.optional(),
    price: amount.optional(),
    stopPrice: amount.optional(),
    time: instant.optional(),
    updateTime: instant,
  })
  .transform((row, context): { symbol: string; order: VenueOrder } => {
    const contradiction = contradictionOf(row)
    if (contradiction !== null) context.addIssue({ code: 'custom', message: contradiction })
    const { executedQty, clientOrderId } = row
    return {
      symbol: row.symbol,
      order: {
        exchangeOrderId: row.orderId,
        clientOrderId: clientOrderId === '' ? null : clientOrderId,
        side: row.side,
        status: row.status === 'OPEN' && executedQty.gt(0) ? 'PARTIALLY_FILLED' : row.status,
        amount: row.origQty,
        filled: executedQty,
        averagePrice: averageOf(row),
        price: positive(row.price),
        stopPrice: positive(row.stopPrice),
        createdAt: row.time ?? row.updateTime,
        ...(AUTOMATIC.test(clientOrderId) && { liquidation: true as const }),
      },
    }
  })
export const orderRows = z.array(orderRow)

/** `cumQuote` has all its digits, `avgPrice` a few. */
function averageOf(row: {
  executedQty: Decimal
  cumQuote?: Decimal | undefined
  avgPrice?: Decimal | undefined
}): Decimal | null {
  if (row.executedQty.isZero()) return null
  return positive(row.cumQuote)?.div(row.executedQty) ?? positive(row.avgPrice)
}

/** Marks the number of a conditional order, which has no order number before it triggers: the two count apart. */
const ALGO = 'algo-'

/** The number in "algo-123", null of an order's own number. */
export function algoIdOf(exchangeOrderId: string): string | null {
  return exchangeOrderId.startsWith(ALGO) ? exchangeOrderId.slice(ALGO.length) : null
}

/** A conditional order: as it rests or ended without an order, and the number of the order that it became. */
export type AlgoOrder = { symbol: string; order: VenueOrder; actualOrderId: string | null; status: string }

const ALGO_STATUS: Record<string, VenueOrder['status']> = {
  NEW: 'OPEN',
  TRIGGERING: 'OPEN',
  TRIGGERED: 'OPEN',
  FINISHED: 'OPEN',
  CANCELED: 'CANCELED',
  REJECTED: 'REJECTED',
  EXPIRED: 'EXPIRED',
}

/** Answers of POST and GET algoOrder, openAlgoOrders and allAlgoOrders. */
export const algoRow = z
  .object({
    symbol: z.string(),
    algoId: id,
    clientAlgoId: z.string(),
    side: side,
    quantity: amount,
    algoStatus: z.string(),
    triggerPrice: amount,
    price: amount.nullish(),
    actualOrderId: z
      .union([z.literal(''), z.literal(0), z.literal('0'), id])
      .nullish()
      .transform((value) => (value === '' || value === '0' || value === 0 ? null : (value ?? null))),
    createTime: instant,
  })
  .transform((row, context): AlgoOrder => {
    const known = Object.hasOwn(ALGO_STATUS, row.algoStatus) ? ALGO_STATUS[row.algoStatus] : undefined
    if (known === undefined) {
      context.addIssue({ code: 'custom', message: `unknown status ${row.algoStatus} of a conditional order` })
      return z.NEVER
    }
    return {
      symbol: row.symbol,
      actualOrderId: row.actualOrderId,
      status: row.algoStatus,
      order: {
        exchangeOrderId: `${ALGO}${row.algoId}`,
        clientOrderId: row.clientAlgoId === '' ? null : row.clientAlgoId,
        side: row.side,
        status: known,
        amount: row.quantity,
        filled: decimal(0),
        averagePrice: null,
        price: positive(row.price ?? undefined),
        stopPrice: positive(row.triggerPrice),
        createdAt: row.createTime,
      },
    }
  })
export const algoRows = z.array(algoRow)

/** The answer of userTrades. */
export const tradeRows = z.array(
  z
    .object({
      symbol: z.string(),
      id,
      orderId: id,
      side,
      price: positiveAmount,
      qty: positiveAmount,
      commission: signedAmount,
      commissionAsset: z.string().min(1),
      time: instant,
    })
    .transform((row) => ({
      symbol: row.symbol,
      fill: {
        tradeId: row.id,
        exchangeOrderId: row.orderId,
        side: row.side,
        amount: row.qty,
        price: row.price,
        fee: row.commission,
        feeCurrency: row.commissionAsset,
        executedAt: row.time,
      } satisfies VenueFill,
    })),
)

/** The answer of income, asked for FUNDING_FEE or INSURANCE_CLEAR, which is what a liquidation costs. Numbers are unique within a type. */
export const fundingRows = z.array(
  z
    .object({
      symbol: z.string(),
      incomeType: z.enum(['FUNDING_FEE', 'INSURANCE_CLEAR']),
      income: signedAmount,
      asset: z.string().min(1),
      tranId: id,
      time: instant,
    })
    .transform((row): { symbol: string; funding: VenueFunding } => ({
      symbol: row.symbol,
      funding: {
        id: row.incomeType === 'FUNDING_FEE' ? row.tranId : `${row.incomeType}-${row.tranId}`,
        amount: row.income,
        currency: row.asset,
        at: row.time,
        ...(row.incomeType === 'INSURANCE_CLEAR' && { liquidationFee: true as const }),
      },
    })),
)

/** The answer of positionRisk, version 3: only what is held. */
export const positionRows = z.array(
  z.object({
    symbol: z.string(),
    positionSide: z.enum(['BOTH', 'LONG', 'SHORT']),
    positionAmt: signedAmount,
    entryPrice: amount,
    markPrice: amount,
    liquidationPrice: signedAmount,
    isolatedMargin: signedAmount,
    isolatedWallet: signedAmount.optional(),
  }),
)

/** The answer of symbolConfig. */
export const configRows = z.array(
  z.object({
    symbol: z.string(),
    marginType: z.enum(['CROSSED', 'ISOLATED']),
    leverage: z.coerce.number().int().positive(),
  }),
)

/** The answer of balance, version 3. */
export const balanceRows = z.array(
  z.object({ asset: z.string().min(1), balance: signedAmount, availableBalance: signedAmount }),
)

export const dualSide = z.object({ dualSidePosition: z.boolean() })

/** The answer of leverageBracket. */
export const bracketRows = z.array(
  z.object({
    symbol: z.string(),
    brackets: z
      .array(
        z.object({
          initialLeverage: z.coerce.number().positive(),
          maintMarginRatio: amount,
          notionalFloor: amount.default(decimal(0)),
        }),
      )
      .min(1),
  }),
)

/** What an order is for, for messages. */
export function describeOrder(found: {
  symbol: string
  side: OrderSide
  id: string | null
  amount: Decimal
}) {
  return `${found.symbol} ${found.side} ${plain(found.amount)} ${found.id ?? 'without an id'}`
}
