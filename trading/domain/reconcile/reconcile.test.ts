import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { VenueOrder } from '../exchange.ts'
import { type Decimal, decimal, ZERO } from '../money.ts'
import { reconcile } from './reconcile.ts'
import {
  aBookedBot,
  aBookedOrder,
  aForeignOrder,
  aMarketOf,
  aVenueOrder,
  books,
  BORN,
} from './reconcile.fixture.ts'
import type { AccountMarket, AssetBooks, Finding } from './types.ts'

const account = (total: string | Decimal, ...markets: AccountMarket[]) => ({ markets, total: decimal(total) })
const kinds = (findings: readonly Finding[]) => findings.map((finding) => finding.kind)
const entry = aBookedOrder(1)
const filled = aVenueOrder(1)
const stop = (more = {}) =>
  aBookedOrder(2, { side: 'SELL', purpose: 'PROTECTIVE_STOP', status: 'OPEN', filled: ZERO, ...more })
const restingStop = (more: Partial<VenueOrder> = {}) =>
  aVenueOrder(2, { side: 'SELL', status: 'OPEN', filled: ZERO, stopPrice: decimal(49_000), ...more })

test('books and account that agree give nothing to do', () => {
  const all = reconcile(
    books([aBookedBot()], [entry, stop()]),
    account('0.002', aMarketOf([filled, restingStop()])),
  )
  expect(all).toEqual({ findings: [], balance: 'AGREES', short: false })
})

test('coins of a person beside those of the bots are nobody’s business', () => {
  expect(reconcile(books([aBookedBot()], [entry]), account('5', aMarketOf([filled]))).balance).toBe('AGREES')
})

describe('orders', () => {
  const settles = (order: typeof entry, found: VenueOrder[], more: Partial<AccountMarket> = {}) =>
    reconcile(books([aBookedBot()], [order]), account('0.002', aMarketOf(found, more))).findings

  test.each([
    ['thought never placed, but filled', entry, { status: 'NOT_PLACED', filled: ZERO }, {}],
    ['thought refused, but filled', entry, { status: 'REJECTED', filled: ZERO }, {}],
    ['unknown, but listed', entry, { status: 'UNKNOWN', filled: ZERO }, {}],
    ['thought cancelled with less', entry, { status: 'CANCELED', filled: decimal('0.001') }, {}],
    ['thought partly filled', entry, { status: 'PARTIALLY_FILLED', filled: decimal('0.001') }, {}],
  ] as const)('%s: looked up now', (_, order, ours, theirs) => {
    expect(kinds(settles({ ...order, ...ours }, [aVenueOrder(1, theirs)]))).toEqual(['SETTLE'])
  })

  test('a stop that the books think resting, and the exchange does not list, is looked up now', () => {
    expect(settles(stop(), [])).toMatchObject([
      { kind: 'SETTLE', order: { id: '2' }, why: 'the exchange does not list it' },
    ])
    expect(kinds(settles(stop(), [restingStop({ status: 'CANCELED' })]))).toEqual(['SETTLE'])
  })

  test('an order that moved since the question is not judged, whatever the answer says', () => {
    for (const status of ['OPEN', 'SUBMITTING', 'NOT_PLACED', 'FILLED', 'CANCELED'] as const)
      expect(settles(stop({ moved: true, status }), [restingStop()]), status).toEqual([])
    expect(settles(stop({ moved: true }), [])).toEqual([])
  })

  test('a stop that rests though the books are done with it is cancelled, and only when both lists say that it rests', () => {
    const done = stop({ status: 'CANCELED' })
    expect(kinds(settles(done, [restingStop()]))).toEqual(['CANCEL'])
    expect(settles(done, [restingStop()], { open: [] })).toEqual([])
  })

  test('one thought never placed, and resting, is looked up; where it has no place in the books any more it is cancelled', () => {
    const lost = aBookedOrder(2, { side: 'SELL', purpose: 'EXIT', status: 'NOT_PLACED', filled: ZERO })
    const judge = (given: AssetBooks) =>
      kinds(reconcile(given, account('0.002', aMarketOf([restingStop()]))).findings)
    expect(judge(books([aBookedBot()], [lost]))).toEqual(['SETTLE'])
    expect(judge(books([aBookedBot({ held: ZERO })], [lost]))).toEqual(['CANCEL'])
    const other = aBookedOrder(3, { purpose: 'EXIT', status: 'INTENDED', filled: ZERO })
    expect(judge(books([aBookedBot()], [lost, other]))).toEqual(['CANCEL'])
    expect(judge(books([aBookedBot({ held: ZERO })], [stop({ status: 'NOT_PLACED' })]))).toEqual(['SETTLE'])
  })

  test('one of ours that the books miss is taken over where one bot alone can have sent it, else they pause', () => {
    const judge = (...bots: AssetBooks['bots'][number][]) =>
      reconcile(books(bots, []), account('1', aMarketOf([filled]))).findings
    expect(judge(aBookedBot())).toMatchObject([{ kind: 'TAKE_OVER', botId: '1' }])
    expect(judge(aBookedBot(), aBookedBot({ id: '2', symbol: 'BTC/USDC' }))).toMatchObject([
      { kind: 'TAKE_OVER' },
    ])
    expect(judge(aBookedBot(), aBookedBot({ id: '2' }))).toMatchObject([
      { kind: 'PAUSE', botIds: ['1', '2'], message: expect.stringContaining('"Bot 1" and "Bot 2"') },
    ])
  })

  test('one that the books have under another key of the same account is that key’s', () => {
    const given = books([aBookedBot()], [], { elsewhere: new Set([filled.clientOrderId ?? '']) })
    expect(reconcile(given, account('1', aMarketOf([filled])))).toMatchObject({
      findings: [],
      balance: 'AGREES',
    })
  })

  test('an order older than every bot is an earlier installation’s: nobody’s', () => {
    const old = aVenueOrder(1, { createdAt: new Date(BORN.getTime() - 1) })
    const judge = (orders: VenueOrder[]) =>
      reconcile(books([aBookedBot()], []), account('1', aMarketOf(orders, { firstLook: true }))).findings
    expect(judge([old])).toEqual([])
    expect(kinds(judge([{ ...old, status: 'OPEN', filled: ZERO }]))).toEqual(['FOREIGN'])
  })

  test('a foreign order is told of when it rests or has filled; what was done before the first look is no news', () => {
    const judge = (order: VenueOrder, firstLook: boolean) =>
      kinds(
        reconcile(books([aBookedBot()], [entry]), account('1', aMarketOf([filled, order], { firstLook })))
          .findings,
      )
    expect(judge(aForeignOrder(7), false)).toEqual(['FOREIGN'])
    expect(judge(aForeignOrder(7), true)).toEqual([])
    expect(judge(aForeignOrder(7, { status: 'OPEN', filled: ZERO }), true)).toEqual(['FOREIGN'])
    expect(judge(aForeignOrder(7, { status: 'CANCELED', filled: ZERO }), false)).toEqual([])
  })
})

describe('balance', () => {
  const sale = aForeignOrder(7)
  const judge = (
    bots: AssetBooks['bots'],
    total: string | Decimal,
    found: VenueOrder[],
    more: Partial<AccountMarket> = {},
  ) => reconcile(books(bots, [entry]), account(total, aMarketOf([filled, ...found], more)))

  test('sold by hand, and one bot alone holds the market: its position was closed', () => {
    const { findings, balance } = judge([aBookedBot(), aBookedBot({ id: '2', held: ZERO })], '0', [sale])
    expect(balance).toBe('SHORT')
    expect(findings).toMatchObject([
      { kind: 'MANUAL_CLOSE', botId: '1', closes: [{ exchangeOrderId: '7', fills: [{ side: 'SELL' }] }] },
    ])
  })

  test('a part sold by hand is that part', () => {
    const half = aForeignOrder(7, { amount: decimal('0.001') })
    expect(judge([aBookedBot()], '0.001', [half]).findings).toMatchObject([{ kind: 'MANUAL_CLOSE' }])
  })

  test.each([
    ['several bots hold it', [aBookedBot(), aBookedBot({ id: '2' })], '0.002', [sale], 'whose was sold'],
    ['no trade explains it', [aBookedBot()], '0', [], 'withdrawn'],
    [
      'more was sold than the bot holds',
      [aBookedBot()],
      '0',
      [aForeignOrder(7, { amount: decimal('0.003') })],
      'not what is missing',
    ],
    [
      'less was sold than is missing',
      [aBookedBot()],
      '0',
      [aForeignOrder(7, { amount: decimal('0.001') })],
      'not what is missing',
    ],
    [
      'the sell still rests',
      [aBookedBot()],
      '0.001',
      [aForeignOrder(7, { status: 'PARTIALLY_FILLED', filled: decimal('0.001') })],
      'still rests',
    ],
  ])('%s: the bots on it pause, with a sentence', (_, bots, total, found, sentence) => {
    const { findings } = judge(bots, total, found)
    const pause = findings.find((finding) => finding.kind === 'PAUSE')
    expect(pause).toMatchObject({ botIds: bots.map((bot) => bot.id), subject: 'SHORTAGE BTC' })
    expect(pause?.message).toContain(sentence)
    expect(kinds(findings)).not.toContain('MANUAL_CLOSE')
  })

  test('sold by hand on another market of the same asset: the quote is another, so a person looks', () => {
    const other = aMarketOf([sale], { symbol: 'BTC/USDC' })
    const { findings } = reconcile(
      books([aBookedBot(), aBookedBot({ id: '2', symbol: 'BTC/USDC', held: ZERO })], [entry]),
      account('0', aMarketOf([filled]), other),
    )
    expect(kinds(findings)).toEqual(['PAUSE'])
  })

  test('the number of another market’s order attributes nothing', () => {
    const elsewhere = aBookedOrder(7, { symbol: 'ETH/BTC' })
    const { findings } = reconcile(
      books([aBookedBot()], [entry, elsewhere]),
      account('0', aMarketOf([filled, sale])),
    )
    expect(kinds(findings)).toEqual(['MANUAL_CLOSE'])
  })

  test('dust and less than a step are no shortage', () => {
    const bot = aBookedBot({ dust: decimal('0.000008') })
    expect(judge([bot], '0.002', []).balance).toBe('AGREES')
    expect(judge([bot], '0.00199', []).balance).toBe('AGREES')
    expect(judge([bot], '0.00198', []).balance).toBe('SHORT')
  })

  test('while an order is on its way the balance proves nothing', () => {
    for (const order of [
      aBookedOrder(9, { status: 'SUBMITTING', filled: ZERO }),
      aBookedOrder(9, { status: 'UNKNOWN', filled: ZERO }),
      aBookedOrder(9, { moved: true }),
      aBookedOrder(9, { status: 'NOT_PLACED', filled: ZERO, doubtful: true }),
      aBookedOrder(9, { status: 'UNKNOWN', filled: ZERO, symbol: 'ETH/BTC' }),
    ]) {
      const answer = reconcile(
        books([aBookedBot()], [entry, order]),
        account('0', aMarketOf([filled, sale], { base: 'BTC' })),
      )
      expect(answer).toMatchObject({ balance: 'UNSURE', short: true })
      expect(kinds(answer.findings), 'the sale may be a close by hand').not.toContain('FOREIGN')
      expect(kinds(answer.findings)).not.toContain('MANUAL_CLOSE')
      expect(kinds(answer.findings)).not.toContain('PAUSE')
    }
  })

  test('a stop that both sides see resting holds nothing up; one that has filled at the exchange does', () => {
    const judge = (found: VenueOrder) =>
      reconcile(books([aBookedBot()], [entry, stop()]), account('0', aMarketOf([filled, found, sale])))
        .balance
    expect(judge(restingStop())).toBe('SHORT')
    expect(judge(restingStop({ status: 'FILLED', filled: decimal('0.002') }))).toBe('UNSURE')
  })
})

describe('whatever happens', () => {
  const steps = fc.integer({ min: 1, max: 500 })
  const amount = (n: number) => decimal('0.00001').times(n)

  test('a close by hand is booked only where one bot holds, and exactly what is missing; else bots pause or nothing is wrong', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 4 }),
        fc.array(steps, { maxLength: 4 }),
        fc.integer({ min: -800, max: 800 }),
        fc.boolean(),
        (held, sales, apart, oneRests) => {
          const bots = held.map((n, index) => aBookedBot({ id: String(index + 1), held: amount(n) }))
          const sells = sales.map((n, index) => {
            const partly = oneRests && index === 0
            return aForeignOrder(100 + index, {
              amount: amount(n + (partly ? 1 : 0)),
              filled: amount(n),
              status: partly ? 'PARTIALLY_FILLED' : 'FILLED',
            })
          })
          const sold = sales.reduce((sum, n) => sum + n, 0)
          const total = held.reduce((sum, n) => sum + n, 0) - sold + apart
          if (total < 0) return
          const { findings, balance } = reconcile(books(bots, []), account(amount(total), aMarketOf(sells)))
          const missing = sold - apart
          const close = findings.find((finding) => finding.kind === 'MANUAL_CLOSE')
          const pause = findings.find((finding) => finding.kind === 'PAUSE')
          // A difference of one step is within what dust and rounding may leave.
          expect(balance).toBe(missing > 1 ? 'SHORT' : 'AGREES')
          expect((close !== undefined ? 1 : 0) + (pause !== undefined ? 1 : 0)).toBe(missing > 1 ? 1 : 0)
          if (close?.kind === 'MANUAL_CLOSE') {
            expect(held.filter((n) => n > 0)).toHaveLength(1)
            expect(oneRests && sales.length > 0).toBe(false)
            const booked = close.closes
              .flatMap((sell) => sell.fills)
              .reduce((sum, fill) => sum.plus(fill.amount), ZERO)
            expect(booked.minus(amount(missing)).abs().lte(amount(1))).toBe(true)
            expect(booked.lte(amount(Math.max(...held)))).toBe(true)
          }
          if (pause !== undefined) expect(pause).toMatchObject({ botIds: bots.map((bot) => bot.id) })
        },
      ),
    )
  })

  test('orders of ours, in any state on both sides, give at most one finding each, and settled equal ones none', () => {
    const status = fc.constantFrom('OPEN', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
    const ours = fc.record({
      status: fc.constantFrom(
        'INTENDED',
        'SUBMITTING',
        'UNKNOWN',
        'NOT_PLACED',
        'OPEN',
        'PARTIALLY_FILLED',
        'FILLED',
        'CANCELED',
        'REJECTED',
        'EXPIRED',
      ),
      filled: fc.integer({ min: 0, max: 3 }),
      moved: fc.boolean(),
      theirs: fc.option(fc.record({ status, filled: fc.integer({ min: 0, max: 3 }) })),
    })
    fc.assert(
      fc.property(fc.array(ours, { maxLength: 5 }), (given) => {
        const orders = given.map((one, index) =>
          aBookedOrder(index + 1, {
            side: 'SELL',
            purpose: 'PROTECTIVE_STOP',
            status: one.status,
            filled: amount(one.filled),
            moved: one.moved,
          }),
        )
        const found = given.flatMap((one, index) =>
          one.theirs === null
            ? []
            : [
                aVenueOrder(index + 1, {
                  status: one.theirs.status,
                  filled: amount(one.theirs.filled),
                  side: 'SELL',
                }),
              ],
        )
        const { findings } = reconcile(books([aBookedBot()], orders), account('1', aMarketOf(found)))
        const about = findings.map((finding) => ('order' in finding ? finding.order.id : 'none'))
        expect(new Set(about).size).toBe(about.length)
        given.forEach((one, index) => {
          const touched = about.includes(String(index + 1))
          if (one.moved || one.status === 'INTENDED') expect(touched).toBe(false)
          else if (one.theirs?.status === one.status && one.theirs.filled <= one.filled)
            expect(touched).toBe(false)
          else if (one.theirs !== null && one.theirs.filled > one.filled) expect(touched).toBe(true)
        })
        expect(kinds(findings)).not.toContain('TAKE_OVER')
      }),
    )
  })
})
