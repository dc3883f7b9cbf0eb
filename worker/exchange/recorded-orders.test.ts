import { describe, expect, test } from 'vitest'
import { decimal, plain } from '#trading/domain/money.ts'
import { CLIENT_ID, PLACE, withRecordedBinance } from './recorded-account.fixture.ts'
import type { RecordedAnswer } from './recorded.fixture.ts'
import * as recorded from './recorded/binance.ts'

const { server, account, place } = withRecordedBinance()

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
    const sent = server().asked(PLACE).at(-1)
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
    expect(Object.fromEntries(server().asked(PLACE).at(-1) ?? [])).toMatchObject({
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
    { status: 408, body: '{"code":-1007,"msg":"Timeout waiting for response from backend server()."}' },
  ],
  ['a redirect', { status: 302, headers: { location: 'https://elsewhere.test/' } }],
])('placing that is answered with %s is UNKNOWN', async (_name, answer) => {
  expect(await place(answer)).toMatchObject({ kind: 'UNKNOWN' })
})

test('a cancel of what is gone is harmless, and one that fails is told', async () => {
  const cancel = () =>
    account().cancelOrder({ symbol: 'BTC/USDT', clientOrderId: CLIENT_ID, exchangeOrderId: '31' })
  server().answer('DELETE /api/v3/order', recorded.unknownOrder)
  await cancel()
  server().answer('DELETE /api/v3/order', { status: 503, body: '' })
  await expect(cancel()).rejects.toMatchObject({ kind: 'UNREACHABLE' })
  server().answer('DELETE /api/v3/order', {
    status: 400,
    body: '{"code":-2011,"msg":"This action is disabled on this account."}',
  })
  await expect(cancel()).rejects.toMatchObject({ kind: 'KEY_REFUSED' })
})
