import { afterAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import type { OrderRequest } from '#trading/domain/exchange.ts'
import { decimal, plain } from '#trading/domain/money.ts'
import { newClientOrderId } from '#trading/store/client-order-ids.ts'
import { type FakeAccount, makeFakeBench } from './testing/fake-account.ts'
import { KRAKEN_KEY, KRAKEN_MARKET, krakenDialect } from './testing/kraken.ts'

const { symbol } = KRAKEN_MARKET
const ADD = 'POST /0/private/AddOrder'
const parts = {
  exchange: 'kraken',
  credentials: { ...KRAKEN_KEY, passphrase: null },
  markets: [KRAKEN_MARKET],
  balances: { USD: '10000' },
  dialect: () => krakenDialect(),
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
  clientOrderId: newClientOrderId('kraken'),
  signedAt: Date.now(),
  recvWindowMs: 5000,
  timeoutMs: 1000,
  ...more,
})
const find = (clientOrderId: string, exchangeOrderId: string | null = null) =>
  fake.account.findOrder({ symbol, clientOrderId, exchangeOrderId, since: begun })
const said = (...error: string[]) => ({ body: { error } })

describe('what became of an order that was not answered as it should', () => {
  test.each(['DROP', 'HANG', 'FAIL_AFTER'] as const)(
    '%s after it was accepted: UNKNOWN, and a look finds it whole',
    async (fault) => {
      fake.venue.fault(ADD, fault)
      const sent = request({ timeoutMs: 300 })
      expect(await fake.account.placeOrder(sent)).toMatchObject({ kind: 'UNKNOWN' })
      const found = await find(sent.clientOrderId)
      expect(found).toMatchObject({
        found: true,
        order: { status: 'FILLED', clientOrderId: sent.clientOrderId },
      })
      expect(fake.venue.core.orders).toHaveLength(1)
    },
  )

  test('a server error before it was: UNKNOWN, and no look finds it', async () => {
    fake.venue.fault(ADD, 'FAIL_BEFORE')
    const sent = request()
    expect(await fake.account.placeOrder(sent)).toMatchObject({ kind: 'UNKNOWN' })
    expect(await find(sent.clientOrderId)).toEqual({ found: false })
  })

  test.each([
    ['EOrder:Insufficient funds', 'BALANCE_INSUFFICIENT'],
    ['EOrder:Order minimum not met', 'ORDER_INVALID'],
    ['EOrder:Cost minimum not met', 'ORDER_INVALID'],
    ['EGeneral:Invalid arguments:volume', 'ORDER_INVALID'],
    ['EOrder:Invalid price:Invalid price argument', 'ORDER_INVALID'],
    ['EQuery:Unknown asset pair', 'MARKET_CLOSED'],
    ['EService:Market in cancel_only mode', 'MARKET_CLOSED'],
    ['EAPI:Invalid key', 'KEY_REFUSED'],
    ['EAPI:Invalid signature', 'KEY_REFUSED'],
    ['EGeneral:Permission denied', 'KEY_REFUSED'],
    ['EAPI:Invalid nonce', 'CLOCK_SKEW'],
  ])('"%s" proves a refusal: %s', async (word, code) => {
    fake.venue.answers(ADD, said(word))
    expect(await fake.account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code })
  })

  test.each([
    ['EService:Unavailable'],
    ['EService:Busy'],
    ['EService:Timeout'],
    ['EService:Deadline elapsed'],
    ['EGeneral:Internal error'],
    ['EDatabase:Internal error'],
    ['EOrder:Unknown order'],
    ['EOrder:Something new'],
    ['EOrder:Insufficient funds', 'EService:Timeout'],
  ])('%s proves nothing', async (...words) => {
    fake.venue.answers(ADD, said(...words))
    expect(await fake.account.placeOrder(request())).toMatchObject({ kind: 'UNKNOWN' })
  })

  test('an answer that names no order, or two, is none', async () => {
    for (const result of [{}, { txid: [] }, { txid: ['OA', 'OB'] }]) {
      fake.venue.answers(ADD, { body: { error: [], result } })
      expect(await fake.account.placeOrder(request())).toMatchObject({ kind: 'UNKNOWN' })
    }
  })

  test('a client id that was used: no second order, and nothing is proven', async () => {
    const sent = request()
    expect(await fake.account.placeOrder(sent)).toMatchObject({ kind: 'ACCEPTED' })
    expect(await fake.account.placeOrder(sent)).toMatchObject({ kind: 'UNKNOWN' })
    expect(fake.venue.core.orders).toHaveLength(1)
  })

  test('accepted, and not shown yet: its number is evidence, and the look after finds it', async () => {
    fake.venue.core.hideNext(1_500)
    const sent = request()
    const result = await fake.account.placeOrder(sent)
    expect(result).toMatchObject({ kind: 'ACCEPTED', order: { status: 'OPEN' }, fills: null })
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    const id = result.kind === 'ACCEPTED' ? result.order.exchangeOrderId : null
    expect(await find(sent.clientOrderId, id)).toMatchObject({
      found: true,
      order: { status: 'FILLED', exchangeOrderId: id },
    })
  })

  test('a status that nobody knows is not read', async () => {
    fake.venue.core.nextIsOdd('suspended')
    const sent = request()
    expect(await fake.account.placeOrder(sent)).toMatchObject({ kind: 'ACCEPTED', fills: null })
    await expect(find(sent.clientOrderId)).rejects.toMatchObject({ kind: 'UNREADABLE' })
  })
})

test('an order that fills in parts is told with what is filled, and whole in the end', async () => {
  const { finish } = fake.venue.core.fillNextInParts()
  const sent = request()
  expect(await fake.account.placeOrder(sent)).toMatchObject({
    kind: 'ACCEPTED',
    order: { status: 'PARTIALLY_FILLED' },
  })
  const early = await find(sent.clientOrderId)
  expect(early.found && early.fills.map(({ amount }) => plain(amount))).toEqual(['0.006'])
  finish()
  const late = await find(sent.clientOrderId)
  expect(late).toMatchObject({ found: true, order: { status: 'FILLED' } })
  const sum = late.found ? late.fills.reduce((all, { amount }) => all.plus(amount), decimal(0)) : null
  expect(sum?.toString()).toBe('0.01')
})

test('trades that do not add up to what was filled are no answer', async () => {
  const sent = request()
  await fake.account.placeOrder(sent)
  const none = { body: { error: [], result: {} } }
  fake.venue.answers('POST /0/private/QueryTrades', none, none, none)
  await expect(find(sent.clientOrderId)).rejects.toMatchObject({ kind: 'UNREADABLE' })
})

test('what an order says: its id as Kraken takes it, the fee in quote currency, and its last moment by Kraken’s clock', async () => {
  const sent = request({ terms: { type: 'LIMIT_IOC', price: decimal('60100.5') } })
  await fake.account.placeOrder(sent)
  const asked = new URLSearchParams(fake.venue.asked(ADD).at(-1)?.body)
  expect(Object.fromEntries(asked)).toMatchObject({
    ...{
      pair: 'XXBTZUSD',
      type: 'buy',
      ordertype: 'limit',
      timeinforce: 'IOC',
      price: '60100.5',
      volume: '0.01',
    },
    ...{ cl_ord_id: sent.clientOrderId, oflags: 'fciq' },
  })
  expect(sent.clientOrderId).toMatch(/^[0-9a-f]{32}$/)
  const deadline = Date.parse(asked.get('deadline') ?? '')
  expect(deadline).toBeGreaterThan(Date.now())
  expect(deadline).toBeLessThanOrEqual(Date.now() + 5_000)
  // Of another form: never sent.
  expect(await fake.account.placeOrder(request({ clientOrderId: `tb${'0'.repeat(32)}` }))).toMatchObject({
    kind: 'REFUSED',
    code: 'NOT_SENT',
  })
})

test('a fee is what the order said: in base currency where it was so', async () => {
  const sent = request()
  const placed = await fake.account.placeOrder(sent)
  const id = placed.kind === 'ACCEPTED' ? placed.order.exchangeOrderId : ''
  const row = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', price: '0', price2: '0' }
  const order = {
    status: 'closed',
    opentm: Date.now() / 1000,
    vol: '0.01',
    vol_exec: '0.01',
    cost: '600.0004',
    trades: [],
  }
  fake.venue.answers('POST /0/private/QueryOrders', {
    body: {
      error: [],
      result: { [id]: { ...order, cl_ord_id: sent.clientOrderId, descr: row, oflags: 'fcib' } },
    },
  })
  const trades = await fake.account.fetchTrades(symbol, begun)
  expect(trades.map(({ feeCurrency }) => feeCurrency)).toEqual(['BTC', 'BTC'])
})

test('balances: what earns and can be traded counts, what is locked up does not', async () => {
  fake.venue.answers('POST /0/private/BalanceEx', {
    body: {
      error: [],
      result: {
        XXBT: { balance: '0.5', hold_trade: '0.1' },
        'XBT.F': { balance: '0.25', hold_trade: '0' },
        'XBT.S': { balance: '7', hold_trade: '0' },
        ZUSD: { balance: '200.5', hold_trade: '0' },
      },
    },
  })
  const balances = await fake.account.fetchBalance('SPOT')
  expect([...balances].map(([asset, { free, total }]) => [asset, plain(free), plain(total)])).toEqual([
    ['BTC', '0.65', '0.75'],
    ['USD', '200.5', '200.5'],
  ])
})

test('a key’s rights are read; one that may not trade is told so', async () => {
  fake.venue.answers('POST /0/private/GetApiKeyInfo', {
    body: { error: [], result: { permissions: ['query-funds', 'query-open-trades', 'withdraw-funds'] } },
  })
  expect(await fake.account.probeRights()).toEqual({ canTrade: false, canTransfer: null, canWithdraw: true })
})

describe('nonces', () => {
  test('calls made at once arrive in the order of theirs, orders among them', async () => {
    const before = fake.venue.asked('POST /0/private/BalanceEx').length
    const looks = Array.from({ length: 6 }, () => fake.account.fetchBalance('SPOT'))
    const placed = fake.account.placeOrder(request())
    await Promise.all(looks)
    expect(await placed).toMatchObject({ kind: 'ACCEPTED' })
    expect(fake.venue.asked('POST /0/private/BalanceEx').length - before).toBe(6)
  })

  test('a look whose nonce came too late is repeated with another', async () => {
    fake.venue.fault('POST /0/private/OpenOrders', 'CLOCK')
    expect(await find(newClientOrderId('kraken'))).toEqual({ found: false })
  })
})

describe('what Kraken wants to be left alone for', () => {
  const own = makeFakeBench(parts)
  afterAll(() => own.close())
  test('too many calls: an order is refused for that, and the next is not sent', async () => {
    const { account, venue } = await own.open()
    await account.prepare(symbol)
    venue.answers(ADD, said('EAPI:Rate limit exceeded'))
    expect(await account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
    expect(await account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
    await expect(account.fetchBalance('SPOT')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
    expect(venue.core.orders).toEqual([])
    await account.close()
  })
})
