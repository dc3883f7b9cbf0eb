import { createHash, createHmac } from 'node:crypto'
import { decimal, plain, ZERO } from '#trading/domain/money.ts'
import type { Core, CoreFill, CoreMarket, CoreOrder, CoreRefusal } from './core.ts'
import type { Dialect, FakeAnswer, FakeRequest } from './fake-venue.ts'

/** Kraken's pair of bitcoin and dollars, which has three names there, with the rules that AssetPairs tells. */
export const KRAKEN_MARKET: CoreMarket = {
  symbol: 'BTC/USD',
  id: 'XXBTZUSD',
  kind: 'SPOT',
  base: 'BTC',
  quote: 'USD',
  step: '0.00000001',
  tick: '0.1',
  minAmount: '0.00005',
  takerFee: '0.004',
  maxLeverage: 1,
  feeInQuote: true,
}

export const KRAKEN_KEY = {
  apiKey: 'fake-kraken-key',
  secretKey: Buffer.from('fake secret').toString('base64'),
}

const PAGE = 50
const ASSETS: Record<string, string> = { BTC: 'XXBT', USD: 'ZUSD' }
/** What orders call it; trades say XXBTZUSD. */
const ALTNAME = 'XBTUSD'

/** Kraken's spot REST API: form bodies, `{"error": [], "result": …}` with HTTP 200, rising nonces. `permissions`: of the key. */
export function krakenDialect(
  permissions = ['query-funds', 'query-open-trades', 'query-closed-trades', 'modify-trades', 'close-trades'],
): Dialect {
  let lastNonce = 0n
  return {
    handle(request, core) {
      const { path } = request
      if (path.startsWith('/0/public/')) return publicly(path, core)
      const asked = new URLSearchParams(request.body)
      const problem = refusedKey(request, asked)
      if (problem !== null) return no(problem)
      const nonce = BigInt(asked.get('nonce') ?? '0')
      if (nonce <= lastNonce) return no('EAPI:Invalid nonce')
      lastNonce = nonce
      switch (path) {
        case '/0/private/AddOrder':
          return addOrder(asked, core)
        case '/0/private/CancelOrder':
          return cancelOrder(asked, core)
        case '/0/private/OpenOrders':
          return yes({ open: rowsOf(filtered(open(core), asked)) })
        case '/0/private/ClosedOrders':
          return closedOrders(asked, core)
        case '/0/private/QueryOrders':
          return queryOrders(asked, core)
        case '/0/private/QueryTrades':
          return queryTrades(asked, core)
        case '/0/private/TradesHistory':
          return tradesHistory(asked, core)
        case '/0/private/BalanceEx':
          return yes(balances(core))
        case '/0/private/GetApiKeyInfo':
          return yes({ apiKeyName: 'fake', nonce: String(lastNonce), nonceWindow: 0, permissions })
        default:
          return no('EGeneral:Unknown method')
      }
    },
    refusal: (fault) => no(fault === 'BUSY' ? 'EAPI:Rate limit exceeded' : 'EAPI:Invalid nonce'),
  }
}

function krakenTxid(id: string, letter: 'O' | 'T' = 'O'): string {
  return `${letter}${id.slice(0, 5)}-${id.slice(5, 10)}-${id.slice(10)}ABC`
}

function yes(result: unknown): FakeAnswer {
  return { body: { error: [], result } }
}

function no(error: string): FakeAnswer {
  return { body: { error: [error] } }
}

/** API-Sign is HMAC-SHA512 of the path and the SHA256 of nonce and body, with the secret. */
function refusedKey({ path, headers, body }: FakeRequest, asked: URLSearchParams): string | null {
  if (headers['api-key'] !== KRAKEN_KEY.apiKey) return 'EAPI:Invalid key'
  const hash = createHash('sha256')
    .update(`${asked.get('nonce') ?? ''}${body}`)
    .digest()
  const sign = createHmac('sha512', Buffer.from(KRAKEN_KEY.secretKey, 'base64'))
    .update(Buffer.concat([Buffer.from(path), hash]))
    .digest('base64')
  return headers['api-sign'] === sign ? null : 'EAPI:Invalid signature'
}

function publicly(path: string, core: Core): FakeAnswer {
  if (path === '/0/public/Time')
    return yes({ unixtime: Math.floor(Date.now() / 1000), rfc1123: new Date().toUTCString() })
  if (path === '/0/public/Assets')
    return yes({
      XXBT: { aclass: 'currency', altname: 'XBT', decimals: 10, display_decimals: 5, status: 'enabled' },
      ZUSD: { aclass: 'currency', altname: 'USD', decimals: 4, display_decimals: 2, status: 'enabled' },
    })
  if (path !== '/0/public/AssetPairs') return no('EGeneral:Unknown method')
  return yes(Object.fromEntries(core.markets.map((market) => [market.id, pairOf(market)])))
}

function pairOf(market: CoreMarket) {
  return {
    altname: ALTNAME,
    wsname: 'XBT/USD',
    ...{
      aclass_base: 'currency',
      base: ASSETS[market.base],
      aclass_quote: 'currency',
      quote: ASSETS[market.quote],
    },
    ...{ lot: 'unit', cost_decimals: 5, pair_decimals: 1, lot_decimals: 8, lot_multiplier: 1 },
    ...{ leverage_buy: [], leverage_sell: [], fees: [[0, 0.4]], fees_maker: [[0, 0.25]] },
    ...{ fee_volume_currency: 'ZUSD', margin_call: 80, margin_stop: 40, ordermin: market.minAmount },
    ...{ costmin: '0.5', tick_size: market.tick, status: 'online' },
  }
}

const REFUSALS: Record<CoreRefusal, string> = {
  BALANCE: 'EOrder:Insufficient funds',
  MIN_AMOUNT: 'EOrder:Order minimum not met',
  STEP: 'EGeneral:Invalid arguments:volume',
  DUPLICATE: 'EOrder:Duplicate cl_ord_id',
  REDUCE_ONLY: 'EOrder:Reduce only:No position exists',
  WOULD_TRIGGER: 'EOrder:Invalid price',
  NO_MARKET: 'EQuery:Unknown asset pair',
}

const TYPES = { market: 'MARKET', limit: 'LIMIT', 'stop-loss-limit': 'STOP_LIMIT' } as const

function addOrder(asked: URLSearchParams, core: Core): FakeAnswer {
  const clientId = asked.get('cl_ord_id')
  const type = Object.entries(TYPES).find(([name]) => name === asked.get('ordertype'))?.[1]
  if (type === undefined) return no('EGeneral:Invalid arguments:ordertype')
  if (clientId === null || !/^([0-9a-f]{32}|.{1,18}|[0-9a-f-]{36})$/.test(clientId))
    return no('EGeneral:Invalid arguments:cl_ord_id')
  const deadline = Date.parse(asked.get('deadline') ?? '')
  if (!(deadline <= Date.now() + 60_000)) return no('EGeneral:Invalid arguments:deadline')
  if (deadline < Date.now()) return no('EService:Deadline elapsed')
  if (asked.get('oflags') !== 'fciq') throw new Error('this fake charges in quote currency only')
  const volume = asked.get('volume') ?? ''
  const stop = type === 'STOP_LIMIT'
  const price = asked.get(stop ? 'price2' : 'price')
  const stopPrice = stop ? asked.get('price') : null
  const side = asked.get('type') === 'buy' ? 'BUY' : 'SELL'
  const placed = core.place({
    ...{ clientId, symbol: asked.get('pair') ?? '', side, type, amount: decimal(volume) },
    price: price === null ? null : decimal(price),
    stopPrice: stopPrice === null ? null : decimal(stopPrice),
    immediate: !stop && (type === 'MARKET' || asked.get('timeinforce') === 'IOC'),
    holds: stop,
  })
  if (typeof placed === 'string') return no(REFUSALS[placed])
  return yes({ txid: [krakenTxid(placed.id)], descr: { order: describe(placed) } })
}

function describe({ side, amount, type, price }: CoreOrder): string {
  const how = type === 'MARKET' ? 'market' : `limit ${plain(price ?? ZERO)}`
  return `${side.toLowerCase()} ${amount.toFixed(8)} ${ALTNAME} @ ${how}`
}

function cancelOrder(asked: URLSearchParams, core: Core): FakeAnswer {
  const [txid, clientId] = [asked.get('txid'), asked.get('cl_ord_id')]
  const order = open(core).find((one) =>
    txid === null ? one.clientId === clientId : krakenTxid(one.id) === txid,
  )
  return order !== undefined && core.cancel(order)
    ? yes({ count: 1, pending: false })
    : no('EOrder:Unknown order')
}

function isOpen({ status }: CoreOrder): boolean {
  return status === 'RESTING' || status === 'WORKING'
}

function open(core: Core): CoreOrder[] {
  return core.shown().filter(isOpen)
}

function filtered(orders: readonly CoreOrder[], asked: URLSearchParams): CoreOrder[] {
  const clientId = asked.get('cl_ord_id')
  return orders.filter((order) => clientId === null || order.clientId === clientId)
}

/** The latest first, 50 at once. */
function closedOrders(asked: URLSearchParams, core: Core): FakeAnswer {
  const start = Number(asked.get('start') ?? 0) * 1000
  const from = Number(asked.get('ofs') ?? 0)
  const over = filtered(core.shown(), asked)
    .filter((order) => !isOpen(order) && (order.createdAt > start || order.updatedAt > start))
    .toSorted((a, b) => b.createdAt - a.createdAt)
  return yes({ closed: rowsOf(over.slice(from, from + PAGE)) })
}

function queryOrders(asked: URLSearchParams, core: Core): FakeAnswer {
  const ids = (asked.get('txid') ?? '').split(',')
  const found = core.shown().filter((order) => ids.includes(krakenTxid(order.id)))
  return found.length === 0 ? no('EOrder:Unknown order') : yes(rowsOf(found))
}

function rowsOf(orders: readonly CoreOrder[]): Record<string, unknown> {
  return Object.fromEntries(orders.map((order) => [krakenTxid(order.id), rowOf(order)]))
}

function statusOf(order: CoreOrder): string {
  if (order.oddStatus !== null) return order.oddStatus
  if (isOpen(order)) return 'open'
  return order.status === 'FILLED' ? 'closed' : 'canceled'
}

function rowOf(order: CoreOrder) {
  const sum = (value: (fill: CoreFill) => ReturnType<typeof decimal>) =>
    order.fills.reduce((total, fill) => total.plus(value(fill)), ZERO)
  const cost = sum((fill) => fill.amount.times(fill.price))
  const stop = order.stopPrice !== null
  const [price, price2] = stop ? [order.stopPrice, order.price] : [order.price, null]
  return {
    ...{ refid: null, userref: 0, cl_ord_id: order.clientId, status: statusOf(order) },
    ...{ opentm: order.createdAt / 1000, starttm: 0, expiretm: 0 },
    descr: {
      pair: ALTNAME,
      type: order.side.toLowerCase(),
      ordertype: stop ? 'stop-loss-limit' : order.type.toLowerCase(),
      price: price === null ? '0' : price.toFixed(1),
      price2: price2 === null ? '0' : price2.toFixed(1),
      ...{ leverage: 'none', order: describe(order), close: '' },
    },
    ...{ vol: order.amount.toFixed(8), vol_exec: order.filled.toFixed(8) },
    ...{ cost: cost.toFixed(10), fee: sum((fill) => fill.fee).toFixed(10) },
    price: order.filled.isZero() ? '0.00000' : cost.div(order.filled).toFixed(5),
    ...{ stopprice: '0.00000', limitprice: '0.00000', misc: '', oflags: 'fciq' },
    ...(order.fills.length > 0 && { trades: order.fills.map((fill) => krakenTxid(fill.id, 'T')) }),
    ...(!isOpen(order) && { closetm: order.updatedAt / 1000, reason: reasonOf(order) }),
  }
}

function reasonOf({ status }: CoreOrder): string | null {
  if (status === 'CANCELED') return 'User requested'
  return status === 'EXPIRED' ? 'Immediate or cancel' : null
}

function queryTrades(asked: URLSearchParams, core: Core): FakeAnswer {
  const ids = (asked.get('txid') ?? '').split(',')
  if (ids.length > 20) return no('EGeneral:Invalid arguments')
  return yes(
    tradeRows(
      core.fills().filter((fill) => ids.includes(krakenTxid(fill.id, 'T'))),
      core,
    ),
  )
}

function tradesHistory(asked: URLSearchParams, core: Core): FakeAnswer {
  const start = Number(asked.get('start') ?? 0) * 1000
  const from = Number(asked.get('ofs') ?? 0)
  const found = core
    .fills()
    .filter((fill) => fill.at > start)
    .toReversed()
  return yes({ trades: tradeRows(found.slice(from, from + PAGE), core), count: found.length })
}

function tradeRows(fills: readonly CoreFill[], core: Core): Record<string, unknown> {
  return Object.fromEntries(
    fills.map((fill) => {
      const order = core.orders.find((one) => one.fills.includes(fill))
      return [
        krakenTxid(fill.id, 'T'),
        {
          ordertxid: krakenTxid(order?.id ?? ''),
          postxid: 'TKH2SE-M7IF5-CFI7LT',
          pair: core.market(fill.symbol)?.id,
          time: fill.at / 1000,
          ...{
            type: fill.side.toLowerCase(),
            ordertype: order?.type.toLowerCase(),
            price: fill.price.toFixed(5),
          },
          cost: fill.amount.times(fill.price).toFixed(10),
          ...{ fee: fill.fee.toFixed(12), vol: fill.amount.toFixed(8), margin: '0.00000', leverage: '0' },
          ...{ misc: '', trade_id: Number(fill.id), maker: false },
        },
      ]
    }),
  )
}

function balances(core: Core): Record<string, unknown> {
  return Object.fromEntries(
    core.funds.currencies().map((currency) => [
      ASSETS[currency] ?? currency,
      {
        balance: core.funds.total(currency).toFixed(14),
        hold_trade: core.funds.total(currency).minus(core.funds.free(currency)).toFixed(14),
      },
    ]),
  )
}
