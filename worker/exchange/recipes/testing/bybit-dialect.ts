import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { decimal, plain, ZERO } from '#trading/domain/money.ts'
import type { Core, CoreMarket, CoreOrder, CoreRefusal } from './core.ts'
import { executionRow, instrument, orderRow } from './bybit-rows.ts'
import type { Dialect, FakeAnswer, FakeRequest } from './fake-venue.ts'

// Bybit's v5 API as its documents and ccxt's recorded answers show it, for one unified account.

export const BYBIT_KEYS = { apiKey: 'bybit-key', secretKey: 'bybit-secret', passphrase: null }

export const BYBIT_MARKETS: CoreMarket[] = [
  {
    ...{ symbol: 'BTC/USDT', id: 'BTCUSDT', kind: 'SPOT', base: 'BTC', quote: 'USDT', step: '0.000001' },
    ...{ tick: '0.01', minAmount: '0.000048', takerFee: '0.001', maxLeverage: 1 },
  },
  {
    ...{ symbol: 'BTC/USDT:USDT', id: 'BTCUSDT', kind: 'FUTURES', base: 'BTC', quote: 'USDT', step: '0.001' },
    ...{ tick: '0.1', minAmount: '0.001', takerFee: '0.00055', maxLeverage: 100 },
  },
]

type Category = 'spot' | 'linear'
type Asked = Record<string, unknown>

/** What the key may do, and what the account is, besides its money. */
export type BybitAccount = {
  marginMode: string
  unifiedMarginStatus: number
  permissions: Record<string, string[]>
  readOnly: number
}

export function bybitDialect(account: BybitAccount = bybitAccount()): Dialect {
  const routes: Record<string, (asked: Asked, core: Core) => FakeAnswer> = {
    'GET /v5/market/time': (_asked, core) => {
      const now = core.now()
      return ok({ timeSecond: String(Math.floor(now / 1000)), timeNano: `${now}000000` })
    },
    'GET /v5/market/instruments-info': (asked, core) =>
      ok({
        category: asked['category'],
        list: asked['status'] === 'PreLaunch' ? [] : core.markets.filter(isOf(asked)).map(instrument),
        nextPageCursor: '',
      }),
    'GET /v5/market/tickers': (asked, core) =>
      ok({
        category: asked['category'],
        list: core.markets
          .filter(isOf(asked))
          .map(({ id, symbol }) => ({ symbol: id, lastPrice: plain(core.price(symbol)) })),
      }),
    'POST /v5/order/create': create,
    'POST /v5/order/cancel': cancel,
    'GET /v5/order/realtime': (asked, core) =>
      orders(asked, core, (order) => asked['openOnly'] !== '0' || named(asked) || !isOver(order)),
    'GET /v5/order/history': (asked, core) => orders(asked, core, isOver),
    'GET /v5/execution/list': executions,
    'GET /v5/account/wallet-balance': wallet,
    'GET /v5/account/info': () =>
      ok({
        marginMode: account.marginMode,
        unifiedMarginStatus: account.unifiedMarginStatus,
        isMasterTrader: false,
        spotHedgingStatus: 'OFF',
        updatedTime: '1697078946000',
      }),
    'POST /v5/account/set-margin-mode': (asked) => {
      account.marginMode = String(asked['setMarginMode'])
      return ok({ reasons: [] })
    },
    'GET /v5/position/list': positions,
    'POST /v5/position/set-leverage': setLeverage,
    'GET /v5/account/transaction-log': settlements,
    'GET /v5/user/query-api': () =>
      ok({
        id: '13770661',
        note: 'tradebot',
        apiKey: BYBIT_KEYS.apiKey,
        readOnly: account.readOnly,
        secret: '',
        permissions: account.permissions,
        ips: ['*'],
        type: 1,
        uta: 1,
        isMaster: true,
      }),
  }
  return {
    handle(request, core) {
      const route = routes[`${request.method} ${request.path}`]
      if (route === undefined) return { status: 404, body: 'not found' }
      const asked = readAsked(request)
      if (!request.path.startsWith('/v5/market/')) {
        const refused = keyProblem(request)
        if (refused !== null) return refused
      }
      return route(asked, core)
    },
    refusal: (fault) =>
      fault === 'BUSY'
        ? problem(10006, 'Too many visits. Exceeded the API Rate Limit.')
        : problem(
            10002,
            'invalid request, please check your server timestamp or recv_window param. req_timestamp[1],server_timestamp[2],recv_window[5000]',
          ),
  }
}

export function bybitAccount(): BybitAccount {
  return {
    marginMode: 'REGULAR_MARGIN',
    unifiedMarginStatus: 5,
    permissions: {
      ContractTrade: ['Order', 'Position'],
      Spot: ['SpotTrade'],
      Wallet: ['AccountTransfer'],
      Options: [],
      Derivatives: ['DerivativesTrade'],
    },
    readOnly: 0,
  }
}

/** What is signed: time, key, window and the query or the body, word for word. */
function keyProblem({ method, headers, query, body }: FakeRequest): FakeAnswer | null {
  const given = (name: string) => String(headers[name] ?? '')
  if (given('x-bapi-api-key') !== BYBIT_KEYS.apiKey) return problem(10003, 'API key is invalid.')
  const [time, window] = [given('x-bapi-timestamp'), given('x-bapi-recv-window')]
  const text = time + BYBIT_KEYS.apiKey + window + (method === 'POST' ? body : query)
  const signature = createHmac('sha256', BYBIT_KEYS.secretKey).update(text).digest('hex')
  if (signature !== given('x-bapi-sign'))
    return problem(10004, 'error sign! please check your signature generation algorithm.')
  const now = Date.now()
  if (Number(time) >= now + 1000 || now - Number(time) > Number(window))
    return problem(10002, 'invalid request, please check your server timestamp or recv_window param.')
  return Number(window) > 5000 ? problem(10001, 'recv_window is too large') : null
}

const REFUSALS: Record<Category, Record<CoreRefusal, [number, string]>> = {
  spot: {
    BALANCE: [170131, 'Insufficient balance.'],
    MIN_AMOUNT: [170136, 'Order quantity lower than the minimum.'],
    STEP: [170137, 'Order volume decimal too long.'],
    DUPLICATE: [170141, 'Duplicate clientOrderId.'],
    REDUCE_ONLY: [170130, "Data sent for parameter 'reduceOnly' is not valid."],
    WOULD_TRIGGER: [170203, 'Please enter the TP/SL price.'],
    NO_MARKET: [170121, 'Invalid symbol.'],
  },
  linear: {
    BALANCE: [110007, 'ab not enough for new order'],
    MIN_AMOUNT: [10001, 'The number of contracts exceeds minimum limit allowed'],
    STEP: [10001, 'Qty invalid'],
    DUPLICATE: [110072, 'OrderLinkedID is duplicate'],
    REDUCE_ONLY: [110017, 'current position is zero, cannot fix reduce-only order qty'],
    WOULD_TRIGGER: [110093, 'expect Falling, but trigger_price[605000000] >= current[600000000]??LastPrice'],
    NO_MARKET: [10001, 'params error: symbol invalid'],
  },
}

const newOrder = z.object({
  category: z.enum(['spot', 'linear']),
  symbol: z.string(),
  side: z.enum(['Buy', 'Sell']),
  orderType: z.enum(['Market', 'Limit']),
  qty: z.string(),
  price: z.string().optional(),
  triggerPrice: z.string().optional(),
  triggerBy: z.literal('MarkPrice').optional(),
  triggerDirection: z.union([z.literal(1), z.literal(2)]).optional(),
  orderFilter: z.literal('tpslOrder').optional(),
  marketUnit: z.literal('baseCoin').optional(),
  timeInForce: z.enum(['GTC', 'IOC']).optional(),
  positionIdx: z.literal(0).optional(),
  reduceOnly: z.boolean().optional(),
  orderLinkId: z.string().regex(/^[\w-]{1,36}$/),
})

function create(asked: Asked, core: Core): FakeAnswer {
  const wish = newOrder.parse(asked)
  const market = core.markets.find(isOf(wish))
  const side = wish.side === 'Buy' ? 'BUY' : 'SELL'
  const stops = wish.triggerPrice !== undefined
  const isMarket = wish.orderType === 'Market'
  if (wish.category === 'linear' && stops && wish.triggerDirection !== (side === 'BUY' ? 1 : 2))
    return problem(10001, 'TriggerDirection invalid')
  // Without it Bybit counts a market purchase in quote currency.
  if (wish.category === 'spot' && isMarket && wish.marketUnit !== 'baseCoin')
    return problem(170130, 'marketUnit')
  const placed = core.place({
    ...{ clientId: wish.orderLinkId, symbol: market?.symbol ?? 'none', side },
    type: stops ? (isMarket ? 'STOP_MARKET' : 'STOP_LIMIT') : isMarket ? 'MARKET' : 'LIMIT',
    immediate: isMarket || wish.timeInForce === 'IOC',
    amount: decimal(wish.qty),
    price: wish.price === undefined ? null : decimal(wish.price),
    stopPrice: wish.triggerPrice === undefined ? null : decimal(wish.triggerPrice),
    triggerBy: wish.triggerBy === 'MarkPrice' ? 'MARK' : 'LAST',
    trigger: wish.category === 'spot' ? 'BY_PRICE' : 'BY_SIDE',
    holds: wish.orderFilter === 'tpslOrder',
    reduceOnly: wish.reduceOnly === true,
  })
  if (typeof placed === 'string') return problem(...REFUSALS[wish.category][placed])
  return ok({ orderId: placed.id, orderLinkId: wish.orderLinkId })
}

function cancel(asked: Asked, core: Core): FakeAnswer {
  const spot = asked['category'] === 'spot'
  // Of SPOT only orders of one kind are looked at: those of the book, where nothing else is asked for.
  const kind = asked['orderFilter'] ?? 'Order'
  const isKind = ({ status }: CoreOrder) => !spot || (status === 'RESTING') === (kind === 'tpslOrder')
  const order = core.orders.filter(isKind).find(isAsked(asked, core))
  if (order === undefined || !core.cancel(order))
    return spot
      ? problem(170213, 'Order does not exist.')
      : problem(110001, 'order not exists or too late to cancel')
  return ok({ orderId: order.id, orderLinkId: order.clientId ?? '' })
}

const PAGE_MOST = { order: 50, execution: 100 }

function orders(asked: Asked, core: Core, keep: (order: CoreOrder) => boolean): FakeAnswer {
  const found = core
    .shown()
    .filter(isAsked(asked, core))
    .filter(keep)
    .filter(({ createdAt }) => isWithin(asked, createdAt))
    .reverse()
  return listed(
    asked,
    found.map((order) => orderRow(order, core)),
    PAGE_MOST.order,
  )
}

function executions(asked: Asked, core: Core): FakeAnswer {
  const market = core.markets.find(isOf(asked))
  const trades = core
    .fills()
    .filter(({ symbol, at }) => symbol === market?.symbol && isWithin(asked, at))
    .map((fill) => ({ at: fill.at, row: executionRow(fill, core) }))
  const fundings = core.funds.fundings
    .filter(({ symbol, at }) => symbol === market?.symbol && isWithin(asked, at))
    .map(({ id, at, amount, position }) => ({
      at,
      row: {
        ...{
          symbol: market?.id,
          orderId: `funding-${id}`,
          orderLinkId: '',
          execType: 'Funding',
          execId: `f${id}`,
        },
        ...{
          side: position.side === 'BUY' ? 'Buy' : 'Sell',
          execQty: plain(position.amount),
          execPrice: '60000',
        },
        ...{ execFee: plain(amount.negated()), feeCurrency: '', execTime: String(at) },
      },
    }))
  const rows = [...trades, ...fundings]
    .filter(({ row }) => asked['orderId'] === undefined || row.orderId === asked['orderId'])
    .sort((a, b) => b.at - a.at)
    .map(({ row }) => row)
  return listed(asked, rows, PAGE_MOST.execution)
}

function wallet(_asked: Asked, core: Core): FakeAnswer {
  const inPositions = core.markets
    .map(({ symbol }) => core.funds.position(symbol)?.margin ?? ZERO)
    .reduce((sum, margin) => sum.plus(margin), ZERO)
  const coin = core.funds.currencies().map((currency) => {
    const total = core.funds.total(currency)
    const positionIM = currency === 'USDT' ? inPositions : ZERO
    const locked = total.minus(core.funds.free(currency)).minus(positionIM)
    return {
      ...{ coin: currency, walletBalance: plain(total), equity: plain(total), locked: plain(locked) },
      ...{ totalOrderIM: '0', totalPositionIM: plain(positionIM), totalPositionMM: '0', unrealisedPnl: '0' },
      ...{ availableToWithdraw: '', usdValue: '0', borrowAmount: '0', accruedInterest: '0', bonus: '0' },
    }
  })
  return ok({ list: [{ accountType: 'UNIFIED', totalEquity: '10000', totalAvailableBalance: '', coin }] })
}

function positions(asked: Asked, core: Core): FakeAnswer {
  const market = core.markets.find(isOf(asked))
  if (market === undefined) return problem(10001, 'params error: symbol invalid')
  const held = core.funds.position(market.symbol)
  const liq = core.funds.liquidationPrice(market.symbol)
  const margin = plain((held?.margin ?? ZERO).toDecimalPlaces(8))
  const row = {
    ...{
      positionIdx: 0,
      riskId: 1,
      symbol: market.id,
      tradeMode: 0,
      autoAddMargin: 0,
      positionStatus: 'Normal',
    },
    side: held === null ? '' : held.side === 'BUY' ? 'Buy' : 'Sell',
    size: plain(held?.amount ?? ZERO),
    avgPrice: held === null ? '0' : plain(held.entryPrice.toDecimalPlaces(8)),
    leverage: String(core.funds.leverage(market.symbol)),
    markPrice: plain(core.mark(market.symbol)),
    liqPrice: liq === null ? '' : plain(liq.toDecimalPlaces(2)),
    ...{ positionIM: margin, positionBalance: margin, unrealisedPnl: '', createdTime: '1676538056258' },
  }
  return ok({ category: 'linear', list: [row], nextPageCursor: '' })
}

function setLeverage(asked: Asked, core: Core): FakeAnswer {
  const market = core.markets.find(isOf(asked))
  const leverage = Number(asked['buyLeverage'])
  if (market === undefined) return problem(10001, 'params error: symbol invalid')
  if (leverage > market.maxLeverage || asked['buyLeverage'] !== asked['sellLeverage'])
    return problem(
      110013,
      `cannot set leverage [${leverage}00] gt maxLeverage [${market.maxLeverage}00] by risk limit`,
    )
  if (leverage === core.funds.leverage(market.symbol)) return problem(110043, 'leverage not modified')
  core.funds.setLeverage(market.symbol, leverage)
  return ok({})
}

function settlements(asked: Asked, core: Core): FakeAnswer {
  const rows = core.funds.fundings
    .filter(({ at }) => isWithin(asked, at))
    .map(({ id, amount, at, symbol, position, rate }) => ({
      ...{
        id,
        symbol: core.markets.find((one) => one.symbol === symbol)?.id,
        side: position.side === 'BUY' ? 'Buy' : 'Sell',
      },
      ...{ category: 'linear', type: 'SETTLEMENT', currency: 'USDT', qty: plain(position.amount), fee: '0' },
      ...{ funding: plain(amount), cashFlow: '0', change: plain(amount), feeRate: plain(rate) },
      ...{ transactionTime: String(at), tradeId: id, orderId: '', orderLinkId: '' },
    }))
    .reverse()
  return listed(asked, rows, PAGE_MOST.order)
}

function isOf(asked: Asked | z.infer<typeof newOrder>) {
  const { category, symbol } = z.object({ category: z.string(), symbol: z.string().optional() }).parse(asked)
  return (market: CoreMarket) =>
    market.kind === (category === 'spot' ? 'SPOT' : 'FUTURES') &&
    (symbol === undefined || market.id === symbol)
}

const named = (asked: Asked) => asked['orderId'] !== undefined || asked['orderLinkId'] !== undefined

function isAsked(asked: Asked, core: Core) {
  const market = core.markets.find(isOf(asked))
  return (order: CoreOrder) =>
    order.symbol === market?.symbol &&
    (asked['orderId'] === undefined
      ? asked['orderLinkId'] === undefined || order.clientId === asked['orderLinkId']
      : order.id === asked['orderId'])
}

function isOver({ status }: CoreOrder): boolean {
  return status !== 'RESTING' && status !== 'WORKING'
}

function isWithin({ startTime, endTime }: Asked, at: number): boolean {
  return at >= Number(startTime ?? 0) && at <= Number(endTime ?? Infinity)
}

/** A page; the cursor is how many rows were told so far, and is there even where no row is left. */
function listed(asked: Asked, rows: unknown[], most: number): FakeAnswer {
  const size = Math.min(Number(asked['limit'] ?? 20), most)
  const from = Number(String(asked['cursor'] ?? '0').split(':')[0])
  const list = rows.slice(from, from + size)
  const next = list.length === 0 ? '' : `${from + list.length}%3A1706615536016%2C1`
  return ok({ category: asked['category'], list, nextPageCursor: next })
}

function readAsked({ method, query, body }: FakeRequest): Asked {
  if (method === 'GET') return Object.fromEntries(new URLSearchParams(query))
  return z.record(z.string(), z.unknown()).parse(JSON.parse(body))
}

function ok(result: unknown): FakeAnswer {
  return { body: { retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time: Date.now() } }
}

/** Bybit's refusals are answered with status 200. */
function problem(retCode: number, retMsg: string): FakeAnswer {
  return { body: { retCode, retMsg, result: {}, retExtInfo: {}, time: Date.now() } }
}
