import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { VenueOrder } from '../exchange.ts'
import { type Decimal, decimal, ZERO } from '../money.ts'
import { correctionsOf, type DeepMarket, type FillFacts, withCorrections } from './corrections.ts'
import { reconcile } from './reconcile.ts'
import { aBookedBot, aBookedOrder, aMarketOf, aVenueOrder, books } from './reconcile.fixture.ts'
import type { AssetBooks, Finding } from './types.ts'

const bought = aVenueOrder(1)
const deep = (orders: VenueOrder[]): DeepMarket => ({ ...aMarketOf(orders), futures: false })
const facts = (filled: string | Decimal, bot: Decimal | string | null = filled): FillFacts => ({
  orders: new Map([['1', { filled: decimal(filled), tradeIds: new Set(['1-1']) }]]),
  bots: new Map([['1', bot === null ? null : decimal(bot)]]),
})
const judge = (ofBooks: AssetBooks, given: FillFacts, fits = true, orders = [bought]) =>
  correctionsOf(ofBooks, [deep(orders)], given, () => fits)
const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind)

describe('books against their own fills', () => {
  test('that agree are left as they are, and so is what fills do not prove', () => {
    expect(judge(books([aBookedBot()], [aBookedOrder(1)]), facts('0.002'))).toEqual([])
    const wrong = books([aBookedBot({ held: decimal('0.5') })], [aBookedOrder(1)])
    expect(judge(wrong, facts('0.002', null)), 'a speck was written off').toEqual([])
  })

  test('an order’s amount is set to its fills, where the exchange says the same', () => {
    const order = aBookedOrder(1, { filled: decimal('0.5') })
    expect(judge(books([aBookedBot()], [order]), facts('0.002'))).toMatchObject([
      { kind: 'RECOUNT_ORDER', filled: decimal('0.002') },
    ])
    for (const more of [{ moved: true }, { status: 'UNKNOWN' }, { origin: 'MANUAL' }] as const)
      expect(judge(books([aBookedBot()], [{ ...order, ...more }]), facts('0.002'))).toEqual([])
  })

  test('fills that the exchange does not have are no machine’s to take away', () => {
    const [finding] = judge(books([aBookedBot()], [aBookedOrder(1)]), facts('0.003'))
    expect(finding).toMatchObject({ kind: 'PAUSE', subject: 'BOOKS BTC/USDT', botIds: ['1'] })
  })

  test('lost fills are restored where the position has them, booked where it lacks them, and asked about else', () => {
    const none: FillFacts = { orders: new Map(), bots: new Map() }
    const at = (held: string) =>
      kinds(judge(books([aBookedBot({ held: decimal(held) })], [aBookedOrder(1)]), none))
    expect([at('0.002'), at('0'), at('0.001')]).toEqual([['RESTORE_FILLS'], ['SETTLE'], ['PAUSE']])
  })

  test('a position is recounted only where the account has what the fills come to', () => {
    const grown = books([aBookedBot({ held: decimal('0.5') })], [aBookedOrder(1)])
    expect(judge(grown, facts('0.002'))).toMatchObject([
      { kind: 'RECOUNT_POSITION', held: decimal('0.5'), amount: decimal('0.002') },
    ])
    expect(judge(grown, facts('0.002'), false)).toEqual([])
    const gone = books([aBookedBot({ held: ZERO })], [aBookedOrder(1)])
    expect(kinds(judge(gone, facts('0.002'))), 'there is no position to be set').toEqual(['PAUSE'])
  })

  test('a correction goes before what would explain the same shortage otherwise', () => {
    const grown = books([aBookedBot({ held: decimal('0.5') })], [aBookedOrder(1)])
    const found = reconcile(grown, { markets: [aMarketOf([bought])], total: decimal('0.002') })
    expect(kinds(found.findings)).toEqual(['PAUSE'])
    expect(kinds(withCorrections(found, judge(grown, facts('0.002'))).findings)).toEqual(['RECOUNT_POSITION'])
  })
})

test('whatever the rows say, nothing is set to anything but what fills add up to and the exchange confirms', () => {
  const steps = fc.integer({ min: 0, max: 6 })
  const amount = (n: number) => decimal('0.00001').times(n)
  fc.assert(
    fc.property(steps, steps, steps, steps, fc.boolean(), (filled, told, held, venue, fits) => {
      const order = aBookedOrder(1, { filled: amount(filled) })
      const theirs = aVenueOrder(1, { amount: amount(6), filled: amount(venue) })
      const given: FillFacts = {
        orders: new Map([['1', { filled: amount(told), tradeIds: new Set(['old']) }]]),
        bots: new Map([['1', amount(told)]]),
      }
      const ofBooks = books([aBookedBot({ held: amount(held) })], [order])
      for (const finding of correctionsOf(ofBooks, [deep([theirs])], given, () => fits)) {
        if (finding.kind === 'RECOUNT_ORDER') {
          expect(finding.filled.eq(amount(told)) && told === venue && filled !== told).toBe(true)
        } else if (finding.kind === 'RECOUNT_POSITION') {
          expect(fits && finding.amount.eq(amount(told)) && held !== told).toBe(true)
        } else if (finding.kind === 'RESTORE_FILLS') {
          const sum = finding.fills.reduce((total, fill) => total.plus(fill.amount), amount(told))
          expect(sum.eq(amount(venue)) && amount(held).eq(sum)).toBe(true)
        } else if (finding.kind === 'SETTLE') {
          expect(held === told && told < venue).toBe(true)
        } else expect(finding.kind).toBe('PAUSE')
      }
    }),
  )
})
