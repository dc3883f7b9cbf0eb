import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { decimal, plain, ZERO } from '#trading/domain/money.ts'
import type { Core, CoreFill, CoreMarket, CoreRefusal } from './core.ts'
import type { Dialect, FakeAnswer, FakeRequest } from './fake-venue.ts'
import {
  OKX_KEYS,
  okxAlgoAnswer,
  okxFillAnswer,
  okxInstrument,
  okxOrderAnswer,
  perContract,
  unrealised,
} from './okx-rows.ts'

// OKX' v5 API as its documents and ccxt's recorded answers show it, for one trading account.

type Asked = Record<string, unknown>

export type OkxAccount = { acctLv: string; posMode: string; perm: string }

export function okxDialect(
  account: OkxAccount = { acctLv: '2', posMode: 'long_short_mode', perm: 'read_only,trade' },
): Dialect {
  const routes: Record<string, (asked: Asked, core: Core) => FakeAnswer> = {
    'GET public/time': (_asked, core) => ok([{ ts: String(core.now()) }]),
    'GET public/instruments': ({ instType }, core) =>
      ok(
        core.markets
          .filter(({ kind }) => kind === (instType === 'SPOT' ? 'SPOT' : 'FUTURES'))
          .map(okxInstrument),
      ),
    'POST trade/order': (asked, core) => place(asked, core),
    'POST trade/order-algo': (asked, core) => placeStop(asked, core),
    'POST trade/cancel-order': cancel,
    'POST trade/cancel-algos': cancelStops,
    'GET trade/order': (asked, core) => one(plainOrders(core).filter(isNamed(asked))),
    'GET trade/order-algo': (asked, core) =>
      one(
        stops(core)
          .filter(({ id, clientId }) =>
            asked['algoId'] === undefined ? clientId === asked['algoClOrdId'] : id === asked['algoId'],
          )
          .map((order) => okxAlgoAnswer(order, core)),
      ),
    'GET trade/orders-pending': (asked, core) => orders(asked, core, false),
    'GET trade/orders-history': (asked, core) => orders(asked, core, true),
    'GET trade/orders-algo-pending': (asked, core) => algos(asked, core, 'live'),
    'GET trade/orders-algo-history': (asked, core) => algos(asked, core, String(asked['state'])),
    'GET trade/fills': fills,
    'GET trade/fills-history': fills,
    'GET account/balance': balance,
    'GET account/config': () =>
      ok([
        {
          uid: '44705892343619584',
          acctLv: account.acctLv,
          posMode: account.posMode,
          perm: account.perm,
          level: 'Lv1',
          ip: '',
          label: 'tradebot',
        },
      ]),
    'POST account/set-position-mode': ({ posMode }) => {
      account.posMode = String(posMode)
      return ok([{ posMode }])
    },
    'GET account/leverage-info': ({ instId }, core) =>
      ok([
        {
          ccy: '',
          instId,
          mgnMode: 'isolated',
          posSide: 'net',
          lever: String(core.funds.leverage(symbolOf(core, instId))),
        },
      ]),
    'POST account/set-leverage': ({ instId, lever, mgnMode }, core) => {
      const market = core.market(String(instId))
      if (market === undefined) return problem('51001', "Instrument ID doesn't exist.")
      if (Number(lever) > market.maxLeverage)
        return problem('59102', 'Leverage exceeds the maximum leverage. Please lower the leverage.')
      core.funds.setLeverage(market.symbol, Number(lever))
      return ok([{ instId, lever, mgnMode, posSide: '' }])
    },
    'GET account/positions': (asked, core) => positions(asked, core, account),
    'GET account/bills': bills,
  }
  return {
    handle(request, core) {
      const path = request.path.replace('/api/v5/', '')
      const route = routes[`${request.method} ${path}`]
      if (route === undefined) return { status: 404, body: 'not found' }
      if (!path.startsWith('public/')) {
        const refused = keyProblem(request)
        if (refused !== null) return refused
      }
      return route(readAsked(request), core)
    },
    refusal: (fault) =>
      fault === 'BUSY'
        ? {
            ...problem(
              '50011',
              'Rate limit reached. Please refer to API documentation and throttle requests accordingly.',
            ),
            status: 429,
          }
        : { ...problem('50102', 'Timestamp request expired.'), status: 401 },
  }
}

/** What is signed: time, method, path with its query, and the body. */
function keyProblem({ method, path, headers, query, body }: FakeRequest): FakeAnswer | null {
  const given = (name: string) => String(headers[name] ?? '')
  const refused = (code: string, msg: string) => ({ ...problem(code, msg), status: 401 })
  if (given('ok-access-key') !== OKX_KEYS.apiKey) return refused('50111', 'Invalid OK-ACCESS-KEY.')
  if (given('ok-access-passphrase') !== OKX_KEYS.passphrase)
    return refused('50105', 'Request header OK-ACCESS-PASSPHRASE incorrect.')
  const time = given('ok-access-timestamp')
  const text = time + method + path + (query === '' ? '' : `?${query}`) + body
  const signature = createHmac('sha256', OKX_KEYS.secretKey).update(text).digest('base64')
  if (signature !== given('ok-access-sign')) return refused('50113', 'Invalid Sign')
  if (Math.abs(Date.now() - Date.parse(time)) > 30_000) return refused('50102', 'Timestamp request expired.')
  const expires = given('exptime')
  const orders = ['/api/v5/trade/order', '/api/v5/trade/order-algo'].includes(path) && method === 'POST'
  if (orders && expires === '') throw new Error('an order without expTime')
  return expires !== '' && Number(expires) < Date.now()
    ? problem(
        '50036',
        "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
      )
    : null
}

const REFUSALS: Record<CoreRefusal, [string, string]> = {
  BALANCE: ['51008', 'Order failed. Insufficient USDT balance in account.'],
  MIN_AMOUNT: ['51020', 'Your order should meet or exceed the minimum order amount.'],
  STEP: ['51121', 'Order quantity must be a multiple of the lot size.'],
  DUPLICATE: ['51016', 'Client order ID already exists.'],
  REDUCE_ONLY: [
    '51169',
    "Order failed because you don't have any positions in this direction for this contract to reduce or close.",
  ],
  WOULD_TRIGGER: ['51280', 'SL trigger price cannot be higher than the last price'],
  NO_MARKET: ['51001', "Instrument ID, Instrument ID code, or Spread ID doesn't exist."],
}

const shared = {
  instId: z.string(),
  tdMode: z.enum(['cash', 'isolated']),
  side: z.enum(['buy', 'sell']),
  sz: z.string(),
  reduceOnly: z.boolean().optional(),
}
const clientId = z.string().regex(/^[0-9a-zA-Z]{1,32}$/)
const newOrder = z.strictObject({
  ...shared,
  ordType: z.enum(['market', 'ioc']),
  px: z.string().optional(),
  tgtCcy: z.literal('base_ccy').optional(),
  clOrdId: clientId,
})
const newStop = z.strictObject({
  ...shared,
  ordType: z.literal('conditional'),
  slTriggerPx: z.string(),
  slOrdPx: z.string(),
  slTriggerPxType: z.enum(['last', 'mark']),
  algoClOrdId: clientId,
})

function place(asked: Asked, core: Core): FakeAnswer {
  const wish = newOrder.parse(asked)
  const market = core.market(wish.instId)
  if (market?.kind === 'SPOT' && wish.ordType === 'market' && wish.tgtCcy === undefined)
    throw new Error('in quote currency')
  const placed = core.place({
    ...common(wish, market),
    ...{ clientId: wish.clOrdId, type: wish.ordType === 'market' ? 'MARKET' : 'LIMIT', immediate: true },
    ...{ price: wish.px === undefined ? null : decimal(wish.px), stopPrice: null },
  })
  const ids = { clOrdId: wish.clOrdId, tag: '', ts: String(core.now()) }
  if (typeof placed === 'string') return refusal(placed, { ...ids, ordId: '' })
  return ok([{ ...ids, ordId: placed.id, sCode: '0', sMsg: 'Order placed' }])
}

function placeStop(asked: Asked, core: Core): FakeAnswer {
  const wish = newStop.parse(asked)
  const market = core.market(wish.instId)
  const atMarket = wish.slOrdPx === '-1'
  const placed = core.place({
    ...common(wish, market),
    ...{ clientId: wish.algoClOrdId, type: atMarket ? 'STOP_MARKET' : 'STOP_LIMIT' },
    ...{ price: atMarket ? null : decimal(wish.slOrdPx), stopPrice: decimal(wish.slTriggerPx) },
    ...{ triggerBy: wish.slTriggerPxType === 'mark' ? 'MARK' : 'LAST', holds: market?.kind === 'SPOT' },
  })
  const ids = { algoClOrdId: wish.algoClOrdId, clOrdId: '', tag: '' }
  if (typeof placed === 'string') return refusal(placed, { ...ids, algoId: '' })
  return ok([{ ...ids, algoId: placed.id, sCode: '0', sMsg: '' }])
}

function common(wish: z.infer<typeof newOrder> | z.infer<typeof newStop>, market: CoreMarket | undefined) {
  return {
    symbol: market?.symbol ?? 'none',
    side: wish.side === 'buy' ? ('BUY' as const) : ('SELL' as const),
    amount: decimal(wish.sz).times(market === undefined ? 1 : perContract(market)),
    reduceOnly: wish.reduceOnly === true,
  }
}

function refusal(why: CoreRefusal, ids: object): FakeAnswer {
  const [sCode, sMsg] = REFUSALS[why]
  return {
    body: {
      code: '1',
      msg: 'All operations failed',
      data: [{ ...ids, sCode, sMsg }],
      inTime: '1',
      outTime: '2',
    },
  }
}

const GONE = {
  sCode: '51400',
  sMsg: 'Order cancellation failed as the order has been filled, canceled or does not exist.',
}

function cancel(asked: Asked, core: Core): FakeAnswer {
  const order = core.orders.find(
    ({ id, triggeredId, clientId: client, stopPrice }) =>
      (asked['ordId'] !== undefined &&
        (triggeredId === asked['ordId'] || (stopPrice === null && id === asked['ordId']))) ||
      (asked['clOrdId'] !== undefined && stopPrice === null && client === asked['clOrdId']),
  )
  if (order === undefined || !core.cancel(order))
    return {
      body: { code: '1', msg: 'All operations failed', data: [{ ordId: '', clOrdId: '', ts: '1', ...GONE }] },
    }
  return ok([{ ordId: order.triggeredId ?? order.id, clOrdId: order.clientId ?? '', sCode: '0', sMsg: '' }])
}

function cancelStops(asked: Asked, core: Core): FakeAnswer {
  const { list } = z
    .object({ list: z.array(z.object({ algoId: z.string(), instId: z.string() })) })
    .parse(asked)
  const order = core.orders.find(({ id, stopPrice }) => stopPrice !== null && id === list[0]?.algoId)
  if (order === undefined || order.status !== 'RESTING' || !core.cancel(order))
    return { body: { code: '1', msg: '', data: [{ algoId: list[0]?.algoId, ...GONE }] } }
  return ok([{ algoId: order.id, sCode: '0', sMsg: '' }])
}

const stops = (core: Core) => core.shown().filter(({ stopPrice }) => stopPrice !== null)

/** Orders of the book: what a stop became is one, the stop itself is none. */
function plainOrders(core: Core) {
  return core
    .shown()
    .filter(({ stopPrice, triggeredId }) => stopPrice === null || triggeredId !== null)
    .map((order) => okxOrderAnswer(order, core))
}

function isNamed(asked: Asked) {
  return ({ instId, ordId, clOrdId }: { instId: string | undefined; ordId: string; clOrdId: string }) =>
    instId === asked['instId'] &&
    (asked['ordId'] === undefined ? clOrdId === asked['clOrdId'] : ordId === asked['ordId'])
}

function one(rows: unknown[]): FakeAnswer {
  return rows.length === 0 ? problem('51603', "Order doesn't exist") : ok(rows)
}

function orders(asked: Asked, core: Core, over: boolean): FakeAnswer {
  const rows = plainOrders(core)
    .filter(
      ({ instId, state }) =>
        instId === asked['instId'] && (state !== 'live' && state !== 'partially_filled') === over,
    )
    .filter(({ cTime }) => Number(cTime) >= Number(asked['begin'] ?? 0))
    .reverse()
  return paged(asked, rows, ({ ordId }) => ordId)
}

function algos(asked: Asked, core: Core, state: string): FakeAnswer {
  if (asked['ordType'] !== 'conditional') return problem('51000', 'Parameter ordType error')
  const rows = stops(core)
    .map((order) => okxAlgoAnswer(order, core))
    .filter((row) => row.instId === asked['instId'] && row.state === state)
    .reverse()
  return paged(asked, rows, ({ algoId }) => algoId)
}

function fills(asked: Asked, core: Core): FakeAnswer {
  const rows = core
    .fills()
    .map((fill: CoreFill) => okxFillAnswer(fill, core))
    .filter(
      ({ instId, ordId }) =>
        instId === asked['instId'] && (asked['ordId'] === undefined || ordId === asked['ordId']),
    )
    .filter(({ ts }) => Number(ts) >= Number(asked['begin'] ?? 0))
    .reverse()
  return paged(asked, rows, ({ billId }) => billId)
}

function balance(_asked: Asked, core: Core): FakeAnswer {
  const details = core.funds.currencies().map((ccy) => {
    const upl = ccy === 'USDT' ? unrealised(core) : ZERO
    const [total, free] = [core.funds.total(ccy), core.funds.free(ccy)]
    const margin = core.markets.map(({ symbol }) => core.funds.position(symbol)?.margin ?? ZERO)
    const isolated = ccy === 'USDT' ? margin.reduce((sum, one) => sum.plus(one), ZERO) : ZERO
    return {
      ...{ ccy, eq: plain(total.plus(upl)), cashBal: plain(total.minus(isolated)), upl: plain(upl) },
      ...{
        isoEq: plain(isolated.plus(upl)),
        isoUpl: plain(upl),
        availBal: plain(free),
        availEq: plain(free),
      },
      ...{
        frozenBal: plain(total.minus(free)),
        ordFrozen: '0',
        disEq: '0',
        eqUsd: '0',
        liab: '',
        uTime: '1705564223311',
      },
    }
  })
  return ok([
    { adjEq: '', details, imr: '', isoEq: '0', mgnRatio: '', totalEq: '55415.6', uTime: '1705564223311' },
  ])
}

function positions(asked: Asked, core: Core, { posMode }: OkxAccount): FakeAnswer {
  const market = core.market(String(asked['instId']))
  const held = market === undefined ? null : core.funds.position(market.symbol)
  if (market === undefined || held === null) return ok([])
  const size = held.amount.div(perContract(market))
  return ok([
    {
      ...{
        instType: 'SWAP',
        instId: market.id,
        mgnMode: 'isolated',
        posId: '307173036051017730',
        ccy: 'USDT',
      },
      posSide: posMode === 'net_mode' ? 'net' : held.side === 'BUY' ? 'long' : 'short',
      pos: plain(held.side === 'BUY' ? size : size.negated()),
      avgPx: plain(held.entryPrice.toDecimalPlaces(10)),
      markPx: plain(core.mark(market.symbol)),
      liqPx: plain((core.funds.liquidationPrice(market.symbol) ?? ZERO).toDecimalPlaces(10)),
      lever: String(held.leverage),
      margin: plain(held.margin.toDecimalPlaces(10)),
      ...{
        imr: '',
        mmr: '1.1',
        mgnRatio: '11.7',
        upl: plain(unrealised(core)),
        uTime: '1619507761462',
        cTime: '1619507761462',
      },
    },
  ])
}

function bills(asked: Asked, core: Core): FakeAnswer {
  const rows = core.funds.fundings
    .filter(({ at }) => at >= Number(asked['begin'] ?? 0) && asked['type'] === '8')
    .map(({ id, symbol, amount, at }) => ({
      ...{ billId: id, instId: core.market(symbol)?.id, instType: 'SWAP', type: '8', ccy: 'USDT', fee: '0' },
      ...{ subType: amount.lt(0) ? '173' : '174', balChg: plain(amount), pnl: plain(amount), posBalChg: '0' },
      ...{ ts: String(at), mgnMode: 'isolated', ordId: '', sz: '1', px: '60000' },
    }))
    .reverse()
  return paged(asked, rows, ({ billId }) => billId)
}

function paged<T>(asked: Asked, rows: readonly T[], nameOf: (row: T) => string): FakeAnswer {
  const from = asked['after'] === undefined ? 0 : rows.findIndex((row) => nameOf(row) === asked['after']) + 1
  return ok(rows.slice(from, from + Math.min(Number(asked['limit'] ?? 100), 100)))
}

const symbolOf = (core: Core, instId: unknown) => core.market(String(instId))?.symbol ?? 'none'

function readAsked({ method, query, body }: FakeRequest): Asked {
  if (method === 'GET') return Object.fromEntries(new URLSearchParams(query))
  const read: unknown = JSON.parse(body)
  return Array.isArray(read) ? { list: read } : z.record(z.string(), z.unknown()).parse(read)
}

function ok(data: unknown[]): FakeAnswer {
  return { body: { code: '0', msg: '', data } }
}

function problem(code: string, msg: string): FakeAnswer {
  return { body: { code, msg, data: [] } }
}
