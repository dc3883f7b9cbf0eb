import type { PositionType } from './bot.ts'
import type { ClientIdForm } from './client-order-id.ts'
import { KRAKEN_RECIPES } from './venue-recipes-kraken.ts'

/** One question that an order is looked for with. `name` is the recipe's own for it (worker/exchange/recipes). */
export type Lookup = {
  name: string
  /** Which endpoint, as people find it in the venue's documents. */
  endpoint: string
  by: 'CLIENT_ID' | 'VENUE_ID' | 'LIST'
  /** How long the endpoint shows an order that is over. */
  keeps: string
}

/** How orders of one kind of market are made, found and paid for at one venue. Code reads it; README.md shows it. */
export type VenueRecipe = {
  exchange: string
  name: string
  kind: PositionType
  /** LIVE bots may trade: each part of this is proven by the contract suites over the venue's real shapes. */
  live: boolean
  /** What is not proven, or what people should know; null: nothing. */
  note: string | null
  clientOrderId: { form: ClientIdForm; rule: string }
  /** In this order. Only when all of them answered and none had it, an order is not there. */
  lookups: readonly Lookup[]
  /** IDS: what became of an order is looked up right after it was sent. */
  createAnswers: 'IDS' | 'ORDER'
  /** What makes the venue refuse an order that arrives late, and the longest that it may be given. */
  expiry: { how: string; longestMs: number } | null
  /** TIME: requests carry the time of signing. GROWING: a number that must grow with every request of the key. */
  nonce: 'TIME' | 'GROWING' | 'NONE'
  protectiveOrder: { type: 'STOP_LIMIT' | 'STOP_MARKET'; how: string }
  /** Where the venue's codes and their meanings are. */
  errors: string
  feeCurrency: string
  minimums: string
  /** Spot and futures are paid for from one wallet: there is nothing to transfer. */
  oneWallet: boolean
  /** autoTransferFunds works. */
  transfers: boolean
}

const BINANCE_LOOKUPS = (root: string): Lookup[] => [
  {
    name: 'CLIENT_ID',
    endpoint: `GET ${root}/order`,
    by: 'CLIENT_ID',
    keeps: 'forever (empty and cancelled ones 3 days)',
  },
  {
    name: 'VENUE_ID',
    endpoint: `GET ${root}/order`,
    by: 'VENUE_ID',
    keeps: 'forever (empty and cancelled ones 3 days)',
  },
  { name: 'OPEN', endpoint: `GET ${root}/openOrders`, by: 'LIST', keeps: 'while it rests' },
  { name: 'ALL', endpoint: `GET ${root}/allOrders`, by: 'LIST', keeps: '90 days' },
]

function binance(exchange: string, name: string): VenueRecipe[] {
  const both = {
    exchange,
    name,
    live: true,
    note: null,
    clientOrderId: { form: 'TB_34', rule: '36 of a-z A-Z 0-9 - _' },
    createAnswers: 'ORDER',
    expiry: { how: 'recvWindow from timestamp', longestMs: 60_000 },
    nonce: 'TIME',
    errors: 'worker/exchange/errors.ts',
    minimums: 'exchangeInfo filters',
    oneWallet: false,
    transfers: true,
  } as const
  return [
    {
      ...both,
      kind: 'SPOT',
      lookups: BINANCE_LOOKUPS('/api/v3'),
      protectiveOrder: { type: 'STOP_LIMIT', how: 'STOP_LOSS_LIMIT, holds what it would sell' },
      feeCurrency: 'what is received (or BNB)',
    },
    {
      ...both,
      kind: 'FUTURES',
      lookups: BINANCE_LOOKUPS('/fapi/v1'),
      protectiveOrder: { type: 'STOP_MARKET', how: 'STOP_MARKET, reduceOnly, workingType MARK_PRICE' },
      feeCurrency: 'settlement currency (or BNB)',
    },
  ]
}

const BYBIT_LOOKUPS: readonly Lookup[] = [
  {
    name: 'REALTIME_CLIENT_ID',
    endpoint: 'GET /v5/order/realtime',
    by: 'CLIENT_ID',
    keeps: 'the last 500 that are over, until a restart of the venue',
  },
  {
    name: 'HISTORY_CLIENT_ID',
    endpoint: 'GET /v5/order/history',
    by: 'CLIENT_ID',
    keeps: '2 years (empty and cancelled ones 7 days)',
  },
  { name: 'REALTIME_VENUE_ID', endpoint: 'GET /v5/order/realtime', by: 'VENUE_ID', keeps: 'as above' },
  { name: 'HISTORY_VENUE_ID', endpoint: 'GET /v5/order/history', by: 'VENUE_ID', keeps: 'as above' },
  { name: 'OPEN', endpoint: 'GET /v5/order/realtime', by: 'LIST', keeps: 'while it rests' },
  {
    name: 'HISTORY',
    endpoint: 'GET /v5/order/history',
    by: 'LIST',
    keeps: '2 years (empty and cancelled ones 7 days)',
  },
]

const BYBIT = {
  exchange: 'bybit',
  name: 'Bybit',
  clientOrderId: { form: 'TB_34', rule: '36 of a-z A-Z 0-9 - _' },
  lookups: BYBIT_LOOKUPS,
  createAnswers: 'IDS',
  expiry: { how: 'header X-BAPI-RECV-WINDOW from X-BAPI-TIMESTAMP', longestMs: 5_000 },
  nonce: 'TIME',
  errors: 'worker/exchange/recipes/bybit-errors.ts',
  minimums: 'market/instruments-info, lotSizeFilter',
  oneWallet: true,
  transfers: false,
} as const

const OKX_LOOKUPS: readonly Lookup[] = [
  {
    name: 'ORDER_CLIENT_ID',
    endpoint: 'GET /api/v5/trade/order',
    by: 'CLIENT_ID',
    keeps: '3 months (cancelled without a fill 2 hours)',
  },
  { name: 'ALGO_CLIENT_ID', endpoint: 'GET /api/v5/trade/order-algo', by: 'CLIENT_ID', keeps: '3 months' },
  { name: 'ORDER_VENUE_ID', endpoint: 'GET /api/v5/trade/order', by: 'VENUE_ID', keeps: 'as above' },
  { name: 'ALGO_VENUE_ID', endpoint: 'GET /api/v5/trade/order-algo', by: 'VENUE_ID', keeps: 'as above' },
  {
    name: 'OPEN',
    endpoint: 'GET /api/v5/trade/orders-pending, orders-algo-pending',
    by: 'LIST',
    keeps: 'while it rests',
  },
  {
    name: 'HISTORY',
    endpoint: 'GET /api/v5/trade/orders-history, orders-algo-history',
    by: 'LIST',
    keeps: '7 days (cancelled without a fill 2 hours)',
  },
]

const OKX = {
  exchange: 'okx',
  name: 'OKX',
  clientOrderId: { form: 'TB_32', rule: '32 of a-z A-Z 0-9' },
  lookups: OKX_LOOKUPS,
  createAnswers: 'IDS',
  expiry: { how: 'header expTime', longestMs: 60_000 },
  nonce: 'TIME',
  errors: 'worker/exchange/recipes/okx-errors.ts',
  minimums: 'public/instruments, minSz and lotSz',
  oneWallet: true,
  transfers: false,
} as const

/** THE table. Venues that are not in it are for PAPER only. */
export const VENUE_RECIPES: readonly VenueRecipe[] = [
  ...binance('sandbox', 'Sandbox (play money)'),
  ...binance('binance', 'Binance'),
  {
    ...BYBIT,
    kind: 'SPOT',
    live: true,
    note: 'unified accounts only; a spot stop is compared with the price just before it is sent, for Bybit would take one that is reached for a take-profit',
    protectiveOrder: { type: 'STOP_LIMIT', how: 'orderFilter tpslOrder, holds what it would sell' },
    feeCurrency: 'what is received',
  },
  {
    ...BYBIT,
    kind: 'FUTURES',
    live: true,
    note: 'unified accounts only, which are set to isolated margin as a whole',
    protectiveOrder: {
      type: 'STOP_MARKET',
      how: 'conditional market order, reduceOnly, triggerBy MarkPrice',
    },
    feeCurrency: 'settlement currency',
  },
  {
    ...OKX,
    kind: 'SPOT',
    live: true,
    note: 'a stop is an order of another kind; what it becomes is told under its number. That OKX holds what it would sell is taken from its documents',
    protectiveOrder: { type: 'STOP_LIMIT', how: 'order-algo conditional, slTriggerPx and slOrdPx' },
    feeCurrency: 'what is received',
  },
  {
    ...OKX,
    kind: 'FUTURES',
    live: true,
    note: 'account in futures mode (not spot mode); set to net positions as a whole. Amounts in contracts are turned into base currency',
    protectiveOrder: { type: 'STOP_MARKET', how: 'order-algo conditional, reduceOnly, slTriggerPxType mark' },
    feeCurrency: 'settlement currency',
  },
  ...KRAKEN_RECIPES,
]

/** Null: nothing is known of such markets there, PAPER only. */
export function venueRecipe(exchange: string, kind: PositionType): VenueRecipe | null {
  return VENUE_RECIPES.find((recipe) => recipe.exchange === exchange && recipe.kind === kind) ?? null
}

/** Which form ids of ours have there. */
export function clientIdFormOf(exchange: string): ClientIdForm {
  return VENUE_RECIPES.find((recipe) => recipe.exchange === exchange)?.clientOrderId.form ?? 'TB_34'
}
