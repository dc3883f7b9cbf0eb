import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Money } from '../money.ts'
import { type Sandbox, startSandbox } from '../server.ts'
import { type Client, type Keys, makeClient } from '../testing/client.ts'
import { checkFuturesBooks, type FuturesClient, futuresOrderSchema, makeFutures } from '../testing/futures.ts'

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
  keys = await futures.open('1000', 20)
})
afterAll(() => sandbox.close())

const forced = (of: Keys) => futures.get(of, '/fapi/v1/forceOrders', futuresOrderSchema.array())
const wallet = async () => (await futures.summary(keys)).totalWalletBalance.toString()

describe('liquidation', () => {
  test('by hand: closed at the mark price, the fee from what margin is left, the rest returned', async () => {
    await futures.market(keys, 'BUY', '0.01')
    // Entered at 60,003: margin 30.0015, liquidated at (600.03 - 30.0015) / (0.01 x 0.996).
    expect((await futures.position(keys))?.liquidationPrice.toString()).toBe('57231.77710843')
    await futures.holdApart('mark', '57231.80')
    expect(await futures.position(keys)).toBeDefined()
    await futures.holdApart('mark', '57231.70')
    expect(await futures.position(keys)).toBeUndefined()

    const [order] = await forced(keys)
    expect(order?.clientOrderId).toMatch(/^autoclose-/)
    expect(order).toMatchObject({ status: 'FILLED', type: 'LIMIT', side: 'SELL', avgPrice: '57231.70000000' })
    const trade = (await futures.trades(keys)).at(-1)
    // 572.317 - 600.03; what is left of the margin is 2.2885, less than the fee of 1.25 % (7.15).
    expect([trade?.price, trade?.realizedPnl, trade?.commission].map(String)).toEqual([
      '57231.7',
      '-27.713',
      '0',
    ])
    const [fee] = await futures.income(keys, 'INSURANCE_CLEAR')
    expect(fee?.income.toString()).toBe('-2.2885')
    // 1,000 - 0.300015 (entry fee) - 30.0015 (the margin, all of it).
    expect(await wallet()).toBe('969.698485')
    await checkFuturesBooks(client, futures, keys, '1000')
  })

  test('prices set within one millisecond are each seen at once, and what rests is judged by each', async () => {
    await futures.holdApart('mark', null)
    await futures.market(keys, 'BUY', '0.01')
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    await client.hold('BTCUSDT', '61000.00')
    await futures.holdApart('mark', '60500.00')
    await futures.holdApart('mark', null)
    expect(await futures.position(keys)).toMatchObject({ markPrice: '61000.00000000' })
    await client.hold('BTCUSDT', '47000.00')
    await client.hold('BTCUSDT', '60000.00')
    expect(await forced(keys)).toMatchObject([{ status: 'FILLED', side: 'SELL' }])
    vi.setSystemTime(Date.now() + 1)
    const { body } = await client.send('GET', '/fapi/v1/premiumIndex?symbol=BTCUSDT')
    expect(body).toMatchObject({ markPrice: '60000.00000000', indexPrice: '60000.00000000' })
  })

  test('a short one at 1x is liquidated only far above, and the wallet beside its margin is untouched', async () => {
    const rich = await futures.open('100000', 1)
    await futures.market(rich, 'SELL', '1')
    // (59,997 x 2) / 1.004, less what the book's depth cost.
    expect((await futures.position(rich))?.liquidationPrice.gt(119_000)).toBe(true)
    await futures.holdApart('mark', '119000.00')
    expect(await futures.position(rich)).toBeDefined()
    await futures.holdApart('mark', '119700.00')
    expect(await futures.position(rich)).toBeUndefined()
    // The rest of the margin is less than the fee of 1.25 %; the wallet beside it is untouched.
    expect((await futures.summary(rich)).totalWalletBalance.gt(39_900)).toBe(true)
    await futures.holdApart('mark', null)
    await checkFuturesBooks(client, futures, rich, '100000')
  })

  test('over a gap never worse than the bankruptcy price: only the margin is lost', async () => {
    await futures.market(keys, 'SELL', '0.01')
    await client.hold('BTCUSDT', '90000.00')
    expect(await futures.position(keys)).toBeUndefined()
    const trade = (await futures.trades(keys)).at(-1)
    // 59,997 x 1.05 is 62,996.85; on the tick, in the account's favour.
    expect(trade?.price.toString()).toBe('62996.8')
    const lost = new Money(1000).minus('0.299985').minus('29.9985')
    expect(await wallet()).toBe(lost.toString())
    await checkFuturesBooks(client, futures, keys, '1000')
  })

  test('all orders of the symbol are cancelled with it, and a stop passed by the same gap is too late', async () => {
    await futures.market(keys, 'BUY', '0.01')
    const stop = { type: 'STOP_MARKET', side: 'SELL', quantity: '0.01', reduceOnly: 'true' }
    await futures.placeAlgo(keys, {
      ...stop,
      triggerPrice: '58000',
      workingType: 'MARK_PRICE',
      clientAlgoId: 'g',
    })
    await futures.place(keys, { ...stop, stopPrice: '58000', newClientOrderId: 's' })
    const take = { type: 'LIMIT', timeInForce: 'GTC', side: 'SELL', quantity: '0.01', price: '61000' }
    await futures.place(keys, { ...take, reduceOnly: 'true', newClientOrderId: 't' })
    await client.hold('BTCUSDT', '57000.00')
    expect(await forced(keys)).toHaveLength(1)
    expect(await futures.algo(keys, 'g')).toMatchObject({ algoStatus: 'CANCELED' })
    for (const id of ['s', 't']) expect(await futures.order(keys, id)).toMatchObject({ status: 'CANCELED' })
  })

  test('a crossed position has the whole wallet behind it', async () => {
    const crossed = await client.openAccount({ futures: { USDT: '1000' } })
    await futures.market(crossed, 'BUY', '0.1')
    const position = await futures.position(crossed)
    // (6,000 - 997) / (0.1 x 0.996)
    expect(position?.liquidationPrice.toNumber()).toBeCloseTo(50_234, -1)
    await client.hold('BTCUSDT', '52000.00')
    expect(await futures.position(crossed)).toBeDefined()
    expect((await futures.summary(crossed)).availableBalance.lt(1)).toBe(true)
    await client.hold('BTCUSDT', '50000.00')
    expect(await futures.position(crossed)).toBeUndefined()
    expect((await futures.summary(crossed)).totalWalletBalance.gte(0)).toBe(true)
  })
})

describe('funding', () => {
  test('by hand: longs pay shorts by the mark price; isolated margins and liquidation prices bear it', async () => {
    const other = await futures.open('1000', 20)
    await futures.market(keys, 'BUY', '0.1')
    await futures.market(other, 'SELL', '0.1')
    const before = await futures.position(keys)
    await futures.holdApart('mark', '61000.00')
    expect((await futures.fund('0.0003')).body).toMatchObject({
      fundingRate: '0.00030000',
      markPrice: '61000.00000000',
    })
    // 0.1 x 61,000 x 0.0003
    const paid = await futures.income(keys, 'FUNDING_FEE')
    expect(paid.map((row) => row.income.toString())).toEqual(['-1.83'])
    expect((await futures.income(other, 'FUNDING_FEE')).map((row) => row.income.toString())).toEqual(['1.83'])
    const after = await futures.position(keys)
    expect(before?.isolatedWallet.minus(after?.isolatedWallet ?? 0).toString()).toBe('1.83')
    expect(after?.liquidationPrice.gt(before?.liquidationPrice ?? 0)).toBe(true)
    await futures.fund('-0.0001')
    expect((await futures.income(keys, 'FUNDING_FEE')).map((row) => row.income.toString())).toEqual([
      '-1.83',
      '0.61',
    ])
    await checkFuturesBooks(client, futures, keys, '1000')
    await futures.holdApart('mark', null)
  })

  test('rates are shown ahead, kept in history, and every eight hours in the past', async () => {
    await futures.fund('0.00042')
    const { body } = await client.send('GET', '/fapi/v1/fundingRate?symbol=BTCUSDT&limit=4')
    if (!Array.isArray(body)) throw new Error('no history')
    expect(body.at(-1)).toMatchObject({ fundingRate: '0.00042000', markPrice: '60000.00000000' })
    const times = body.map((row) => Number(row.fundingTime)).filter((time) => time % 28_800_000 === 0)
    expect(times.length).toBeGreaterThan(0)
    const week = Date.now() - 7 * 86_400_000
    const paged = await client.send('GET', `/fapi/v1/fundingRate?symbol=ETHUSDT&startTime=${week}&limit=1000`)
    expect(paged.body).toHaveLength(21)
    const { body: premium } = await client.send('GET', '/fapi/v1/premiumIndex?symbol=BTCUSDT')
    expect(premium).toMatchObject({
      markPrice: '60000.00000000',
      lastFundingRate: expect.stringMatching(/^-?0\.000/),
    })
  })

  test.each([
    [{ symbol: 'ETHBTC' }],
    [{ symbol: 'BTCUSDT', rate: 0.1 }],
    [{ symbol: 'BTCUSDT', rate: '2' }],
    [{}],
  ])('%o is refused', async (body) => {
    expect((await client.control('POST', '/sandbox/funding', body)).status).toBe(400)
  })
})

test('the mark price is not the last price, and each can be held apart', async () => {
  await client.hold('ETHUSDT', null)
  const look = async () => {
    const { body } = await client.send('GET', '/fapi/v1/premiumIndex?symbol=ETHUSDT')
    const { body: last } = await client.send('GET', '/fapi/v1/ticker/price?symbol=ETHUSDT')
    return {
      mark: /"markPrice":"([^"]+)/.exec(JSON.stringify(body))?.[1],
      last: /"price":"([^"]+)/.exec(JSON.stringify(last))?.[1],
    }
  }
  const free = await look()
  expect(Number(free.mark)).not.toBe(Number(free.last))
  await client.control('POST', '/sandbox/price', { symbol: 'ETHUSDT', market: 'mark', price: '3000.1234' })
  await client.hold('ETHUSDT', '3100.00')
  expect(await look()).toEqual({ mark: '3000.12340000', last: '3100.00' })
  await client.control('POST', '/sandbox/price', { symbol: 'ETHUSDT', market: 'mark', price: null })
  expect(await look()).toEqual({ mark: '3100.00000000', last: '3100.00' })
  await client.hold('ETHUSDT', null)
  expect((await look()).last).not.toBe('3100.00')
  const none = { symbol: 'ETHBTC', market: 'mark', price: '1' }
  expect((await client.control('POST', '/sandbox/price', none)).status).toBe(400)
})
