import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Money } from '../money.ts'
import { type Sandbox, startSandbox } from '../server.ts'
import { type Client, type Keys, makeClient } from '../testing/client.ts'
import { type FuturesClient, futuresOrderSchema, makeFutures } from '../testing/futures.ts'

let sandbox: Sandbox
let client: Client
let futures: FuturesClient
let keys: Keys
beforeAll(async () => {
  sandbox = await startSandbox({ limits: { perMinute: 1_000_000 } })
  client = makeClient(sandbox.url)
  futures = makeFutures(client)
})
beforeEach(async () => {
  await client.hold('BTCUSDT', '60000.00')
  keys = await futures.open('1000', 10)
})
afterAll(() => sandbox.close())

const limit = { type: 'LIMIT', timeInForce: 'GTC' }
const market = { type: 'MARKET' }

describe('before an order exists', () => {
  test.each([
    [-1102, { ...market, side: 'BUY' }],
    [-1102, { type: 'LIMIT', side: 'BUY', quantity: '0.01', price: '50000' }],
    [-1102, { type: 'STOP_MARKET', side: 'SELL', quantity: '0.01' }],
    [-1116, { type: 'STOP_LOSS', side: 'SELL', quantity: '0.01' }],
    [-1117, { ...market, side: 'LONG', quantity: '0.01' }],
    [-1121, { ...market, side: 'BUY', quantity: '0.01', symbol: 'ETHBTC' }],
    [-1111, { ...market, side: 'BUY', quantity: '0.0105' }],
    [-1111, { ...limit, side: 'BUY', quantity: '0.01', price: '59000.05' }],
    [-4005, { ...market, side: 'BUY', quantity: '121' }],
    [-4003, { ...market, side: 'BUY', quantity: '0' }],
    [-4164, { ...limit, side: 'BUY', quantity: '0.001', price: '40000' }],
    [-4016, { ...limit, side: 'BUY', quantity: '0.01', price: '69001' }],
    [-4024, { ...limit, side: 'SELL', quantity: '0.01', price: '50999' }],
    [-4061, { ...market, side: 'BUY', quantity: '0.01', positionSide: 'LONG' }],
    [-4015, { ...market, side: 'BUY', quantity: '0.01', newClientOrderId: 'x'.repeat(37) }],
    [-2019, { ...market, side: 'BUY', quantity: '0.17' }],
    [-2019, { ...limit, side: 'SELL', quantity: '0.17', price: '61000' }],
    [-2022, { ...market, side: 'SELL', quantity: '0.01', reduceOnly: 'true' }],
    [-2021, { type: 'STOP_MARKET', side: 'SELL', quantity: '0.01', stopPrice: '60000' }],
    [-2021, { type: 'TAKE_PROFIT_MARKET', side: 'SELL', quantity: '0.01', stopPrice: '59999' }],
    [-5021, { type: 'LIMIT', timeInForce: 'FOK', side: 'BUY', quantity: '0.01', price: '59000' }],
    [-5022, { type: 'LIMIT', timeInForce: 'GTX', side: 'BUY', quantity: '0.01', price: '60100' }],
  ])('%i refuses %o', async (code, order) => {
    expect(await futures.place(keys, order)).toMatchObject({ status: 400, body: { code } })
    const { body } = await client.control('GET', `/sandbox/futures/orders?account=${keys.apiKey}`)
    expect(body).toEqual([])
  })

  test('an id of an open order is refused, that of a done one is taken again', async () => {
    const order = { ...limit, side: 'BUY', quantity: '0.01', price: '59000', newClientOrderId: 'same' }
    expect((await futures.place(keys, order)).status).toBe(200)
    expect(await futures.place(keys, order)).toMatchObject({ body: { code: -4116 } })
    const named = { symbol: 'BTCUSDT', origClientOrderId: 'same' }
    expect(await client.signed(keys, 'DELETE', '/fapi/v1/order', named)).toMatchObject({
      body: { status: 'CANCELED', clientOrderId: 'same' },
    })
    expect(await client.signed(keys, 'DELETE', '/fapi/v1/order', named)).toMatchObject({
      body: { code: -2011, msg: 'Unknown order sent.' },
    })
    expect((await futures.place(keys, order)).status).toBe(200)
  })

  test('a market order is refused where the book is too far from the mark price', async () => {
    await futures.holdApart('mark', '51000.00')
    const order = { ...market, side: 'BUY', quantity: '0.01' }
    expect(await futures.place(keys, order)).toMatchObject({ body: { code: -4131 } })
    await futures.holdApart('mark', null)
    expect((await futures.place(keys, order)).status).toBe(200)
  })

  test('more than the leverage allows is refused', async () => {
    const rich = await futures.open('100000', 125)
    expect(await futures.place(rich, { ...market, side: 'BUY', quantity: '5.1' })).toMatchObject({
      body: { code: -2027 },
    })
    expect((await futures.place(rich, { ...market, side: 'BUY', quantity: '4.9' })).status).toBe(200)
  })

  test('a key without the right to futures, or to trade, gets nothing', async () => {
    for (const permissions of [{ canFutures: false }, { canTrade: false }]) {
      const poor = await client.openAccount({ permissions, futures: { USDT: '1000' } })
      expect(await futures.place(poor, { ...market, side: 'BUY', quantity: '0.01' })).toMatchObject({
        status: 401,
        body: { code: -2015 },
      })
    }
  })
})

describe('fills', () => {
  test('a market order takes from the book: trades, taker fee, margin, available balance', async () => {
    const order = await futures.market(keys, 'BUY', '0.01')
    // One tick of half a spread: 60,000 x 0.005 % = 3.
    expect(order).toMatchObject({ status: 'FILLED', type: 'MARKET' })
    expect(order.cumQuote.toString()).toBe('600.03')
    expect((await futures.trades(keys)).map((t) => [t.price, t.qty, t.commission].map(String))).toEqual([
      ['60003', '0.01', '0.300015'],
    ])
    const summary = await futures.summary(keys)
    expect(summary.totalWalletBalance.toString()).toBe('999.699985')
    expect(summary.totalPositionInitialMargin.toString()).toBe('60.003')
    expect(summary.availableBalance.toString()).toBe('939.696985')
    expect(await futures.position(keys)).toMatchObject({
      positionAmt: new Money('0.01'),
      entryPrice: new Money('60003'),
      unRealizedProfit: new Money('-0.03'),
      isolatedWallet: new Money('60.003'),
    })
  })

  test('an answer that asked for nothing more is an acknowledgement', async () => {
    const { body } = await futures.place(keys, { ...market, side: 'BUY', quantity: '0.01' })
    expect(futuresOrderSchema.parse(body)).toMatchObject({ status: 'NEW', executedQty: new Money(0) })
  })

  test('a resting order reserves its margin and fills as maker at its price', async () => {
    await futures.place(keys, {
      ...limit,
      side: 'SELL',
      quantity: '0.1',
      price: '61000',
      newClientOrderId: 'r',
    })
    // 6,100 / 10 and a taker's fee.
    expect((await futures.summary(keys)).totalOpenOrderInitialMargin.toString()).toBe('613.05')
    await client.hold('BTCUSDT', '61500.00')
    expect(await futures.order(keys, 'r')).toMatchObject({ status: 'FILLED' })
    const [trade] = await futures.trades(keys)
    expect([trade?.price, trade?.commission].map(String)).toEqual(['61000', '1.22'])
    expect(trade?.maker).toBe(true)
    expect((await futures.position(keys))?.positionAmt.toString()).toBe('-0.1')
    expect((await futures.summary(keys)).totalOpenOrderInitialMargin.toString()).toBe('0')
  })

  test('IOC takes what it can at its price and expires', async () => {
    const order = {
      type: 'LIMIT',
      timeInForce: 'IOC',
      side: 'BUY',
      quantity: '0.06',
      newOrderRespType: 'RESULT',
    }
    const some = await futures.place(keys, { ...order, price: '60003' })
    const done = futuresOrderSchema.parse(some.body)
    expect(done.status).toMatch(/FILLED|EXPIRED/)
    const none = await futures.place(keys, { ...order, price: '60000' })
    expect(none.body).toMatchObject({ status: 'EXPIRED', executedQty: '0.000' })
  })

  test('reduce-only never turns a position, and rests no longer than the position', async () => {
    await futures.market(keys, 'BUY', '0.02')
    await futures.place(keys, {
      ...limit,
      side: 'SELL',
      quantity: '0.02',
      price: '61000',
      reduceOnly: 'true',
      newClientOrderId: 'take',
    })
    const over = await futures.market(keys, 'SELL', '0.05', { reduceOnly: 'true' })
    expect(over).toMatchObject({ status: 'EXPIRED', executedQty: new Money('0.02') })
    expect(await futures.position(keys)).toBeUndefined()
    expect(await futures.order(keys, 'take')).toMatchObject({ status: 'EXPIRED' })
  })

  test('without reduce-only a larger order turns the position, its profit realised', async () => {
    await futures.market(keys, 'BUY', '0.01')
    await futures.market(keys, 'SELL', '0.03')
    const position = await futures.position(keys)
    expect([position?.positionAmt, position?.entryPrice].map(String)).toEqual(['-0.02', '59997'])
    const [realized] = await futures.income(keys, 'REALIZED_PNL')
    expect(realized?.income.toString()).toBe('-0.06')
  })
})

describe('conditional orders', () => {
  const stop = { type: 'STOP_MARKET', side: 'SELL', quantity: '0.02', reduceOnly: 'true' }

  test('a stop by the mark price fires by that only, at the price of the book', async () => {
    await futures.market(keys, 'BUY', '0.02')
    const order = { ...stop, stopPrice: '58000', workingType: 'MARK_PRICE', newClientOrderId: 's' }
    expect((await futures.place(keys, order)).body).toMatchObject({ status: 'NEW', origType: 'STOP_MARKET' })
    await futures.holdApart('futures', '57000.0')
    expect(await futures.order(keys, 's')).toMatchObject({ status: 'NEW', type: 'STOP_MARKET' })
    await futures.holdApart('futures', null)
    await futures.holdApart('mark', '57900.00')
    expect(await futures.order(keys, 's')).toMatchObject({ status: 'FILLED', type: 'MARKET' })
    const trades = await futures.trades(keys)
    expect(trades.at(-1)?.price.gt(59_900)).toBe(true)
    expect(await futures.position(keys)).toBeUndefined()
    await futures.holdApart('mark', null)
  })

  test('an algo order waits beside the book and becomes an order under its own id', async () => {
    await futures.market(keys, 'BUY', '0.02')
    const answer = await futures.placeAlgo(keys, { ...stop, triggerPrice: '59000', clientAlgoId: 'a' })
    expect(answer.body).toMatchObject({
      algoStatus: 'NEW',
      orderType: 'STOP_MARKET',
      actualOrderId: '',
      reduceOnly: true,
    })
    expect(await futures.get(keys, '/fapi/v1/openOrders', futuresOrderSchema.array())).toEqual([])
    expect((await client.signed(keys, 'GET', '/fapi/v1/openAlgoOrders')).body).toMatchObject([
      { clientAlgoId: 'a' },
    ])
    await client.hold('BTCUSDT', '58900.00')
    const fired = await futures.algo(keys, 'a')
    expect(fired.algoStatus).toBe('FINISHED')
    const order = await futures.order(keys, 'a')
    expect(String(order.orderId)).toBe(fired.actualOrderId)
    expect(order.status).toBe('FILLED')
    expect((await client.signed(keys, 'GET', '/fapi/v1/openAlgoOrders')).body).toEqual([])
    expect(
      (await client.signed(keys, 'GET', '/fapi/v1/allAlgoOrders', { symbol: 'BTCUSDT' })).body,
    ).toMatchObject([{ clientAlgoId: 'a', algoStatus: 'FINISHED' }])
  })

  test('an algo order can be cancelled once, its id not be used twice at a time', async () => {
    await futures.market(keys, 'BUY', '0.02')
    const order = { ...stop, triggerPrice: '59000', clientAlgoId: 'c' }
    await futures.placeAlgo(keys, order)
    expect(await futures.placeAlgo(keys, order)).toMatchObject({ body: { code: -4116 } })
    const cancel = () => client.signed(keys, 'DELETE', '/fapi/v1/algoOrder', { clientAlgoId: 'c' })
    expect(await cancel()).toMatchObject({ status: 200, body: { clientAlgoId: 'c', code: '200' } })
    expect(await cancel()).toMatchObject({ status: 400, body: { code: -2011 } })
    await client.hold('BTCUSDT', '58900.00')
    expect(await futures.algo(keys, 'c')).toMatchObject({ algoStatus: 'CANCELED', actualOrderId: '' })
    expect(await client.signed(keys, 'GET', '/fapi/v1/algoOrder', { clientAlgoId: 'no' })).toMatchObject({
      body: { code: -2013 },
    })
  })

  test('a stop outlives its position, as at Binance, and then comes to nothing', async () => {
    await futures.market(keys, 'BUY', '0.02')
    await futures.place(keys, { ...stop, stopPrice: '59000', newClientOrderId: 'old' })
    await futures.placeAlgo(keys, { ...stop, triggerPrice: '59000', clientAlgoId: 'alone' })
    await futures.market(keys, 'SELL', '0.02')
    expect(await futures.order(keys, 'old')).toMatchObject({ status: 'NEW' })
    await client.hold('BTCUSDT', '58900.00')
    expect(await futures.order(keys, 'old')).toMatchObject({ status: 'EXPIRED' })
    expect(await futures.algo(keys, 'alone')).toMatchObject({ algoStatus: 'REJECTED', actualOrderId: '' })
    expect(await futures.position(keys)).toBeUndefined()
  })

  test('closePosition closes whatever is there when it fires', async () => {
    await futures.market(keys, 'SELL', '0.02')
    const order = { type: 'STOP_MARKET', side: 'BUY', closePosition: 'true', triggerPrice: '61000' }
    expect((await futures.placeAlgo(keys, { ...order, clientAlgoId: 'all' })).status).toBe(200)
    await futures.market(keys, 'SELL', '0.01')
    await client.hold('BTCUSDT', '61100.00')
    expect((await futures.order(keys, 'all')).executedQty.toString()).toBe('0.03')
    expect(await futures.position(keys)).toBeUndefined()
  })
})

describe('settings', () => {
  const post = (path: string, parameters: Record<string, string | number>) =>
    client.signed(keys, 'POST', `/fapi/v1/${path}`, { symbol: 'BTCUSDT', ...parameters })

  test('leverage within the bracket only, not lowered under an isolated position', async () => {
    expect(await post('leverage', { leverage: 125 })).toMatchObject({
      body: { leverage: 125, maxNotionalValue: '300000' },
    })
    expect(await post('leverage', { leverage: 126 })).toMatchObject({
      body: { code: -4028, msg: 'Leverage 126 is not valid' },
    })
    expect(await post('leverage', { leverage: 0 })).toMatchObject({ body: { code: -4028 } })
    await futures.market(keys, 'BUY', '0.01')
    expect(await post('leverage', { leverage: 20 })).toMatchObject({ body: { code: -4161 } })
  })

  test('margin type only while flat and without orders; one-way mode only', async () => {
    expect(await post('marginType', { marginType: 'ISOLATED' })).toMatchObject({
      body: { code: -4046, msg: 'No need to change margin type.' },
    })
    await futures.place(keys, { ...limit, side: 'BUY', quantity: '0.01', price: '59000' })
    expect(await post('marginType', { marginType: 'CROSSED' })).toMatchObject({ body: { code: -4047 } })
    await client.signed(keys, 'DELETE', '/fapi/v1/allOpenOrders', { symbol: 'BTCUSDT' })
    await futures.market(keys, 'BUY', '0.01')
    expect(await post('marginType', { marginType: 'CROSSED' })).toMatchObject({ body: { code: -4048 } })
    await futures.market(keys, 'SELL', '0.01')
    expect(await post('marginType', { marginType: 'CROSSED' })).toMatchObject({ status: 200 })
    expect(await post('positionSide/dual', { dualSidePosition: 'false' })).toMatchObject({
      body: { code: -4059 },
    })
    expect(await post('positionSide/dual', { dualSidePosition: 'true' })).toMatchObject({
      body: { code: -4067 },
    })
  })

  test('exchangeInfo agrees with the leverage brackets', async () => {
    const { body: info } = await client.send('GET', '/fapi/v1/exchangeInfo')
    const { body: brackets } = await client.signed(keys, 'GET', '/fapi/v1/leverageBracket', {})
    expect(brackets).toMatchObject([
      {
        symbol: 'BTCUSDT',
        brackets: [{ initialLeverage: 125, maintMarginRatio: 0.004 }, {}, {}, {}, {}, {}, {}, {}],
      },
      { symbol: 'ETHUSDT' },
      { symbol: 'SOLUSDT' },
      { symbol: 'BNBUSDT' },
      { symbol: 'XRPUSDT' },
    ])
    expect(info).toMatchObject({
      symbols: [
        {
          symbol: 'BTCUSDT',
          contractType: 'PERPETUAL',
          requiredMarginPercent: '0.8000',
          maintMarginPercent: '0.4000',
          liquidationFee: '0.012500',
          filters: expect.arrayContaining([{ filterType: 'MIN_NOTIONAL', notional: '50' }]),
        },
        {},
        {},
        {},
        {},
      ],
    })
  })
})
