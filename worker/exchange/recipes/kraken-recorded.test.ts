import { describe, expect, test } from 'vitest'
import { plain, ZERO } from '#trading/domain/money.ts'
import { openOrdersAnswer as spotOpen, queryOrdersAnswer, tradesHistoryAnswer } from './kraken-shapes.ts'
import { orderOf } from './krakenfutures-history.ts'
import { accountLogAnswer, historyAnswer } from './krakenfutures-past-shapes.ts'
import { openOrdersAnswer, positionsAnswer, sentAnswer, statusAnswer, whole } from './krakenfutures-shapes.ts'

// Rows as Kraken wrote them: ccxt's public static fixtures (response/kraken.json, response/krakenfutures.json) and public test data of others.

describe('kraken', () => {
  const row = {
    ...{
      refid: null,
      userref: '0',
      starttm: '0',
      expiretm: '0',
      stopprice: '0.000000',
      limitprice: '0.000000',
    },
    ...{ misc: '', reason: null, closetm: '1705260547.4728658', vol: '0.10000000' },
  }
  const descr = { pair: 'LTCUSDT', leverage: 'none', close: '' }

  test('a market order that is closed, with its trades', () => {
    const [found] = queryOrdersAnswer.parse({
      error: [],
      result: {
        'OGMZCL-KC6MC-ZRBGM6': {
          ...row,
          ...{ status: 'closed', opentm: '1705260547.472000', vol_exec: '0.10000000', cost: '7.105741' },
          ...{ fee: '0.018475', price: '71.05741', oflags: 'fciq', trades: ['TWA6QJ-ZO4EM-6QIHQJ'] },
          descr: { ...descr, type: 'buy', ordertype: 'market', price: '0', price2: '0' },
        },
      },
    })
    expect(found).toMatchObject({
      ...{ pair: 'LTCUSDT', trades: ['TWA6QJ-ZO4EM-6QIHQJ'], feeInBase: false },
      order: {
        exchangeOrderId: 'OGMZCL-KC6MC-ZRBGM6',
        side: 'BUY',
        status: 'FILLED',
        price: null,
        clientOrderId: null,
      },
    })
    expect(found?.order.createdAt.toISOString()).toBe('2024-01-14T19:29:07.472Z')
    expect(plain(found?.order.averagePrice ?? ZERO)).toBe('71.05741')
  })

  test('a stop with its trigger first and its limit second; prices of other kinds are no prices', () => {
    const open = {
      ...row,
      ...{
        status: 'open',
        opentm: '1705260464.9731748',
        vol_exec: '0.00000000',
        cost: '0.000000',
        oflags: 'fciq',
      },
    }
    const found = spotOpen.parse({
      error: [],
      result: {
        open: {
          'OIIQBL-6PV3A-7M2AJJ': {
            ...open,
            descr: {
              ...descr,
              type: 'sell',
              ordertype: 'stop-loss-limit',
              price: '55.00000',
              price2: '54.00000',
            },
          },
          'OF7S76-H2IMS-N2ML4U': {
            ...open,
            descr: { ...descr, type: 'buy', ordertype: 'trailing-stop', price: '+50.0000%', price2: '0' },
          },
        },
      },
    })
    expect(found.map(({ order }) => [order.status, order.stopPrice, order.price].map(String))).toEqual([
      ['OPEN', '55', '54'],
      ['OPEN', 'null', 'null'],
    ])
  })

  test('trades whose times are numbers', () => {
    const [trade] = tradesHistoryAnswer.parse({
      error: [],
      result: {
        count: 1,
        trades: {
          'TCCCTY-WJ6EO-4FP4VZ': {
            ...{
              ordertxid: 'O26VBY-ISGAE-JP5TLU',
              postxid: 'TKH2SE-M7IF5-CFI7LT',
              pair: 'XBTUSDT',
              time: 1688585840.8921,
            },
            ...{
              type: 'buy',
              ordertype: 'limit',
              price: '29500.50',
              cost: '14750.25',
              fee: '23.60',
              vol: '0.50000000',
            },
            ...{ margin: '0.00000', misc: '', trade_id: 1001, maker: true, ledgers: ['L4UESK-KG3EQ-BJM7HJ'] },
          },
        },
      },
    })
    expect(trade).toMatchObject({
      tradeId: 'TCCCTY-WJ6EO-4FP4VZ',
      exchangeOrderId: 'O26VBY-ISGAE-JP5TLU',
      side: 'BUY',
    })
    expect(trade?.executedAt.toISOString()).toBe('2023-07-05T19:37:20.892Z')
  })
})

describe('krakenfutures', () => {
  const order = {
    ...{ uid: '7e10f528-17e3-4b15-a9f2-1a327d509cd6', accountUid: '406142dd-7c5c-4a8b-acbc-5f16eca30009' },
    ...{
      tradeable: 'PF_LTCUSD',
      direction: 'Buy',
      timestamp: '1707331402406',
      orderType: 'IoC',
      clientId: '',
    },
    ...{ reduceOnly: false, lastUpdateTimestamp: '1707331402406' },
  }
  const element = (event: object) => ({
    uid: '43067af0-41e2-4c9b-b35e-fe238d6fba72',
    timestamp: '1707331402406',
    event,
  })

  test('an order that was filled as it came has nothing left', () => {
    const { events, next } = historyAnswer.parse({
      elements: [
        element({
          OrderPlaced: {
            order: { ...order, quantity: '0', filled: '0.1', limitPrice: '68.9600' },
            ...{ reason: 'new_user_order', reducedQuantity: '', algoId: '' },
          },
        }),
      ],
      ...{
        accountUid: order.accountUid,
        len: '1',
        continuationToken: 'MTcwNzMzMDk5NTA5Mi8xMzQ0NTIxMDM0MzA=',
      },
    })
    const found = orderOf(events)
    expect(found).toMatchObject({ status: 'FILLED', side: 'BUY', clientOrderId: null, stopPrice: null })
    expect([found?.amount, found?.filled].map((value) => plain(value ?? ZERO))).toEqual(['0.1', '0.1'])
    expect(next).not.toBeNull()
  })

  test('a stop that was placed, and cancelled by a person', () => {
    const trigger = {
      ...order,
      ...{
        quantity: '0.001',
        limitPrice: '',
        triggerOptions: { triggerPrice: '3002.5', triggerSignal: 'MarkPrice', triggerSide: 'Below' },
      },
    }
    const placed = element({
      OrderTriggerPlaced: { order: trigger, reason: 'new_user_order', origin: 'Pro UI' },
    })
    const cancelled = element({
      OrderTriggerCancelled: { order: trigger, reason: 'cancelled_by_user', origin: 'Pro UI' },
    })
    const read = (...elements: object[]) => orderOf(historyAnswer.parse({ elements, len: '2' }).events)
    expect(read(placed)).toMatchObject({ status: 'OPEN', price: null })
    expect(String(read(placed)?.stopPrice)).toBe('3002.5')
    expect(read(placed, cancelled)?.status).toBe('CANCELED')
    const activated = element({ OrderTriggerActivated: { order: trigger } })
    expect(read(placed, activated)?.status).toBe('OPEN')
    const filled = element({
      OrderPlaced: {
        order: { ...order, quantity: '0', filled: '0.001', limitPrice: '2972.5' },
        reason: 'new_user_order',
      },
    })
    expect(read(placed, activated, filled)).toMatchObject({ status: 'FILLED', price: null })
  })

  test('events of a kind that nobody knows are about no order of ours', () => {
    expect(historyAnswer.parse({ elements: [element({ OrderNotFound: { orderId: 'x' } })] }).events).toEqual(
      [],
    )
  })

  test('an answer to an order, an open order, a status, a position and the account’s log', () => {
    const prior = {
      ...{
        orderId: 'a133a4f9-254d-4806-8176-9acc936b6944',
        cliOrdId: null,
        type: 'ioc',
        symbol: 'PF_XBTUSD',
        side: 'buy',
      },
      ...{
        quantity: 0.001,
        filled: 0,
        limitPrice: 67261.0,
        reduceOnly: false,
        timestamp: '2026-03-02T06:10:31.954Z',
      },
      lastUpdateTimestamp: '2026-03-02T06:10:31.954Z',
    }
    const execution = {
      type: 'EXECUTION',
      executionId: '403bf49f',
      price: 66596.0,
      amount: 0.001,
      orderPriorEdit: null,
    }
    expect(
      sentAnswer.parse({
        ...{ result: 'success', serverTime: '2026-03-02T06:10:31.955Z' },
        sendStatus: {
          ...{ status: 'placed', order_id: prior.orderId, receivedTime: '2026-03-02T06:10:31.954Z' },
          orderEvents: [{ ...execution, orderPriorExecution: prior, takerReducedQuantity: null }],
        },
      }).sendStatus.order_id,
    ).toBe(prior.orderId)

    const [open] = openOrdersAnswer.parse({
      result: 'success',
      openOrders: [
        {
          ...{
            order_id: '7a9f8b3e',
            symbol: 'PI_XBTUSD',
            side: 'sell',
            orderType: 'lmt',
            limitPrice: 28500.0,
          },
          ...{ unfilledSize: 5000.0, receivedTime: '2023-04-07T14:30:15.123Z', status: 'partiallyFilled' },
          ...{
            filledSize: 2000.0,
            reduceOnly: true,
            lastUpdateTime: '2023-04-07T15:00:00.456Z',
            cli_ord_id: 'mine',
          },
        },
      ],
    })
    const resting = open === undefined ? null : whole(open)
    expect(resting).toMatchObject({ clientOrderId: 'mine', status: 'PARTIALLY_FILLED' })
    expect(plain(resting?.amount ?? ZERO)).toBe('7000')

    const [status] = statusAnswer.parse({
      result: 'success',
      orders: [
        {
          order: {
            ...{
              type: 'ORDER',
              orderId: '5f6d15a5',
              cliOrdId: 'held',
              symbol: 'PF_XBTUSD',
              side: 'buy',
              quantity: 0.001,
            },
            ...{
              filled: 0.0004,
              limitPrice: 70000.0,
              reduceOnly: false,
              timestamp: '2026-09-12T04:05:06.100Z',
            },
            ...{ lastUpdateTimestamp: '2026-09-12T04:05:06.300Z', algoId: null, priceTriggerOptions: null },
          },
          ...{ status: 'CANCELLED', updateReason: 'PARTIAL_FILL', error: null },
        },
      ],
    })
    // Whether 0.001 is what it was or what is left: not said, so not taken for either.
    expect(status?.order.status).toBe('CANCELED')
    expect(status === undefined ? null : whole(status)).toBeNull()

    const [position] = positionsAnswer.parse({
      openPositions: [
        {
          ...{
            side: 'long',
            symbol: 'pf_ftmusd',
            price: '0.4921',
            fillTime: '2023-02-22T11:37:16.685Z',
            size: '1',
          },
          ...{ unrealizedFunding: '-8.155240068885155E-8', pnlCurrency: 'USD', maxFixedLeverage: '1.0' },
        },
      ],
    })
    expect([position?.side, position?.size, position?.maxFixedLeverage].map(String)).toEqual([
      'BUY',
      '1',
      '1',
    ])

    const [log] = accountLogAnswer.parse({
      logs: [
        {
          ...{
            asset: 'usd',
            contract: 'pf_dogeusd',
            booking_uid: '124f43a6',
            collateral: null,
            date: '2026-09-17T12:00:00.000Z',
          },
          ...{ execution: null, fee: 0, funding_rate: 9.288451412e-7, id: 16, info: 'funding rate change' },
          ...{ margin_account: 'flex', new_balance: 0, old_balance: 0.0002, realized_funding: -0.0002 },
        },
      ],
    })
    expect(plain(log?.realized_funding ?? ZERO)).toBe('-0.0002')
  })
})
