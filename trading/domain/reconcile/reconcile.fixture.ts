import type { VenueFill, VenueOrder } from '../exchange.ts'
import { decimal, ZERO } from '../money.ts'
import type { AccountMarket, AssetBooks, BookedBot, BookedOrder } from './types.ts'

/** What the tests of reconciliation start from: bot 1 holds 0.002 BTC, and the account has just that. */
export const BORN = new Date('2026-11-01T00:00:00Z')
const LATER = new Date('2026-11-02T00:00:00Z')
const SYMBOL = 'BTC/USDT'

function clientId(n: number): string {
  return `tb${n.toString(16).padStart(32, '0')}`
}

export function aBookedBot(more: Partial<BookedBot> = {}): BookedBot {
  const id = more.id ?? '1'
  return {
    id,
    name: `Bot ${id}`,
    symbol: SYMBOL,
    status: 'RUNNING',
    held: decimal('0.002'),
    side: 'BUY',
    dust: ZERO,
    createdAt: BORN,
    ...more,
  }
}

export function aBookedOrder(n: number, more: Partial<BookedOrder> = {}): BookedOrder {
  return {
    id: String(n),
    botId: '1',
    symbol: SYMBOL,
    clientOrderId: clientId(n),
    exchangeOrderId: String(n),
    side: 'BUY',
    purpose: 'ENTRY',
    status: 'FILLED',
    filled: decimal('0.002'),
    origin: 'BOT',
    moved: false,
    doubtful: false,
    ...more,
  }
}

export function aVenueOrder(n: number, more: Partial<VenueOrder> = {}): VenueOrder {
  const amount = more.amount ?? decimal('0.002')
  return {
    exchangeOrderId: String(n),
    clientOrderId: clientId(n),
    side: 'BUY',
    status: 'FILLED',
    amount,
    filled: amount,
    averagePrice: decimal(50_000),
    price: null,
    stopPrice: null,
    createdAt: new Date(LATER.getTime() + n),
    ...more,
  }
}

/** An order that a person placed at the exchange. */
export function aForeignOrder(n: number, more: Partial<VenueOrder> = {}): VenueOrder {
  return aVenueOrder(n, { clientOrderId: `web_${n}`, side: 'SELL', ...more })
}

function fillsOf(order: VenueOrder): VenueFill[] {
  if (order.filled.isZero()) return []
  return [
    {
      tradeId: `${order.exchangeOrderId}-1`,
      exchangeOrderId: order.exchangeOrderId,
      side: order.side,
      amount: order.filled,
      price: decimal(50_000),
      fee: ZERO,
      feeCurrency: 'USDT',
      executedAt: order.createdAt,
    },
  ]
}

export function books(
  bots: readonly BookedBot[],
  orders: readonly BookedOrder[],
  more: Partial<AssetBooks> = {},
): AssetBooks {
  return { asset: 'BTC', step: decimal('0.00001'), bots, orders, elsewhere: new Set(), ...more }
}

/** A market with these orders and all of their trades. */
export function aMarketOf(orders: VenueOrder[], more: Partial<AccountMarket> = {}): AccountMarket {
  return {
    symbol: SYMBOL,
    base: 'BTC',
    firstLook: false,
    open: orders.filter((order) => order.status === 'OPEN' || order.status === 'PARTIALLY_FILLED'),
    orders,
    trades: orders.flatMap(fillsOf),
    ...more,
  }
}
