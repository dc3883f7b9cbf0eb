import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OrderRequest, TradingAccount } from '#trading/domain/exchange.ts'
import { decimal, plain } from '#trading/domain/money.ts'
import { startRecorded, type Recorded, type RecordedAnswer } from './recorded.fixture.ts'
import * as recorded from './recorded/binance.ts'
import { makeVenue } from './venue.ts'
import { makeVenues } from './venues.ts'

const PLACE = 'POST /api/v3/order'
const LOOK = 'GET /api/v3/order'
const OPEN = 'GET /api/v3/openOrders'
const ALL = 'GET /api/v3/allOrders'
const TRADES = 'GET /api/v3/myTrades'
const CLIENT_ID = 'tb0123456789abcdef0123456789abcdef'

let server: Recorded
let account: TradingAccount

beforeAll(async () => {
  server = await startRecorded({
    'GET /api/v3/exchangeInfo': recorded.exchangeInfo,
    'GET /api/v3/time': recorded.serverTime,
  })
})
afterAll(() => server.close())
beforeEach(async () => {
  for (const endpoint of [LOOK, OPEN, ALL, TRADES]) server.answer(endpoint, '[]')
  const timing = { httpTimeoutMs: 2000, recvWindowMs: 5000, sendBudgetMs: 2000, settleSkewMs: 1000 }
  const env = { exchangeUrls: { binance: server.url }, timing }
  account = makeVenues({ env }).account('binance', { apiKey: 'k', secretKey: 's', passphrase: null })
  await account.prepare('BTC/USDT')
})

function place(answer: RecordedAnswer, more: Partial<OrderRequest> = {}) {
  server.answer(PLACE, answer)
  return account.placeOrder({
    terms: { type: 'MARKET' },
    symbol: 'BTC/USDT',
    side: 'BUY',
    amount: decimal('10'),
    clientOrderId: CLIENT_ID,
    signedAt: Date.now(),
    recvWindowMs: 5000,
    timeoutMs: 1000,
    ...more,
  })
}

function look(answer: RecordedAnswer, more: { exchangeOrderId?: string } = {}) {
  server.answer(LOOK, answer)
  return account.findOrder({
    symbol: 'BTC/USDT',
    clientOrderId: CLIENT_ID,
    exchangeOrderId: more.exchangeOrderId ?? null,
    since: new Date(Date.now() - 1000),
  })
}

describe('an order that was placed', () => {
  test('with all its fills is accepted with each of them, to the last digit', async () => {
    const placed = await place(recorded.placedFilled)
    if (placed.kind !== 'ACCEPTED') throw new Error(JSON.stringify(placed))
    expect(placed.order).toMatchObject({ exchangeOrderId: '28', clientOrderId: CLIENT_ID, status: 'FILLED' })
    expect(plain(placed.order.averagePrice ?? decimal(0))).toBe('3998.4')
    expect(
      placed.fills?.map((fill) => [fill.tradeId, plain(fill.amount), plain(fill.fee), fill.feeCurrency]),
    ).toEqual([
      ['56', '1', '4', 'USDT'],
      ['57', '5', '19.995', 'USDT'],
      ['58', '2', '7.996', 'USDT'],
      ['59', '1', '3.997', 'USDT'],
      ['60', '1', '0.00052', 'BNB'],
    ])
  })

  test('without its fills, with some of them or with unreadable ones is accepted, and they are to be looked up', async () => {
    const answers = [
      recorded.placedResult,
      recorded.placedFilled.replace('"tradeId": 57', '"tradeId": 56'),
      recorded.placedFilled.replace('"qty": "5.00000000"', '"qty": "4.00000000"'),
      recorded.placedFilled.replace('"tradeId": 57', '"tradeId": -1'),
      recorded.placedFilled.replace('"price": "3999.00000000"', '"price": "0"'),
      recorded.placedFilled.replace('"commission": "19.99500000"', '"commission": "-19.99500000"'),
      recorded.placedFilled.replace('"commission": "19.99500000", ', ''),
      recorded.placedFilled.replace(/"fills": \[[^\]]*\]/, '"fills": null'),
      recorded.placedFilled.replace(/"fills": \[[^\]]*\]/, '"fills": []'),
    ]
    for (const answer of answers)
      expect(await place(answer), answer).toMatchObject({
        kind: 'ACCEPTED',
        order: { status: 'FILLED' },
        fills: null,
      })
  })

  test('with a fill told twice has it once', async () => {
    const fill =
      '{"price": "3996.00000000", "qty": "1.00000000", "commission": "0.00052000", "commissionAsset": "BNB", "tradeId": 60}'
    const placed = await place(recorded.placedFilled.replace(fill, `${fill}, ${fill}`))
    expect(placed).toMatchObject({ kind: 'ACCEPTED', fills: { length: 5 } })
  })

  test('that found nothing, or not all, at its price is EXPIRED with what it got', async () => {
    expect(await place(recorded.placedExpired('0.00000000', ''))).toMatchObject({
      kind: 'ACCEPTED',
      order: { status: 'EXPIRED', averagePrice: null },
      fills: [],
    })
    const fill =
      '{"price": "4000.0", "qty": "2.50000000", "commission": "0.00", "commissionAsset": "BTC", "tradeId": 9}'
    const partly = await place(recorded.placedExpired('2.50000000', fill))
    expect(partly).toMatchObject({
      kind: 'ACCEPTED',
      order: { status: 'EXPIRED' },
      fills: [{ tradeId: '9' }],
    })
    const prevented = recorded.placedExpired('0.00', '').replace('"EXPIRED"', '"EXPIRED_IN_MATCH"')
    expect(await place(prevented)).toMatchObject({ kind: 'ACCEPTED', order: { status: 'EXPIRED' } })
  })

  test('as a stop rests, with both of its prices, whatever Binance says of its working time', async () => {
    const terms = { type: 'STOP_LIMIT', price: decimal('3890'), stopPrice: decimal('3900') } as const
    const placed = await place(recorded.placedStop, { terms })
    if (placed.kind !== 'ACCEPTED') throw new Error(JSON.stringify(placed))
    expect(placed.order.status).toBe('OPEN')
    expect([placed.order.price, placed.order.stopPrice].map(String)).toEqual(['3890', '3900'])
    expect(placed.fills).toEqual([])
    const sent = server.asked(PLACE).at(-1)
    expect(Object.fromEntries(sent ?? [])).toMatchObject({
      type: 'STOP_LOSS_LIMIT',
      timeInForce: 'GTC',
      price: '3890',
      stopPrice: '3900',
      newOrderRespType: 'FULL',
    })
  })

  test('as an IOC order is sent as one', async () => {
    await place(recorded.placedExpired('0.00', ''), {
      terms: { type: 'LIMIT_IOC', price: decimal('0.00000001') },
    })
    expect(Object.fromEntries(server.asked(PLACE).at(-1) ?? [])).toMatchObject({
      type: 'LIMIT',
      timeInForce: 'IOC',
      price: '0.00000001',
      quantity: '10',
    })
  })
})

test.each<[string, RecordedAnswer]>([
  ['an acknowledgement without an outcome', recorded.placedAck],
  ['a status that nobody knows', recorded.placedFilled.replace('"FILLED"', '"HALF_BAKED"')],
  ['no status', recorded.placedFilled.replace('"status": "FILLED", ', '')],
  ['no order id', recorded.placedFilled.replace('"orderId": 28, ', '')],
  ['no client order id', recorded.placedFilled.replace('"clientOrderId": "$CLIENT_ID", ', '')],
  ['another client order id', recorded.placedFilled.replace('$CLIENT_ID', 'x-somebody-else')],
  ['another market', recorded.placedFilled.replace('$MARKET', 'ETHUSDT')],
  ['the other side', recorded.placedFilled.replace('"BUY"', '"SELL"')],
  ['another amount', recorded.placedFilled.replaceAll('"10.00000000"', '"11.00000000"')],
  [
    'more executed than ordered',
    recorded.placedFilled.replace('"executedQty": "10.0', '"executedQty": "10.1'),
  ],
  ['filled by nothing', recorded.placedFilled.replace('"executedQty": "10.0', '"executedQty": "0.0')],
  ['a negative amount', recorded.placedFilled.replace('"executedQty": "10', '"executedQty": "-10')],
  [
    'words for an amount',
    recorded.placedFilled.replace('"executedQty": "10.00000000"', '"executedQty": "NaN"'),
  ],
  ['infinity', recorded.placedFilled.replace('"executedQty": "10.00000000"', '"executedQty": "Infinity"')],
  ['a web page', { headers: { 'content-type': 'text/html' }, body: recorded.htmlPage }],
  ['a web page with 403', { status: 403, headers: { 'content-type': 'text/html' }, body: recorded.htmlPage }],
  ['nothing at all', ''],
  ['null', 'null'],
  ['an empty list', '[]'],
  ['half of an answer', recorded.placedFilled.slice(0, 300)],
  ['a body that breaks off', { body: recorded.placedFilled.slice(0, 300), cut: true }],
  [
    'an error with status 200',
    '{"code":-2010,"msg":"Account has insufficient balance for requested action."}',
  ],
  ['a 400 without a body', { status: 400 }],
  ['a 401 without a body', { status: 401 }],
  ['a 404 without a body', { status: 404 }],
  ['a 409', { status: 409, body: '{"code":-2021,"msg":"Order cancel-replace partially failed."}' }],
  [
    'a 500 that sounds like a refusal',
    { status: 500, body: '{"code":-1013,"msg":"Filter failure: LOT_SIZE"}' },
  ],
  [
    'a 503',
    {
      status: 503,
      body: '{"code":-1000,"msg":"Unknown error, please check your request or try again later."}',
    },
  ],
  [
    'a timeout behind the API',
    { status: 408, body: '{"code":-1007,"msg":"Timeout waiting for response from backend server."}' },
  ],
  ['a redirect', { status: 302, headers: { location: 'https://elsewhere.test/' } }],
])('placing that is answered with %s is UNKNOWN', async (_name, answer) => {
  expect(await place(answer)).toMatchObject({ kind: 'UNKNOWN' })
})

describe('a look', () => {
  const trades = (...rows: string[]) => server.answer(TRADES, `[${rows.join(',')}]`)

  test('finds an order that was partly filled and then cancelled, with what it got', async () => {
    trades(recorded.tradeRow(7, '1.50000000'), recorded.tradeRow(8, '0.75000000', { commissionAsset: 'BTC' }))
    const found = await look(
      recorded.orderRow({ status: 'CANCELED', executedQty: '2.25000000', cummulativeQuoteQty: '9.00000225' }),
    )
    if (!found.found) throw new Error('not found')
    expect(found.order).toMatchObject({ status: 'CANCELED', exchangeOrderId: '31' })
    expect([found.order.filled, found.order.averagePrice].map(String)).toEqual(['2.25', '4.000001'])
    expect(found.fills.map((fill) => [fill.tradeId, plain(fill.amount), fill.feeCurrency])).toEqual([
      ['7', '1.5', 'BNB'],
      ['8', '0.75', 'BTC'],
    ])
  })

  test('knows each way in which an order ends', async () => {
    for (const [said, status] of [
      ['EXPIRED', 'EXPIRED'],
      ['EXPIRED_IN_MATCH', 'EXPIRED'],
      ['REJECTED', 'REJECTED'],
      ['CANCELED', 'CANCELED'],
      ['PENDING_CANCEL', 'OPEN'],
      ['PENDING_NEW', 'OPEN'],
      ['NEW', 'OPEN'],
    ])
      expect(await look(recorded.orderRow({ status: said ?? '' })), said).toMatchObject({
        order: { status },
        fills: [],
      })
  })

  test('takes an order that executed and still says NEW as partly filled', async () => {
    trades(recorded.tradeRow(7, '1.00000000'))
    expect(await look(recorded.orderRow({ executedQty: '1.00000000' }))).toMatchObject({
      order: { status: 'PARTIALLY_FILLED' },
      fills: [{ tradeId: '7' }],
    })
  })

  test('keeps every digit of tiny and huge amounts, as text or as JSON numbers', async () => {
    for (const [qty, text] of [
      ['0.00000001', '0.00000001'],
      [0.00000001, '0.00000001'],
      ['1000000000000000.00', '1000000000000000'],
      [1e15, '1000000000000000'],
      ['999999999999999999999.12345678', '999999999999999999999.12345678'],
      ['1e-8', '0.00000001'],
    ] as const) {
      server.answer(TRADES, `[${recorded.tradeRow(7, '0', { qty })}]`)
      const found = await look(recorded.orderRow({ status: 'FILLED', origQty: qty, executedQty: qty }))
      if (!found.found) throw new Error(`${qty} not found`)
      expect([found.order.amount, found.order.filled, found.fills[0]?.amount].map(String)).toEqual([
        text,
        text,
        text,
      ])
    }
  })

  test('keeps the digits of ids beyond what a double holds, and reads the rest of that answer', async () => {
    const huge = '"orderId":9223372036854775807'
    trades(recorded.tradeRow(9_007_199_254_740_991, '1').replace('"orderId":31', huge))
    const found = await look(
      recorded.orderRow({ status: 'FILLED', origQty: '1', executedQty: '1' }).replace('"orderId":31', huge),
    )
    expect(found).toMatchObject({
      order: { exchangeOrderId: '9223372036854775807' },
      fills: [{ tradeId: '9007199254740991', exchangeOrderId: '9223372036854775807' }],
    })
  })

  test('has a fill that is told twice once', async () => {
    const row = recorded.tradeRow(7, '5.00000000')
    trades(row, row, recorded.tradeRow(8, '5.00000000'))
    expect(await look(recorded.orderRow({ status: 'FILLED', executedQty: '10.00000000' }))).toMatchObject({
      fills: [{ tradeId: '7' }, { tradeId: '8' }],
    })
  })

  test('reads every trade of an order that has more than the exchange lists at once', async () => {
    const rows = (from: number, to: number) =>
      `[${Array.from({ length: to - from + 1 }, (_, index) => recorded.tradeRow(from + index, '0.01')).join(',')}]`
    // By order id alone, the latest thousand.
    server.answer(TRADES, rows(501, 1500), rows(1, 1000), rows(1001, 1500))
    const before = server.asked(TRADES).length
    const found = await look(recorded.orderRow({ status: 'FILLED', origQty: '15', executedQty: '15' }))
    if (!found.found) throw new Error('not found')
    expect(found.fills.map((fill) => Number(fill.tradeId))).toEqual(
      Array.from({ length: 1500 }, (_, index) => index + 1),
    )
    const asked = server.asked(TRADES).slice(before)
    expect(asked.map((one) => [one.get('orderId'), one.get('fromId')])).toEqual([
      ['31', null],
      ['31', '0'],
      ['31', '1001'],
    ])
  })

  test('does not know the average of an order whose quote sum Binance has forgotten', async () => {
    trades(recorded.tradeRow(7, '10.00000000'))
    const row = recorded.orderRow({
      status: 'FILLED',
      executedQty: '10.0',
      cummulativeQuoteQty: '-1.00000000',
    })
    expect(await look(row)).toMatchObject({ order: { averagePrice: null }, fills: { length: 1 } })
  })

  test('says not found only when every list has answered without it', async () => {
    expect(await look(recorded.noSuchOrder)).toEqual({ found: false })
    server.answer(OPEN, { status: 502, body: recorded.htmlPage })
    await expect(look(recorded.noSuchOrder)).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    server.answer(OPEN, '[]')
    server.answer(ALL, `[${recorded.orderRow({ clientOrderId: 'x-another', orderId: 30 })}]`)
    expect(await look(recorded.noSuchOrder)).toEqual({ found: false })
    server.answer(ALL, `[${recorded.orderRow({ clientOrderId: CLIENT_ID, status: 'EXPIRED' })}]`)
    expect(await look(recorded.noSuchOrder)).toMatchObject({ found: true, order: { status: 'EXPIRED' } })
  })

  const filled = recorded.orderRow({ status: 'FILLED', executedQty: '10.00000000' })
  test.each<[string, RecordedAnswer, string, string?]>([
    ['a status that nobody knows', recorded.orderRow({ status: 'HALF_BAKED' }), 'UNREADABLE'],
    ['no executed amount', recorded.orderRow({ executedQty: null }), 'UNREADABLE'],
    ['another client order id', recorded.orderRow({ clientOrderId: 'x-somebody-else' }), 'UNREADABLE'],
    ['another market', recorded.orderRow({ symbol: 'ETHUSDT' }), 'UNREADABLE'],
    ['filled by nothing', recorded.orderRow({ status: 'FILLED' }), 'UNREADABLE'],
    ['rejected but filled', recorded.orderRow({ status: 'REJECTED', executedQty: '1' }), 'UNREADABLE'],
    ['a double that lost digits', recorded.orderRow({ origQty: 12345678.123456789 }), 'UNREADABLE'],
    ['no trades', filled, 'UNREADABLE', '[]'],
    ['trades that do not add up', filled, 'UNREADABLE', `[${recorded.tradeRow(7, '9.99999999')}]`],
    ['trades beyond its amount', filled, 'UNREADABLE', `[${recorded.tradeRow(7, '10.1')}]`],
    ['a trade of another order', filled, 'UNREADABLE', `[${recorded.tradeRow(7, '10', { orderId: 32 })}]`],
    [
      'a trade of the other side',
      filled,
      'UNREADABLE',
      `[${recorded.tradeRow(7, '10', { isBuyer: false })}]`,
    ],
    [
      'a trade without a price',
      filled,
      'UNREADABLE',
      `[${recorded.tradeRow(7, '10', { price: undefined })}]`,
    ],
    ['a trade of a free gift', filled, 'UNREADABLE', `[${recorded.tradeRow(7, '10', { price: '0' })}]`],
    ['a web page', recorded.htmlPage, 'UNREADABLE'],
    ['nothing at all', '', 'UNREADABLE'],
    ['half of an answer', recorded.orderRow().slice(0, 100), 'UNREADABLE'],
    ['an error with status 200', '{"code":-2013,"msg":"Order does not exist."}', 'UNREADABLE'],
    ['a web page with 403', { status: 403, body: recorded.htmlPage }, 'UNREACHABLE'],
    ['a 404 without a body', { status: 404 }, 'UNREACHABLE'],
    ['a 5xx that denies it', { ...recorded.noSuchOrder, status: 500 }, 'UNREACHABLE'],
    [
      'a key that is refused',
      { status: 401, body: '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}' },
      'KEY_REFUSED',
    ],
  ])('that is answered with %s is no look', async (_name, answer, kind, trade) => {
    if (trade !== undefined) server.answer(TRADES, trade)
    await expect(look(answer)).rejects.toMatchObject({ name: 'VenueError', kind })
  })
})

describe('a time that Binance did not take', () => {
  const late = {
    status: 400,
    body: '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}',
  }
  const times = () => server.asked('GET /api/v3/time').length

  test('is measured again, and what only reads is asked once more', async () => {
    server.answer(OPEN, late, '[]')
    const before = times()
    expect(await account.fetchOpenOrders('BTC/USDT')).toEqual([])
    expect(times()).toBe(before + 1)
    server.answer(OPEN, late)
    const asked = server.asked(OPEN).length
    await expect(account.fetchOpenOrders('BTC/USDT')).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    expect(server.asked(OPEN)).toHaveLength(asked + 2)
  })

  test('never sends an order twice', async () => {
    const before = server.asked(PLACE).length
    expect(await place(late)).toMatchObject({ kind: 'REFUSED', code: 'CLOCK_SKEW' })
    expect(server.asked(PLACE)).toHaveLength(before + 1)
  })
})

test('too many orders of one account silence its orders, and nothing else', async () => {
  const answer = {
    status: 429,
    headers: { 'retry-after': '9' },
    body: '{"code":-1015,"msg":"Too many new orders; current limit is 50 orders per 10 SECOND."}',
  }
  expect(await place(answer)).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
  expect(await place(recorded.placedFilled)).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
  await expect(account.prepare('BTC/USDT')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
  expect(await account.fetchOpenOrders('BTC/USDT')).toEqual([])
})

test('a clock that is off is corrected for, and told once', async () => {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const timing = { httpTimeoutMs: 2000, recvWindowMs: 5000, sendBudgetMs: 2000, settleSkewMs: 1000 }
  const venue = makeVenue('binance', { exchangeUrls: { binance: server.url }, timing }, { logger })
  server.answer('GET /api/v3/time', JSON.stringify({ serverTime: Date.now() + 90_000 }))
  await venue.clock.ready()
  expect(venue.clock.now() - Date.now()).toBeGreaterThan(80_000)
  venue.clock.distrust()
  await venue.clock.ready()
  server.answer('GET /api/v3/time', recorded.serverTime)
  expect(lines.filter((line) => line.includes("this host's clock differs"))).toHaveLength(1)
})

test('a cancel of what is gone is harmless, and one that fails is told', async () => {
  const cancel = () =>
    account.cancelOrder({ symbol: 'BTC/USDT', clientOrderId: CLIENT_ID, exchangeOrderId: '31' })
  server.answer('DELETE /api/v3/order', recorded.unknownOrder)
  await cancel()
  server.answer('DELETE /api/v3/order', { status: 503, body: '' })
  await expect(cancel()).rejects.toMatchObject({ kind: 'UNREACHABLE' })
  server.answer('DELETE /api/v3/order', {
    status: 400,
    body: '{"code":-2011,"msg":"This action is disabled on this account."}',
  })
  await expect(cancel()).rejects.toMatchObject({ kind: 'KEY_REFUSED' })
})

test.each<[string, number, Record<string, string>, string, number, number]>([
  ['seconds', 429, { 'retry-after': '7' }, 'Too much request weight used.', 7_000, 7_000],
  ['a date', 429, { 'retry-after': new Date(Date.now() + 90_000).toUTCString() }, 'x', 80_000, 90_000],
  [
    'three days',
    418,
    { 'retry-after': '259200' },
    'Way too much request weight used.',
    259_200_000,
    259_200_000,
  ],
  ['nothing', 429, {}, 'Too much request weight used.', 10_000, 60_000],
  ['nonsense', 429, { 'retry-after': 'soon' }, 'Too much request weight used.', 10_000, 60_000],
  [
    'a ban without a header',
    418,
    {},
    `Way too much request weight used; IP banned until ${Date.now() + 3_600_000}.`,
    3_590_000,
    3_600_000,
  ],
  ['a ban without a word', 418, {}, 'x', 120_000, 120_000],
])('a %s of waiting (HTTP %i) is kept to the full', async (_name, status, headers, msg, least, most) => {
  const refusal = await place({ status, headers, body: JSON.stringify({ code: -1003, msg }) })
  expect(refusal).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
  const before = server.asked(LOOK).length
  const error: unknown = await look(recorded.orderRow()).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ kind: 'RATE_LIMITED' })
  const wait = Object(error).retryAfterMs
  expect(wait).toBeGreaterThan(least - 5_000)
  expect(wait).toBeLessThanOrEqual(most)
  expect(server.asked(LOOK)).toHaveLength(before)
})
