import { z } from 'zod'
import type { VenueFill, VenueOrder } from '#trading/domain/exchange.ts'
import { decimal, plain, type Decimal } from '#trading/domain/money.ts'

// Kraken's own rows, read as they are: ccxt's unified ones drop the digits and ids that we compare.

const amount = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^\d+(\.\d+)?(e[+-]?\d{1,3})?$/i.test(text), { message: 'not an amount' })
  .transform((text) => decimal(text))
const positive = amount.refine((value) => value.gt(0), { message: 'must be more than 0' })
/** Seconds with a fraction, as a number or as text. */
const instant = z
  .union([z.number(), z.string().regex(/^\d+(\.\d+)?$/)])
  .transform((seconds) => new Date(Math.floor(decimal(String(seconds)).times(1000).toNumber())))
const side = z
  .enum(['buy', 'sell'])
  .transform((name) => (name === 'buy' ? ('BUY' as const) : ('SELL' as const)))
/** Some old rows have words here ("+50.0000%"): no price of ours. */
const price = z.unknown().transform((value) => {
  const read = amount.safeParse(value).data
  return read === undefined || read.isZero() ? null : read
})

const row = z.object({
  cl_ord_id: z.string().nullish(),
  status: z.enum(['pending', 'open', 'closed', 'canceled', 'expired']),
  reason: z.string().nullish(),
  opentm: instant,
  vol: amount,
  vol_exec: amount,
  cost: amount,
  oflags: z.string().default(''),
  trades: z.array(z.string()).default([]),
  descr: z.object({
    pair: z.string(),
    type: side,
    ordertype: z.string(),
    price,
    price2: price,
  }),
})
type Row = z.output<typeof row>

/** An order as Kraken tells it, with what its trades are read by. `pair`: the market's short name ("XBTUSD"). */
export type KrakenOrder = { pair: string; order: VenueOrder; trades: readonly string[]; feeInBase: boolean }

const orderRows = z
  .record(z.string(), row)
  .transform((rows, context) => Object.entries(rows).map(([txid, one]) => toOrder(txid, one, context)))

export const openOrdersAnswer = z
  .object({ result: z.object({ open: orderRows }) })
  .transform(({ result }) => result.open)
export const closedOrdersAnswer = z
  .object({ result: z.object({ closed: orderRows }) })
  .transform(({ result }) => result.closed)
export const queryOrdersAnswer = z.object({ result: orderRows }).transform(({ result }) => result)

/** Of AddOrder: nothing but ids. */
export const addedAnswer = z
  .object({ result: z.object({ txid: z.tuple([z.string().min(1)]) }) })
  .transform(({ result }) => result.txid[0])

/** A trade, but for what its fee was paid in, which only its order tells. */
export type KrakenTrade = Omit<VenueFill, 'feeCurrency'> & { pair: string }

const tradeRows = z
  .record(
    z.string(),
    z.object({
      ordertxid: z.string(),
      pair: z.string(),
      time: instant,
      type: side,
      price: positive,
      fee: amount,
      vol: positive,
    }),
  )
  .transform((rows) =>
    Object.entries(rows).map(([tradeId, one]): KrakenTrade => ({
      pair: one.pair,
      tradeId,
      exchangeOrderId: one.ordertxid,
      side: one.type,
      amount: one.vol,
      price: one.price,
      fee: one.fee,
      executedAt: one.time,
    })),
  )

export const queryTradesAnswer = z.object({ result: tradeRows }).transform(({ result }) => result)
export const tradesHistoryAnswer = z
  .object({ result: z.object({ trades: tradeRows }) })
  .transform(({ result }) => result.trades)

export const balanceAnswer = z
  .object({
    result: z.record(z.string(), z.object({ balance: amount, hold_trade: amount.default(decimal(0)) })),
  })
  .transform(({ result }) => result)

export const keyInfoAnswer = z
  .object({ result: z.object({ permissions: z.array(z.string()) }) })
  .transform(({ result }) => result.permissions)

function toOrder(txid: string, one: Row, context: z.RefinementCtx): KrakenOrder {
  const { descr, vol, vol_exec: filled, cost } = one
  if (filled.gt(vol))
    context.addIssue({ code: 'custom', message: `${plain(filled)} of ${plain(vol)} was executed` })
  if (filled.isZero() !== cost.isZero() && filled.isZero())
    context.addIssue({ code: 'custom', message: `nothing was executed, for ${plain(cost)}` })
  const stop = descr.ordertype === 'stop-loss-limit' || descr.ordertype === 'stop-loss'
  return {
    pair: descr.pair,
    trades: one.trades,
    feeInBase: one.oflags.split(',').includes('fcib'),
    order: {
      exchangeOrderId: txid,
      clientOrderId: one.cl_ord_id === '' ? null : (one.cl_ord_id ?? null),
      side: descr.type,
      status: statusOf(one),
      amount: vol,
      filled,
      averagePrice: filled.isZero() ? null : averageOf(cost, filled),
      // Of a stop the first price is its trigger, the second its limit.
      price: stop ? descr.price2 : descr.ordertype === 'market' ? null : descr.price,
      stopPrice: stop ? descr.price : null,
      createdAt: one.opentm,
    },
  }
}

/** "closed" is done with: filled, or as far as it went. Only a limit order goes by itself, at once where it is IOC. */
function statusOf({ status, vol, vol_exec: filled, descr, reason }: Row): VenueOrder['status'] {
  switch (status) {
    case 'pending':
    case 'open':
      return filled.gt(0) ? 'PARTIALLY_FILLED' : 'OPEN'
    case 'closed':
      return filled.eq(vol) ? 'FILLED' : 'EXPIRED'
    case 'expired':
      return 'EXPIRED'
    case 'canceled':
      return descr.ordertype === 'limit' && !/user/i.test(reason ?? '') ? 'EXPIRED' : 'CANCELED'
  }
}

function averageOf(cost: Decimal, filled: Decimal): Decimal {
  return cost.div(filled)
}
