import { expect, test } from 'vitest'
import { runningState } from '../running-state.ts'
import { decimal } from '../money.ts'
import type { RestingStop } from '../protective-stop.ts'
import type { CandleSignal, Move } from '../strategies/strategy.ts'
import { forgetReversal } from './signals.ts'
import {
  aFuturesInput,
  anInput,
  crossingDown,
  crossingUp,
  held,
  heldPerpetual,
  later,
  LAST_OPEN,
} from './tick.fixture.ts'
import { tick } from './tick.ts'
import type { MarketView, TickInput, TickPlan } from './types.ts'

const EXIT = { id: '9', purpose: 'EXIT', status: 'OPEN' } as const

/** Candles in order, the last of which closed 5 s ago: what each says of a long and of a short. */
function says(...moves: [long: Move, short: Move][]): MarketView {
  const signals = moves.map(([long, short], index): CandleSignal => {
    const openTime = new Date(LAST_OPEN.getTime() - (moves.length - 1 - index) * 60_000)
    return { openTime, signal: { long, short, reason: `candle ${index}` } }
  })
  return { signals, lastPrice: decimal(1000), ageMs: 500 }
}
/** The tick that finds the bot flat and settled after `plan`. */
const flat = (input: TickInput, { state }: TickPlan, more: Partial<TickInput> = {}) =>
  tick({ ...input, position: null, stop: null, unsettled: null, state, ...more })

test.each([
  ['BUY', 'SELL', crossingDown(1000)],
  ['SELL', 'BUY', crossingUp(1000)],
] as const)(
  'the signal that leaves a %s enters a %s once the bot is flat and settled',
  (side, other, data) => {
    const input = aFuturesInput({ data, position: heldPerpetual(side) })
    const leave = tick(input)
    expect(leave.intent).toMatchObject({ purpose: 'EXIT', side: other, reduceOnly: true })
    const waits = tick({ ...input, state: leave.state, unsettled: EXIT })
    expect(waits).toMatchObject({ intent: null, events: [] })
    const booked = tick({ ...input, state: waits.state, position: null, unsettled: EXIT })
    expect(booked).toMatchObject({ intent: null, events: [] })
    const enter = flat(input, booked)
    expect(enter.intent).toMatchObject({ purpose: 'ENTRY', side: other, signalCandleAt: LAST_OPEN })
    expect(flat(input, enter).intent, 'once').toBeNull()
  },
)

test('LIVE, while the stop is cancelled, the exit is refused and sent again, the signal is kept', () => {
  const stop: RestingStop = {
    id: '5',
    status: 'OPEN',
    side: 'SELL',
    amount: decimal(1),
    filled: decimal(0),
    stopPrice: decimal(980),
    price: null,
    cancelRequested: false,
    createdAt: later(-60_000),
  }
  const bot = { mode: 'LIVE', apiKeyId: '3' } as const
  const input = aFuturesInput({ bot, data: crossingDown(1000), position: heldPerpetual('BUY'), stop })
  const cancels = tick(input)
  expect(cancels).toMatchObject({ intent: null, cancelStop: expect.any(String) as string })
  const waits = tick({ ...input, state: cancels.state, stop: { ...stop, cancelRequested: true } })
  expect(waits.intent).toBeNull()
  const leaves = tick({ ...input, state: waits.state, stop: null })
  expect(leaves.intent).toMatchObject({ purpose: 'EXIT' })
  const refused = tick({ ...input, stop: null, state: { ...leaves.state, exitRetryAt: later(2_000) } })
  expect(refused.intent).toBeNull()
  const again = tick({ ...input, stop: null, state: { ...refused.state, exitRetryAt: null } })
  expect(again.intent).toMatchObject({ purpose: 'EXIT' })
  expect(flat(input, again).intent).toMatchObject({ purpose: 'ENTRY', side: 'SELL' })
})

test('while the exit is on its way, what a later candle says counts', () => {
  const after = (...later: [Move, Move][]) => {
    const input = aFuturesInput({
      data: says([null, null], ['EXIT', 'ENTER']),
      position: heldPerpetual('BUY'),
    })
    const leave = tick(input)
    expect(leave.intent).toMatchObject({ purpose: 'EXIT', reason: 'candle 1' })
    const data = says([null, null], ['EXIT', 'ENTER'], ...later)
    // The same candles, so many minutes on.
    const signals = data.signals.map((each) => ({
      ...each,
      openTime: new Date(each.openTime.getTime() + later.length * 60_000),
    }))
    const sent = { ...input, data: { ...data, signals }, unsettled: EXIT }
    return flat(sent, tick({ ...sent, state: leave.state })).intent
  }
  expect(after([null, null])).toMatchObject({ side: 'SELL', reason: 'candle 1' })
  expect(after([null, 'EXIT'])).toBeNull()
  expect(after(['ENTER', 'EXIT'])).toMatchObject({ side: 'BUY', reason: 'candle 2' })
  expect(after([null, null], [null, null], [null, null], [null, null])).toMatchObject({ side: 'SELL' })
  const old = after([null, null], [null, null], [null, null], [null, null], [null, null])
  expect(old, 'too old').toBeNull()
})

test('an exit that calls for nothing, or for what the bot may not do, is over with its candle', () => {
  for (const [data, direction] of [
    [says(['EXIT', null]), 'BOTH'],
    [says(['EXIT', 'ENTER'], [null, 'EXIT']), 'BOTH'],
    [says(['EXIT', 'ENTER']), 'LONG'],
  ] as const) {
    const input = aFuturesInput({ data, bot: { direction }, position: heldPerpetual('BUY') })
    const leave = tick(input)
    expect(leave.intent).toMatchObject({ purpose: 'EXIT' })
    expect(leave.state.lastCandleAt).toEqual(LAST_OPEN)
    expect(flat(input, leave)).toMatchObject({ intent: null, events: [] })
  }
})

test('spot looks at each candle once, as ever, also while its exit is on the way', () => {
  const input = anInput({ data: crossingDown(1000), position: held() })
  const leave = tick(input)
  expect(leave).toMatchObject({ intent: { purpose: 'EXIT' }, state: { lastCandleAt: LAST_OPEN } })
  expect(flat(input, leave)).toMatchObject({ intent: null, events: [] })
  const newer = { ...input, data: crossingUp(1000, later(-5_000)), unsettled: EXIT }
  const waits = tick({ ...newer, state: leave.state })
  expect(waits.state.lastCandleAt).toEqual(later(-5_000))
  expect(flat(newer, waits).intent).toBeNull()
})

test('what denies an entry denies this one too: said once, and the signal is spent', () => {
  const input = aFuturesInput({ data: crossingDown(1000), position: heldPerpetual('BUY') })
  const leave = tick(input)
  const denials: [Partial<TickInput>, Partial<TickInput['state']>][] = [
    [{ halted: true }, {}],
    [{ ordersLastMinute: 1, bot: { ...input.bot, maxOrdersPerMinute: 1 } }, {}],
    [{}, { status: 'PAUSED', pauseReason: 'MANUAL' }],
    [{}, { cooldownUntil: later(1_000) }],
  ]
  for (const [more, state] of denials) {
    const denied = flat(input, { ...leave, state: { ...leave.state, ...state } }, more)
    expect(denied.intent).toBeNull()
    expect(denied.events.map(({ type }) => type)).toEqual(['ENTRY_DENIED'])
    const free = { ...denied.state, status: 'RUNNING', pauseReason: null, cooldownUntil: null } as const
    expect(flat(input, { ...denied, state: free }).intent).toBeNull()
  }
})

test('a position that is left by its stop, its take profit or a close is not reversed on that candle', () => {
  const cases = [
    [crossingDown(980), {}, 'STOP_LOSS'],
    [crossingDown(1040), {}, 'TAKE_PROFIT'],
    [crossingDown(1000), { closing: true }, 'CLOSE'],
  ] as const
  for (const [data, state, purpose] of cases) {
    const input = aFuturesInput({ data, state, position: heldPerpetual('BUY') })
    const leave = tick(input)
    expect(leave.intent).toMatchObject({ purpose })
    expect(flat(input, leave).intent).toBeNull()
  }
})

test('a close that overtakes the exit on its way spends the signal, and so does a stop that filled first', () => {
  const input = aFuturesInput({ data: crossingDown(1000), position: heldPerpetual('BUY') })
  const leave = tick(input)
  const closing = tick({ ...input, unsettled: EXIT, state: { ...leave.state, closing: true } })
  expect(flat(input, { ...closing, state: { ...closing.state, closing: false } }).intent).toBeNull()
  const stopped = { ...leave.state }
  forgetReversal({ bot: input.bot, state: stopped, now: input.now })
  expect(flat(input, { ...leave, state: stopped }).intent).toBeNull()
  const early = { ...leave.state }
  forgetReversal({ bot: input.bot, state: early, now: later(-60_000) })
  expect(early.lastCandleAt, 'closed by the venue’s clock alone').toEqual(LAST_OPEN)
  const none = runningState('1', decimal(1000), later(-3_600_000))
  forgetReversal({ bot: input.bot, state: none, now: input.now })
  expect(none.lastCandleAt, 'no exit was on its way').toBeNull()
})
