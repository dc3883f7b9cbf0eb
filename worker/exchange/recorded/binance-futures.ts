/** Answers in the words of Binance's published USDⓈ-M futures documents, as text. See recorded/binance.ts. */

const contract = (name: string, base: string, tick: string, step: string) => ({
  symbol: name,
  pair: name,
  contractType: 'PERPETUAL',
  deliveryDate: 4133404800000,
  onboardDate: 1569398400000,
  status: 'TRADING',
  maintMarginPercent: '2.5000',
  requiredMarginPercent: '5.0000',
  baseAsset: base,
  quoteAsset: 'USDT',
  marginAsset: 'USDT',
  pricePrecision: 2,
  quantityPrecision: 3,
  baseAssetPrecision: 8,
  quotePrecision: 8,
  underlyingType: 'COIN',
  triggerProtect: '0.0500',
  liquidationFee: '0.012500',
  marketTakeBound: '0.05',
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '4529764', tickSize: tick },
    { filterType: 'LOT_SIZE', minQty: step, maxQty: '1000', stepSize: step },
    { filterType: 'MARKET_LOT_SIZE', minQty: step, maxQty: '120', stepSize: step },
    { filterType: 'MIN_NOTIONAL', notional: '100' },
  ],
  orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET'],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
})

export const exchangeInfo = JSON.stringify({
  timezone: 'UTC',
  serverTime: 1565246363776,
  futuresType: 'U_MARGINED',
  rateLimits: [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2400 }],
  exchangeFilters: [],
  assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' }],
  symbols: [contract('BTCUSDT', 'BTC', '0.10', '0.001'), contract('ETHUSDT', 'ETH', '0.01', '0.001')],
})

export type Fields = Record<string, string | number | boolean | null>

/** Fields that are null are left out. */
function row(fields: Fields, times: readonly string[]): string {
  const text = JSON.stringify(
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
  )
  return `${text.slice(0, -1)},${times.map((name) => `"${name}":$NOW`).join(',')}}`
}

const order = {
  orderId: 22542179,
  symbol: '$MARKET',
  status: 'FILLED',
  clientOrderId: '$CLIENT_ID',
  price: '0.00',
  avgPrice: '60000.00000',
  origQty: '0.010',
  executedQty: '0.010',
  cumQuote: '600.00000',
  timeInForce: 'GTC',
  type: 'MARKET',
  reduceOnly: false,
  closePosition: false,
  side: 'BUY',
  positionSide: 'BOTH',
  stopPrice: '0.00',
  workingType: 'CONTRACT_PRICE',
  priceProtect: false,
  origType: 'MARKET',
  priceMatch: 'NONE',
  selfTradePreventionMode: 'EXPIRE_MAKER',
  goodTillDate: 0,
}

/** POST order with newOrderRespType RESULT, which names no `time`. */
export const placed = (fields: Fields = {}) => row({ ...order, ...fields }, ['updateTime'])

/** GET order. */
export const orderRow = (fields: Fields = {}) => row({ ...order, ...fields }, ['time', 'updateTime'])

/** POST and GET algoOrder: a stop on the mark price that rests. */
export const algoRow = (fields: Fields = {}) =>
  row(
    {
      algoId: 2146760,
      clientAlgoId: '$CLIENT_ID',
      algoType: 'CONDITIONAL',
      orderType: 'STOP_MARKET',
      symbol: '$MARKET',
      side: 'SELL',
      positionSide: 'BOTH',
      timeInForce: 'GTC',
      quantity: '0.010',
      algoStatus: 'NEW',
      actualOrderId: '',
      actualPrice: '0.00000',
      triggerPrice: '59000.00',
      price: '0.00',
      icebergQuantity: null,
      selfTradePreventionMode: 'EXPIRE_MAKER',
      workingType: 'MARK_PRICE',
      priceMatch: 'NONE',
      closePosition: false,
      priceProtect: false,
      reduceOnly: true,
      triggerTime: 0,
      goodTillDate: 0,
      ...fields,
    },
    ['createTime', 'updateTime'],
  )

/** A row of userTrades of order 22542179. */
export const tradeRow = (id: number, qty: string, fields: Fields = {}) =>
  row(
    {
      buyer: true,
      commission: '0.24000000',
      commissionAsset: 'USDT',
      id,
      maker: false,
      orderId: 22542179,
      price: '60000.00',
      qty,
      quoteQty: '600.00000',
      realizedPnl: '0',
      side: 'BUY',
      positionSide: 'BOTH',
      symbol: '$MARKET',
      ...fields,
    },
    ['time'],
  )

export const noSuchOrder = { status: 400, body: '{"code":-2013,"msg":"Order does not exist."}' }
export const unknownOrder = { status: 400, body: '{"code":-2011,"msg":"Unknown order sent."}' }
