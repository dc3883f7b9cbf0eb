import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OrderRequest } from '#trading/domain/exchange.ts'
import { decimal, plain } from '#trading/domain/money.ts'
import { newClientOrderId } from '#trading/store/client-order-ids.ts'
import { type FakeAccount, makeFakeBench } from './testing/fake-account.ts'
import { KRAKENFUTURES_KEY, KRAKENFUTURES_MARKET, krakenfuturesDialect } from './testing/krakenfutures.ts'

const { symbol } = KRAKENFUTURES_MARKET
const SEND = 'POST /derivatives/api/v3/sendorder'
const STATUS = 'POST /derivatives/api/v3/orders/status'
const parts = {
  exchange: 'krakenfutures',
  credentials: { ...KRAKENFUTURES_KEY, passphrase: null },
  markets: [KRAKENFUTURES_MARKET],
  balances: { USD: '10000' },
  dialect: () => krakenfuturesDialect(),
}
const bench = makeFakeBench(parts)
afterAll(() => bench.close())

let fake: FakeAccount
let begun: Date
beforeEach(async () => {
  fake = await bench.open()
  begun = new Date(Date.now() - 1_000)
  await fake.account.prepare(symbol)
})
afterEach(() => fake.close())

const request = (more: Partial<OrderRequest> = {}): OrderRequest => ({
  terms: { type: 'MARKET' },
  symbol,
  side: 'BUY',
  amount: decimal('0.01'),
  clientOrderId: newClientOrderId('krakenfutures'),
  signedAt: Date.now(),
  recvWindowMs: 5000,
  timeoutMs: 1000,
  ...more,
})
const find = (clientOrderId: string, exchangeOrderId: string | null = null) =>
  fake.account.findOrder({ symbol, clientOrderId, exchangeOrderId, since: begun })
const failed = (error: string) => ({ body: { result: 'error', error, serverTime: new Date().toISOString() } })
const sent = (status: string) => ({ body: { result: 'success', sendStatus: { status } } })

describe('what became of an order that was not answered as it should', () => {
  test.each(['DROP', 'HANG', 'FAIL_AFTER'] as const)(
    '%s after it was accepted: UNKNOWN, and a look finds it whole',
    async (fault) => {
      fake.venue.fault(SEND, fault)
      const order = request({ timeoutMs: 300 })
      expect(await fake.account.placeOrder(order)).toMatchObject({ kind: 'UNKNOWN' })
      expect(await find(order.clientOrderId)).toMatchObject({
        found: true,
        order: { status: 'FILLED', clientOrderId: order.clientOrderId },
      })
      expect(fake.venue.core.orders).toHaveLength(1)
    },
  )

  test('found as well when the engine has forgotten it, which it does after five seconds', async () => {
    fake.venue.fault(SEND, 'DROP')
    const order = request()
    await fake.account.placeOrder(order)
    fake.venue.answers(STATUS, { body: { result: 'success', orders: [] } })
    const found = await find(order.clientOrderId)
    expect(found).toMatchObject({ found: true, order: { status: 'FILLED' } })
    expect(found.found && found.fills.map(({ fee, feeCurrency }) => [plain(fee), feeCurrency])).toEqual([
      ['0.18', 'USD'],
      ['0.120002', 'USD'],
    ])
  })

  test('a server error before it was: UNKNOWN, and no look finds it', async () => {
    fake.venue.fault(SEND, 'FAIL_BEFORE')
    const order = request()
    expect(await fake.account.placeOrder(order)).toMatchObject({ kind: 'UNKNOWN' })
    expect(await find(order.clientOrderId)).toEqual({ found: false })
  })

  test.each([
    ['insufficientAvailableFunds', 'BALANCE_INSUFFICIENT'],
    ['wouldCauseLiquidation', 'BALANCE_INSUFFICIENT'],
    ['invalidSize', 'ORDER_INVALID'],
    ['invalidPrice', 'ORDER_INVALID'],
    ['outsidePriceCollar', 'ORDER_INVALID'],
    ['wouldNotReducePosition', 'ORDER_INVALID'],
    ['fixedLeverageTooHigh', 'ORDER_INVALID'],
    ['marketSuspended', 'MARKET_CLOSED'],
    ['wouldProcessAfterSpecifiedTime', 'CLOCK_SKEW'],
  ])('the status %s proves a refusal: %s', async (status, code) => {
    fake.venue.answers(SEND, sent(status))
    expect(await fake.account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code })
  })

  test.each([
    ['authenticationError', 'KEY_REFUSED'],
    ['requiredArgumentMissing', 'ORDER_INVALID'],
    ['invalidArgument: size', 'ORDER_INVALID'],
    ['marketUnavailable', 'MARKET_CLOSED'],
    ['nonceBelowThreshold', 'CLOCK_SKEW'],
  ])('the error "%s" proves a refusal: %s', async (error, code) => {
    fake.venue.answers(SEND, failed(error))
    expect(await fake.account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code })
  })

  test.each([
    ['an error of the server', failed('Server Error')],
    ['an unknown error', failed('unknownError')],
    ['an endpoint that is away', failed('Unavailable')],
    ['a word that nobody knows', failed('somethingNew')],
    ['a client id that exists, which may be ours', sent('clientOrderIdAlreadyExist')],
    ['a status that nobody knows', sent('held')],
    [
      'a refusal with a server error',
      { status: 500, body: { errors: [{ code: 92, message: 'INSUFFICIENT_MARGIN' }] } },
    ],
    [
      'a refusal in which something was executed',
      {
        body: {
          result: 'success',
          sendStatus: { status: 'invalidSize', orderEvents: [{ type: 'EXECUTION' }] },
        },
      },
    ],
    ['no status at all', { body: { result: 'success' } }],
  ])('%s proves nothing', async (_, answer) => {
    fake.venue.answers(SEND, answer)
    expect(await fake.account.placeOrder(request())).toMatchObject({ kind: 'UNKNOWN' })
  })

  test('a status that nobody knows is not read', async () => {
    fake.venue.core.nextIsOdd('HELD')
    const order = request()
    await fake.account.placeOrder(order)
    await expect(find(order.clientOrderId)).rejects.toMatchObject({ kind: 'UNREADABLE' })
  })
})

test('executions that do not add up to what was filled are no answer', async () => {
  const order = request()
  await fake.account.placeOrder(order)
  const none = { body: { accountUid: 'x', len: 0, elements: [] } }
  fake.venue.answers('GET /api/history/v3/executions', none, none, none)
  await expect(find(order.clientOrderId)).rejects.toMatchObject({ kind: 'UNREADABLE' })
})

test('a history whose budget is used up keeps no order waiting', async () => {
  const order = request()
  await fake.account.placeOrder(order)
  fake.venue.answers('GET /api/history/v3/triggers', {
    status: 429,
    headers: { 'rate-limit-reset': '6' },
    body: 'Rate limited',
  })
  await expect(find(order.clientOrderId)).rejects.toMatchObject({ kind: 'UNREACHABLE' })
  expect(await fake.account.placeOrder(request())).toMatchObject({ kind: 'ACCEPTED' })
  expect(await find(order.clientOrderId)).toMatchObject({ found: true })
})

test('what an order says: reduce-only, a stop by the mark price, and its last moment', async () => {
  await fake.account.placeOrder(request())
  const stop = request({
    side: 'SELL',
    reduceOnly: true,
    terms: { type: 'STOP_MARKET', stopPrice: decimal('59000') },
  })
  expect(await fake.account.placeOrder(stop)).toMatchObject({
    kind: 'ACCEPTED',
    order: { status: 'OPEN' },
    fills: [],
  })
  const asked = Object.fromEntries(new URLSearchParams(fake.venue.asked(SEND).at(-1)?.query))
  expect(asked).toMatchObject({
    ...{ orderType: 'stp', symbol: 'PF_XBTUSD', side: 'sell', size: '0.01', stopPrice: '59000' },
    ...{ triggerSignal: 'mark', reduceOnly: 'true', cliOrdId: stop.clientOrderId },
  })
  const last = Date.parse(asked['processBefore'] ?? '')
  expect(last).toBeGreaterThan(Date.now())
  expect(last).toBeLessThanOrEqual(Date.now() + 5_000)
})

test('an order at market is told with what was executed; its fills come with the look that knows the fees', async () => {
  const order = request()
  expect(await fake.account.placeOrder(order)).toMatchObject({
    kind: 'ACCEPTED',
    order: { status: 'FILLED', filled: decimal('0.01') },
    fills: null,
  })
})

test('leverage is asked for first, and set only where it differs', async () => {
  const PUT = 'PUT /derivatives/api/v3/leveragepreferences'
  await fake.account.setUpFutures(symbol, 5)
  await fake.account.setUpFutures(symbol, 5)
  expect(fake.venue.asked(PUT)).toHaveLength(1)
  // Taken, and yet another one: not what was asked for.
  fake.venue.answers(PUT, { body: { result: 'success' } })
  await expect(fake.account.setUpFutures(symbol, 7)).rejects.toMatchObject({ kind: 'REFUSED' })
})

test('a position without a leverage of its own is not isolated', async () => {
  await fake.account.placeOrder(request())
  expect(await fake.account.fetchPosition(symbol)).toMatchObject({
    side: 'BUY',
    isolated: false,
    leverage: null,
  })
})

test('funding that was realised by a trade counts as much as that of the hour, once', async () => {
  const row = {
    booking_uid: 'a',
    id: 1,
    asset: 'usd',
    contract: 'pf_xbtusd',
    date: new Date().toISOString(),
    info: 'futures trade',
    realized_funding: -0.0116,
  }
  const rows = [
    row,
    { ...row, id: 2, booking_uid: 'b', info: 'funding rate change', realized_funding: 1.5e-7 },
    { ...row, id: 3, booking_uid: 'c', asset: 'pf_xbtusd' },
    { ...row, id: 4, booking_uid: 'd', contract: 'pf_ethusd' },
    { ...row, id: 5, booking_uid: 'e', realized_funding: null },
    { ...row, id: 6, booking_uid: 'f', contract: null, info: 'conversion' },
  ]
  fake.venue.answers('GET /api/history/v3/account-log', { body: { logs: rows } })
  const found = await fake.account.fetchFunding(symbol, begun)
  expect(found.map(({ id, amount, currency }) => [id, plain(amount), currency])).toEqual([
    ['a', '-0.0116', 'USD'],
    ['b', '0.00000015', 'USD'],
  ])
})

test('a long history is read page after page', async () => {
  for (let turn = 0; turn < 60; turn++)
    fake.venue.core.place({
      ...{
        clientId: `c${turn}`,
        symbol,
        type: 'MARKET',
        amount: decimal('0.001'),
        price: null,
        stopPrice: null,
      },
      side: turn % 2 === 0 ? 'BUY' : 'SELL',
    })
  const trades = await fake.account.fetchTrades(symbol, begun)
  expect(trades).toHaveLength(fake.venue.core.fills().length)
  expect(trades.length).toBeGreaterThan(100)
  expect(await fake.account.fetchOrders(symbol, begun)).toHaveLength(60)
})

describe('a clock that is an hour behind Kraken’s', () => {
  const own = makeFakeBench(parts)
  afterAll(() => own.close())
  test('is corrected for in the last moment of an order', async () => {
    const { account, venue } = await own.open()
    const theirs = Date.now() + 3_600_000
    venue.answers('GET /derivatives/api/v3/instruments/status', {
      body: { result: 'success', instrumentStatus: [], serverTime: new Date(theirs).toISOString() },
    })
    await account.prepare(symbol)
    expect(await account.placeOrder(request())).toMatchObject({ kind: 'ACCEPTED' })
    const last = new URLSearchParams(venue.asked(SEND).at(-1)?.query).get('processBefore')
    expect(Math.abs(Date.parse(last ?? '') - theirs - 5_000)).toBeLessThan(3_000)
    await account.close()
  })
})

describe('a key that may only read', () => {
  const readOnly = makeFakeBench({ ...parts, dialect: () => krakenfuturesDialect({ readOnly: true }) })
  afterAll(() => readOnly.close())
  test('may not trade, though its balance is told', async () => {
    const { account } = await readOnly.open()
    expect((await account.fetchBalance('FUTURES')).get('USD')?.total.toString()).toBe('10000')
    expect(await account.probeRights()).toMatchObject({ canTrade: false })
    await account.close()
  })
})

describe('too many calls', () => {
  const own = makeFakeBench(parts)
  afterAll(() => own.close())
  test('an order is refused for that, and the next is not sent', async () => {
    const { account, venue } = await own.open()
    await account.prepare(symbol)
    venue.answers(SEND, { status: 429, body: 'Rate limited' })
    expect(await account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
    expect(await account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
    await account.close()
  })
})
