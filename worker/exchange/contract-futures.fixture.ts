import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OrderSide } from '#trading/domain/bot.ts'
import type {
  LookResult,
  OrderRequest,
  PlaceResult,
  TradingAccount,
  VenueFill,
  VenueOrder,
} from '#trading/domain/exchange.ts'
import type { Market } from '#trading/domain/market.ts'
import { decimal, type Decimal, plain, ZERO } from '#trading/domain/money.ts'

/** A flat account with 10,000 of the settlement currency as margin, on a linear perpetual of BTC whose price the test sets. What a venue (or
 * the server that stands for it) cannot do is null or absent here, and the tests that need it are skipped by name. */
export type FuturesVenue = {
  account: TradingAccount
  /** With `futures` and a `maxLeverage`; a minimum of no more than 0.001, a step that 0.01 is on. */
  market: Market
  /** Last price and mark price are this from now on; what rests is judged by it before this resolves. */
  setPrice(price: string): Promise<void>
  /** The mark price alone. */
  setMark: ((price: string) => Promise<void>) | null
  /** The next order (STOP_MARKET too) is placed, and its answer does not come back. */
  loseNextAnswer(): Promise<void>
  /** The next market order fills partly at once; the rest when `finish` has resolved. */
  fillNextInParts: (() => Promise<{ finish(): Promise<void> }>) | null
  /** Settles a funding of that rate for whoever holds a position now. */
  fund: ((rate: string) => Promise<void>) | null
  /** True where a price beyond the liquidation price liquidates. */
  liquidates?: boolean
  /** An id as this venue takes it; tb and 32 hexadecimal digits where it is absent. */
  newClientId?: () => string
  /** What the position's row does not say there. */
  cannotTell?: readonly ('leverage' | 'liquidationPrice' | 'margin')[]
  close(): Promise<void>
}

const LEVERAGE = 5

/** What everything that trades perpetuals relies on, of every TradingAccount alike. The price is 60,000 and the leverage 5 when a test begins. */
export function describeFuturesAccount(name: string, open: () => Promise<FuturesVenue>): void {
  describe(`futures account at ${name}`, () => {
    let venue: FuturesVenue
    let account: TradingAccount
    let begun: Date

    beforeEach(async () => {
      venue = await open()
      account = venue.account
      await venue.setPrice('60000')
      await account.prepare(symbol())
      await account.setUpFutures(symbol(), LEVERAGE)
      begun = new Date(Date.now() - 1_000)
    })
    afterEach(() => venue.close())

    const symbol = () => venue.market.symbol
    const settle = () => venue.market.futures?.settle ?? venue.market.quote
    const newId = () => venue.newClientId?.() ?? `tb${randomUUID().replaceAll('-', '')}`
    const request = (more: Partial<OrderRequest>): OrderRequest => ({
      terms: { type: 'MARKET' },
      symbol: symbol(),
      side: 'BUY',
      amount: decimal('0.01'),
      clientOrderId: newId(),
      signedAt: Date.now(),
      recvWindowMs: 5000,
      timeoutMs: 2000,
      ...more,
    })
    const stop = (side: OrderSide, stopPrice: string): Partial<OrderRequest> => ({
      side,
      reduceOnly: true,
      terms: { type: 'STOP_MARKET', stopPrice: decimal(stopPrice) },
    })
    const find = (clientOrderId: string, exchangeOrderId: string | null = null) =>
      account.findOrder({ symbol: symbol(), clientOrderId, exchangeOrderId, since: begun })
    const place = (more: Partial<OrderRequest> = {}) => account.placeOrder(request(more))
    /** Places, and looks for what it became where the answer did not tell each fill. */
    async function placed(more: Partial<OrderRequest> = {}) {
      const sent = request(more)
      const result = assertAccepted(await account.placeOrder(sent))
      const { order, fills } =
        result.fills === null ? assertFound(await find(sent.clientOrderId)) : { ...result }
      return { sent, order, fills: fills ?? [] }
    }
    const cancel = (clientOrderId: string, exchangeOrderId: string | null = null) =>
      account.cancelOrder({ symbol: symbol(), clientOrderId, exchangeOrderId })
    const marginOf = async () => (await account.fetchBalance('FUTURES')).get(settle())
    const marginTotal = async () => plain((await marginOf())?.total ?? ZERO)
    /** While flat: what all fills and fundings made of 10,000. While only entries were made their fees are what is gone. */
    const expectFlatTotal = async (fills: readonly VenueFill[], funding: Decimal = ZERO) => {
      expect(await account.fetchPosition(symbol())).toBeNull()
      const flows = fills.reduce((sum, fill) => {
        const notional = fill.amount.times(fill.price)
        return sum.plus(fill.side === 'SELL' ? notional : notional.negated()).minus(feeOf(fill))
      }, funding)
      expect(await marginTotal()).toBe(plain(flows.plus(10_000)))
    }
    const feeOf = (fill: VenueFill) => (fill.feeCurrency === settle() ? fill.fee : ZERO)

    for (const [side, other, word] of [
      ['BUY', 'SELL', 'long'],
      ['SELL', 'BUY', 'short'],
    ] as const) {
      test(`a ${word} is opened and closed at market, each order whole, with its fills, found by either id`, async () => {
        const opened = await placed({ side })
        expect(opened.order).toMatchObject({ status: 'FILLED', side, price: null, stopPrice: null })
        expect(opened.order.clientOrderId).toBe(opened.sent.clientOrderId)
        expect(plain(sumOf(opened.fills))).toBe('0.01')
        for (const fill of opened.fills) {
          expect(fill).toMatchObject({ side, exchangeOrderId: opened.order.exchangeOrderId })
          expect(fill.feeCurrency).not.toBe('')
          expect(fill.price.minus(60_000).abs().toNumber()).toBeLessThan(600)
        }
        const byClientId = assertFound(await find(opened.sent.clientOrderId))
        expect(told(byClientId.order)).toEqual(told(opened.order))
        expect(byClientId.fills).toEqual(opened.fills)
        expect(await find(newId(), opened.order.exchangeOrderId)).toEqual(byClientId)
        expect(await marginTotal()).toBe(
          plain(opened.fills.reduce((rest, fill) => rest.minus(feeOf(fill)), decimal(10_000))),
        )
        const position = await account.fetchPosition(symbol())
        expect(position).toMatchObject({ side, isolated: true })
        expect(plain(position?.amount ?? ZERO)).toBe('0.01')

        const closed = await placed({ side: other, reduceOnly: true })
        expect(closed.order).toMatchObject({ status: 'FILLED', side: other })
        expect(await account.fetchTrades(symbol(), begun)).toEqual([...opened.fills, ...closed.fills])
        expect((await account.fetchOrders(symbol(), begun)).map(told)).toEqual(
          [opened.order, closed.order].map(told),
        )
        expect(await account.fetchOpenOrders(symbol())).toEqual([])
        await expectFlatTotal([...opened.fills, ...closed.fills])
      })

      test(`a ${word} position is told as it is: entry, leverage, isolated, liquidated on the losing side`, async () => {
        expect(await account.fetchPosition(symbol())).toBeNull()
        const first = await placed({ side, amount: decimal('0.01') })
        const second = await placed({ side, amount: decimal('0.02') })
        const fills = [...first.fills, ...second.fills]
        const position = await account.fetchPosition(symbol())
        if (position === null) throw new Error('no position')
        expect(position).toMatchObject({ side, isolated: true })
        expect(plain(position.amount)).toBe('0.03')
        const entry = averageOf(fills)
        expect(position.entryPrice.minus(entry).abs().div(entry).toNumber()).toBeLessThan(1e-6)
        const cannot = venue.cannotTell ?? []
        if (!cannot.includes('leverage')) expect(position.leverage).toBe(LEVERAGE)
        if (!cannot.includes('liquidationPrice')) {
          // A fifth of the notional is margin: gone when the price has moved by about as much, less what must remain.
          const away = position.liquidationPrice?.minus(entry).div(entry).toNumber() ?? Number.NaN
          expect(side === 'BUY' ? -away : away).toBeGreaterThan(0.15)
          expect(side === 'BUY' ? -away : away).toBeLessThan(0.21)
        }
        if (!cannot.includes('margin')) {
          const share = position.margin?.div(entry.times('0.03')).toNumber() ?? Number.NaN
          expect(Math.abs(share - 1 / LEVERAGE)).toBeLessThan(0.01)
        }
        const margin = await marginOf()
        const bound = margin?.total.minus(margin.free).toNumber() ?? 0
        expect(bound / entry.times('0.03').toNumber()).toBeGreaterThan(0.19)
      })

      test(`a reduce-only order makes a ${word} smaller and never turns it round`, async () => {
        const opened = await placed({ side, amount: decimal('0.02') })
        const part = await placed({ side: other, amount: decimal('0.01'), reduceOnly: true })
        expect(part.order.status).toBe('FILLED')
        const left = await account.fetchPosition(symbol())
        expect([left?.side, plain(left?.amount ?? ZERO)]).toEqual([side, '0.01'])
        // More than is held: refused whole, or filled with what is held at most.
        await place({ side: other, amount: decimal('0.05'), reduceOnly: true })
        const after = await account.fetchPosition(symbol())
        if (after !== null) {
          expect([after.side, plain(after.amount)]).toEqual([side, '0.01'])
          await placed({ side: other, amount: decimal('0.01'), reduceOnly: true })
        }
        await expectFlatTotal(await account.fetchTrades(symbol(), begun))
        expect((await account.fetchTrades(symbol(), begun)).slice(0, opened.fills.length)).toEqual(
          opened.fills,
        )
      })

      test(`the stop of a ${word} rests, is seen, and is cancelled once however often it is told to`, async () => {
        await placed({ side })
        const trigger = side === 'BUY' ? '59000' : '61000'
        const { sent, order, fills } = await placed(stop(other, trigger))
        expect(order).toMatchObject({ status: 'OPEN', side: other, averagePrice: null })
        expect([order.stopPrice, order.filled, order.amount].map(String)).toEqual([trigger, '0', '0.01'])
        expect(fills).toEqual([])
        expect((await account.fetchOpenOrders(symbol())).map(told)).toEqual([told(order)])
        expect(told(assertFound(await find(sent.clientOrderId)).order)).toEqual(told(order))
        await cancel(sent.clientOrderId, order.exchangeOrderId)
        await cancel(sent.clientOrderId, order.exchangeOrderId)
        await cancel(sent.clientOrderId)
        expect(await find(sent.clientOrderId, order.exchangeOrderId)).toMatchObject({
          found: true,
          order: { status: 'CANCELED', clientOrderId: sent.clientOrderId },
          fills: [],
        })
        expect(await account.fetchOpenOrders(symbol())).toEqual([])
        expect((await account.fetchPosition(symbol()))?.side).toBe(side)
      })

      test(`the stop of a ${word} that the price reaches closes it, and is found with its fills under our id`, async () => {
        const opened = await placed({ side })
        const { sent, order } = await placed(stop(other, side === 'BUY' ? '59000' : '61000'))
        await venue.setPrice(side === 'BUY' ? '58950' : '61050')
        const found = assertFound(await find(sent.clientOrderId, order.exchangeOrderId))
        expect(found.order).toMatchObject({
          status: 'FILLED',
          side: other,
          clientOrderId: sent.clientOrderId,
        })
        expect(plain(sumOf(found.fills))).toBe('0.01')
        for (const fill of found.fills)
          expect(fill).toMatchObject({ side: other, exchangeOrderId: found.order.exchangeOrderId })
        expect(told(assertFound(await find(sent.clientOrderId)).order)).toEqual(told(found.order))
        expect(await account.fetchOpenOrders(symbol())).toEqual([])
        const listed = (await account.fetchOrders(symbol(), begun)).filter((one) => one.side === other)
        expect(listed.map(told)).toEqual([told(found.order)])
        expect(await account.fetchTrades(symbol(), begun)).toEqual([...opened.fills, ...found.fills])
        await expectFlatTotal([...opened.fills, ...found.fills])
      })
    }

    test('it is the mark price that triggers a stop, not the last one', async (context) => {
      if (venue.setMark === null) return context.skip('its mark price cannot be moved alone')
      await placed()
      const { sent } = await placed(stop('SELL', '59000'))
      await venue.setPrice('59500')
      expect(assertFound(await find(sent.clientOrderId)).order.status).toBe('OPEN')
      await venue.setMark('58990')
      const found = assertFound(await find(sent.clientOrderId))
      expect(found.order.status).toBe('FILLED')
      for (const fill of found.fills) expect(fill.price.minus(59_500).abs().toNumber()).toBeLessThan(300)
    })

    test('a stop that would trigger at once is refused', async () => {
      await placed()
      expect(await place(stop('SELL', '60500'))).toMatchObject({ kind: 'REFUSED', code: 'ORDER_INVALID' })
      expect(await account.fetchOpenOrders(symbol())).toEqual([])
      expect((await account.fetchPosition(symbol()))?.side).toBe('BUY')
    })

    test('a reduce-only order of a flat account opens nothing', async () => {
      for (const side of ['BUY', 'SELL'] as const) {
        const sent = request({ side, reduceOnly: true })
        const result = await account.placeOrder(sent)
        if (result.kind === 'ACCEPTED') {
          const { order, fills } = assertFound(await find(sent.clientOrderId))
          expect(['EXPIRED', 'CANCELED', 'REJECTED']).toContain(order.status)
          expect(fills).toEqual([])
        } else expect(result.kind).toBe('REFUSED')
      }
      await expectFlatTotal([])
    })

    test('an immediate-or-cancel order fills at its limit or better, or expires with nothing', async () => {
      for (const [side, near, far] of [
        ['BUY', '60300', '59000'],
        ['SELL', '59700', '61000'],
      ] as const) {
        const limit = decimal(near)
        const filled = await placed({ side, terms: { type: 'LIMIT_IOC', price: limit } })
        expect(filled.order.status).toBe('FILLED')
        expect(String(filled.order.price)).toBe(near)
        for (const { price } of filled.fills)
          expect(side === 'BUY' ? price.lte(limit) : price.gte(limit)).toBe(true)
        const expired = await placed({ side, terms: { type: 'LIMIT_IOC', price: decimal(far) } })
        expect(expired).toMatchObject({ order: { status: 'EXPIRED', averagePrice: null }, fills: [] })
        expect(assertFound(await find(expired.sent.clientOrderId))).toMatchObject({
          order: { status: 'EXPIRED' },
          fills: [],
        })
      }
      expect(await account.fetchOpenOrders(symbol())).toEqual([])
      await expectFlatTotal(await account.fetchTrades(symbol(), begun))
    })

    test('an order that fills in parts is told so, and whole with each of its fills in the end', async (context) => {
      if (venue.fillNextInParts === null) return context.skip('its orders fill at once')
      const { finish } = await venue.fillNextInParts()
      const sent = request({})
      assertAccepted(await account.placeOrder(sent))
      const early = assertFound(await find(sent.clientOrderId))
      expect(early.order.status).toBe('PARTIALLY_FILLED')
      expect(plain(sumOf(early.fills))).toBe(plain(early.order.filled))
      expect(early.order.filled.gt(0) && early.order.filled.lt('0.01')).toBe(true)
      await finish()
      const late = assertFound(await find(sent.clientOrderId))
      expect(late.order.status).toBe('FILLED')
      expect(plain(sumOf(late.fills))).toBe('0.01')
      expect(late.fills).toEqual(expect.arrayContaining(early.fills))
    })

    test('an order whose answer is lost is UNKNOWN, and a look finds it with each of its fills', async () => {
      await venue.loseNextAnswer()
      const sent = request({})
      expect(await account.placeOrder(sent)).toMatchObject({ kind: 'UNKNOWN' })
      const found = assertFound(await find(sent.clientOrderId))
      expect(found.order).toMatchObject({ status: 'FILLED', clientOrderId: sent.clientOrderId })
      expect(plain(sumOf(found.fills))).toBe('0.01')
      const closed = await placed({ side: 'SELL', reduceOnly: true })
      await expectFlatTotal([...found.fills, ...closed.fills])
    })

    test('a stop whose answer is lost is UNKNOWN, and a look finds it resting', async () => {
      await placed()
      await venue.loseNextAnswer()
      const sent = request(stop('SELL', '59000'))
      expect(await account.placeOrder(sent)).toMatchObject({ kind: 'UNKNOWN' })
      const { order } = assertFound(await find(sent.clientOrderId))
      expect(order).toMatchObject({ status: 'OPEN', clientOrderId: sent.clientOrderId })
      expect(String(order.stopPrice)).toBe('59000')
    })

    test('a client id that is used twice never makes two orders unnoticed', async () => {
      await placed()
      for (const twice of [request(stop('SELL', '59000')), request({ amount: decimal('0.002') })]) {
        const results = [await account.placeOrder(twice), await account.placeOrder(twice)]
        assertAccepted(results[0] ?? { kind: 'UNKNOWN', message: 'no answer' })
        const ids = new Set(
          results.flatMap((one) => (one.kind === 'ACCEPTED' ? [one.order.exchangeOrderId] : [])),
        )
        const there = [
          ...(await account.fetchOrders(symbol(), begun)),
          ...(await account.fetchOpenOrders(symbol())),
        ].filter((order) => order.clientOrderId === twice.clientOrderId)
        expect(new Set(there.map((order) => order.exchangeOrderId))).toEqual(ids)
      }
    })

    test('an order below the market’s minimum, or off its step, is proven refused, and is nowhere', async () => {
      for (const amount of ['0.000001', '0.012345678']) {
        const sent = request({ amount: decimal(amount) })
        const result = await account.placeOrder(sent)
        expect(result, amount).toMatchObject({ kind: 'REFUSED' })
        if (result.kind === 'REFUSED') expect(['ORDER_INVALID', 'NOT_SENT']).toContain(result.code)
        expect(await find(sent.clientOrderId)).toEqual({ found: false })
      }
      expect(await account.fetchOrders(symbol(), begun)).toEqual([])
      await expectFlatTotal([])
    })

    test('an order beyond the margin is refused for that', async () => {
      for (const side of ['BUY', 'SELL'] as const)
        expect(await place({ side, amount: decimal('2') })).toMatchObject({
          kind: 'REFUSED',
          code: 'BALANCE_INSUFFICIENT',
        })
      await expectFlatTotal([])
    })

    test('what was never placed is not found, and cancelling it is harmless', async () => {
      const never = newId()
      expect(await find(never)).toEqual({ found: false })
      await cancel(never)
      expect(await account.fetchOrders(symbol(), begun)).toEqual([])
    })

    test('what came before is not among what is newer', async () => {
      await placed()
      const later = new Date(Date.now() + 30_000)
      expect(await account.fetchTrades(symbol(), later)).toEqual([])
      expect(await account.fetchOrders(symbol(), later)).toEqual([])
      expect(await account.fetchFunding(symbol(), later)).toEqual([])
    })

    test('a market that is not there is never sent for', async () => {
      expect(await place({ symbol: 'NO/SUCH:SUCH' })).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
      await expect(account.fetchPosition('NO/SUCH:SUCH')).rejects.toMatchObject({ kind: 'MARKET_GONE' })
    })

    test('leverage is set as often as one likes, and not above the market’s', async () => {
      await account.setUpFutures(symbol(), LEVERAGE)
      await account.setUpFutures(symbol(), 3)
      await account.setUpFutures(symbol(), 3)
      await placed()
      const position = await account.fetchPosition(symbol())
      expect(position?.isolated).toBe(true)
      if (!(venue.cannotTell ?? []).includes('leverage')) expect(position?.leverage).toBe(3)
      await account.setUpFutures(symbol(), 3)
      await placed({ side: 'SELL', reduceOnly: true })
      const above = (venue.market.maxLeverage ?? Number.NaN) + 1
      await expect(account.setUpFutures(symbol(), above)).rejects.toMatchObject({ kind: 'REFUSED' })
    })

    test('funding is paid by a long, received by a short, listed once each, and in the balance', async (context) => {
      const { fund } = venue
      if (fund === null) return context.skip('no funding can be made')
      let fills: VenueFill[] = []
      for (const [side, other] of [
        ['BUY', 'SELL'],
        ['SELL', 'BUY'],
      ] as const) {
        fills = [...fills, ...(await placed({ side })).fills]
        await fund('0.0005')
        fills = [...fills, ...(await placed({ side: other, reduceOnly: true })).fills]
      }
      // Of a flat account nobody wants anything.
      await fund('0.0005')
      const listed = await account.fetchFunding(symbol(), begun)
      expect(await account.fetchFunding(symbol(), begun)).toEqual(listed)
      expect(listed.map((one) => [one.currency, one.amount.toNumber()])).toEqual([
        [settle(), expect.closeTo(-0.3, 2)],
        [settle(), expect.closeTo(0.3, 2)],
      ])
      expect(new Set(listed.map((one) => one.id)).size).toBe(2)
      await expectFlatTotal(
        fills,
        listed.reduce((sum, one) => sum.plus(one.amount), ZERO),
      )
    })

    test('a liquidation is listed as one, and leaves the account flat', async (context) => {
      if (venue.liquidates !== true) return context.skip('nothing is liquidated there')
      await placed()
      await venue.setPrice('47000')
      const liquidations = (await account.fetchOrders(symbol(), begun)).filter(
        (order) => order.liquidation === true,
      )
      expect(liquidations).toHaveLength(1)
      expect(liquidations[0]).toMatchObject({ side: 'SELL', status: 'FILLED' })
      expect(plain(liquidations[0]?.filled ?? ZERO)).toBe('0.01')
      expect(await account.fetchPosition(symbol())).toBeNull()
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

function assertFound(look: LookResult): Extract<LookResult, { found: true }> {
  if (!look.found) throw new Error('the order is not found')
  return look
}

/** What every answer about an order says alike. What a stop has become may bear its trigger or not. */
function told(order: VenueOrder) {
  const { exchangeOrderId, clientOrderId, side, status, amount, filled, stopPrice } = order
  const trigger = status === 'OPEN' && stopPrice !== null ? plain(stopPrice) : null
  return {
    ...{ exchangeOrderId, clientOrderId, side, status, trigger },
    ...{ amount: plain(amount), filled: plain(filled) },
  }
}

function sumOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO)
}

function averageOf(fills: readonly VenueFill[]): Decimal {
  return fills.reduce((sum, fill) => sum.plus(fill.amount.times(fill.price)), ZERO).div(sumOf(fills))
}
