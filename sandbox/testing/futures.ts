import { expect } from 'vitest'
import { z } from 'zod'
import { Money, ZERO } from '../money.ts'
import type { Client, Keys } from './client.ts'

/** How the sandbox's tests speak to its futures. */
const amount = z.string().transform((text) => new Money(text))

export const futuresOrderSchema = z.looseObject({
  orderId: z.number(),
  clientOrderId: z.string(),
  status: z.string(),
  type: z.string(),
  origQty: amount,
  executedQty: amount,
  cumQuote: amount,
})
const futuresTradeSchema = z.looseObject({
  id: z.number(),
  orderId: z.number(),
  side: z.enum(['BUY', 'SELL']),
  price: amount,
  qty: amount,
  quoteQty: amount,
  realizedPnl: amount,
  commission: amount,
  maker: z.boolean(),
})
const algoSchema = z.looseObject({
  algoId: z.number(),
  clientAlgoId: z.string(),
  algoStatus: z.string(),
  actualOrderId: z.string(),
})
const riskSchema = z.looseObject({
  symbol: z.string(),
  positionAmt: amount,
  entryPrice: amount,
  isolatedWallet: amount,
  liquidationPrice: amount,
  unRealizedProfit: amount,
})
const incomeSchema = z.looseObject({
  incomeType: z.string(),
  income: amount,
  tranId: z.number(),
  time: z.number(),
})
const summarySchema = z.looseObject({
  totalWalletBalance: amount,
  totalPositionInitialMargin: amount,
  totalOpenOrderInitialMargin: amount,
  availableBalance: amount,
})

export const makeFutures = (client: Client) => {
  const get = async <T>(keys: Keys, path: string, schema: z.ZodType<T>, parameters = {}): Promise<T> => {
    const answer = await client.signed(keys, 'GET', path, parameters)
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    return schema.parse(answer.body)
  }
  const post = (path: string) => (keys: Keys, parameters: Record<string, string | number>) =>
    client.signed(keys, 'POST', path, { symbol: 'BTCUSDT', ...parameters })
  const place = post('/fapi/v1/order')
  const placeAlgo = post('/fapi/v1/algoOrder')
  return {
    get,
    place,
    placeAlgo: (keys: Keys, parameters: Record<string, string | number>) =>
      placeAlgo(keys, { algoType: 'CONDITIONAL', ...parameters }),
    /** A market order that must be accepted. */
    market: async (keys: Keys, side: 'BUY' | 'SELL', quantity: string, more = {}) => {
      const answer = await place(keys, {
        side,
        type: 'MARKET',
        quantity,
        newOrderRespType: 'RESULT',
        ...more,
      })
      expect(answer.status, JSON.stringify(answer.body)).toBe(200)
      return futuresOrderSchema.parse(answer.body)
    },
    order: (keys: Keys, clientOrderId: string) =>
      get(keys, '/fapi/v1/order', futuresOrderSchema, {
        symbol: 'BTCUSDT',
        origClientOrderId: clientOrderId,
      }),
    algo: (keys: Keys, clientAlgoId: string) => get(keys, '/fapi/v1/algoOrder', algoSchema, { clientAlgoId }),
    trades: (keys: Keys) =>
      get(keys, '/fapi/v1/userTrades', futuresTradeSchema.array(), { symbol: 'BTCUSDT', limit: 1000 }),
    income: (keys: Keys, incomeType?: string) =>
      get(keys, '/fapi/v1/income', incomeSchema.array(), {
        limit: 1000,
        startTime: 0,
        ...(incomeType === undefined ? {} : { incomeType }),
      }),
    position: async (keys: Keys) =>
      (await get(keys, '/fapi/v3/positionRisk', riskSchema.array(), { symbol: 'BTCUSDT' }))[0],
    summary: (keys: Keys) => get(keys, '/fapi/v3/account', summarySchema),
    /** An account with futures money, isolated margin and this leverage on BTCUSDT. */
    open: async (usdt: string, leverage: number, body: Record<string, unknown> = {}): Promise<Keys> => {
      const keys = await client.openAccount({ futures: { USDT: usdt }, ...body })
      await client.signed(keys, 'POST', '/fapi/v1/marginType', { symbol: 'BTCUSDT', marginType: 'ISOLATED' })
      const answer = await client.signed(keys, 'POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage })
      expect(answer.status).toBe(200)
      return keys
    },
    holdApart: (market: 'futures' | 'mark', price: string | null) =>
      client.control('POST', '/sandbox/price', { symbol: 'BTCUSDT', market, price }),
    fund: (rate: string) => client.control('POST', '/sandbox/funding', { symbol: 'BTCUSDT', rate }),
    transfer: (keys: Keys, type: string, usdt: string) =>
      client.signed(keys, 'POST', '/sapi/v1/asset/transfer', { type, asset: 'USDT', amount: usdt }),
    transfers: async (keys: Keys, type: string) => {
      const schema = z.object({
        total: z.number(),
        rows: z.array(z.looseObject({ amount: z.string(), tranId: z.number() })).default([]),
      })
      return get(keys, '/sapi/v1/asset/transfer', schema, { type })
    },
  }
}
export type FuturesClient = ReturnType<typeof makeFutures>

/**
 * Holds a futures account to its books: the wallet is what it began with plus every income row, the rows are what
 * trades, fundings and transfers say, and the position is what the trades add up to. Returns how many trades it made.
 */
export const checkFuturesBooks = async (
  client: Client,
  futures: FuturesClient,
  keys: Keys,
  initial: string,
): Promise<number> => {
  const truth = (path: string) => client.control('GET', `${path}?account=${keys.apiKey}`)
  // A signed look first: it brings the account up to now, and the truth with it.
  const summary = await futures.summary(keys)
  const trades = futuresTradeSchema.array().parse((await truth('/sandbox/futures/trades')).body)
  const incomes = incomeSchema.array().parse((await truth('/sandbox/futures/income')).body)
  const sumOf = (type: string) =>
    incomes.filter((row) => row.incomeType === type).reduce((sum, row) => sum.plus(row.income), ZERO)
  const all = incomes.reduce((sum, row) => sum.plus(row.income), new Money(initial))
  expect(summary.totalWalletBalance.toFixed(8)).toBe(all.toFixed(8))
  expect(new Set(incomes.map((row) => row.tranId)).size).toBe(incomes.length)

  let [amount, flow, fees, realized] = [ZERO, ZERO, ZERO, ZERO]
  for (const trade of trades) {
    expect(trade.quoteQty.toFixed(8)).toBe(trade.price.mul(trade.qty).toFixed(8))
    amount = trade.side === 'BUY' ? amount.plus(trade.qty) : amount.minus(trade.qty)
    flow = trade.side === 'BUY' ? flow.minus(trade.quoteQty) : flow.plus(trade.quoteQty)
    fees = fees.plus(trade.commission)
    realized = realized.plus(trade.realizedPnl)
  }
  expect(sumOf('COMMISSION').neg().toFixed(8)).toBe(fees.toFixed(8))
  expect(sumOf('REALIZED_PNL').toFixed(8)).toBe(realized.toFixed(8))
  const position = (await truth('/sandbox/futures/positions')).body
  const schema = z.looseObject({ amount: z.string(), cost: z.string(), margin: z.string() })
  const [held] = schema.array().parse(position)
  expect((held?.amount ?? '0').toString()).toBe(amount.toString())
  // What went out and has not come back as profit is what the position was entered at.
  const cost = amount.isNegative() ? flow.minus(realized) : realized.minus(flow)
  expect(new Money(held?.cost ?? 0).toFixed(8)).toBe(cost.toFixed(8))
  return trades.length
}
