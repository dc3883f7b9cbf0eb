import { z } from 'zod'
import { Money } from '../money.ts'

/** What is kept of accounts, orders and trades, with the schemas that read it back from disk. */
const money = z.string().transform((text) => new Money(text))

const permissionsSchema = z.object({
  canTrade: z.boolean(),
  canWithdraw: z.boolean(),
  canTransfer: z.boolean(),
  /** Accounts of a time before futures may trade them. */
  canFutures: z.boolean().default(true),
})
export type Permissions = z.infer<typeof permissionsSchema>

export const accountSchema = z.object({
  apiKey: z.string(),
  secretKey: z.string(),
  createdAt: z.number(),
  permissions: permissionsSchema,
  /** What the account began with, per asset. */
  initial: z.record(z.string(), money),
  balances: z.record(z.string(), z.object({ free: money, locked: money })),
})
export type Account = z.infer<typeof accountSchema>

const ORDER_TYPES = [
  'MARKET',
  'LIMIT',
  'LIMIT_MAKER',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const
const orderTypeSchema = z.enum(ORDER_TYPES)
export type OrderType = z.infer<typeof orderTypeSchema>
export const isOrderType = (text: string): text is OrderType => orderTypeSchema.safeParse(text).success

/** A fill that is agreed but due later (fault `partial`). */
const plannedFillSchema = z.object({
  at: z.number(),
  price: money,
  quantity: money,
  maker: z.boolean(),
})

export const orderSchema = z.object({
  account: z.string(),
  symbol: z.string(),
  orderId: z.number(),
  clientOrderId: z.string(),
  side: z.enum(['BUY', 'SELL']),
  type: orderTypeSchema,
  timeInForce: z.enum(['GTC', 'IOC', 'FOK']),
  /** 0 for orders at the market's price. */
  price: money,
  stopPrice: money,
  quantity: money,
  quoteOrderQty: money,
  executed: money,
  quoteExecuted: money,
  /** Still reserved for it: quote for a BUY, base for a SELL. */
  locked: money,
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED']),
  time: z.number(),
  updateTime: z.number(),
  /** When it came onto the book; -1 while it waits for its stop price. */
  workingTime: z.number(),
  /** Fault `hide`: look-ups do not see it before this time. */
  hiddenUntil: z.number(),
  /** Fault `partial`: its fills come in so many pieces over so many ms. */
  slow: z.object({ pieces: z.number(), ms: z.number() }).nullable(),
  planned: z.array(plannedFillSchema),
})
export type Order = z.infer<typeof orderSchema>

export const tradeSchema = z.object({
  account: z.string(),
  symbol: z.string(),
  id: z.number(),
  orderId: z.number(),
  price: money,
  quantity: money,
  quoteQuantity: money,
  commission: money,
  commissionAsset: z.string(),
  time: z.number(),
  isBuyer: z.boolean(),
  isMaker: z.boolean(),
})
export type Trade = z.infer<typeof tradeSchema>

export const isOpen = (order: Order): boolean => order.status === 'NEW' || order.status === 'PARTIALLY_FILLED'
