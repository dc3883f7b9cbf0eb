/**
 * Answers in the words of Binance's published spot documents (rest-api.md, enums.md, errors.md of binance-spot-api-docs), as text, for
 * digits and shapes are what the tests are about. `$CLIENT_ID`, `$MARKET` and `$NOW` are filled in by recorded.fixture.ts.
 */

const symbol = (name: string, base: string, quote: string, tick: string, step: string) => ({
  symbol: name,
  status: 'TRADING',
  baseAsset: base,
  baseAssetPrecision: 8,
  quoteAsset: quote,
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  baseCommissionPrecision: 8,
  quoteCommissionPrecision: 8,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT'],
  icebergAllowed: true,
  ocoAllowed: true,
  quoteOrderQtyMarketAllowed: true,
  allowTrailingStop: false,
  cancelReplaceAllowed: false,
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '1000000.00000000', tickSize: tick },
    { filterType: 'LOT_SIZE', minQty: step, maxQty: '9000000000000000.00', stepSize: step },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, avgPriceMins: 5 },
  ],
  permissions: [],
  permissionSets: [['SPOT']],
  defaultSelfTradePreventionMode: 'NONE',
  allowedSelfTradePreventionModes: ['NONE'],
})

export const exchangeInfo = JSON.stringify({
  timezone: 'UTC',
  serverTime: 1565246363776,
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 }],
  exchangeFilters: [],
  symbols: [
    symbol('BTCUSDT', 'BTC', 'USDT', '0.01000000', '0.00000001'),
    symbol('SHIBUSDT', 'SHIB', 'USDT', '0.00000001', '1.00'),
  ],
})

export const serverTime = '{"serverTime": $NOW}'

/** POST order, "Response - FULL", with fills that add up. */
export const placedFilled = `{
  "symbol": "$MARKET", "orderId": 28, "orderListId": -1, "clientOrderId": "$CLIENT_ID", "transactTime": $NOW,
  "price": "0.00000000", "origQty": "10.00000000", "executedQty": "10.00000000", "origQuoteOrderQty": "0.000000",
  "cummulativeQuoteQty": "39984.00000000", "status": "FILLED", "timeInForce": "GTC", "type": "MARKET", "side": "BUY",
  "workingTime": $NOW, "selfTradePreventionMode": "NONE",
  "fills": [
    {"price": "4000.00000000", "qty": "1.00000000", "commission": "4.00000000", "commissionAsset": "USDT", "tradeId": 56},
    {"price": "3999.00000000", "qty": "5.00000000", "commission": "19.99500000", "commissionAsset": "USDT", "tradeId": 57},
    {"price": "3998.00000000", "qty": "2.00000000", "commission": "7.99600000", "commissionAsset": "USDT", "tradeId": 58},
    {"price": "3997.00000000", "qty": "1.00000000", "commission": "3.99700000", "commissionAsset": "USDT", "tradeId": 59},
    {"price": "3996.00000000", "qty": "1.00000000", "commission": "0.00052000", "commissionAsset": "BNB", "tradeId": 60}
  ]
}`

/** POST order, "Response - ACK" and "Response - RESULT". */
export const placedAck = `{"symbol": "$MARKET", "orderId": 28, "orderListId": -1, "clientOrderId": "$CLIENT_ID", "transactTime": $NOW}`
export const placedResult = placedFilled.replace(/,\s*"fills": \[[^\]]*\]/, '')

/** An IOC order with what it could get, as of 2026 with its expiryReason. */
export const placedExpired = (filled: string, fills: string) => `{
  "symbol": "$MARKET", "orderId": 29, "orderListId": -1, "clientOrderId": "$CLIENT_ID", "transactTime": $NOW,
  "price": "4000.00000000", "origQty": "10.00000000", "executedQty": "${filled}", "origQuoteOrderQty": "0.000000",
  "cummulativeQuoteQty": "0.00000000", "status": "EXPIRED", "timeInForce": "IOC", "type": "LIMIT", "side": "BUY",
  "workingTime": $NOW, "selfTradePreventionMode": "NONE", "expiryReason": "INSUFFICIENT_LIQUIDITY", "fills": [${fills}]
}`

/** A stop-limit that rests. */
export const placedStop = `{
  "symbol": "$MARKET", "orderId": 30, "orderListId": -1, "clientOrderId": "$CLIENT_ID", "transactTime": $NOW,
  "price": "3890.00000000", "origQty": "10.00000000", "executedQty": "0.00000000", "origQuoteOrderQty": "0.000000",
  "cummulativeQuoteQty": "0.00000000", "status": "NEW", "timeInForce": "GTC", "type": "STOP_LOSS_LIMIT", "side": "BUY",
  "stopPrice": "3900.00000000", "workingTime": -1, "selfTradePreventionMode": "NONE", "fills": []
}`

export type OrderFields = Partial<
  Record<
    | 'orderId'
    | 'clientOrderId'
    | 'origQty'
    | 'executedQty'
    | 'cummulativeQuoteQty'
    | 'status'
    | 'side'
    | 'symbol',
    string | number | null
  >
>

/** GET order; fields that are null are left out. */
export function orderRow(fields: OrderFields = {}): string {
  const row = {
    symbol: '$MARKET',
    orderId: 31,
    orderListId: -1,
    clientOrderId: '$CLIENT_ID',
    price: '0.00000000',
    origQty: '10.00000000',
    executedQty: '0.00000000',
    cummulativeQuoteQty: '0.00000000',
    status: 'NEW',
    timeInForce: 'GTC',
    type: 'MARKET',
    side: 'BUY',
    stopPrice: '0.0',
    icebergQty: '0.0',
    updateTime: 1499827319559,
    isWorking: true,
    origQuoteOrderQty: '0.000000',
    workingTime: 1499827319559,
    selfTradePreventionMode: 'NONE',
    ...fields,
  }
  const text = JSON.stringify(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
  return `${text.slice(0, -1)},"time":$NOW}`
}

/** A row of myTrades of order 31. */
export function tradeRow(id: number, qty: string, more: Record<string, unknown> = {}): string {
  const row = {
    symbol: '$MARKET',
    id,
    orderId: 31,
    orderListId: -1,
    price: '4.00000100',
    qty,
    quoteQty: '48.000012',
    commission: '0.01000000',
    commissionAsset: 'BNB',
    isBuyer: true,
    isMaker: false,
    isBestMatch: true,
    ...more,
  }
  return `${JSON.stringify(row).slice(0, -1)},"time":$NOW}`
}

export const noSuchOrder = { status: 400, body: '{"code":-2013,"msg":"Order does not exist."}' }
export const unknownOrder = { status: 400, body: '{"code":-2011,"msg":"Unknown order sent."}' }
/** What a web application firewall or a load balancer says in Binance's place. */
export const htmlPage =
  '<!DOCTYPE html><html><head><title>Service</title></head><body><h1>Request blocked</h1></body></html>'
