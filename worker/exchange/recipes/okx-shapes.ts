import { z } from 'zod'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { type Decimal, ZERO } from '#trading/domain/money.ts'
import { amount, consistent, figure, id, instant, positiveOr, signed } from './fields.ts'
import type { RecipeMarket } from './recipe.ts'

// OKX' v5 rows, read as they are. Of perpetuals amounts are counted in contracts.

const side = z.enum(['buy', 'sell']).transform((word) => (word === 'buy' ? 'BUY' : 'SELL'))
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

export const okxOrderRow = z.object({
  instId: z.string(),
  ordId: id,
  clOrdId: text,
  algoId: text,
  algoClOrdId: text,
  side,
  state: z.string(),
  ordType: z.string(),
  category: text,
  cancelSource: text,
  tgtCcy: text,
  sz: amount,
  accFillSz: figure,
  avgPx: figure,
  px: figure,
  cTime: instant,
})
export type OkxOrderRow = z.infer<typeof okxOrderRow>

const STATUS: Record<string, VenueOrder['status']> = {
  live: 'OPEN',
  partially_filled: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  mmp_canceled: 'CANCELED',
}
const AT_ONCE = ['market', 'ioc', 'fok', 'optimal_limit_ioc']
const BY_USER = '1'
const LIQUIDATIONS = ['full_liquidation', 'partial_liquidation', 'adl']

/** @throws Error for a state that is not known, VenueError UNREADABLE for a row that contradicts itself */
export function okxOrder(row: OkxOrderRow, market: RecipeMarket): VenueOrder {
  const known = Object.hasOwn(STATUS, row.state) ? STATUS[row.state] : undefined
  if (known === undefined) throw new Error(`unknown order status ${row.state}`)
  const expired = known === 'CANCELED' && AT_ONCE.includes(row.ordType) && row.cancelSource !== BY_USER
  const filled = (row.accFillSz ?? ZERO).times(market.contractSize)
  const whole = consistent({
    exchangeOrderId: row.ordId,
    clientOrderId: row.clOrdId === '' ? null : row.clOrdId,
    side: row.side,
    status: expired ? 'EXPIRED' : known,
    // A person's market order may be counted in quote currency: what it got is all that can be said.
    amount: row.tgtCcy === 'quote_ccy' ? filled : row.sz.times(market.contractSize),
    filled,
    averagePrice: filled.isZero() ? null : positiveOr(row.avgPx),
    price: row.ordType === 'market' ? null : positiveOr(row.px),
    stopPrice: null,
    createdAt: row.cTime,
  })
  return LIQUIDATIONS.includes(row.category) ? { ...whole, liquidation: true } : whole
}

export const okxAlgoRow = z.object({
  instId: z.string(),
  algoId: id,
  algoClOrdId: text,
  ordType: z.string(),
  side,
  state: z.string(),
  sz: amount,
  slTriggerPx: figure,
  slOrdPx: figure,
  tpTriggerPx: figure,
  ordId: text,
  ordIdList: z.array(z.string()).nullish(),
  cTime: instant,
  triggerTime: text,
})
export type OkxAlgoRow = z.infer<typeof okxAlgoRow>

/** The number of the order that a stop became; null: it was not triggered. */
export function childOf(row: OkxAlgoRow): string | null {
  const child = row.ordIdList?.[0] ?? row.ordId
  return child === '' ? null : child
}

/** A stop with the order that it became, as one order under the stop's own number. `child` null: it became none. @throws Error for an unknown state */
export function okxStop(row: OkxAlgoRow, child: VenueOrder | null, market: RecipeMarket): VenueOrder {
  return {
    exchangeOrderId: row.algoId,
    clientOrderId: row.algoClOrdId === '' ? null : row.algoClOrdId,
    side: row.side,
    status: child?.status ?? stopStatus(row),
    amount: row.sz.times(market.contractSize),
    filled: child?.filled ?? ZERO,
    averagePrice: child?.averagePrice ?? null,
    // -1: at market.
    price: positiveOr(row.slOrdPx),
    stopPrice: positiveOr(row.slTriggerPx) ?? positiveOr(row.tpTriggerPx),
    createdAt: row.cTime,
  }
}

function stopStatus({ state }: OkxAlgoRow): VenueOrder['status'] {
  switch (state) {
    case 'live':
    case 'pause':
      return 'OPEN'
    case 'canceled':
      return 'CANCELED'
    // Triggered, and then refused for want of balance or the like.
    case 'order_failed':
    case 'partially_failed':
      return 'REJECTED'
    default:
      throw new Error(`unknown order status ${state}`)
  }
}

export const okxFillRow = z.object({
  instId: z.string(),
  tradeId: id,
  ordId: id,
  billId: id,
  side,
  fillSz: amount,
  fillPx: amount,
  fee: figure,
  feeCcy: text,
  ts: instant,
})

/** OKX writes a fee as below 0, a rebate above. */
export function okxFill(
  row: z.infer<typeof okxFillRow>,
  market: RecipeMarket,
  exchangeOrderId: string,
): VenueFill {
  const fee: Decimal = (row.fee ?? ZERO).negated()
  return {
    tradeId: row.tradeId,
    exchangeOrderId,
    side: row.side,
    amount: row.fillSz.times(market.contractSize),
    price: row.fillPx,
    fee,
    feeCurrency: row.feeCcy === '' ? (market.settle ?? market.quote) : row.feeCcy,
    executedAt: row.ts,
  }
}

export const okxPlaced = rowsOf(
  z.object({
    ordId: text,
    algoId: text,
    clOrdId: text,
    algoClOrdId: text,
    sCode: z.string(),
    sMsg: text,
  }),
)

export const okxPosition = z.object({
  instId: z.string(),
  posSide: z.string(),
  mgnMode: z.string(),
  pos: figure,
  avgPx: figure,
  markPx: figure,
  liqPx: figure,
  lever: figure,
  margin: figure,
})

export const okxBalance = rowsOf(
  z.object({
    details: z.array(
      z.object({
        ccy: z.string(),
        eq: signed,
        upl: figure,
        availBal: figure,
        availEq: figure,
      }),
    ),
  }),
)

export const okxConfig = rowsOf(
  z.object({
    acctLv: z.string(),
    posMode: z.string(),
    perm: z.string().default(''),
  }),
)

export const okxLeverage = rowsOf(z.object({ instId: z.string(), mgnMode: z.string(), lever: figure }))

/** A bill of funding; `balChg` is what the account got, `pnl` the funding where the position itself pays. */
export const okxBill = z.object({
  billId: id,
  instId: text,
  type: z.string(),
  subType: z.string(),
  ccy: z.string(),
  balChg: figure,
  posBalChg: figure,
  pnl: figure,
  ts: instant,
})

/** The list that every answer carries. */
export function rowsOf<T extends z.ZodType>(row: T) {
  return z.object({ data: z.array(row) }).transform(({ data }) => data)
}
