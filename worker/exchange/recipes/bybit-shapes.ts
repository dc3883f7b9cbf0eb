import { z } from 'zod'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import type { Decimal } from '#trading/domain/money.ts'
import { ZERO } from '#trading/domain/money.ts'
import { amount, consistent, figure, id, instant, positiveOr, signed, whole } from './fields.ts'
import type { RecipeMarket } from './recipe.ts'

// Bybit's v5 rows, read as they are.

const side = z.enum(['Buy', 'Sell']).transform((word) => (word === 'Buy' ? 'BUY' : 'SELL'))

/** Cancelled: by a person or by the order's own terms; see statusOf. */
const STATUS: Record<string, VenueOrder['status'] | 'OVER'> = {
  Created: 'OPEN',
  New: 'OPEN',
  Untriggered: 'OPEN',
  Triggered: 'OPEN',
  PartiallyFilled: 'PARTIALLY_FILLED',
  Filled: 'FILLED',
  Rejected: 'REJECTED',
  Cancelled: 'OVER',
  PartiallyFilledCanceled: 'OVER',
  Deactivated: 'OVER',
}

const orderRow = z.object({
  symbol: z.string(),
  orderId: id,
  orderLinkId: z.string().default(''),
  side,
  orderStatus: z.string(),
  orderType: z.string(),
  timeInForce: z.string().default(''),
  cancelType: z.string().default(''),
  createType: z.string().default(''),
  marketUnit: z.string().default(''),
  qty: amount,
  cumExecQty: figure,
  cumExecValue: figure,
  price: figure,
  triggerPrice: figure,
  createdTime: instant,
})

const LIQUIDATIONS = ['CreateByLiq', 'CreateByTakeOver_PassThrough', 'CreateByAdl_PassThrough']

export function bybitOrder(category: 'spot' | 'linear') {
  return orderRow.transform((row, context): { symbol: string; order: VenueOrder } => {
    const status = statusOf(row)
    if (status === null) {
      context.addIssue({ code: 'custom', message: `unknown order status ${row.orderStatus}` })
      return z.NEVER
    }
    const filled = row.cumExecQty ?? ZERO
    const isMarket = row.orderType === 'Market'
    // A person's market order may be counted in quote currency: what it got is all that can be said.
    const inQuote = category === 'spot' && isMarket && row.marketUnit === 'quoteCoin'
    const order: VenueOrder = {
      exchangeOrderId: row.orderId,
      clientOrderId: row.orderLinkId === '' ? null : row.orderLinkId,
      side: row.side,
      status,
      amount: inQuote ? filled : row.qty,
      filled,
      averagePrice: filled.isZero() || row.cumExecValue === null ? null : row.cumExecValue.div(filled),
      // Of market orders it is the worst price that the venue would take.
      price: isMarket ? null : positiveOr(row.price),
      stopPrice: positiveOr(row.triggerPrice),
      createdAt: row.createdTime,
    }
    const checked = consistent(order)
    return {
      symbol: row.symbol,
      order: LIQUIDATIONS.includes(row.createType) ? { ...checked, liquidation: true } : checked,
    }
  })
}

function statusOf(row: z.infer<typeof orderRow>): VenueOrder['status'] | null {
  const known = Object.hasOwn(STATUS, row.orderStatus) ? STATUS[row.orderStatus] : undefined
  if (known === undefined) return null
  if (known !== 'OVER') return known
  const atOnce = row.orderType === 'Market' || row.timeInForce === 'IOC' || row.timeInForce === 'FOK'
  return atOnce && row.cancelType !== 'CancelByUser' ? 'EXPIRED' : 'CANCELED'
}

/** Executions that move money for a position as trades do; "Funding" and "Settle" are none. */
const TRADES = ['Trade', 'AdlTrade', 'BustTrade', 'Delivery', 'BlockTrade', 'MovePosition', '']

export const bybitExecution = z.object({
  symbol: z.string(),
  execType: z.string().default(''),
  execId: id,
  orderId: id,
  side,
  execQty: amount,
  execPrice: amount,
  execFee: figure,
  feeCurrency: z.string().nullish(),
  execTime: instant,
})

/** Fills among executions, in the order that they came in. */
export function fillsAmong(
  rows: readonly z.infer<typeof bybitExecution>[],
  market: RecipeMarket,
): VenueFill[] {
  return rows
    .filter((row) => TRADES.includes(row.execType))
    .map((row) => {
      const fee = row.execFee ?? ZERO
      return {
        tradeId: row.execId,
        exchangeOrderId: row.orderId,
        side: row.side,
        amount: row.execQty,
        price: row.execPrice,
        fee,
        feeCurrency: row.feeCurrency ? row.feeCurrency : feeCurrencyOf(market, row.side, fee),
        executedAt: row.execTime,
      }
    })
}

/** A fee of SPOT is taken from what is received, a rebate given in the other; of a perpetual all is settlement currency. */
function feeCurrencyOf(market: RecipeMarket, fillSide: 'BUY' | 'SELL', fee: Decimal): string {
  if (market.settle !== null) return market.settle
  return (fillSide === 'BUY') === fee.gte(0) ? market.base : market.quote
}

export const bybitIds = z.object({
  result: z.object({ orderId: z.string().min(1), orderLinkId: z.string() }),
})

export const bybitPosition = z.object({
  symbol: z.string(),
  positionIdx: whole,
  side: z.string().nullish(),
  size: figure,
  avgPrice: figure,
  markPrice: figure,
  liqPrice: figure,
  leverage: figure,
  positionIM: figure,
  positionBalance: figure,
})

export const bybitWallet = z.object({
  result: z.object({
    list: z.array(
      z.object({
        coin: z.array(
          z.object({
            coin: z.string(),
            walletBalance: signed,
            locked: figure,
            totalOrderIM: figure,
            totalPositionIM: figure,
          }),
        ),
      }),
    ),
  }),
})

export const bybitSettlement = z.object({
  id,
  symbol: z.string(),
  type: z.string(),
  currency: z.string(),
  funding: figure,
  transactionTime: instant,
})

export const bybitAccount = z.object({
  result: z.object({ marginMode: z.string(), unifiedMarginStatus: whole }),
})

export const bybitKey = z.object({
  result: z.object({
    readOnly: whole,
    permissions: z.record(z.string(), z.array(z.string()).nullish()),
  }),
})

/** A page of a list, with the cursor of the next one. */
export function bybitPage<T extends z.ZodType>(row: T) {
  return z
    .object({ result: z.object({ list: z.array(row), nextPageCursor: z.string().nullish() }) })
    .transform(({ result }) => ({ rows: result.list, next: result.nextPageCursor ?? null }))
}
