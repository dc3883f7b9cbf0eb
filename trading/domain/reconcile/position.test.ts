import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OrderSide } from '../bot.ts'
import type { VenueOrder } from '../exchange.ts'
import { type Decimal, decimal, ZERO } from '../money.ts'
import { reconcilePosition } from './position.ts'
import { aBookedBot, aBookedOrder, aForeignOrder, aMarketOf, books } from './reconcile.fixture.ts'

const SYMBOL = 'BTC/USDT:USDT'
const bot = (side: OrderSide | null, amount: string) =>
  aBookedBot({ symbol: SYMBOL, side, held: decimal(amount) })
const market = (orders: VenueOrder[] = []) => aMarketOf(orders, { symbol: SYMBOL })
const venue = (side: OrderSide, amount: string) => ({ side, amount: decimal(amount) })

describe.each([
  ['long', 'BUY', 'SELL'],
  ['short', 'SELL', 'BUY'],
] as const)('a %s position', (_word, own, other) => {
  test('that the exchange has as well agrees', () => {
    const found = reconcilePosition(books([bot(own, '0.002')], []), market(), venue(own, '0.002'))
    expect(found).toMatchObject({ findings: [], balance: 'AGREES', short: false })
  })

  test('that was closed by hand is booked as closed, whole or in part', () => {
    for (const [closed, left] of [
      ['0.002', null],
      ['0.0005', venue(own, '0.0015')],
    ] as const) {
      const order = aForeignOrder(7, { side: other, amount: decimal(closed) })
      const found = reconcilePosition(books([bot(own, '0.002')], []), market([order]), left)
      expect(found.findings).toMatchObject([
        { kind: 'MANUAL_CLOSE', botId: '1', closes: [{ exchangeOrderId: '7', liquidation: false }] },
      ])
    }
  })

  test('a liquidation that closed more than the bot held is not looked up as an order of ours', () => {
    const order = aForeignOrder(7, { side: other, amount: decimal('0.003'), liquidation: true })
    const booked = aBookedOrder(7, {
      symbol: SYMBOL,
      side: other,
      clientOrderId: 'manual-7',
      origin: 'LIQUIDATION',
    })
    const found = reconcilePosition(books([bot(null, '0')], [booked]), market([order]), null)
    expect(found).toMatchObject({ findings: [], balance: 'AGREES' })
  })

  test('that the exchange liquidated is booked as liquidated', () => {
    const order = aForeignOrder(7, { side: other, liquidation: true })
    const found = reconcilePosition(books([bot(own, '0.002')], []), market([order]), null)
    expect(found.findings).toMatchObject([{ kind: 'MANUAL_CLOSE', closes: [{ liquidation: true }] }])
  })

  test('that is gone without a trade pauses the bot, with a sentence that names both', () => {
    const found = reconcilePosition(books([bot(own, '0.002')], []), market(), null)
    expect(found.balance).toBe('SHORT')
    expect(found.findings).toMatchObject([
      { kind: 'PAUSE', subject: `POSITION ${SYMBOL}`, amount: decimal('0.002'), botIds: ['1'] },
    ])
    expect(found.findings[0]).toHaveProperty(
      'message',
      expect.stringMatching(
        new RegExp(`is flat .*"Bot 1" should hold 0.002 ${own === 'BUY' ? 'long' : 'short'}.*No trade`),
      ),
    )
  })

  test('that a person made larger pauses the bot', () => {
    const order = aForeignOrder(7, { side: own, amount: decimal('0.001') })
    const found = reconcilePosition(books([bot(own, '0.002')], []), market([order]), venue(own, '0.003'))
    expect(found.findings).toMatchObject([{ kind: 'PAUSE' }])
  })

  test('that a person turned round pauses the bot', () => {
    const order = aForeignOrder(7, { side: other, amount: decimal('0.003') })
    const found = reconcilePosition(books([bot(own, '0.002')], []), market([order]), venue(other, '0.001'))
    expect(found.findings).toMatchObject([{ kind: 'PAUSE' }])
  })

  test('proves nothing while an order of ours is on its way', () => {
    const order = aBookedOrder(3, { symbol: SYMBOL, side: other, status: 'UNKNOWN', filled: ZERO })
    const found = reconcilePosition(books([bot(own, '0.002')], [order]), market(), null)
    expect(found).toMatchObject({ balance: 'UNSURE', short: true })
  })

  test('of a person is theirs while the bot holds nothing', () => {
    const found = reconcilePosition(books([bot(null, '0')], []), market(), venue(own, '1'))
    expect(found).toMatchObject({ findings: [], balance: 'AGREES' })
  })
})

test('whatever the exchange says, a bot is closed only by fills that are exactly the difference', () => {
  const amount = fc.integer({ min: 0, max: 30 }).map((n) => decimal(n).div(1000))
  const side = fc.constantFrom<OrderSide>('BUY', 'SELL')
  const signed = (way: OrderSide, size: Decimal) => (way === 'SELL' ? size.neg() : size)
  fc.assert(
    fc.property(
      side,
      amount,
      fc.array(fc.tuple(side, amount), { maxLength: 4 }),
      fc.integer({ min: -40, max: 40 }),
      (own, held, orders, at) => {
        fc.pre(held.gt(0))
        const now = decimal(at).div(1000)
        const position = now.isZero()
          ? null
          : ({ side: now.isNegative() ? 'SELL' : 'BUY', amount: now.abs() } as const)
        const foreign = orders
          .filter(([, size]) => size.gt(0))
          .map(([way, size], index) => aForeignOrder(10 + index, { side: way, amount: size }))
        const { findings, balance } = reconcilePosition(
          books([aBookedBot({ symbol: SYMBOL, side: own, held })], []),
          market(foreign),
          position,
        )
        const difference = now.minus(signed(own, held))
        expect(balance).toBe(difference.isZero() ? 'AGREES' : 'SHORT')
        const close = findings.find((finding) => finding.kind === 'MANUAL_CLOSE')
        if (close === undefined) return
        const booked = close.closes.flatMap((one) => one.fills)
        const moved = booked.reduce((sum, fill) => sum.plus(signed(fill.side, fill.amount)), ZERO)
        expect(moved.toFixed()).toBe(difference.toFixed())
        expect(booked.every((fill) => fill.side !== own)).toBe(true)
        expect(moved.abs().lte(held)).toBe(true)
      },
    ),
  )
})
