import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OrderSide } from '../bot.ts'
import { type Decimal, decimal, plain } from '../money.ts'
import type { RestingStop } from '../protective-stop.ts'
import { opposite } from '../sides.ts'
import type { Move } from '../strategies/strategy.ts'
import { aFuturesInput, calm, crossingDown, crossingUp, heldPerpetual, later, NOW } from './tick.fixture.ts'
import { tick } from './tick.ts'
import type { MarkView, MarketView, TickInput, TickPlan } from './types.ts'

const LIVE = { mode: 'LIVE', apiKeyId: '3' } as const
const types = (plan: TickPlan) => plan.events.map((event) => event.type)
const mark = (price: number | string, more: Partial<MarkView> = {}): MarkView => ({
  markPrice: decimal(price),
  ageMs: 500,
  fundings: [],
  ...more,
})
const marked = (price: number, markPrice: number | string, more: Partial<MarkView> = {}): MarketView => ({
  ...calm(price),
  mark: mark(markPrice, more),
})
const aStop = (side: OrderSide, more: Partial<RestingStop> = {}): RestingStop => ({
  id: '5',
  status: 'OPEN',
  side: opposite(side),
  amount: decimal(1),
  filled: decimal(0),
  stopPrice: decimal(side === 'BUY' ? 980 : 1020),
  price: null,
  cancelRequested: false,
  createdAt: later(-60_000),
  ...more,
})

describe('entries', () => {
  test('either way, worth positionSizeFixed times leverage, the limit on the far side of the collar', () => {
    const long = tick(aFuturesInput({ data: crossingUp(1000), bot: LIVE })).intent
    expect(long).toMatchObject({ purpose: 'ENTRY', side: 'BUY', type: 'LIMIT_IOC', reduceOnly: false })
    expect([long?.amount, long?.price].map((value) => value && plain(value))).toEqual(['1', '1010'])
    const short = tick(aFuturesInput({ data: crossingDown(1000), bot: LIVE })).intent
    expect(short).toMatchObject({ purpose: 'ENTRY', side: 'SELL', type: 'LIMIT_IOC', reduceOnly: false })
    expect([short?.amount, short?.price].map((value) => value && plain(value))).toEqual(['1', '990'])
    expect(short?.reason).toContain('crossed below')
  })

  test('only the way that the bot may go', () => {
    const side = (direction: 'LONG' | 'SHORT' | 'BOTH', data: MarketView) =>
      tick(aFuturesInput({ data, bot: { direction } })).intent?.side ?? null
    expect(['LONG', 'SHORT', 'BOTH'].map((each) => side(each as 'LONG', crossingUp(1000)))).toEqual([
      'BUY',
      null,
      'BUY',
    ])
    expect(['LONG', 'SHORT', 'BOTH'].map((each) => side(each as 'LONG', crossingDown(1000)))).toEqual([
      null,
      'SELL',
      'SELL',
    ])
  })

  test('a denied short says so as a long does', () => {
    const plan = tick(aFuturesInput({ data: crossingDown(1000), halted: true }))
    expect(plan.events).toEqual([
      { type: 'ENTRY_DENIED', message: expect.stringContaining('crossed below') as string },
    ])
  })
})

describe('exits', () => {
  const exit = (side: OrderSide, price: number, more: Parameters<typeof aFuturesInput>[0] = {}) =>
    tick(aFuturesInput({ data: calm(price), position: heldPerpetual(side), ...more })).intent

  test('of a short: stop loss above, take profit below, at their very price, by a reduce-only buy', () => {
    expect(exit('SELL', 1020)).toMatchObject({
      purpose: 'STOP_LOSS',
      side: 'BUY',
      type: 'MARKET',
      reduceOnly: true,
      reason: 'Price 1020 is at or above the stop at 1020',
    })
    expect(exit('SELL', 1019.99)).toBeNull()
    expect(exit('SELL', 960)).toMatchObject({
      purpose: 'TAKE_PROFIT',
      reason: 'Price 960 is at or below the take profit at 960',
    })
    expect(exit('SELL', 960.01)).toBeNull()
  })

  test('a trailing stop of a short falls with the best price and never rises', () => {
    const bot = { trailingStopPerc: decimal(1), takeProfitPerc: decimal(0) }
    const fallen = tick(aFuturesInput({ data: calm(900), position: heldPerpetual('SELL'), bot }))
    expect(fallen.positionPrices).toMatchObject({ bestPrice: decimal(900), stopLossPrice: decimal(909) })
    const position = heldPerpetual('SELL', { bestPrice: decimal(900) })
    expect(exit('SELL', 908.9, { bot, position })).toBeNull()
    expect(exit('SELL', 909, { bot, position })).toMatchObject({ purpose: 'STOP_LOSS' })
  })

  test('the stop is held against last and mark price, whichever is worse; the take profit against the last', () => {
    for (const [side, bad, good] of [
      ['BUY', 980, 1040],
      ['SELL', 1020, 960],
    ] as const) {
      expect(exit(side, 1000, { data: marked(1000, bad) })).toMatchObject({
        purpose: 'STOP_LOSS',
        reason: expect.stringMatching(/^Mark price (980|1020) is/) as string,
      })
      expect(exit(side, bad, { data: marked(bad, 1000) })).toMatchObject({ purpose: 'STOP_LOSS' })
      expect(exit(side, 1000, { data: marked(1000, good) })).toBeNull()
      expect(exit(side, 1000, { data: marked(1000, bad, { ageMs: 60_001 }) }), 'an old mark').toBeNull()
    }
  })

  test('however little is held, it is left: no minimum, no dust', () => {
    for (const side of ['BUY', 'SELL'] as const) {
      const position = heldPerpetual(side, { amount: decimal('0.001') })
      const plan = tick(aFuturesInput({ data: calm(1000), position, state: { closing: true } }))
      expect(plan).toMatchObject({ dustAt: null, intent: { purpose: 'CLOSE', side: opposite(side) } })
      expect(plan.intent && plain(plan.intent.amount)).toBe('0.001')
    }
  })
})

describe('the stop at the exchange', () => {
  const guarded = (side: OrderSide, data: MarketView, more: Parameters<typeof aFuturesInput>[0] = {}) =>
    aFuturesInput({ bot: LIVE, position: heldPerpetual(side), stop: aStop(side), data, ...more })

  test('is a stop at market that can only reduce', () => {
    expect(tick(guarded('SELL', marked(1000, 1000), { stop: null })).intent).toMatchObject({
      purpose: 'PROTECTIVE_STOP',
      side: 'BUY',
      type: 'STOP_MARKET',
      stopPrice: decimal(1020),
      price: null,
      reduceOnly: true,
      amount: decimal(1),
    })
    expect(tick(guarded('BUY', marked(1000, 1000), { stop: null })).intent).toMatchObject({
      side: 'SELL',
      type: 'STOP_MARKET',
      stopPrice: decimal(980),
    })
    expect(tick(guarded('BUY', marked(1000, 979), { stop: null })).intent).toMatchObject({
      purpose: 'STOP_LOSS',
    })
  })

  test('touched by either price it is waited for, however far beyond: it has no limit to be overtaken', () => {
    for (const [side, beyond] of [
      ['BUY', 950],
      ['SELL', 1050],
    ] as const)
      for (const data of [marked(beyond, 1000), marked(1000, beyond)]) {
        let input = guarded(side, data)
        for (let second = 0; second < 10; second++) {
          const plan = tick(input)
          expect(plan, `second ${second}`).toMatchObject({ intent: null, cancelStop: null, lookAtStop: true })
          input = { ...input, state: plan.state, now: new Date(input.now.getTime() + 1000) }
        }
        const overtaken = tick(input)
        expect(overtaken).toMatchObject({
          cancelStop: expect.any(String),
          state: { exitPurpose: 'STOP_LOSS' },
        })
      }
  })

  test('of another side is cancelled, and what replaces it waits until it is gone', () => {
    const plan = tick(guarded('SELL', marked(1000, 1000), { stop: aStop('BUY') }))
    expect(plan).toMatchObject({ intent: null, cancelStop: expect.stringContaining('other side') })
  })
})

describe('the mark price', () => {
  test('values the position; the last price does where it is missing, which is said once', () => {
    const position = heldPerpetual('SELL')
    const known = tick(aFuturesInput({ data: marked(1000, 990), position }))
    expect(known.state.markPrice).toEqual(decimal(990))
    expect(plain(known.state.equity)).toBe('1010')
    const lost = { ...calm(1005), mark: null }
    const missing = tick(aFuturesInput({ data: lost, position, state: known.state }))
    expect(missing.state.markPrice).toBeNull()
    expect(plain(missing.state.equity)).toBe('995')
    expect(types(missing)).toEqual(['MARK_MISSING'])
    const again = tick(aFuturesInput({ data: lost, position, state: missing.state }))
    expect(types(again)).toEqual([])
    const back = tick(aFuturesInput({ data: marked(1000, 1000), position, state: again.state }))
    expect(types(back)).toEqual(['MARK_BACK'])
    expect(back.state.notice).toBeNull()
  })

  test('is not missed in the first minute, nor by a backtest, nor on a spot market', () => {
    const data = { ...calm(1000), mark: null }
    expect(types(tick(aFuturesInput({ data, state: { startedAt: later(-59_000) } })))).toEqual([])
    expect(types(tick(aFuturesInput({ data: calm(1000) })))).toEqual([])
    expect(types(tick(aFuturesInput({ data, bot: { positionType: 'SPOT' } })))).toEqual([])
  })

  test('makes no data fresh: an old last price decides nothing, whatever the mark', () => {
    const plan = tick(
      aFuturesInput({
        bot: LIVE,
        data: { ...marked(900, 900), ageMs: 61_000 },
        position: heldPerpetual('BUY'),
      }),
    )
    expect(plan.intent).toBeNull()
    expect(plan.state.markPrice).toEqual(decimal(900))
  })
})

describe('PAPER funding', () => {
  const at = (minutes: number) => later(minutes * 60_000)
  const fundings = [
    { at: at(-40), rate: decimal('0.01'), markPrice: decimal(1000) },
    { at: at(-20), rate: decimal('0.0001'), markPrice: decimal(1010) },
    { at: at(-10), rate: decimal('-0.0002'), markPrice: null },
    { at: at(5), rate: decimal('0.01'), markPrice: null },
  ]
  const data = marked(1000, 1020, { fundings })

  test('each since the position was opened, once: longs pay what shorts receive', () => {
    const long = tick(aFuturesInput({ data, position: heldPerpetual('BUY', { takeProfitPrice: null }) }))
    // 1 × 1,010 × 0.01 % paid; 1 × 1,020 (the mark of now) × 0.02 % received
    expect(long.fundings).toEqual([
      { at: at(-20), amount: decimal('-0.101') },
      { at: at(-10), amount: decimal('0.204') },
    ])
    expect(long.state.fundedUntil).toEqual(at(-10))
    expect(long.state.nextTickAt).toEqual(later(1000))
    const short = tick(
      aFuturesInput({ data: marked(1000, 1010, { fundings }), position: heldPerpetual('SELL') }),
    )
    expect(short.fundings.map(({ amount }) => plain(amount))).toEqual(['0.101', '-0.202'])
    expect(tick(aFuturesInput({ data, position: heldPerpetual('BUY'), state: long.state })).fundings).toEqual(
      [],
    )
  })

  test('a position opened since the last one owes nothing of before', () => {
    const position = heldPerpetual('BUY', { openedAt: at(-15) })
    const state = { fundedUntil: at(-40) }
    expect(tick(aFuturesInput({ data, position, state })).fundings).toHaveLength(1)
  })

  test('a LIVE bot books what the venue says, and a flat one nothing', () => {
    expect(tick(aFuturesInput({ data, bot: LIVE, position: heldPerpetual('BUY') })).fundings).toEqual([])
    expect(tick(aFuturesInput({ data })).fundings).toEqual([])
  })
})

describe('PAPER liquidation', () => {
  const plan = (side: OrderSide, data: MarketView, more: Parameters<typeof aFuturesInput>[0] = {}) =>
    tick(aFuturesInput({ data, position: heldPerpetual(side), ...more }))

  test('by the mark price, before any stop or close', () => {
    const long = plan('BUY', marked(950, 903), { state: { closing: true } })
    expect(long.intent).toBeNull()
    // 1.25 % of 903 is more than what is left of the margin, 3
    expect(long.liquidate).toEqual({ price: decimal(903), fee: decimal(3) })
    expect(plan('SELL', marked(1000, 1096)).liquidate).toEqual({ price: decimal(1096), fee: decimal(4) })
    expect(plan('BUY', marked(903, 904)).liquidate, 'the last price alone liquidates nobody').toBeNull()
  })

  test('a gap beyond bankruptcy costs the margin and no more', () => {
    expect(plan('BUY', marked(800, 800)).liquidate).toEqual({ price: decimal(900), fee: decimal(0) })
  })

  test('without a mark by the last price; not of a LIVE position, which is the venue’s', () => {
    expect(plan('BUY', { ...calm(903), mark: null }).liquidate).not.toBeNull()
    expect(plan('BUY', marked(903, 903), { bot: LIVE }).liquidate).toBeNull()
  })

  test('funding that is due comes first', () => {
    const fundings = [{ at: NOW, rate: decimal('0.0001'), markPrice: null }]
    const due = plan('BUY', marked(950, 903, { fundings }))
    expect(due).toMatchObject({ liquidate: null, fundings: [{ at: NOW }] })
  })
})

/** Prices mirrored at 1,000: the mirror of a long's price is what it would be to a short. */
const mirror = (price: number) => Math.round((2000 - price) * 10) / 10

test('mirrored prices give mirrored decisions', { timeout: 30_000 }, () => {
  const seen = new Map<string, number>()
  const [near, far] = [fc.integer({ min: 9_850, max: 10_150 }), fc.integer({ min: 8_900, max: 11_000 })]
  const tenth = fc.oneof(near, far).map((value) => value / 10)
  const moves = fc.constantFrom<Move>('ENTER', 'EXIT', null)
  const situation = fc.record({
    price: tenth,
    markPrice: fc.option(tenth, { nil: null }),
    holds: fc.boolean(),
    own: moves,
    other: moves,
    stop: fc.option(
      fc.constantFrom<RestingStop['status']>('OPEN', 'INTENDED', 'UNKNOWN', 'PARTIALLY_FILLED'),
      {
        nil: null,
        freq: 2,
      },
    ),
    cancelRequested: fc.boolean(),
    stopPrice: fc.constantFrom(980, 960, 995),
    touchedMsAgo: fc.option(fc.constantFrom(1_000, 10_000), { nil: null }),
    wish: fc.option(fc.constantFrom('STOP_LOSS' as const, 'EXIT' as const), { nil: null, freq: 1 }),
    status: fc.constantFrom('RUNNING' as const, 'PAUSED' as const, 'ERROR' as const, 'STOPPED' as const),
    closing: fc.constantFrom(true, false, false),
    mode: fc.constantFrom('PAPER' as const, 'LIVE' as const),
    direction: fc.constantFrom('BOTH' as const, 'OWN' as const),
  })
  type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never

  function inputOf(drawn: Situation, side: OrderSide): TickInput {
    const seenBy = (price: number) => (side === 'BUY' ? price : mirror(price))
    const { own, other, markPrice, mode } = drawn
    const signal = { long: side === 'BUY' ? own : other, short: side === 'BUY' ? other : own, reason: 'r' }
    const own_ = side === 'BUY' ? ('LONG' as const) : ('SHORT' as const)
    return aFuturesInput({
      bot: {
        mode,
        apiKeyId: mode === 'LIVE' ? '3' : null,
        // Both with an entry on either side at once is a tie, which the long wins.
        direction: drawn.direction === 'BOTH' && !(own === 'ENTER' && other === 'ENTER') ? 'BOTH' : own_,
      },
      data: {
        lastPrice: decimal(seenBy(drawn.price)),
        ageMs: 500,
        signals: [{ openTime: later(-65_000), signal }],
        mark: markPrice === null ? null : mark(seenBy(markPrice)),
      },
      position: drawn.holds ? heldPerpetual(side) : null,
      stop:
        drawn.stop === null || !drawn.holds
          ? null
          : aStop(side, {
              status: drawn.stop,
              cancelRequested: drawn.cancelRequested,
              stopPrice: decimal(seenBy(drawn.stopPrice)),
            }),
      state: {
        status: drawn.status,
        pauseReason: drawn.status === 'PAUSED' ? 'MANUAL' : null,
        closing: drawn.closing,
        stopTouchedAt: drawn.touchedMsAgo === null ? null : later(-drawn.touchedMsAgo),
        exitPurpose: drawn.holds ? drawn.wish : null,
        exitReason: drawn.wish === null ? null : 'decided before',
      },
    })
  }

  function decisionOf(plan: TickPlan, side: OrderSide) {
    const seenBy = (price: Decimal | null | undefined) =>
      price == null ? null : side === 'BUY' ? Number(price) : mirror(Number(price))
    const { intent, state, liquidate, positionPrices } = plan
    return {
      intent: intent && {
        purpose: intent.purpose,
        type: intent.type,
        own: intent.side === side,
        reduceOnly: intent.reduceOnly,
        stopPrice: seenBy(intent.stopPrice),
        // Of an entry both depend on the price, which is not its own mirror.
        amount: intent.purpose === 'ENTRY' ? null : plain(intent.amount),
      },
      stops: [seenBy(positionPrices?.stopLossPrice), seenBy(positionPrices?.takeProfitPrice)],
      cancels: plan.cancelStop !== null,
      looks: plan.lookAtStop,
      liquidates: liquidate !== null,
      events: types(plan),
      unrealized: plain(plan.dayUnrealized),
      state: [state.exitPurpose, state.stopTouchedAt, state.closing, state.nextTickAt, state.status],
    }
  }

  fc.assert(
    fc.property(situation, (drawn) => {
      const [long, short] = [tick(inputOf(drawn, 'BUY')), tick(inputOf(drawn, 'SELL'))]
      if (isBetweenLiquidations(drawn)) return
      const decided = decisionOf(long, 'BUY')
      expect(decisionOf(short, 'SELL')).toEqual(decided)
      const what = decided.liquidates ? 'LIQUIDATION' : (decided.intent?.purpose ?? 'NOTHING')
      seen.set(what, (seen.get(what) ?? 0) + 1)
    }),
    { numRuns: 1_500 },
  )
  for (const what of ['ENTRY', 'EXIT', 'STOP_LOSS', 'TAKE_PROFIT', 'CLOSE', 'PROTECTIVE_STOP', 'LIQUIDATION'])
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(10)

  let reversals = 0
  const signalled = {
    holds: true,
    own: 'EXIT',
    wish: null,
    closing: false,
    direction: 'BOTH',
    touchedMsAgo: null,
  } as const
  fc.assert(
    fc.property(situation, fc.integer({ min: 9_850, max: 10_150 }), (drawn, price) => {
      const leaving = { ...drawn, ...signalled, price: price / 10, markPrice: null }
      const [long, short] = [tick(inputOf(leaving, 'BUY')), tick(inputOf(leaving, 'SELL'))]
      expect(short.state.lastCandleAt).toEqual(long.state.lastCandleAt)
      const next = decisionOf(flatAfter(leaving, 'BUY', long), 'BUY')
      expect(decisionOf(flatAfter(leaving, 'SELL', short), 'SELL')).toEqual(next)
      if (next.intent === null) return
      expect(next.intent).toMatchObject({ purpose: 'ENTRY', own: false })
      reversals += 1
    }),
    { numRuns: 300 },
  )
  expect(reversals).toBeGreaterThan(10)

  /** The same moment, once what the plan left is gone. */
  function flatAfter(drawn: Situation, side: OrderSide, { state }: TickPlan): TickPlan {
    return tick({ ...inputOf(drawn, side), position: null, stop: null, state })
  }

  /** A long's liquidation at 903.6 is no mirror of a short's at 1,095.6: between the two only one is liquidated. */
  function isBetweenLiquidations({ price, markPrice }: Situation): boolean {
    const by = markPrice ?? price
    return by >= 903.6 && by <= 904.4
  }
})
