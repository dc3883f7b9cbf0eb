import { describe, expect, test } from 'vitest'
import { decimal } from '../money.ts'
import type { RestingStop } from '../protective-stop.ts'
import type { BotState } from '../bot.ts'
import { tick } from './tick.ts'
import { anInput, calm, crossingDown, crossingUp, held, later, NOW, READY } from './tick.fixture.ts'
import type { TickInput, TickPlan } from './types.ts'

const LIVE = { mode: 'LIVE', apiKeyId: '3' } as const
const types = (plan: TickPlan) => plan.events.map((event) => event.type)

/** Rests over the whole of `held()`: trigger at 980, limit 970.20. */
const resting = (more: Partial<RestingStop> = {}): RestingStop => ({
  id: '5',
  status: 'OPEN',
  side: 'SELL',
  amount: decimal('0.1'),
  filled: decimal(0),
  stopPrice: decimal(980),
  price: decimal('970.2'),
  cancelRequested: false,
  createdAt: later(-60_000),
  ...more,
})

type More = Omit<Partial<TickInput>, 'bot' | 'state'> & { state?: Partial<BotState> }
/** A LIVE bot that holds 0.1 BTC with its stop resting, at this price. */
const guarded = (price: number, { state, ...more }: More = {}) =>
  anInput({
    bot: LIVE,
    position: held(),
    stop: resting(),
    data: calm(price),
    ...more,
    ...(state && { state }),
  })

/** The tick after, with what the first one wrote, so many ms later. */
function next(input: TickInput, plan: TickPlan, more: Partial<TickInput> = {}, ms = 1000): TickInput {
  return { ...input, state: plan.state, now: new Date(input.now.getTime() + ms), ...more }
}

describe('a stop is placed', () => {
  test('as soon as a LIVE position stands, as an intent of its own', () => {
    expect(tick(guarded(1000, { stop: null })).intent).toMatchObject({
      purpose: 'PROTECTIVE_STOP',
      side: 'SELL',
      type: 'STOP_LIMIT',
      amount: decimal('0.1'),
      stopPrice: decimal(980),
      price: decimal('970.2'),
    })
    expect(tick(anInput({ position: held() })).intent, 'PAPER').toBeNull()
  })

  test('also while paused, halted or in error; not beside an unsettled order, a close or an exit', () => {
    const places = (more: More) => tick(guarded(1000, { stop: null, ...more })).intent?.purpose ?? null
    expect(places({ halted: true })).toBe('PROTECTIVE_STOP')
    expect(places({ state: { status: 'PAUSED', pauseReason: 'MANUAL' } })).toBe('PROTECTIVE_STOP')
    expect(places({ state: { status: 'ERROR' } })).toBe('PROTECTIVE_STOP')
    expect(places({ unsettled: { id: '9', purpose: 'ENTRY', status: 'PARTIALLY_FILLED' } })).toBeNull()
    expect(places({ state: { closing: true } })).toBe('CLOSE')
    expect(places({ data: crossingDown(1000) })).toBe('EXIT')
    expect(places({ state: { status: 'STOPPED' } })).toBeNull()
    expect(places({ data: { ...calm(), ageMs: 600_000 } }), 'no price').toBeNull()
  })

  test('where it cannot rest, one event says why', () => {
    const small = held({ amount: decimal('0.0051'), cost: decimal('5.1') })
    const input = guarded(1000, { stop: null, position: small })
    const first = tick(input)
    expect(types(first)).toEqual(['PROTECTIVE_STOP_FAILED'])
    expect(first.state.stopNotice).toContain('minimum')
    expect(types(tick(next(input, first)))).toEqual([])
  })

  test('moved when the trailing stop has risen: cancelled, then placed anew once it is gone', () => {
    const bot = { ...LIVE, trailingStopPerc: decimal(1), takeProfitPerc: decimal(0) }
    const input = anInput({ bot, position: held(), stop: resting(), data: calm(1100) })
    const first = tick(input)
    expect(first).toMatchObject({ intent: null, cancelStop: expect.stringContaining('1089') })
    const waiting = tick(next(input, first, { stop: resting({ cancelRequested: true }) }))
    expect(waiting).toMatchObject({ intent: null, cancelStop: null })
    expect(tick(next(input, first, { stop: null })).intent).toMatchObject({
      purpose: 'PROTECTIVE_STOP',
      stopPrice: decimal(1089),
    })
  })
})

describe('while it rests, the software’s stop stands by', () => {
  test('touched: it is looked at with each tick, soon, and nothing is sold for 10 s', () => {
    let input = guarded(980, { state: { stopTouchedAt: null } })
    input = { ...input, bot: { ...input.bot, checkIntervalSeconds: 30 } }
    for (let second = 0; second < 10; second++) {
      const plan = tick(input)
      expect(plan, `second ${second}`).toMatchObject({ intent: null, cancelStop: null, lookAtStop: true })
      expect(plan.state.nextTickAt).toEqual(new Date(input.now.getTime() + 1000))
      expect(plan.state.stopTouchedAt).toEqual(NOW)
      input = next(input, plan)
    }
    const overtaken = tick(input)
    expect(overtaken.cancelStop).toContain('STOP_LOSS')
    expect(overtaken.state).toMatchObject({ exitPurpose: 'STOP_LOSS' })
    expect(types(overtaken), 'not yet told: it may have filled').toEqual(['EXIT_WAITS'])
  })

  test('a price that comes back forgets the touch', () => {
    const touched = tick(guarded(980))
    expect(tick(next(guarded(980.01), touched)).state.stopTouchedAt).toBeNull()
  })

  test('beyond its limit: cancelled at once, seen terminal, the rest sold at market, and told', () => {
    const input = guarded(970.19)
    const first = tick(input)
    expect(first).toMatchObject({ intent: null, cancelStop: expect.any(String) })
    // The price is back above the stop meanwhile: what was decided is done.
    const asked = { ...input, data: calm(985), stop: resting({ cancelRequested: true }) }
    const waiting = tick(next(asked, first))
    expect(waiting).toMatchObject({ intent: null, cancelStop: null, state: { exitPurpose: 'STOP_LOSS' } })
    expect(types(waiting)).toEqual([])
    const gone = next({ ...asked, stop: null, position: held({ amount: decimal('0.06') }) }, waiting)
    const sold = tick(gone)
    expect(sold.intent).toMatchObject({ purpose: 'STOP_LOSS', type: 'MARKET', amount: decimal('0.06') })
    expect(types(sold)).toEqual(['STOP_OVERTAKEN'])
    expect(types(tick(next(gone, sold))), 'once').toEqual([])
  })

  test('not yet beyond its limit it waits', () => {
    expect(tick(guarded(970.2))).toMatchObject({ intent: null, cancelStop: null, lookAtStop: true })
  })

  test('a stop that lags behind the trailing one does not make the software stand by', () => {
    const bot = { ...LIVE, trailingStopPerc: decimal(1), takeProfitPerc: decimal(0) }
    const position = held({ bestPrice: decimal(1100) })
    const input = anInput({ bot, position, stop: resting({ createdAt: later(-1) }), data: calm(1089) })
    expect(tick(input)).toMatchObject({ cancelStop: expect.any(String), state: { exitPurpose: 'STOP_LOSS' } })
  })

  test('one on its way out does not either', () => {
    expect(tick(guarded(979, { stop: resting({ cancelRequested: true }) })).state.exitPurpose).toBe(
      'STOP_LOSS',
    )
  })

  test('UNKNOWN or on its way: nothing is sold before its outcome is known', () => {
    for (const status of ['SUBMITTING', 'UNKNOWN'] as const) {
      let input = guarded(900, { stop: resting({ status }) })
      for (let turn = 0; turn < 3; turn++) {
        const plan = tick(input)
        expect(plan.intent, status).toBeNull()
        input = next(input, plan, { stop: resting({ status, cancelRequested: true }) })
      }
      expect(tick(next(input, tick(input), { stop: null })).intent).toMatchObject({ purpose: 'STOP_LOSS' })
    }
  })
})

describe('any other exit cancels it first', () => {
  const exits: [string, More][] = [
    ['EXIT', { data: crossingDown(1000) }],
    ['TAKE_PROFIT', { data: calm(1040) }],
    ['CLOSE', { state: { closing: true } }],
    ['CLOSE', { state: { closing: true, status: 'STOPPED' } }],
  ]
  test.each(exits)('%s waits for it, remembers why, and sells what is left', (purpose, more) => {
    const input = guarded(1000, more)
    const first = tick(input)
    expect(first.intent).toBeNull()
    expect(first.cancelStop).toContain(purpose)
    expect(types(first)).toEqual(['EXIT_WAITS'])
    expect(first.state.nextTickAt).toEqual(later(1000))
    // The signal was on one candle only; the price is back where nothing is wanted.
    const after = { data: calm(1000), stop: resting({ cancelRequested: true }) }
    const waiting = tick(next(input, first, after))
    expect(waiting).toMatchObject({ intent: null, cancelStop: null, events: [] })
    const left = { data: calm(1000), stop: null, position: held({ amount: decimal('0.04') }) }
    expect(tick(next(input, waiting, left)).intent).toMatchObject({ purpose, amount: decimal('0.04') })
  })

  test('an EXIT that was not sent is tried again: its signal comes only once', () => {
    const input = anInput({ position: held(), data: crossingDown(1000) })
    const first = tick(input)
    expect(first.intent?.purpose).toBe('EXIT')
    expect(tick(next(input, first)).intent?.purpose).toBe('EXIT')
  })

  test('filled wholly meanwhile: the wish is dropped', () => {
    const input = guarded(1000, { data: crossingDown(1000) })
    const flat = tick(next(input, tick(input), { position: null, stop: null }))
    expect(flat).toMatchObject({ intent: null, state: { exitPurpose: null, exitReason: null } })
  })

  test('one that was not claimed yet is dropped, and the exit goes out with the same plan', () => {
    const plan = tick(guarded(1000, { data: crossingDown(1000), stop: resting({ status: 'INTENDED' }) }))
    expect(plan).toMatchObject({ cancelStop: expect.any(String), intent: { purpose: 'EXIT' } })
  })

  test('no entry while a stop outlives its position: it is cancelled', () => {
    const plan = tick(anInput({ bot: LIVE, stop: resting(), data: crossingUp(1020) }))
    expect(plan).toMatchObject({ intent: null, cancelStop: expect.any(String) })
    expect(plan.state.notice).toBe('ORDER_UNSETTLED')
  })
})

test('a stop that could not be placed is tried again when its pause is over, not an interval later', () => {
  const input = guarded(1000, { stop: null, state: { stopRetryAt: later(8_000) } })
  const slow = { ...input, bot: { ...input.bot, checkIntervalSeconds: 3600 } }
  expect(tick(slow).state.nextTickAt).toEqual(later(8_000))
  expect(tick({ ...slow, stop: resting() }).state.nextTickAt).toEqual(later(3_600_000))
})

describe('at the end and at the start of a bot', () => {
  test('closing ends when the stop has, and not before', () => {
    const input = anInput({ bot: LIVE, stop: resting(), state: { status: 'STOPPED', closing: true } })
    expect(tick(input).state.closing).toBe(true)
    expect(tick({ ...input, stop: null }).state.closing).toBe(false)
  })

  test('one to be deleted with KEEP goes while its stop rests, not while it is on its way', () => {
    const removed = (stop: RestingStop | null) =>
      tick(guarded(1000, { stop, state: { status: 'STOPPED', deleting: true, closePolicy: 'KEEP' } })).remove
    expect(removed(resting())).toBe(true)
    expect(removed(null)).toBe(true)
    expect(removed(resting({ status: 'UNKNOWN' }))).toBe(false)
    expect(removed(resting({ cancelRequested: true }))).toBe(false)
  })

  test('a start takes a resting stop up as it is, and waits for one in doubt', () => {
    const status = (stop: RestingStop) =>
      tick(guarded(1000, { stop, start: READY, state: { status: 'PENDING', startedAt: NOW } })).state
    expect(status(resting())).toMatchObject({ status: 'RUNNING' })
    expect(status(resting({ status: 'UNKNOWN' }))).toMatchObject({
      status: 'PENDING',
      errorCode: 'ORDER_UNSETTLED',
    })
  })

  test('a start that fails in position says that it is unprotected, unless a stop rests', () => {
    const refused = { ...READY, key: 'REFUSED' as const }
    const told = (stop: RestingStop | null) =>
      types(tick(guarded(1000, { stop, start: refused, state: { status: 'PENDING', startedAt: NOW } })))
    expect(told(null)).toEqual(['STATUS', 'POSITION_UNPROTECTED'])
    expect(told(resting())).toEqual(['STATUS'])
  })
})
