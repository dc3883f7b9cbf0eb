import { describe, expect, test } from 'vitest'
import { plain } from '#trading/domain/money.ts'
import { ALL, CLIENT_ID, OPEN, TRADES, withRecordedBinance } from './recorded-account.fixture.ts'
import type { RecordedAnswer } from './recorded.fixture.ts'
import * as recorded from './recorded/binance.ts'

const { server, look } = withRecordedBinance()

describe('a look', () => {
  const trades = (...rows: string[]) => server().answer(TRADES, `[${rows.join(',')}]`)

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
      server().answer(TRADES, `[${recorded.tradeRow(7, '0', { qty })}]`)
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
    server().answer(TRADES, rows(501, 1500), rows(1, 1000), rows(1001, 1500))
    const before = server().asked(TRADES).length
    const found = await look(recorded.orderRow({ status: 'FILLED', origQty: '15', executedQty: '15' }))
    if (!found.found) throw new Error('not found')
    expect(found.fills.map((fill) => Number(fill.tradeId))).toEqual(
      Array.from({ length: 1500 }, (_, index) => index + 1),
    )
    const asked = server().asked(TRADES).slice(before)
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
    server().answer(OPEN, { status: 502, body: recorded.htmlPage })
    await expect(look(recorded.noSuchOrder)).rejects.toMatchObject({ kind: 'UNREACHABLE' })
    server().answer(OPEN, '[]')
    server().answer(ALL, `[${recorded.orderRow({ clientOrderId: 'x-another', orderId: 30 })}]`)
    expect(await look(recorded.noSuchOrder)).toEqual({ found: false })
    server().answer(ALL, `[${recorded.orderRow({ clientOrderId: CLIENT_ID, status: 'EXPIRED' })}]`)
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
    if (trade !== undefined) server().answer(TRADES, trade)
    await expect(look(answer)).rejects.toMatchObject({ name: 'VenueError', kind })
  })
})
