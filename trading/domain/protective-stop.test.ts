import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aMarket, aPerpetual } from './bot.fixture.ts'
import { BOT_STATUSES } from './bot-lifecycle.ts'
import { type Decimal, decimal, floorToStep, plain } from './money.ts'
import { ORDER_STATUSES } from './order.ts'
import {
  guardsAt,
  protectiveStop,
  rests,
  type RestingStop,
  type StopFacts,
  unprotectedWarning,
  wantedPrices,
} from './protective-stop.ts'

const NOW = new Date('2026-11-22T12:00:00.000Z')
const ago = (ms: number) => new Date(NOW.getTime() - ms)

const aStop = (more: Partial<RestingStop> = {}): RestingStop => ({
  id: '5',
  status: 'OPEN',
  side: 'SELL',
  amount: decimal('0.1'),
  filled: decimal(0),
  stopPrice: decimal(980),
  price: decimal('970.2'),
  cancelRequested: false,
  createdAt: ago(60_000),
  ...more,
})
/** 0.1 BTC, to be left at 980; the price is 1,000. */
const facts = (more: Partial<StopFacts> = {}): StopFacts => ({
  now: NOW,
  mode: 'LIVE',
  status: 'RUNNING',
  position: { side: 'BUY', amount: decimal('0.1') },
  stopLossPrice: decimal(980),
  market: aMarket(),
  lastPrice: decimal(1000),
  stop: null,
  retryAt: null,
  ...more,
})
const kind = (more: Partial<StopFacts> = {}) => protectiveStop(facts(more)).kind

describe('placed', () => {
  test('at the stop loss, its limit 1 % below, over all that can be sold', () => {
    expect(protectiveStop(facts({ position: { side: 'BUY', amount: decimal('0.100009') } }))).toEqual({
      kind: 'PLACE',
      amount: decimal('0.1'),
      stopPrice: decimal(980),
      price: decimal('970.2'),
    })
  })

  test('on the tick: the trigger up, the limit down', () => {
    const prices = wantedPrices(decimal('980.001'), aMarket(), 'BUY')
    expect([prices?.stopPrice, prices?.price].map((price) => price && plain(price))).toEqual([
      '980.01',
      '970.2',
    ])
    expect(wantedPrices(decimal(980), aMarket({ priceTick: decimal(100) }), 'BUY')).toEqual({
      stopPrice: decimal(1000),
      price: decimal(900),
    })
    expect(
      wantedPrices(decimal(80), aMarket({ priceTick: decimal(100) }), 'BUY'),
      'no limit but 0 would be left',
    ).toBeNull()
  })

  test('for LIVE bots that run, are paused or in error', () => {
    expect(kind({ mode: 'PAPER' })).toBe('NONE')
    for (const status of BOT_STATUSES) {
      const guards = status === 'RUNNING' || status === 'PAUSED' || status === 'ERROR'
      expect(kind({ status }), status).toBe(guards ? 'PLACE' : 'NONE')
    }
  })

  test('not at or below its trigger, which a venue refuses', () => {
    expect(kind({ lastPrice: decimal('980.01') })).toBe('PLACE')
    expect(kind({ lastPrice: decimal(980) })).toBe('NONE')
    expect(kind({ lastPrice: decimal(900) })).toBe('NONE')
  })

  test('not before a back-off is over, nor on a market that is not traded', () => {
    expect(kind({ retryAt: new Date(NOW.getTime() + 1) })).toBe('NONE')
    expect(kind({ retryAt: NOW })).toBe('PLACE')
    expect(kind({ market: aMarket({ active: false }) })).toBe('NONE')
  })

  test('below the market’s minimum at its limit there is none, and a sentence says so', () => {
    // 0.0051 × 980 is 4.998 at the trigger; 5 USDT is the least.
    expect(protectiveStop(facts({ position: { side: 'BUY', amount: decimal('0.0051') } }))).toMatchObject({
      kind: 'NONE',
      why: expect.stringContaining('minimum'),
    })
    expect(kind({ position: { side: 'BUY', amount: decimal('0.0052') } })).toBe('PLACE')
  })
})

describe('moved', () => {
  const moves = (more: Partial<StopFacts>, stop: Partial<RestingStop> = {}) =>
    kind({ ...more, stop: aStop(stop) })

  test('when its trigger is off by 0.1 %, either way, and not within 10 s of the last', () => {
    expect(moves({ stopLossPrice: decimal('980.97') })).toBe('NONE')
    expect(moves({ stopLossPrice: decimal('980.98') })).toBe('CANCEL')
    expect(moves({ stopLossPrice: decimal('979.02') })).toBe('CANCEL')
    expect(moves({ stopLossPrice: decimal('979.03') })).toBe('NONE')
    expect(moves({ stopLossPrice: decimal(990) }, { createdAt: ago(9_999) })).toBe('NONE')
    expect(moves({ stopLossPrice: decimal(990) }, { createdAt: ago(10_000) })).toBe('CANCEL')
  })

  test('when the position is another: at once where it has shrunk below the stop', () => {
    expect(moves({ position: { side: 'BUY', amount: decimal('0.2') } })).toBe('CANCEL')
    expect(moves({ position: { side: 'BUY', amount: decimal('0.2') } }, { createdAt: ago(0) })).toBe('NONE')
    expect(moves({ position: { side: 'BUY', amount: decimal('0.09') } }, { createdAt: ago(0) })).toBe(
      'CANCEL',
    )
    expect(moves({ position: { side: 'BUY', amount: decimal('0.100001') } }), 'less than a step').toBe('NONE')
  })

  test('not while it is touched or fills, nor twice', () => {
    expect(moves({ lastPrice: decimal(980), stopLossPrice: decimal(990) })).toBe('NONE')
    const filling = { status: 'PARTIALLY_FILLED', filled: decimal('0.04') } as const
    expect(
      moves({ position: { side: 'BUY', amount: decimal('0.06') }, stopLossPrice: decimal(990) }, filling),
    ).toBe('NONE')
    expect(moves({ stopLossPrice: decimal(990) }, { cancelRequested: true })).toBe('NONE')
  })
})

describe('of a perpetual', () => {
  const perpetual = aPerpetual()
  const long = (more: Partial<StopFacts> = {}) => facts({ market: perpetual, ...more })
  /** Sold at 1,000; to be left at 1,020. */
  const short = (more: Partial<StopFacts> = {}) =>
    facts({
      market: perpetual,
      position: { side: 'SELL', amount: decimal('0.1') },
      stopLossPrice: decimal(1020),
      ...more,
    })
  const shortStop = (more: Partial<RestingStop> = {}) =>
    aStop({ side: 'BUY', stopPrice: decimal(1020), price: null, ...more })

  test('at market, triggered at the stop loss, over all that is held, however little', () => {
    const amount = decimal('0.001')
    for (const [input, stopPrice] of [
      [long({ position: { side: 'BUY', amount } }), decimal(980)],
      [short({ position: { side: 'SELL', amount } }), decimal(1020)],
    ] as const)
      expect(protectiveStop(input)).toEqual({ kind: 'PLACE', amount, stopPrice, price: null })
  })

  test('the trigger is rounded towards the price: no more is lost than allowed', () => {
    expect(protectiveStop(long({ stopLossPrice: decimal('980.01') }))).toMatchObject({
      stopPrice: decimal('980.1'),
    })
    expect(protectiveStop(short({ stopLossPrice: decimal('1019.99') }))).toMatchObject({
      stopPrice: decimal('1019.9'),
    })
    expect(wantedPrices(decimal('0.04'), perpetual, 'SELL'), 'nothing is left of it').toBeNull()
  })

  test('of a short: not where the price is at its trigger or above', () => {
    expect(protectiveStop(short({ lastPrice: decimal('1019.9') })).kind).toBe('PLACE')
    expect(protectiveStop(short({ lastPrice: decimal(1020) })).kind).toBe('NONE')
  })

  test('of a short: moved and guarding in the mirror', () => {
    const moves = (more: Partial<StopFacts>, stop: Partial<RestingStop> = {}) =>
      protectiveStop(short({ ...more, stop: shortStop(stop) })).kind
    expect(moves({ stopLossPrice: decimal('1019.1') })).toBe('NONE')
    expect(moves({ stopLossPrice: decimal('1018.9') })).toBe('CANCEL')
    expect(moves({ stopLossPrice: decimal(1010), lastPrice: decimal(1020) }), 'touched').toBe('NONE')
    expect(moves({ position: { side: 'SELL', amount: decimal('0.09') } }, { createdAt: ago(0) })).toBe(
      'CANCEL',
    )
    expect(guardsAt(shortStop(), decimal(1020))).toBe(true)
    expect(guardsAt(shortStop(), decimal('1019.1'))).toBe(true)
    expect(guardsAt(shortStop(), decimal(1018))).toBe(false)
    expect(guardsAt(shortStop(), decimal(1100)), 'earlier than wanted').toBe(true)
  })

  test('one that is left of a position on the other side goes at once', () => {
    expect(protectiveStop(short({ stop: aStop({ price: null, createdAt: ago(0) }) })).kind).toBe('CANCEL')
  })
})

test('whether it guards: at the wanted price but for 0.1 %, and not on its way out', () => {
  expect(guardsAt(aStop(), decimal(980))).toBe(true)
  expect(guardsAt(aStop(), decimal('980.9'))).toBe(true)
  expect(guardsAt(aStop(), decimal(981))).toBe(false)
  expect(guardsAt(aStop(), decimal(900)), 'earlier than wanted').toBe(true)
  expect(guardsAt(aStop({ cancelRequested: true }), decimal(980))).toBe(false)
})

test('a position is unprotected where nothing rests, LIVE alone', () => {
  for (const status of ORDER_STATUSES) {
    const stop = aStop({ status })
    const safe = status === 'OPEN' || status === 'PARTIALLY_FILLED'
    expect(rests(stop), status).toBe(safe)
    expect(unprotectedWarning('LIVE', {}, stop) === null, status).toBe(safe)
  }
  expect(unprotectedWarning('LIVE', {}, null)).toContain('unprotected')
  expect(unprotectedWarning('LIVE', {}, aStop({ cancelRequested: true }))).toContain('unprotected')
  expect(unprotectedWarning('LIVE', null, null)).toBeNull()
  expect(unprotectedWarning('PAPER', {}, null)).toBeNull()
})

describe('whatever the market and the prices', () => {
  const money = (max: number, digits: number) =>
    fc.integer({ min: 1, max }).map((whole) => decimal(whole).div(10 ** digits))
  const step = fc
    .constantFrom(null, '0.00000001', '0.0001', '0.01', '0.5', '1')
    .map((text) => text && decimal(text))
  const anything = fc.record({
    amount: money(10_000_000, 5),
    stopLossPrice: money(100_000_000, 4),
    lastPrice: money(100_000_000, 4),
    priceTick: step,
    amountStep: step,
    minCost: fc.constantFrom(null, decimal(5)),
  })
  const factsOf = (drawn: { amount: Decimal; stopLossPrice: Decimal; lastPrice: Decimal } & object) => {
    const { amount, stopLossPrice, lastPrice, ...rules } = drawn
    return facts({
      position: { side: 'BUY', amount },
      stopLossPrice,
      lastPrice,
      market: aMarket({ ...rules, minAmount: null }),
    })
  }

  test('what is placed breaks no rule of the market, sells no more than is held, and guards at once and no later', () => {
    let placed = 0
    fc.assert(
      fc.property(anything, (drawn) => {
        const input = factsOf(drawn)
        const action = protectiveStop(input)
        if (action.kind !== 'PLACE') return
        placed++
        const { market } = input
        if (action.price === null) throw new Error('a stop of SPOT has a limit')
        for (const price of [action.stopPrice, action.price])
          expect(plain(floorToStep(price, market.priceTick))).toBe(plain(price))
        expect(plain(floorToStep(action.amount, market.amountStep))).toBe(plain(action.amount))
        expect(action.amount.lte(input.position.amount) && action.amount.gt(0)).toBe(true)
        expect(action.stopPrice.gte(input.stopLossPrice), 'no more is lost than allowed').toBe(true)
        expect(action.stopPrice.lt(input.lastPrice)).toBe(true)
        expect(action.price.gt(0) && action.price.lte(action.stopPrice.times('0.99'))).toBe(true)
        if (market.minCost !== null) expect(action.amount.times(action.price).gte(market.minCost)).toBe(true)
      }),
      { numRuns: 500 },
    )
    expect(placed).toBeGreaterThan(20)
  })

  test('what was placed stays: nothing moves while nothing has changed', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 0, max: 3_600_000 }), (drawn, ageMs) => {
        const input = factsOf(drawn)
        const action = protectiveStop(input)
        if (action.kind !== 'PLACE') return
        const stop = aStop({ ...action, createdAt: ago(ageMs) })
        expect(protectiveStop({ ...input, stop })).toEqual({ kind: 'NONE', why: null })
        expect(guardsAt(stop, input.stopLossPrice)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('a trailing stop under a rising price is moved at most once in 10 s, and never lags by more than it may', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -30, max: 60 }), { minLength: 1, maxLength: 120 }), (moves) => {
        let price = 1000
        let best = 1000
        let stop: RestingStop | null = null
        let movedAt = -Infinity
        moves.forEach((change, second) => {
          price = Math.max(500, price + change / 10)
          best = Math.max(best, price)
          const now = new Date(NOW.getTime() + second * 1000)
          const input = facts({
            now,
            stop,
            stopLossPrice: decimal(best).times('0.98'),
            lastPrice: decimal(price),
          })
          const action = protectiveStop(input)
          if (action.kind === 'CANCEL') {
            expect(second - movedAt).toBeGreaterThanOrEqual(10)
            stop = null
          }
          const next = stop === null ? protectiveStop({ ...input, stop: null }) : action
          if (next.kind === 'PLACE') {
            stop = aStop({ ...next, createdAt: now })
            movedAt = second
          }
          if (stop !== null && second - movedAt >= 10 && input.lastPrice.gt(stop.stopPrice ?? 0))
            expect(guardsAt(stop, input.stopLossPrice)).toBe(true)
        })
      }),
    )
  })
})
