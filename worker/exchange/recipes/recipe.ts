import type {
  Credentials,
  KeyRights,
  OrderRequest,
  TransferRequest,
  TransferResult,
  VenueFill,
  VenueFunding,
  VenueOrder,
  VenuePosition,
  VenueTransfer,
  Wallet,
} from '#trading/domain/exchange.ts'
import type { Decimal } from '#trading/domain/money.ts'
import type { Client } from '../ccxt.ts'
import type { Venue } from '../venue.ts'
import type { PathLimits } from './path-pace.ts'

/** What a recipe asks its venue through. */
export type Desk = {
  venue: Venue
  client: Client
  /** One signed request, by ccxt's own `request`: rate limit paid, errors as ccxt throws them. Repeatable ones only. */
  ask(api: string, method: 'GET' | 'POST' | 'DELETE', path: string, params?: object): Promise<unknown>
  /** How far our clock and the venue's may be apart, for whatever is asked since a time of ours. */
  settleSkewMs: number
}

/** A market as the venue names it. `contractSize`: base currency in one contract; 1 where the venue counts in base currency. */
export type RecipeMarket = {
  symbol: string
  id: string
  base: string
  quote: string
  settle: string | null
  contractSize: Decimal
}

/** A request as ccxt is to sign it. `headers` are added to what ccxt makes (they are no part of what is signed). */
export type Unsigned = {
  api: string
  method: 'POST'
  path: string
  params: Record<string, unknown>
  headers?: Record<string, string>
}

/** What the answer to an order says of it. Ids alone are looked up right after. */
export type Placed =
  { kind: 'IDS'; exchangeOrderId: string } | { kind: 'ORDER'; order: VenueOrder; fills: VenueFill[] | null }

export type OrderQuestion = {
  clientOrderId: string
  exchangeOrderId: string | null
  /** Venue's milliseconds; nothing of the order is older. */
  since: number
}

/** One question of the table's lookups; null: not there. */
export type Look = (desk: Desk, market: RecipeMarket, question: OrderQuestion) => Promise<VenueOrder | null>

/** Orders on one kind of market. Everything but `build` and `readPlaced` may be repeated, and throws what ccxt throws, or VenueError. */
export type MarketRecipe = {
  /** Before the claim: what else an order must know. */
  prepare?(desk: Desk, market: RecipeMarket): Promise<void>
  /** At once, without a pause. @throws Error with a sentence where such an order cannot be made: it is not sent. `at`: venue's milliseconds of signing */
  build(market: RecipeMarket, request: OrderRequest, at: number, desk: Desk): Unsigned
  /** @throws where the answer is not about this order: its outcome is then unknown. */
  readPlaced(answer: unknown, market: RecipeMarket, request: OrderRequest): Placed
  /** By the names of the table's lookups. */
  looks: Record<string, Look>
  openOrders(desk: Desk, market: RecipeMarket): Promise<VenueOrder[]>
  /** Of any status, since then by the venue's clock; in any order, each at least once. */
  ordersSince(desk: Desk, market: RecipeMarket, since: number): Promise<VenueOrder[]>
  fillsOf(desk: Desk, market: RecipeMarket, order: VenueOrder): Promise<VenueFill[]>
  fillsSince(desk: Desk, market: RecipeMarket, since: number): Promise<VenueFill[]>
  /** What is gone already is no error. */
  cancel(
    desk: Desk,
    market: RecipeMarket,
    order: { clientOrderId: string; exchangeOrderId: string | null },
  ): Promise<void>
}

export type FuturesRecipe = MarketRecipe & {
  /** One-way mode, isolated margin, this leverage; asks first and changes only what differs. */
  setUp(desk: Desk, market: RecipeMarket, leverage: number): Promise<void>
  position(desk: Desk, market: RecipeMarket): Promise<VenuePosition | null>
  funding(desk: Desk, market: RecipeMarket, since: number): Promise<VenueFunding[]>
}

/** A venue, as makeRecipeAccount needs it. */
export type Recipe = {
  exchange: string
  spot: MarketRecipe | null
  futures: FuturesRecipe | null
  /** Where the venue counts an account's calls by path; instead of ccxt's own even pace. */
  pace?: PathLimits
  /** Called once with the account's own client, before anything is asked. */
  setUpClient?(client: Client, venue: Venue, credentials: Credentials, name: string | null): void
  balance(desk: Desk, wallet: Wallet): Promise<Map<string, { free: Decimal; total: Decimal }>>
  rights(desk: Desk): Promise<KeyRights>
  /** Absent where there is one wallet. */
  transfers?: {
    build(request: TransferRequest, at: number): Unsigned
    readSent(answer: unknown, request: TransferRequest): Extract<TransferResult, { kind: 'ACCEPTED' }>
    since(desk: Desk, currency: string, since: number): Promise<VenueTransfer[]>
  }
}
