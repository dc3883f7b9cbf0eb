import { z } from 'zod'
import { Money } from '../money.ts'

/** What is kept of futures wallets, orders, trades, income and transfers, with the schemas that read it back from disk. */
const money = z.string().transform((text) => new Money(text))

/** One symbol of one account: its settings, and what it holds. Flat: amount, cost and margin are 0. */
const positionSchema = z.object({
  symbol: z.string(),
  leverage: z.number(),
  isolated: z.boolean(),
  /** Below 0 for a short one. */
  amount: money,
  /** What |amount| was entered at: |amount| x entry price. */
  cost: money,
  /** Set aside from the wallet for it. */
  margin: money,
  updateTime: z.number(),
})
export type Position = z.infer<typeof positionSchema>

export const walletSchema = z.object({
  account: z.string(),
  createdAt: z.number(),
  /** What it began with. */
  initial: money,
  /** All of its USDT, margins included, profit not yet realised not. */
  balance: money,
  positions: z.record(z.string(), positionSchema),
})
export type Wallet = z.infer<typeof walletSchema>

const workingTypes = z.enum(['MARK_PRICE', 'CONTRACT_PRICE'])
export type WorkingType = z.infer<typeof workingTypes>

const futuresOrderTypes = z.enum(['MARKET', 'LIMIT', 'STOP_MARKET', 'TAKE_PROFIT_MARKET'])
export type FuturesOrderType = z.infer<typeof futuresOrderTypes>
export const isFuturesOrderType = (text: string): text is FuturesOrderType =>
  futuresOrderTypes.safeParse(text).success

const sides = z.enum(['BUY', 'SELL'])
export type Side = z.infer<typeof sides>

export const futuresOrderSchema = z.object({
  account: z.string(),
  symbol: z.string(),
  orderId: z.number(),
  clientOrderId: z.string(),
  side: sides,
  /** A stop that fired is a MARKET order from then on; `origType` says what it was. */
  type: futuresOrderTypes,
  origType: futuresOrderTypes,
  timeInForce: z.enum(['GTC', 'IOC', 'FOK', 'GTX']),
  /** 0 for orders at the market's price. */
  price: money,
  stopPrice: money,
  workingType: workingTypes,
  reduceOnly: z.boolean(),
  closePosition: z.boolean(),
  /** 0 while a closePosition order waits. */
  quantity: money,
  executed: money,
  quoteExecuted: money,
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED']),
  time: z.number(),
  updateTime: z.number(),
  /** False while it waits for its stop price. */
  working: z.boolean(),
  liquidation: z.boolean(),
  /** Fault `hide`: look-ups do not see it before this time. */
  hiddenUntil: z.number(),
  /** Fault `partial`: its fills come in so many pieces over so many ms. */
  slow: z.object({ pieces: z.number(), ms: z.number() }).nullable(),
  planned: z.array(z.object({ at: z.number(), price: money, quantity: money, maker: z.boolean() })),
})
export type FuturesOrder = z.infer<typeof futuresOrderSchema>

export const futuresTradeSchema = z.object({
  account: z.string(),
  symbol: z.string(),
  id: z.number(),
  orderId: z.number(),
  side: sides,
  price: money,
  quantity: money,
  quoteQuantity: money,
  commission: money,
  realized: money,
  time: z.number(),
  isMaker: z.boolean(),
})
export type FuturesTrade = z.infer<typeof futuresTradeSchema>

/** A conditional order as Binance keeps them since December 2025: beside the book until it fires, then an order is made of it. */
export const algoSchema = z.object({
  account: z.string(),
  symbol: z.string(),
  algoId: z.number(),
  clientAlgoId: z.string(),
  type: z.enum(['STOP_MARKET', 'TAKE_PROFIT_MARKET']),
  side: sides,
  quantity: money,
  triggerPrice: money,
  workingType: workingTypes,
  reduceOnly: z.boolean(),
  closePosition: z.boolean(),
  status: z.enum(['NEW', 'TRIGGERED', 'FINISHED', 'CANCELED', 'REJECTED', 'EXPIRED']),
  /** The order made of it; 0 before. */
  actualOrderId: z.number(),
  createTime: z.number(),
  updateTime: z.number(),
  triggerTime: z.number(),
  hiddenUntil: z.number(),
  slow: z.object({ pieces: z.number(), ms: z.number() }).nullable(),
})
export type Algo = z.infer<typeof algoSchema>

export const incomeSchema = z.object({
  account: z.string(),
  tranId: z.number(),
  symbol: z.string(),
  type: z.enum(['FUNDING_FEE', 'REALIZED_PNL', 'COMMISSION', 'TRANSFER', 'INSURANCE_CLEAR']),
  amount: money,
  time: z.number(),
  info: z.string(),
  tradeId: z.string(),
})
export type Income = z.infer<typeof incomeSchema>

const transferTypes = z.enum(['MAIN_UMFUTURE', 'UMFUTURE_MAIN'])
export type TransferType = z.infer<typeof transferTypes>
export const isTransferType = (text: string): text is TransferType => transferTypes.safeParse(text).success

export const transferSchema = z.object({
  account: z.string(),
  tranId: z.number(),
  asset: z.string(),
  amount: money,
  type: transferTypes,
  time: z.number(),
  hiddenUntil: z.number(),
})
export type Transfer = z.infer<typeof transferSchema>

/** A funding that the control API asked for; those of the clock need no record. */
export const extraFundingSchema = z.object({
  symbol: z.string(),
  time: z.number(),
  rate: money,
  mark: money,
})
export type ExtraFunding = z.infer<typeof extraFundingSchema>

export const contractRecordSchema = z.object({ symbol: z.string(), fundedUntil: z.number() })

export const isOpen = (order: FuturesOrder): boolean =>
  order.status === 'NEW' || order.status === 'PARTIALLY_FILLED'
