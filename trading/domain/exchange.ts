import type { OrderSide, PositionType } from './bot.ts'
import type { Candle, ListedMarket } from './market.ts'
import type { Decimal } from './money.ts'

/** Credentials, decrypted; only a worker ever holds them. */
export type Credentials = { apiKey: string; secretKey: string; passphrase: string | null }

export type KeyRights = { canTrade: boolean; canTransfer: boolean | null; canWithdraw: boolean | null }

/** One trade of an order, as the venue reports it. */
export type VenueFill = {
  tradeId: string
  exchangeOrderId: string
  side: OrderSide
  amount: Decimal
  price: Decimal
  fee: Decimal
  feeCurrency: string
  executedAt: Date
}

/** An order as the venue sees it. `filled` in base currency. */
export type VenueOrder = {
  exchangeOrderId: string
  clientOrderId: string | null
  side: OrderSide
  status: 'OPEN' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED'
  amount: Decimal
  filled: Decimal
  averagePrice: Decimal | null
  /** Limit price and trigger, where it has them. */
  price: Decimal | null
  stopPrice: Decimal | null
  createdAt: Date
  /** Of the venue's own, because the margin was used up. */
  liquidation?: true
}

/** A futures position as the venue sees it (one-way mode: one for each market). Amount in base currency, above 0. */
export type VenuePosition = {
  side: OrderSide
  amount: Decimal
  entryPrice: Decimal
  markPrice: Decimal | null
  liquidationPrice: Decimal | null
  leverage: number | null
  isolated: boolean
  /** Isolated margin, in the settlement currency; null: not told. */
  margin: Decimal | null
}

/**
 * Funding of one position at one instant, or what a liquidation cost beyond its fills; received is positive. `id` is unique within account and
 * market.
 */
export type VenueFunding = {
  id: string
  amount: Decimal
  currency: string
  at: Date
  liquidationFee?: true
}

export type Wallet = 'SPOT' | 'FUTURES'

export type TransferRequest = {
  from: Wallet
  to: Wallet
  currency: string
  amount: Decimal
  /** Random; for venues that take an id of ours. */
  clientTransferId: string
  /** As of an order. */
  signedAt: number
  recvWindowMs: number
  timeoutMs: number
}

export type TransferResult =
  | { kind: 'ACCEPTED'; transferId: string }
  | { kind: 'REFUSED'; code: RefusalCode; message: string }
  | { kind: 'UNKNOWN'; message: string }

/** A transfer in the venue's history. */
export type VenueTransfer = {
  id: string
  clientTransferId: string | null
  from: Wallet
  to: Wallet
  currency: string
  amount: Decimal
  status: 'DONE' | 'PENDING' | 'FAILED'
  at: Date
}

/** What values a perpetual and what holding it costs. `fundingRate` of the notional, paid by longs where positive, at `nextFundingAt`. */
export type Mark = { markPrice: Decimal; fundingRate: Decimal | null; nextFundingAt: Date | null }

/** A funding that was settled. `markPrice` null: the venue does not tell. */
export type FundingRate = { at: Date; rate: Decimal; markPrice: Decimal | null }

/** MARKET; a limit that fills at once or goes; a stop that rests until the price falls (SELL) to `stopPrice`, then is a limit at `price`; a
 * stop that rests until the mark price reaches `stopPrice`, then is a market order (FUTURES; a BUY above the price, a SELL below it). */
export type OrderTerms =
  | { type: 'MARKET' }
  | { type: 'LIMIT_IOC'; price: Decimal }
  | { type: 'STOP_LIMIT'; price: Decimal; stopPrice: Decimal }
  | { type: 'STOP_MARKET'; stopPrice: Decimal }

export type OrderRequest = {
  terms: OrderTerms
  symbol: string
  side: OrderSide
  /** Base currency, already on the market's step. */
  amount: Decimal
  /** FUTURES: can only make a position smaller. */
  reduceOnly?: boolean
  clientOrderId: string
  /** Wall clock read before the claim; the venue's own expiry (recvWindow) runs from it. Milliseconds. */
  signedAt: number
  recvWindowMs: number
  timeoutMs: number
}

/**
 * What became of sending an order. REFUSED: proven not to exist. UNKNOWN: anything not proven to be a refusal.
 */
export type PlaceResult =
  | { kind: 'ACCEPTED'; order: VenueOrder; fills: VenueFill[] | null }
  | { kind: 'REFUSED'; code: RefusalCode; message: string }
  | { kind: 'UNKNOWN'; message: string }

export type RefusalCode =
  | 'BALANCE_INSUFFICIENT'
  | 'ORDER_INVALID'
  | 'KEY_REFUSED'
  | 'MARKET_CLOSED'
  | 'RATE_LIMITED'
  | 'CLOCK_SKEW'
  | 'NOT_SENT'

/** What looking for an order gave. A look that fails is no look: it throws VenueError. */
export type LookResult = { found: true; order: VenueOrder; fills: VenueFill[] } | { found: false }

export type VenueErrorKind =
  'UNREACHABLE' | 'RATE_LIMITED' | 'KEY_REFUSED' | 'MARKET_GONE' | 'REFUSED' | 'UNREADABLE'

/** A call to a venue failed. UNREACHABLE, RATE_LIMITED and UNREADABLE pass by themselves; the others a person must change. */
export class VenueError extends Error {
  readonly kind: VenueErrorKind
  readonly retryAfterMs: number | null
  constructor(
    kind: VenueErrorKind,
    message: string,
    options?: { cause?: unknown; retryAfterMs?: number | null },
  ) {
    super(message, { cause: options?.cause })
    this.name = 'VenueError'
    this.kind = kind
    this.retryAfterMs = options?.retryAfterMs ?? null
  }
}

/** `unread`: kinds of markets that could not be read this time, with the venue's words; absent: all were. */
export type MarketList = {
  markets: ListedMarket[]
  timeframes: string[]
  unread?: readonly { type: PositionType; message: string }[]
}

/** By symbol: the highest leverage of a perpetual, and percent of the notional that must remain as margin in the first tier. */
export type LeverageLimits = Map<string, { maxLeverage: number; maintenanceMarginPerc: Decimal }>

/** Public market data of one venue. All methods throw VenueError. */
export type MarketDataSource = {
  loadMarkets(): Promise<MarketList>
  /** Oldest first, the forming candle last (closed false); at most `limit`. */
  fetchCandles(symbol: string, timeframe: string, limit: number, since?: Date): Promise<Candle[]>
  /** Of a perpetual. */
  fetchMark(symbol: string): Promise<Mark>
  /** Fundings of a perpetual that were settled after `since`, oldest first. */
  fetchFundingRates(symbol: string, since: Date): Promise<FundingRate[]>
}

/**
 * One account at one venue. Only worker/exchange implements it. All methods but `placeOrder` and `transfer` throw VenueError. A symbol says
 * by itself whether it is a spot market ("BTC/USDT") or a perpetual ("BTC/USDT:USDT"). Amounts are in base currency whatever the venue counts in.
 */
export type TradingAccount = {
  /** Loads markets and pays the rate limit, so that nothing waits between claim and send. */
  prepare(symbol: string): Promise<void>
  placeOrder(request: OrderRequest): Promise<PlaceResult>
  /** By client order id and, where known, by the venue's own id: order, open orders, closed orders. */
  findOrder(query: {
    symbol: string
    clientOrderId: string
    exchangeOrderId: string | null
    since: Date
  }): Promise<LookResult>
  /** The account's orders on that market that rest now, whoever placed them. */
  fetchOpenOrders(symbol: string): Promise<VenueOrder[]>
  /** The account's orders on that market of any status, placed since then, whoever placed them; oldest first. */
  fetchOrders(symbol: string, since: Date): Promise<VenueOrder[]>
  /** Trades of the account on that market since then, oldest first. */
  fetchTrades(symbol: string, since: Date): Promise<VenueFill[]>
  cancelOrder(query: { symbol: string; clientOrderId: string; exchangeOrderId: string | null }): Promise<void>
  /** Venues with one wallet answer the same for both. Of FUTURES `free` is what new positions may use as margin. */
  fetchBalance(wallet: Wallet): Promise<Map<string, { free: Decimal; total: Decimal }>>
  /** Before the first entry: one-way mode, isolated margin, this leverage. Asks first and changes only what differs. */
  setUpFutures(symbol: string, leverage: number): Promise<void>
  /** Null: flat. */
  fetchPosition(symbol: string): Promise<VenuePosition | null>
  /** Funding of a perpetual since then, and fees of its liquidations where the venue charges them apart; oldest first. */
  fetchFunding(symbol: string, since: Date): Promise<VenueFunding[]>
  /** Moves money between wallets; sent at once or not at all, as an order is. */
  transfer(request: TransferRequest): Promise<TransferResult>
  /** Transfers of that currency between SPOT and FUTURES since then, whoever made them, oldest first. */
  fetchTransfers(currency: string, since: Date): Promise<VenueTransfer[]>
  probeRights(): Promise<KeyRights>
  close(): Promise<void>
}
