import type { BotMode, OrderSide } from './bot.ts'
import type { Decimal } from './money.ts'

export type OrderPurpose = 'ENTRY' | 'EXIT' | 'STOP_LOSS' | 'TAKE_PROFIT' | 'CLOSE' | 'PROTECTIVE_STOP'

/**
 * MARKET; LIMIT_IOC: a limit order that fills at once or goes (entries, so that nothing is bought beyond the collar); STOP_LIMIT: rests until
 * the price falls to `stopPrice`, then a limit order at `price` (protective stops of SPOT); STOP_MARKET: rests until the mark price reaches `stopPrice`
 * (protective stops of FUTURES). OTHER: a person's, of any kind.
 */
export type OrderType = 'MARKET' | 'LIMIT_IOC' | 'STOP_LIMIT' | 'STOP_MARKET' | 'OTHER'

export const ORDER_STATUSES = [
  'INTENDED',
  'SUBMITTING',
  'UNKNOWN',
  'NOT_PLACED',
  'OPEN',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'REJECTED',
  'EXPIRED',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

export type Order = {
  id: string
  botId: string
  userId: string
  apiKeyId: string | null
  exchange: string
  symbol: string
  mode: BotMode
  positionId: string | null
  clientOrderId: string
  exchangeOrderId: string | null
  side: OrderSide
  purpose: OrderPurpose
  status: OrderStatus
  type: OrderType
  amount: Decimal
  /** Limit price; null for MARKET. */
  price: Decimal | null
  stopPrice: Decimal | null
  revision: number
  referencePrice: Decimal
  filled: Decimal
  averagePrice: Decimal | null
  reason: string
  signalCandleAt: Date | null
  submittedAt: Date | null
  submitDeadline: Date | null
  nextSettleAt: Date | null
  notFoundCount: number
  unknownSince: Date | null
  cancelRequested: boolean
  /** Can only make a position smaller: every exit of FUTURES. */
  reduceOnly: boolean
  /** MANUAL: a person's order at the exchange, booked to the bot that it concerned. LIQUIDATION: the venue's own, or PAPER's. */
  origin: 'BOT' | 'TAKEN_OVER' | 'MANUAL' | 'LIQUIDATION'
  createdAt: Date
}

/** Until an order is settled the bot makes no other. */
export function isSettled(status: OrderStatus): boolean {
  switch (status) {
    case 'INTENDED':
    case 'SUBMITTING':
    case 'UNKNOWN':
    case 'OPEN':
    case 'PARTIALLY_FILLED':
      return false
    case 'NOT_PLACED':
    case 'FILLED':
    case 'CANCELED':
    case 'REJECTED':
    case 'EXPIRED':
      return true
  }
}

/** True for purposes that open or grow a position. */
export function opensPosition(purpose: OrderPurpose): boolean {
  return purpose === 'ENTRY'
}
