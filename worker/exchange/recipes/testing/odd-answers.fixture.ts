import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { LookResult, OrderRequest, PlaceResult, TradingAccount } from '#trading/domain/exchange.ts'
import { decimal, plain, ZERO } from '#trading/domain/money.ts'
import { newClientOrderId } from '#trading/store/client-order-ids.ts'
import type { FakeAccount } from './fake-account.ts'
import type { FakeAnswer, FakeRequest, FakeVenue } from './fake-venue.ts'

/** What differs from venue to venue. */
export type OddVenue = {
  exchange: string
  symbol: string
  /** A fake venue of its own each time it is called; the first is used for all tests that do not ask it for silence. */
  bench(): { open(): Promise<FakeAccount>; close(): Promise<void> }
  create: string
  /** The look-up by client id, which comes first. */
  look: string
  openList: string
  /** A code that nobody has heard of; an answer about somebody else's order; ids that are no ids. */
  strange: FakeAnswer
  another: FakeAnswer
  /** When the order was signed and when it is not to be taken any more, in the venue's milliseconds. */
  timesOf(request: FakeRequest): { signed: number; expires: number }
  withWrongSecret(open: FakeAccount): TradingAccount
}

/** How an account by a recipe takes what venues answer on their bad days. */
export function describeOddAnswers(name: string, odd: OddVenue): void {
  describe(`odd answers of ${name}`, () => {
    const bench = odd.bench()
    let venue: FakeVenue
    let account: TradingAccount
    let opened: FakeAccount
    let begun: Date

    beforeEach(async () => {
      opened = await bench.open()
      venue = opened.venue
      account = opened.account
      venue.core.setPrice(odd.symbol, '60000')
      begun = new Date(Date.now() - 1_000)
      await account.prepare(odd.symbol)
    })
    afterAll(() => bench.close())

    const request = (more: Partial<OrderRequest> = {}): OrderRequest => ({
      ...{ terms: { type: 'MARKET' }, symbol: odd.symbol, side: 'BUY', amount: decimal('0.01') },
      ...{ clientOrderId: newClientOrderId(odd.exchange), signedAt: Date.now(), recvWindowMs: 5000 },
      ...{ timeoutMs: 1500, ...more },
    })
    const find = (clientOrderId: string, from = account, exchangeOrderId: string | null = null) =>
      from.findOrder({ symbol: odd.symbol, clientOrderId, exchangeOrderId, since: begun })
    const sent = () => venue.asked(odd.create).length

    test.each([
      ['whose connection then breaks', 'DROP'],
      ['and never answered', 'HANG'],
      ['and answered with a server error', 'FAIL_AFTER'],
    ] as const)(
      'an order that is taken %s is UNKNOWN in time, found, and was sent once',
      async (_how, fault) => {
        venue.fault(odd.create, fault)
        const order = request({ timeoutMs: 600 })
        const asked = performance.now()
        expect(await account.placeOrder(order)).toMatchObject({ kind: 'UNKNOWN' })
        expect(performance.now() - asked).toBeLessThan(1_500)
        expect(sent()).toBe(1)
        const found = assertFound(await find(order.clientOrderId))
        expect(found.order).toMatchObject({ status: 'FILLED', clientOrderId: order.clientOrderId })
        expect(plain(found.fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO))).toBe('0.01')
        expect(sent()).toBe(1)
      },
    )

    test('a server error without an order proves nothing, and a look finds none', async () => {
      venue.fault(odd.create, 'FAIL_BEFORE')
      const order = request()
      expect(await account.placeOrder(order)).toMatchObject({ kind: 'UNKNOWN' })
      expect(await find(order.clientOrderId)).toEqual({ found: false })
    })

    test.each([
      ['a code that nobody knows', () => odd.strange],
      ['the ids of another order', () => odd.another],
      ['a page of HTML', () => ({ status: 200, body: '<html>' })],
      ['half of its JSON', () => ({ status: 200, body: '{"retCode":0,"code":"0","da' })],
      ['an empty object', () => ({ status: 200, body: {} })],
    ])('an order that is answered with %s is UNKNOWN', async (_what, answer) => {
      venue.answers(odd.create, answer())
      expect(await account.placeOrder(request())).toMatchObject({ kind: 'UNKNOWN' })
      expect(sent()).toBe(1)
    })

    test('a time that the venue does not take is a refusal, and the clock is measured again for what reads', async () => {
      venue.fault(odd.create, 'CLOCK')
      expect(await account.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'CLOCK_SKEW' })
      venue.fault(odd.look, 'CLOCK')
      expect(await find(newClientOrderId(odd.exchange))).toEqual({ found: false })
    })

    test('a venue that is too busy for an order has refused it, and gets no other until it has rested', async () => {
      const own = odd.bench()
      const { venue: other, account: its } = await own.open()
      try {
        await its.prepare(odd.symbol)
        other.fault(odd.create, 'BUSY')
        expect(await its.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'RATE_LIMITED' })
        expect(await its.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'NOT_SENT' })
        expect(other.asked(odd.create)).toHaveLength(1)
        await expect(find(newClientOrderId(odd.exchange), its)).rejects.toMatchObject({
          kind: 'RATE_LIMITED',
        })
      } finally {
        await own.close()
      }
    })

    test('a look that the venue is too busy for is no look', async () => {
      const own = odd.bench()
      const { venue: other, account: its } = await own.open()
      try {
        await its.prepare(odd.symbol)
        other.fault(odd.look, 'BUSY')
        const never = newClientOrderId(odd.exchange)
        await expect(find(never, its)).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
        const asked = other.asked(odd.look).length
        await expect(find(never, its)).rejects.toMatchObject({ kind: 'RATE_LIMITED' })
        expect(other.asked(odd.look)).toHaveLength(asked)
      } finally {
        await own.close()
      }
    })

    test('a look that fails is no look, at whichever question', async () => {
      const never = newClientOrderId(odd.exchange)
      for (const endpoint of [odd.look, odd.openList]) {
        // Every question of that kind, of whichever part of the look.
        venue.fault(endpoint, 'FAIL_BEFORE', 10)
        await expect(find(never), endpoint).rejects.toMatchObject({ kind: 'UNREACHABLE' })
        venue.begin(opened.newDialect(), venue.core)
      }
      expect(await find(never)).toEqual({ found: false })
    })

    test('an order in a state that nobody knows is booked as taken only, and cannot be looked up', async () => {
      venue.core.nextIsOdd('Levitating')
      const order = request()
      const result = assertAccepted(await account.placeOrder(order))
      expect(result).toMatchObject({
        fills: null,
        order: { status: 'OPEN', clientOrderId: order.clientOrderId },
      })
      expect(plain(result.order.filled)).toBe('0')
      await expect(find(order.clientOrderId)).rejects.toMatchObject({ kind: 'UNREADABLE' })
      await expect(account.fetchOrders(odd.symbol, begun)).rejects.toMatchObject({ kind: 'UNREADABLE' })
    })

    test('an order that shows a moment later is told with its fills; one that shows much later, by its number', async () => {
      venue.core.hideNext(250)
      const soon = assertAccepted(await account.placeOrder(request()))
      expect(soon).toMatchObject({ order: { status: 'FILLED' } })
      expect(soon.fills).toHaveLength(2)
      venue.core.hideNext(60_000)
      const late = request()
      const result = assertAccepted(await account.placeOrder(late))
      expect(result).toMatchObject({ fills: null, order: { status: 'OPEN' } })
      expect(result.order.exchangeOrderId).toBe(venue.core.orders.at(-1)?.id)
    })

    test('a client id that is used twice makes one order, and the second word on it is UNKNOWN', async () => {
      const order = request()
      const first = assertAccepted(await account.placeOrder(order))
      expect(await account.placeOrder({ ...order, signedAt: Date.now() })).toMatchObject({ kind: 'UNKNOWN' })
      expect(assertFound(await find(order.clientOrderId)).order.exchangeOrderId).toBe(
        first.order.exchangeOrderId,
      )
      expect(await account.fetchOrders(odd.symbol, begun)).toHaveLength(1)
    })

    test('an order that fills in parts is told as far as it is filled, then whole', async () => {
      const { finish } = venue.core.fillNextInParts()
      const order = request()
      const early = assertAccepted(await account.placeOrder(order))
      expect(early.order.status).toBe('PARTIALLY_FILLED')
      expect(early.fills).toHaveLength(1)
      expect(plain(early.order.filled)).toBe('0.006')
      finish()
      const late = assertFound(await find(order.clientOrderId))
      expect(late.order.status).toBe('FILLED')
      expect(late.fills.slice(0, 1)).toEqual(early.fills)
      expect(plain(late.fills.reduce((sum, fill) => sum.plus(fill.amount), ZERO))).toBe('0.01')
    })

    test('an order is signed with the time of its claim, expires by itself, and is not sent when that is long ago', async () => {
      const signedAt = Date.now() - 1_200
      assertAccepted(await account.placeOrder(request({ signedAt, recvWindowMs: 4_000 })))
      const [first] = venue.asked(odd.create)
      if (first === undefined) throw new Error('nothing was sent')
      const { signed, expires } = odd.timesOf(first)
      expect(Math.abs(signed - signedAt)).toBeLessThan(150)
      expect(expires - signed).toBe(4_000)
      for (const late of [Date.now() - 3_100, Date.now() + 2_000])
        expect(await account.placeOrder(request({ signedAt: late }))).toMatchObject({
          ...{ kind: 'REFUSED', code: 'NOT_SENT' },
        })
      expect(sent()).toBe(1)
    })

    test('a signature that is wrong is refused, and no order', async () => {
      const wrong = odd.withWrongSecret(opened)
      try {
        await wrong.prepare(odd.symbol)
        expect(await wrong.placeOrder(request())).toMatchObject({ kind: 'REFUSED', code: 'KEY_REFUSED' })
        await expect(wrong.probeRights()).rejects.toMatchObject({ kind: 'KEY_REFUSED' })
        expect(venue.core.orders).toEqual([])
      } finally {
        await wrong.close()
      }
    })

    test('lists that take several pages come whole, each row once', async () => {
      for (let made = 0; made < 130; made++) {
        const order = { type: 'MARKET', side: 'BUY', price: null, stopPrice: null, clientId: null } as const
        const placed = venue.core.place({ ...order, symbol: odd.symbol, amount: decimal('0.001') })
        expect(placed).toMatchObject({ status: 'FILLED' })
      }
      const orders = await account.fetchOrders(odd.symbol, begun)
      expect(orders.map(({ exchangeOrderId }) => exchangeOrderId)).toEqual(
        venue.core.orders.map(({ id }) => id),
      )
      const fills = await account.fetchTrades(odd.symbol, begun)
      expect(fills.map(({ tradeId }) => tradeId)).toEqual(venue.core.fills().map(({ id }) => id))
      expect(fills.length).toBeGreaterThan(100)
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
