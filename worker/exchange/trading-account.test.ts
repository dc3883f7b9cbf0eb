import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '#sandbox/server.ts'
import type { OrderRequest, TradingAccount } from '#trading/domain/exchange.ts'
import { decimal, plain } from '#trading/domain/money.ts'
import { control, openSandboxAccount, settingsFor, type SandboxAccount } from './sandbox.fixture.ts'
import { sumOf } from './binance-shapes.ts'
import { makeVenues, type Venues } from './venues.ts'

const ORDER = 'POST /api/v3/order'
let sandbox: Sandbox
let venues: Venues
let owner: SandboxAccount
let account: TradingAccount

beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())
beforeEach(async () => {
  await control(sandbox.url, 'DELETE', '/sandbox/faults')
  // New venues each time, so that a Retry-After of one test does not silence the next.
  venues = makeVenues({ env: settingsFor(sandbox.url) })
  owner = await openSandboxAccount(sandbox.url)
  account = venues.account('sandbox', owner.credentials)
  await account.prepare('BTC/USDT')
})

const since = () => new Date(Date.now() - 1000)
const fault = (kind: string, more: object = {}) =>
  control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: ORDER,
    kind,
    count: 1,
    account: owner.credentials.apiKey,
    ...more,
  })

function order(more: Partial<OrderRequest> = {}): OrderRequest {
  return {
    terms: { type: 'MARKET' },
    symbol: 'BTC/USDT',
    side: 'BUY',
    amount: decimal('0.01'),
    clientOrderId: `tb${randomUUID().replaceAll('-', '')}`,
    signedAt: Date.now(),
    recvWindowMs: 5000,
    timeoutMs: 2000,
    ...more,
  }
}

test('a market order is accepted with all its fills, and they are the exchange’s own to the last digit', async () => {
  const request = order()
  const placed = await account.placeOrder(request)
  if (placed.kind !== 'ACCEPTED') throw new Error(JSON.stringify(placed))
  expect(placed.order).toMatchObject({ status: 'FILLED', side: 'BUY', clientOrderId: request.clientOrderId })
  expect(plain(placed.order.filled)).toBe('0.01')
  const rows = await control(sandbox.url, 'GET', `/sandbox/trades?account=${owner.credentials.apiKey}`)
  expect(placed.fills).not.toBeNull()
  const told = (placed.fills ?? []).map((fill) => [
    fill.tradeId,
    fill.exchangeOrderId,
    fill.price.toFixed(8),
    fill.amount.toFixed(8),
    fill.fee.toFixed(8),
    fill.feeCurrency,
  ])
  expect(told).toEqual(
    rows.map((row) => [
      String(row['id']),
      String(row['orderId']),
      row['price'],
      row['qty'],
      row['commission'],
      row['commissionAsset'],
    ]),
  )
  const found = await account.findOrder({ ...request, exchangeOrderId: null, since: since() })
  expect(found).toEqual({ found: true, order: placed.order, fills: placed.fills })
  expect(await account.fetchTrades('BTC/USDT', since())).toEqual(placed.fills)
})

test('balance and rights are the account’s', async () => {
  const balance = await account.fetchBalance('SPOT')
  expect(plain(balance.get('USDT')?.total ?? decimal(0))).toBe('10000')
  expect(await account.probeRights()).toEqual({ canTrade: true, canTransfer: true, canWithdraw: false })
})

test('an order whose answer is dropped is UNKNOWN, and the look-up finds it with its fills', async () => {
  for (const kind of ['drop', '5xx_after']) {
    await fault(kind)
    const request = order()
    expect(await account.placeOrder(request)).toMatchObject({ kind: 'UNKNOWN' })
    const found = await account.findOrder({ ...request, exchangeOrderId: null, since: since() })
    if (!found.found) throw new Error(`not found after ${kind}`)
    expect(found.order.clientOrderId).toBe(request.clientOrderId)
    expect(sumOf(found.fills).eq(found.order.filled)).toBe(true)
  }
})

test('an answer that comes after the timeout is UNKNOWN at the timeout', async () => {
  await fault('delay', { ms: 3000 })
  const request = order({ timeoutMs: 300 })
  const began = performance.now()
  expect(await account.placeOrder(request)).toMatchObject({ kind: 'UNKNOWN' })
  expect(performance.now() - began).toBeLessThan(1500)
  expect(await account.findOrder({ ...request, exchangeOrderId: null, since: since() })).toMatchObject({
    found: true,
  })
})

test('a connection reset and a 5xx are UNKNOWN although nothing was placed, and nothing is sent again', async () => {
  for (const kind of ['reset', '5xx', '503']) {
    await fault(kind)
    const request = order()
    expect(await account.placeOrder(request), kind).toMatchObject({ kind: 'UNKNOWN' })
    expect(await account.findOrder({ ...request, exchangeOrderId: null, since: since() })).toEqual({
      found: false,
    })
  }
  expect(await control(sandbox.url, 'GET', `/sandbox/orders?account=${owner.credentials.apiKey}`)).toEqual([])
})

test('refusals are told apart', async () => {
  expect(await account.placeOrder(order({ amount: decimal('5') }))).toMatchObject({
    kind: 'REFUSED',
    code: 'BALANCE_INSUFFICIENT',
  })
  expect(await account.placeOrder(order({ amount: decimal('0.00001') }))).toMatchObject({
    kind: 'REFUSED',
    code: 'ORDER_INVALID',
  })
  await fault('reject', { code: -1121, msg: 'Invalid symbol.' })
  expect(await account.placeOrder(order())).toMatchObject({ kind: 'REFUSED', code: 'MARKET_CLOSED' })
  await fault('reject', { code: -1007, msg: 'Timeout waiting for response from backend server.' })
  expect(await account.placeOrder(order())).toMatchObject({ kind: 'UNKNOWN' })
  await fault('reject', { code: -2010, msg: 'Duplicate order sent.' })
  expect(await account.placeOrder(order())).toMatchObject({ kind: 'UNKNOWN' })
  const stranger = venues.account('sandbox', { ...owner.credentials, secretKey: 'wrong' })
  expect(await stranger.placeOrder(order())).toMatchObject({ kind: 'REFUSED', code: 'KEY_REFUSED' })
  await expect(stranger.fetchBalance('SPOT')).rejects.toMatchObject({ kind: 'KEY_REFUSED' })
})

test('a 429 is refused as RATE_LIMITED, and until Retry-After nothing more is sent', async () => {
  await fault('429', { retryAfter: 60 })
  expect(await account.placeOrder(order())).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
  expect(await account.placeOrder(order())).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
  await expect(account.fetchBalance('SPOT')).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
  await expect(venues.marketData('sandbox').fetchCandles('BTC/USDT', '1m', 5)).rejects.toMatchObject({
    kind: 'RATE_LIMITED',
  })
})

test('a process that froze after signing sends nothing, or is refused by the exchange', async () => {
  expect(await account.placeOrder(order({ signedAt: Date.now() - 4000 }))).toMatchObject({
    kind: 'REFUSED',
    code: 'NOT_SENT',
  })
  expect(await account.placeOrder(order({ signedAt: Date.now() - 2000, recvWindowMs: 1000 }))).toMatchObject({
    kind: 'REFUSED',
    code: 'CLOCK_SKEW',
  })
})

test('what an account did days ago is read day by day, as the exchange wants it', async () => {
  const placed = await account.placeOrder(order())
  if (placed.kind !== 'ACCEPTED') throw new Error('not accepted')
  const longAgo = new Date(Date.now() - 3.5 * 86_400_000)
  expect(await account.fetchOrders('BTC/USDT', longAgo)).toEqual([placed.order])
  expect(await account.fetchTrades('BTC/USDT', longAgo)).toEqual(placed.fills)
})

test('a market that is not there is never sent for, and the reason is told', async () => {
  expect(await account.placeOrder(order({ symbol: 'NO/SUCH' }))).toEqual({
    kind: 'REFUSED',
    code: 'NOT_SENT',
    message: 'sandbox has no market NO/SUCH.',
  })
})

test('a hidden order is not found, then found', async () => {
  await fault('hide', { ms: 700 })
  const request = order()
  await account.placeOrder(request)
  const look = () => account.findOrder({ ...request, exchangeOrderId: null, since: since() })
  expect(await look()).toEqual({ found: false })
  await expect.poll(async () => (await look()).found, { timeout: 3000 }).toBe(true)
})

test('of two orders under one client id, only one of our time counts', async () => {
  const request = order()
  const first = await account.placeOrder(request)
  const second = await account.placeOrder({ ...request, signedAt: Date.now() })
  if (first.kind !== 'ACCEPTED' || second.kind !== 'ACCEPTED') throw new Error('not accepted')
  const look = (exchangeOrderId: string | null, time: Date) =>
    account.findOrder({ ...request, exchangeOrderId, since: time })
  const later = new Date(Date.now() + 3_600_000)
  expect(await look(null, later)).toEqual({ found: false })
  expect(await look(null, since())).toMatchObject({
    order: { exchangeOrderId: second.order.exchangeOrderId },
  })
  expect(await look(first.order.exchangeOrderId, later)).toMatchObject({
    order: { exchangeOrderId: first.order.exchangeOrderId },
  })
})

test('an order that fills over time shows as partly filled with exactly the fills so far', async () => {
  await fault('partial', { pieces: 3, ms: 900 })
  const request = order()
  const placed = await account.placeOrder(request)
  expect(placed.kind).toBe('ACCEPTED')
  const look = async () => {
    const found = await account.findOrder({ ...request, exchangeOrderId: null, since: since() })
    if (!found.found) throw new Error('not found')
    expect(sumOf(found.fills).eq(found.order.filled)).toBe(true)
    return found.order.status
  }
  await expect.poll(look, { timeout: 5000 }).toBe('FILLED')
})

test('a fill between the two answers of a look is not half of it', async () => {
  await fault('partial', { pieces: 6, ms: 1500 })
  const request = order()
  await account.placeOrder(request)
  // The order as it was, told only when further fills have come.
  await fault('delay', { endpoint: 'GET /api/v3/order', ms: 700 })
  const found = await account.findOrder({ ...request, exchangeOrderId: null, since: since() })
  if (!found.found) throw new Error('not found')
  expect(found.order.filled.gt(0)).toBe(true)
  expect(sumOf(found.fills).toFixed()).toBe(found.order.filled.toFixed())
})

test('cancelling an order that does not exist is no error', async () => {
  await account.cancelOrder({ symbol: 'BTC/USDT', clientOrderId: 'never', exchangeOrderId: null })
  await expect(
    account.cancelOrder({ symbol: 'NO/SUCH', clientOrderId: 'never', exchangeOrderId: null }),
  ).rejects.toMatchObject({ kind: 'MARKET_GONE' })
})

test('a look that fails is no look', async () => {
  await control(sandbox.url, 'POST', '/sandbox/faults', {
    endpoint: 'GET /api/v3/openOrders',
    kind: '5xx',
    count: 1,
  })
  await expect(
    account.findOrder({ ...order(), exchangeOrderId: null, since: since() }),
  ).rejects.toMatchObject({ kind: 'UNREACHABLE' })
})

test('no account is made where the recipe is not proven', () => {
  expect(() => venues.account('kucoin', owner.credentials)).toThrow('not supported')
})
