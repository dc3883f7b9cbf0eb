import { describe, expect, test } from 'vitest'
import { decimal, plain } from '#trading/domain/money.ts'
import { CLIENT_ID } from './recorded-account.fixture.ts'
import { FAPI, PERPETUAL, withRecordedFutures } from './recorded-futures.fixture.ts'
import type { RecordedAnswer } from './recorded.fixture.ts'
import { htmlPage } from './recorded/binance.ts'
import * as recorded from './recorded/binance-futures.ts'

const { server, account, place, placeStop, find } = withRecordedFutures()
const sent = (endpoint: string) => Object.fromEntries(server().asked(endpoint).at(-1) ?? [])
const problem = (code: number, msg: string, status = 400, headers = {}) => ({
  status,
  headers,
  body: JSON.stringify({ code, msg }),
})

describe('an order', () => {
  test('that filled is accepted, and its fills are to be looked up: the answer never lists them', async () => {
    const result = await place(recorded.placed())
    if (result.kind !== 'ACCEPTED') throw new Error(JSON.stringify(result))
    expect(result.order).toMatchObject({
      exchangeOrderId: '22542179',
      clientOrderId: CLIENT_ID,
      status: 'FILLED',
    })
    expect(plain(result.order.averagePrice ?? decimal(0))).toBe('60000')
    expect(result.fills).toBeNull()
    expect(sent(FAPI.PLACE)).toMatchObject({
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
      newClientOrderId: CLIENT_ID,
      newOrderRespType: 'RESULT',
      recvWindow: '5000',
    })
    expect(sent(FAPI.PLACE)).not.toHaveProperty('reduceOnly')
  })

  test('with a limit is immediate or cancelled, and EXPIRED without a fill has nothing to be looked up', async () => {
    const answer = recorded.placed({ status: 'EXPIRED', executedQty: '0.000', cumQuote: '0', type: 'LIMIT' })
    const result = await place(answer, {
      terms: { type: 'LIMIT_IOC', price: decimal('60100.1') },
      reduceOnly: true,
    })
    expect(result).toMatchObject({
      kind: 'ACCEPTED',
      order: { status: 'EXPIRED', averagePrice: null },
      fills: [],
    })
    expect(sent(FAPI.PLACE)).toMatchObject({
      type: 'LIMIT',
      timeInForce: 'IOC',
      price: '60100.1',
      reduceOnly: 'true',
    })
  })

  test('as a stop goes to the service of conditional orders, on the mark price', async () => {
    const regular = server().asked(FAPI.PLACE).length
    const result = await placeStop(recorded.algoRow())
    if (result.kind !== 'ACCEPTED') throw new Error(JSON.stringify(result))
    expect(result).toMatchObject({
      order: { exchangeOrderId: 'algo-2146760', clientOrderId: CLIENT_ID, status: 'OPEN', price: null },
      fills: [],
    })
    expect(String(result.order.stopPrice)).toBe('59000')
    expect(sent(FAPI.PLACE_STOP)).toMatchObject({
      algoType: 'CONDITIONAL',
      type: 'STOP_MARKET',
      triggerPrice: '59000',
      workingType: 'MARK_PRICE',
      reduceOnly: 'true',
      clientAlgoId: CLIENT_ID,
    })
    expect(server().asked(FAPI.PLACE)).toHaveLength(regular)
  })
})

const unclear: [string, RecordedAnswer][] = [
  ['a status that nobody knows', recorded.placed({ status: 'HALF_BAKED' })],
  ['no order id', recorded.placed({ orderId: null })],
  ['no client order id', recorded.placed({ clientOrderId: null })],
  ['another client order id', recorded.placed({ clientOrderId: 'x-somebody-else' })],
  ['another market', recorded.placed({ symbol: 'ETHUSDT' })],
  ['the other side', recorded.placed({ side: 'SELL' })],
  ['another amount', recorded.placed({ origQty: '0.011', executedQty: '0.011' })],
  ['more executed than ordered', recorded.placed({ executedQty: '0.011' })],
  ['filled by nothing', recorded.placed({ executedQty: '0.000' })],
  ['a web page', { headers: { 'content-type': 'text/html' }, body: htmlPage }],
  ['nothing at all', ''],
  ['half of an answer', recorded.placed().slice(0, 200)],
  ['a body that breaks off', { body: recorded.placed().slice(0, 200), cut: true }],
  ['an error with status 200', '{"code":-2019,"msg":"Margin is insufficient."}'],
  ['a 400 without a body', { status: 400 }],
  ['a 404 without a body', { status: 404 }],
  ['a 502', { status: 502, body: htmlPage }],
  [
    'an execution status that is unknown',
    problem(-1007, 'Timeout waiting for response from backend server.', 408),
  ],
  ['an unexpected response', problem(-1006, 'An unexpected response was received from the message bus.')],
  [
    'a 503 after it was sent',
    problem(-1000, 'Unknown error, please check your request or try again later.', 503),
  ],
  ['a server that is too busy', problem(-1008, 'Request throttled by system-level protection.', 503)],
  ['a 5xx that sounds like a refusal', problem(-2019, 'Margin is insufficient.', 500)],
  ['an id that is in use: it may be ours', problem(-4116, 'ClientOrderId is duplicated.')],
]

test.each(unclear)('placing that is answered with %s is UNKNOWN', async (_name, answer) => {
  expect(await place(answer)).toMatchObject({ kind: 'UNKNOWN' })
})

test.each<[string, RecordedAnswer]>([
  ['a status that nobody knows', recorded.algoRow({ algoStatus: 'DREAMING' })],
  ['another client id', recorded.algoRow({ clientAlgoId: 'x-somebody-else' })],
  ['the other side', recorded.algoRow({ side: 'BUY' })],
  ['another amount', recorded.algoRow({ quantity: '0.011' })],
  ['an id that is in use', problem(-4116, 'ClientOrderId is duplicated.')],
  ['a 503', problem(-1000, 'Unknown error, please check your request or try again later.', 503)],
  ['half of an answer', recorded.algoRow().slice(0, 200)],
])('a stop that is answered with %s is UNKNOWN', async (_name, answer) => {
  expect(await placeStop(answer)).toMatchObject({ kind: 'UNKNOWN' })
})

test.each([
  [-2019, 'Margin is insufficient.', 'BALANCE_INSUFFICIENT'],
  [-2018, 'Balance is insufficient.', 'BALANCE_INSUFFICIENT'],
  [-4051, 'Isolated balance insufficient.', 'BALANCE_INSUFFICIENT'],
  [-2022, 'ReduceOnly Order is rejected.', 'ORDER_INVALID'],
  [-2021, 'Order would immediately trigger.', 'ORDER_INVALID'],
  [-2027, 'Exceeded the maximum allowable position at current leverage.', 'ORDER_INVALID'],
  [-4164, "Order's notional must be no smaller than 100 (unless you choose reduce only).", 'ORDER_INVALID'],
  [-4131, 'The counterparty best price does not meet the PERCENT_PRICE filter limit.', 'ORDER_INVALID'],
  [-4061, "Order's position side does not match user's setting.", 'ORDER_INVALID'],
  [-4120, 'Order type not supported for this endpoint. Please use the Algo Order API.', 'ORDER_INVALID'],
  [-1111, 'Precision is over the maximum defined for this asset.', 'ORDER_INVALID'],
  [-1121, 'Invalid symbol.', 'MARKET_CLOSED'],
  [-4140, 'Invalid symbol status for opening position.', 'MARKET_CLOSED'],
  [-2015, 'Invalid API-key, IP, or permissions for action.', 'KEY_REFUSED'],
  [-1021, 'Timestamp for this request is outside of the recvWindow.', 'CLOCK_SKEW'],
  [-5028, 'Timestamp for this request is outside of the ME recvWindow', 'CLOCK_SKEW'],
])('a refusal with %i (%s) is proven, and is %s', async (code, msg, refusal) => {
  const before = server().asked(FAPI.PLACE).length
  expect(await place(problem(code, msg))).toMatchObject({ kind: 'REFUSED', code: refusal })
  expect(server().asked(FAPI.PLACE)).toHaveLength(before + 1)
})

test.each([
  [429, -1003, '7'],
  [418, -1003, '120'],
])(
  'a %i is a refusal, and silences futures for as long as it says, and spot not at all',
  async (status, code, retry) => {
    const answer = problem(code, 'Too many requests.', status, { 'retry-after': retry })
    expect(await place(answer)).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
    const again = await place(recorded.placed())
    expect(again).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
    const rejection = await account()
      .fetchOpenOrders(PERPETUAL)
      .catch((error: unknown) => error)
    expect(rejection).toMatchObject({ kind: 'RATE_LIMITED' })
    server().answer('GET /api/v3/openOrders', '[]')
    expect(await account().fetchOpenOrders('BTC/USDT')).toEqual([])
  },
)

test('a futures API that is away does not stop spot', async () => {
  server().answer(FAPI.OPEN, { status: 502, body: htmlPage })
  await expect(account().fetchOpenOrders(PERPETUAL)).rejects.toMatchObject({ kind: 'UNREACHABLE' })
  server().answer('GET /api/v3/openOrders', '[]')
  expect(await account().fetchOpenOrders('BTC/USDT')).toEqual([])
})

test('an order whose time is over is not sent', async () => {
  const before = server().asked(FAPI.PLACE).length
  expect(await place(recorded.placed(), { signedAt: Date.now() - 60_000 })).toMatchObject({
    kind: 'REFUSED',
    code: 'NOT_SENT',
  })
  expect(server().asked(FAPI.PLACE)).toHaveLength(before)
})

describe('a look', () => {
  const filled = { status: 'FILLED' }
  const trades = (...rows: string[]) => server().answer(FAPI.TRADES, `[${rows.join(',')}]`)

  test('finds an order with its fills, fees of whatever currency', async () => {
    trades(recorded.tradeRow(1, '0.004'), recorded.tradeRow(2, '0.006', { commissionAsset: 'BNB' }))
    server().answer(FAPI.LOOK, recorded.orderRow(filled))
    expect(await find()).toMatchObject({
      order: { exchangeOrderId: '22542179', status: 'FILLED' },
      fills: [
        { tradeId: '1', feeCurrency: 'USDT' },
        { tradeId: '2', feeCurrency: 'BNB' },
      ],
    })
  })

  test('finds a stop that rests, by its own number too', async () => {
    server().answer(FAPI.LOOK_STOP, recorded.algoRow({ clientAlgoId: CLIENT_ID }))
    const resting = { found: true, order: { exchangeOrderId: 'algo-2146760', status: 'OPEN' }, fills: [] }
    expect(await find()).toMatchObject(resting)
    expect(await find('algo-2146760')).toMatchObject(resting)
    expect(server().asked(FAPI.LOOK_STOP).at(-1)?.get('algoId')).toBe('2146760')
  })

  test('follows a stop that triggered to the order that it became, under our id', async () => {
    const clientOrderId = 'the-algo-service-chose-this'
    const became = { orderId: 777, clientOrderId, side: 'SELL', reduceOnly: true }
    server().answer(FAPI.LOOK_STOP, recorded.algoRow({ algoStatus: 'FINISHED', actualOrderId: '777' }))
    server().answer(FAPI.LOOK, recorded.noSuchOrder, recorded.orderRow(became))
    trades(recorded.tradeRow(5, '0.01', { orderId: 777, side: 'SELL', buyer: false }))
    const found = await find()
    expect(found).toMatchObject({
      order: { exchangeOrderId: '777', clientOrderId: CLIENT_ID, status: 'FILLED' },
      fills: [{ tradeId: '5', exchangeOrderId: '777' }],
    })
    if (found.found) expect(String(found.order.stopPrice)).toBe('59000')
    server().answer(FAPI.ALL, `[${recorded.orderRow(became)}]`)
    server().answer(
      FAPI.ALL_STOPS,
      `[${recorded.algoRow({ clientAlgoId: CLIENT_ID, algoStatus: 'FINISHED', actualOrderId: '777' })}]`,
    )
    expect(await account().fetchOrders(PERPETUAL, new Date())).toMatchObject([
      { exchangeOrderId: '777', clientOrderId: CLIENT_ID },
    ])
  })

  test('knows each way in which a stop ends without an order', async () => {
    for (const [said, status] of [
      ['CANCELED', 'CANCELED'],
      ['EXPIRED', 'EXPIRED'],
      ['REJECTED', 'REJECTED'],
      ['TRIGGERING', 'OPEN'],
    ] as const) {
      server().answer(FAPI.LOOK_STOP, recorded.algoRow({ algoStatus: said }))
      expect(await find(), said).toMatchObject({ order: { status }, fills: [] })
    }
  })

  test('is none while the order that a stop became is not told, or is not there yet', async () => {
    server().answer(FAPI.LOOK_STOP, recorded.algoRow({ algoStatus: 'FINISHED' }))
    await expect(find()).rejects.toMatchObject({ kind: 'UNREADABLE' })
    server().answer(FAPI.LOOK_STOP, recorded.algoRow({ algoStatus: 'TRIGGERED', actualOrderId: '777' }))
    await expect(find()).rejects.toMatchObject({ kind: 'UNREADABLE' })
  })

  test('says not found only when each list has answered without it', async () => {
    expect(await find()).toEqual({ found: false })
    for (const endpoint of [FAPI.OPEN, FAPI.OPEN_STOPS, FAPI.ALL, FAPI.ALL_STOPS]) {
      server().answer(endpoint, { status: 502, body: htmlPage })
      await expect(find(), endpoint).rejects.toMatchObject({ kind: 'UNREACHABLE' })
      server().answer(endpoint, '[]')
    }
    server().answer(
      FAPI.ALL_STOPS,
      `[${recorded.algoRow({ clientAlgoId: CLIENT_ID, algoStatus: 'CANCELED' })}]`,
    )
    expect(await find()).toMatchObject({ found: true, order: { status: 'CANCELED' } })
  })

  test.each<[string, RecordedAnswer, string, string?]>([
    ['a status that nobody knows', recorded.orderRow({ status: 'HALF_BAKED' }), 'UNREADABLE'],
    ['another client id', recorded.orderRow({ clientOrderId: 'x-somebody-else' }), 'UNREADABLE'],
    ['another market', recorded.orderRow({ symbol: 'ETHUSDT' }), 'UNREADABLE'],
    ['no trades', recorded.orderRow(), 'UNREADABLE', '[]'],
    ['trades that do not add up', recorded.orderRow(), 'UNREADABLE', `[${recorded.tradeRow(7, '0.009')}]`],
    [
      'a trade of another order',
      recorded.orderRow(),
      'UNREADABLE',
      `[${recorded.tradeRow(7, '0.01', { orderId: 3 })}]`,
    ],
    [
      'a trade of the other side',
      recorded.orderRow(),
      'UNREADABLE',
      `[${recorded.tradeRow(7, '0.01', { side: 'SELL' })}]`,
    ],
    ['half of an answer', recorded.orderRow().slice(0, 100), 'UNREADABLE'],
    ['an error with status 200', '{"code":-2013,"msg":"Order does not exist."}', 'UNREADABLE'],
    ['a 404 without a body', { status: 404 }, 'UNREACHABLE'],
    ['a 5xx that denies it', { ...recorded.noSuchOrder, status: 500 }, 'UNREACHABLE'],
    [
      'a time that was not taken, twice',
      problem(-1021, 'Timestamp for this request is outside of the recvWindow.'),
      'UNREACHABLE',
    ],
  ])('that is answered with %s is no look', async (_name, answer, kind, trade) => {
    if (trade !== undefined) server().answer(FAPI.TRADES, trade)
    server().answer(FAPI.LOOK, answer)
    await expect(find()).rejects.toMatchObject({ name: 'VenueError', kind })
  })
})

test('a cancel of what is gone is harmless, and one that fails is told', async () => {
  const cancel = (exchangeOrderId: string | null) =>
    account().cancelOrder({ symbol: PERPETUAL, clientOrderId: CLIENT_ID, exchangeOrderId })
  for (const endpoint of ['DELETE /fapi/v1/order', 'DELETE /fapi/v1/algoOrder'])
    server().answer(endpoint, recorded.unknownOrder)
  for (const id of [null, '31', 'algo-31']) await cancel(id)
  server().answer('DELETE /fapi/v1/algoOrder', { status: 503, body: '' })
  await expect(cancel('algo-31')).rejects.toMatchObject({ kind: 'UNREACHABLE' })
  await expect(cancel(null)).rejects.toMatchObject({ kind: 'UNREACHABLE' })
})
