import type { VenueRecipe } from './venue-recipes.ts'

const KEEPS = 'for good'

/** Kraken's two exchanges, spot and futures, which have keys of their own. */
export const KRAKEN_RECIPES: readonly VenueRecipe[] = [
  {
    exchange: 'kraken',
    name: 'Kraken',
    kind: 'SPOT',
    live: true,
    note: 'give TradeBot a key that nothing else uses: its requests are counted upwards',
    clientOrderId: {
      form: 'HEX_32',
      rule: 'a UUID, 32 hex digits or 18 characters; unique among open orders only',
    },
    lookups: [
      { name: 'OPEN_CLIENT_ID', endpoint: 'POST OpenOrders', by: 'CLIENT_ID', keeps: 'while it rests' },
      { name: 'CLOSED_CLIENT_ID', endpoint: 'POST ClosedOrders', by: 'CLIENT_ID', keeps: KEEPS },
      { name: 'VENUE_ID', endpoint: 'POST QueryOrders', by: 'VENUE_ID', keeps: KEEPS },
      { name: 'OPEN', endpoint: 'POST OpenOrders', by: 'LIST', keeps: 'while it rests' },
      { name: 'CLOSED', endpoint: 'POST ClosedOrders', by: 'LIST', keeps: KEEPS },
    ],
    createAnswers: 'IDS',
    expiry: { how: 'deadline', longestMs: 60_000 },
    nonce: 'GROWING',
    protectiveOrder: { type: 'STOP_LIMIT', how: 'stop-loss-limit, trigger last, holds what it would sell' },
    errors: 'worker/exchange/recipes/kraken-errors.ts',
    feeCurrency: 'quote currency, of buys too',
    minimums: 'AssetPairs, ordermin and costmin',
    oneWallet: false,
    transfers: false,
  },
  {
    exchange: 'krakenfutures',
    name: 'Kraken Futures',
    kind: 'FUTURES',
    live: true,
    note: 'margined in US dollars; fees and funding are read from the history, some moments late',
    clientOrderId: { form: 'TB_34', rule: 'up to 100 characters, unique' },
    lookups: [
      {
        name: 'STATUS_CLIENT_ID',
        endpoint: 'POST orders/status',
        by: 'CLIENT_ID',
        keeps: 'while it rests and 5 seconds more',
      },
      { name: 'STATUS_VENUE_ID', endpoint: 'POST orders/status', by: 'VENUE_ID', keeps: 'as above' },
      { name: 'OPEN', endpoint: 'GET openorders', by: 'LIST', keeps: 'while it rests' },
      { name: 'HISTORY', endpoint: 'GET history/v3 orders and triggers', by: 'LIST', keeps: KEEPS },
    ],
    createAnswers: 'ORDER',
    expiry: { how: 'processBefore', longestMs: 60_000 },
    nonce: 'NONE',
    protectiveOrder: { type: 'STOP_MARKET', how: 'stp, reduceOnly, triggerSignal mark' },
    errors: 'worker/exchange/recipes/krakenfutures-errors.ts',
    feeCurrency: 'US dollars',
    minimums: 'instruments, contractValueTradePrecision',
    oneWallet: true,
    transfers: false,
  },
]
