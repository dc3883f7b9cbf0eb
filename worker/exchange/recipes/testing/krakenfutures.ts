import { createHash, createHmac } from 'node:crypto'
import { decimal, ZERO, type Decimal } from '#trading/domain/money.ts'
import type { Core, CoreMarket, CoreOrder, CoreRefusal } from './core.ts'
import type { Dialect, FakeAnswer, FakeRequest } from './fake-venue.ts'
import { krakenPast } from './krakenfutures-past.ts'
import {
  engineOrder,
  flexOf,
  instrumentOf,
  isOpen,
  krakenUid,
  openOf,
  positionOf,
  statusOf,
  tickerOf,
  triggerOf,
} from './krakenfutures-rows.ts'

/** Kraken's perpetual of bitcoin, with the rules that instruments tells. */
export const KRAKENFUTURES_MARKET: CoreMarket = {
  symbol: 'BTC/USD:USD',
  id: 'PF_XBTUSD',
  kind: 'FUTURES',
  base: 'BTC',
  quote: 'USD',
  step: '0.0001',
  tick: '1',
  minAmount: '0.0001',
  takerFee: '0.0005',
  maxLeverage: 50,
}

export const KRAKENFUTURES_KEY = {
  apiKey: 'fake-futures-key',
  secretKey: Buffer.from('fake futures secret').toString('base64'),
}

const TRADING = '/derivatives/api/v3/'
const HISTORY = '/api/history/v3/'

/** Kraken's futures REST API. `readOnly`: the key may not trade. */
export function krakenfuturesDialect({ readOnly = false } = {}): Dialect {
  const leverages = new Map<string, string>()
  return {
    handle(request, core) {
      const { method, path } = request
      const asked = new URLSearchParams(request.query)
      if (path === `${TRADING}instruments`) return yes({ instruments: core.markets.map(instrumentOf) })
      if (path === `${TRADING}instruments/status`) return yes({ instrumentStatus: [] })
      if (path === `${TRADING}tickers`)
        return yes({ tickers: core.markets.map((one) => tickerOf(one, core)) })
      if (!isSigned(request)) return no('authenticationError')
      if (method !== 'GET' && readOnly) return no('authenticationError')
      switch (`${method} ${path.replace(TRADING, '').replace(HISTORY, 'history/')}`) {
        case 'POST sendorder':
          return sendOrder(asked, core)
        case 'POST cancelorder':
          return cancelOrder(asked, core)
        case 'POST orders/status':
          return yes({ orders: askedFor(core, asked).map((order) => statusOf(order, core)) })
        case 'GET openorders':
          return yes({
            openOrders: core
              .shown()
              .filter(isOpen)
              .map((order) => openOf(order, core)),
          })
        case 'GET openpositions':
          return yes({ openPositions: core.markets.flatMap((one) => positionOf(one, core, leverages)) })
        case 'GET accounts':
          return yes({ accounts: { flex: flexOf(core), cash: { type: 'cashAccount', balances: {} } } })
        case 'GET leveragepreferences':
          return yes({
            leveragePreferences: [...leverages].map(([symbol, maxLeverage]) => ({ symbol, maxLeverage })),
          })
        case 'PUT leveragepreferences':
          return setLeverage(asked, core, leverages)
        case 'GET history/orders':
        case 'GET history/triggers':
        case 'GET history/executions':
        case 'GET history/account-log':
          return { body: krakenPast(path.slice(HISTORY.length), asked, core) }
        default:
          return { status: 404, body: { result: 'error', error: 'notFound' } }
      }
    },
    refusal: (fault) => no(fault === 'BUSY' ? 'apiLimitExceeded' : 'nonceBelowThreshold'),
  }
}

function yes(more: object): FakeAnswer {
  return { body: { result: 'success', ...more, serverTime: new Date().toISOString() } }
}

function no(error: string): FakeAnswer {
  return { body: { result: 'error', error, serverTime: new Date().toISOString() } }
}

/** Authent is HMAC-SHA512 of the SHA256 of the parameters and the path, with the secret. */
function isSigned({ headers, path, query }: FakeRequest): boolean {
  const endpoint = path.replace('/derivatives', '')
  const hash = createHash('sha256').update(`${query}${endpoint}`).digest()
  const sign = createHmac('sha512', Buffer.from(KRAKENFUTURES_KEY.secretKey, 'base64'))
    .update(hash)
    .digest('base64')
  return headers['apikey'] === KRAKENFUTURES_KEY.apiKey && headers['authent'] === sign
}

const REFUSALS: Record<CoreRefusal, string> = {
  BALANCE: 'insufficientAvailableFunds',
  MIN_AMOUNT: 'invalidSize',
  STEP: 'invalidSize',
  DUPLICATE: 'clientOrderIdAlreadyExist',
  REDUCE_ONLY: 'wouldNotReducePosition',
  WOULD_TRIGGER: 'invalidPrice',
  NO_MARKET: 'marketInactive',
}

function sendOrder(asked: URLSearchParams, core: Core): FakeAnswer {
  const sent = (status: string, more: object = {}) =>
    yes({
      sendStatus: {
        status,
        receivedTime: new Date().toISOString(),
        cliOrdId: asked.get('cliOrdId'),
        ...more,
      },
    })
  const type = asked.get('orderType')
  if (type === null || !['mkt', 'ioc', 'stp'].includes(type)) return no('requiredArgumentMissing')
  const before = asked.get('processBefore')
  if (before !== null && Date.parse(before) < Date.now()) return sent('wouldProcessAfterSpecifiedTime')
  const number = (name: string): Decimal | null => {
    const value = asked.get(name)
    return value === null ? null : decimal(value)
  }
  const stop = type === 'stp'
  const placed = core.place({
    clientId: asked.get('cliOrdId'),
    symbol: asked.get('symbol') ?? '',
    side: asked.get('side') === 'buy' ? 'BUY' : 'SELL',
    type: stop ? 'STOP_MARKET' : type === 'mkt' ? 'MARKET' : 'LIMIT',
    amount: number('size') ?? ZERO,
    price: number('limitPrice'),
    stopPrice: number('stopPrice'),
    immediate: !stop,
    triggerBy: asked.get('triggerSignal') === 'mark' ? 'MARK' : 'LAST',
    reduceOnly: asked.get('reduceOnly') === 'true',
  })
  if (typeof placed === 'string') return sent(REFUSALS[placed])
  const order_id = krakenUid(placed.id)
  if (placed.status === 'RESTING')
    return sent('placed', {
      order_id,
      orderEvents: [{ type: 'PLACE', orderTrigger: triggerOf(placed, core) }],
    })
  const prior = { ...engineOrder(placed, core), filled: 0 }
  if (placed.filled.isZero() && placed.status === 'EXPIRED')
    return sent('iocWouldNotExecute', {
      order_id,
      orderEvents: [{ type: 'REJECT', uid: order_id, order: prior, reason: 'IOC_WOULD_NOT_EXECUTE' }],
    })
  const orderEvents = placed.fills.map((fill) => ({
    ...{
      type: 'EXECUTION',
      executionId: krakenUid(fill.id),
      price: fill.price.toNumber(),
      amount: fill.amount.toNumber(),
    },
    ...{ orderPriorEdit: null, orderPriorExecution: prior, takerReducedQuantity: null },
  }))
  return sent('placed', { order_id, orderEvents })
}

function cancelOrder(asked: URLSearchParams, core: Core): FakeAnswer {
  const [id, clientId] = [asked.get('order_id'), asked.get('cliOrdId')]
  const order = core
    .shown()
    .find((one) => (id === null ? one.clientId === clientId : krakenUid(one.id) === id))
  const status =
    order === undefined
      ? 'notFound'
      : order.status === 'FILLED'
        ? 'filled'
        : core.cancel(order)
          ? 'cancelled'
          : 'notFound'
  return yes({ cancelStatus: { status, receivedTime: new Date().toISOString(), orderEvents: [] } })
}

/** Those that rest, and those that were over within five seconds. */
function askedFor(core: Core, asked: URLSearchParams): CoreOrder[] {
  const [ids, clientIds] = [asked.getAll('orderIds'), asked.getAll('cliOrdIds')]
  return core
    .shown()
    .filter((order) => isOpen(order) || order.updatedAt > Date.now() - 5_000)
    .filter(
      (order) =>
        ids.includes(krakenUid(order.id)) || (order.clientId !== null && clientIds.includes(order.clientId)),
    )
}

function setLeverage(asked: URLSearchParams, core: Core, leverages: Map<string, string>): FakeAnswer {
  const market = core.market(asked.get('symbol') ?? '')
  const leverage = Number(asked.get('maxLeverage'))
  if (market === undefined || !(leverage >= 1 && leverage <= market.maxLeverage))
    return no('invalidArgument: maxLeverage')
  core.funds.setLeverage(market.symbol, leverage)
  leverages.set(market.id, leverage.toFixed(2))
  return yes({})
}
