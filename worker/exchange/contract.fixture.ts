import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OrderRequest, PlaceResult, TradingAccount, VenueFill } from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { decimal, type Decimal, plain, ZERO } from '#trading/domain/money.ts'
import { sumOf } from './binance-shapes.ts'

/** An account with 10,000 of quote currency and nothing else, on a market whose price the test sets. */
export type ContractVenue = {
  account: TradingAccount
  market: Market
  setPrice(price: string): Promise<void>
  /** The next order is placed, and its answer does not come back. */
  loseNextAnswer(): Promise<void>
  /** An id as this venue takes it; tb and 32 hexadecimal digits where it is absent. */
  newClientId?: () => string
  close(): Promise<void>
}

/** What everything that trades relies on, of every TradingAccount alike. The price is 60,000 when a test begins. */
export function describeTradingAccount(name: string, open: () => Promise<ContractVenue>): void {
  describe(`account at ${name}`, () => {
    let venue: ContractVenue
    let account: TradingAccount
    let begun: Date

    beforeEach(async () => {
      venue = await open()
      account = venue.account
      await venue.setPrice('60000')
      await account.prepare(venue.market.symbol)
      begun = new Date(Date.now() - 1_000)
    })
    afterEach(() => venue.close())

    const symbol = () => venue.market.symbol
    const request = (more: Partial<OrderRequest>): OrderRequest => ({
      terms: { type: 'MARKET' },
      symbol: symbol(),
      side: 'BUY',
      amount: decimal('0.01'),
      clientOrderId: venue.newClientId?.() ?? `tb${randomUUID().replaceAll('-', '')}`,
      signedAt: Date.now(),
      recvWindowMs: 5000,
      timeoutMs: 2000,
      ...more,
    })
    const place = (more: Partial<OrderRequest> = {}) => account.placeOrder(request(more))
    const accepted = async (more: Partial<OrderRequest> = {}) => assertAccepted(await place(more))
    const find = (clientOrderId: string, exchangeOrderId: string | null = null) =>
      account.findOrder({ symbol: symbol(), clientOrderId, exchangeOrderId, since: begun })
    const cancel = (clientOrderId: string, exchangeOrderId: string | null = null) =>
      account.cancelOrder({ symbol: symbol(), clientOrderId, exchangeOrderId })
    const stop = (stopPrice: string, price: string): Partial<OrderRequest> => ({
      side: 'SELL',
      terms: { type: 'STOP_LIMIT', price: decimal(price), stopPrice: decimal(stopPrice) },
    })
    const held = async (asset: string) => {
      const balance = (await account.fetchBalance('SPOT')).get(asset)
      return { free: plain(balance?.free ?? ZERO), total: plain(balance?.total ?? ZERO) }
    }

    /** Holds that the account has what it began with and what these fills made of it, to the last digit. */
    async function expectBalances(fills: readonly VenueFill[], began: Record<string, string>): Promise<void> {
      const { base, quote } = venue.market
      const expected = new Map<string, Decimal>([
        [base, decimal(began[base] ?? 0)],
        [quote, decimal(began[quote] ?? 0)],
      ])
      const add = (asset: string, change: Decimal) =>
        expected.set(asset, (expected.get(asset) ?? ZERO).plus(change))
      for (const { side, amount, price, fee, feeCurrency } of fills) {
        add(base, side === 'BUY' ? amount : amount.negated())
        add(quote, side === 'BUY' ? amount.times(price).negated() : amount.times(price))
        add(feeCurrency, fee.negated())
      }
      for (const [asset, total] of expected)
        expect([asset, (await held(asset)).total]).toEqual([asset, plain(total)])
    }

    test('an order at market fills whole, is told with its fills, and is found by either of its ids', async () => {
      const sent = request({})
      const { order, fills } = assertAccepted(await account.placeOrder(sent))
      expect(order).toMatchObject({
        status: 'FILLED',
        side: 'BUY',
        clientOrderId: sent.clientOrderId,
        price: null,
        stopPrice: null,
      })
      expect(fills).not.toBeNull()
      expect(plain(sumOf(fills ?? []))).toBe('0.01')
      for (const fill of fills ?? []) {
        expect(fill).toMatchObject({ side: 'BUY', exchangeOrderId: order.exchangeOrderId })
        expect(fill.price.minus(60_000).abs().toNumber()).toBeLessThan(600)
      }
      const byClientId = await find(sent.clientOrderId)
      expect(byClientId).toEqual({ found: true, order, fills })
      expect(await find('tb-none', order.exchangeOrderId)).toEqual(byClientId)
      expect(await account.fetchTrades(symbol(), begun)).toEqual(fills)
      expect(await account.fetchOrders(symbol(), begun)).toEqual([order])
      expect(await account.fetchOpenOrders(symbol())).toEqual([])
      await expectBalances(fills ?? [], { [venue.market.quote]: '10000' })
    })

    test('what came before is not among what is newer', async () => {
      await accepted()
      const later = new Date(Date.now() + 30_000)
      expect(await account.fetchTrades(symbol(), later)).toEqual([])
      expect(await account.fetchOrders(symbol(), later)).toEqual([])
    })

    test('an order below the market’s minimum, or off its step, is proven refused, and is nowhere', async () => {
      for (const amount of ['0.00001', '0.012345678']) {
        const sent = request({ amount: decimal(amount) })
        expect(await account.placeOrder(sent), amount).toMatchObject({
          kind: 'REFUSED',
          code: 'ORDER_INVALID',
        })
        expect(await find(sent.clientOrderId)).toEqual({ found: false })
      }
      expect(await account.fetchOrders(symbol(), begun)).toEqual([])
      await expectBalances([], { [venue.market.quote]: '10000' })
    })

    test('an order beyond the balance is refused for that, whatever its type', async () => {
      const poor = { kind: 'REFUSED', code: 'BALANCE_INSUFFICIENT' }
      expect(await place({ amount: decimal('1') })).toMatchObject(poor)
      expect(
        await place({ amount: decimal('1'), terms: { type: 'LIMIT_IOC', price: decimal('60100') } }),
      ).toMatchObject(poor)
      expect(await place({ side: 'SELL' })).toMatchObject(poor)
      expect(await place(stop('59000', '58900'))).toMatchObject(poor)
    })

    test('a market that is not there is never sent for', async () => {
      expect(await place({ symbol: 'NO/SUCH' })).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
      await expect(account.fetchOpenOrders('NO/SUCH')).rejects.toMatchObject({ kind: 'MARKET_GONE' })
    })

    test('an immediate-or-cancel order fills at its limit or better, or expires with nothing', async () => {
      const limit = decimal('60300')
      const filled = await accepted({ terms: { type: 'LIMIT_IOC', price: limit } })
      expect(filled.order.status).toBe('FILLED')
      expect(String(filled.order.price)).toBe('60300')
      for (const fill of filled.fills ?? []) expect(fill.price.lte(limit)).toBe(true)
      const sent = request({ terms: { type: 'LIMIT_IOC', price: decimal('59000') } })
      const expired = assertAccepted(await account.placeOrder(sent))
      expect(expired).toMatchObject({ order: { status: 'EXPIRED', averagePrice: null }, fills: [] })
      expect(await find(sent.clientOrderId)).toMatchObject({
        found: true,
        order: { status: 'EXPIRED' },
        fills: [],
      })
      expect(await account.fetchOpenOrders(symbol())).toEqual([])
      await expectBalances(filled.fills ?? [], { [venue.market.quote]: '10000' })
    })

    test('a stop rests, holds back what it would sell, and is cancelled once however often it is told to', async () => {
      await accepted({ amount: decimal('0.02') })
      const before = await held(venue.market.base)
      const sent = request(stop('59000', '58900'))
      const { order, fills } = assertAccepted(await account.placeOrder(sent))
      expect(order).toMatchObject({ status: 'OPEN', side: 'SELL', averagePrice: null })
      expect([order.price, order.stopPrice, order.filled].map(String)).toEqual(['58900', '59000', '0'])
      expect(fills).toEqual([])
      expect(await account.fetchOpenOrders(symbol())).toEqual([order])
      const resting = await held(venue.market.base)
      expect(resting.total).toBe(before.total)
      expect(plain(decimal(before.free).minus(resting.free))).toBe('0.01')
      await cancel(sent.clientOrderId, order.exchangeOrderId)
      await cancel(sent.clientOrderId, order.exchangeOrderId)
      await cancel(sent.clientOrderId)
      expect(await find(sent.clientOrderId, order.exchangeOrderId)).toMatchObject({
        found: true,
        order: { status: 'CANCELED', exchangeOrderId: order.exchangeOrderId },
        fills: [],
      })
      expect(await account.fetchOpenOrders(symbol())).toEqual([])
      expect(await held(venue.market.base)).toEqual(before)
    })

    test('a stop that the price reaches sells at its limit or better, exactly what it was for', async () => {
      const bought = await accepted({ amount: decimal('0.02') })
      const sent = request(stop('59000', '58000'))
      assertAccepted(await account.placeOrder(sent))
      await venue.setPrice('58950')
      const found = await find(sent.clientOrderId)
      if (!found.found) throw new Error('the stop is gone')
      expect(found.order.status).toBe('FILLED')
      expect(plain(sumOf(found.fills))).toBe('0.01')
      for (const fill of found.fills) expect(fill.price.gte(58_000)).toBe(true)
      expect(await account.fetchOpenOrders(symbol())).toEqual([])
      await expectBalances([...(bought.fills ?? []), ...found.fills], { [venue.market.quote]: '10000' })
    })

    test('a stop whose limit the price has jumped over rests on, unfilled, until it is cancelled or the price returns', async () => {
      const bought = await accepted({ amount: decimal('0.02') })
      const [gone, patient] = [
        request(stop('59000', '58900')),
        request({ ...stop('59000', '58900'), amount: decimal('0.005') }),
      ]
      for (const sent of [gone, patient]) assertAccepted(await account.placeOrder(sent))
      await venue.setPrice('55000')
      expect(await find(gone.clientOrderId)).toMatchObject({
        found: true,
        order: { status: 'OPEN' },
        fills: [],
      })
      await cancel(gone.clientOrderId)
      await venue.setPrice('59500')
      expect(await find(gone.clientOrderId)).toMatchObject({ order: { status: 'CANCELED' }, fills: [] })
      const found = await find(patient.clientOrderId)
      if (!found.found) throw new Error('the stop is gone')
      expect(found.order.status).toBe('FILLED')
      for (const fill of found.fills) expect(fill.price.gte(58_900)).toBe(true)
      await expectBalances([...(bought.fills ?? []), ...found.fills], { [venue.market.quote]: '10000' })
    })

    test('a stop that would trigger at once is refused', async () => {
      await accepted({ amount: decimal('0.02') })
      expect(await place(stop('60500', '60400'))).toMatchObject({ kind: 'REFUSED', code: 'ORDER_INVALID' })
      expect(await account.fetchOpenOrders(symbol())).toEqual([])
    })

    test('an order whose answer is lost is UNKNOWN, and a look finds it with each of its fills', async () => {
      await venue.loseNextAnswer()
      const sent = request({})
      expect(await account.placeOrder(sent)).toMatchObject({ kind: 'UNKNOWN' })
      const found = await find(sent.clientOrderId)
      if (!found.found) throw new Error('the order is lost')
      expect(found.order).toMatchObject({ status: 'FILLED', clientOrderId: sent.clientOrderId })
      expect(plain(sumOf(found.fills))).toBe('0.01')
      await expectBalances(found.fills, { [venue.market.quote]: '10000' })
    })

    test('what was never placed is not found, and cancelling it is harmless', async () => {
      expect(await find('tb-never')).toEqual({ found: false })
      await cancel('tb-never')
      expect(await account.fetchOrders(symbol(), begun)).toEqual([])
    })

    test('the account may trade', async () => {
      expect(await account.probeRights()).toMatchObject({ canTrade: true })
    })
  })
}

function assertAccepted(result: PlaceResult): Extract<PlaceResult, { kind: 'ACCEPTED' }> {
  if (result.kind !== 'ACCEPTED') throw new Error(JSON.stringify(result))
  return result
}
