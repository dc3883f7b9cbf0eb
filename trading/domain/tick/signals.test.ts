import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aBot, aState, signalsOf } from '../bot.fixture.ts'
import { decimal } from '../money.ts'
import type { CandleSignal, Move } from '../strategies/strategy.ts'
import { walk } from '../strategies/walk.fixture.ts'
import { findSignal } from './signals.ts'
import { anInput, held } from './tick.fixture.ts'
import { tick } from './tick.ts'

const MINUTE = 60_000
const BEGIN = Date.UTC(2026, 10, 22)
const CANDLES = 150

const closedBy = (all: readonly CandleSignal[], now: number) =>
  all.filter(({ openTime }) => openTime.getTime() + MINUTE <= now)

test(
  'one entry at most per signal candle, whenever ticks come, stops are hit and the bot is started anew',
  { timeout: 30_000 },
  () => {
    let entries = 0
    const pauses = fc.array(
      fc.record({
        afterMs: fc.oneof(fc.integer({ min: 100, max: 5_000 }), fc.integer({ min: 5_000, max: 8 * MINUTE })),
        event: fc.constantFrom('NONE', 'NONE', 'NONE', 'STOPPED_OUT', 'RESTARTED'),
      }),
      { minLength: 50, maxLength: 200 },
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 2 }), pauses, (seed, ticks) => {
        const closes = walk(seed, CANDLES).map(({ close }) => close)
        const all = signalsOf(closes, new Date(BEGIN + (CANDLES - 1) * MINUTE))
        let now = BEGIN + 40 * MINUTE
        let { state } = anInput({ state: { startedAt: new Date(now) } })
        let holds = false
        const entered: number[] = []
        for (const { afterMs, event } of ticks) {
          now += afterMs
          if (event === 'STOPPED_OUT') holds = false
          // START leaves behind what was looked at: a candle is spent by its bot, not by its run.
          if (event === 'RESTARTED') state = { ...state, startedAt: new Date(now) }
          const closed = closedBy(all, now)
          const data = { signals: closed.slice(-10), lastPrice: decimal(1_000), ageMs: 0 }
          // Neither stop nor target is ever met: leaving is the test's and the strategy's.
          const position = holds ? held({ stopLossPrice: decimal(1) }) : null
          const plan = tick({
            ...anInput({ bot: { stopLossPerc: decimal(99), takeProfitPerc: decimal(0) }, data, position }),
            state,
            now: new Date(now),
          })
          state = plan.state
          if (plan.intent?.purpose === 'EXIT') holds = false
          if (plan.intent?.purpose !== 'ENTRY') continue
          holds = true
          const at = plan.intent.signalCandleAt?.getTime() ?? NaN
          const signal = all.find(({ openTime }) => openTime.getTime() === at)?.signal
          expect(signal).toMatchObject({ long: 'ENTER', reason: plan.intent.reason })
          expect(at + MINUTE).toBeGreaterThan(state.startedAt?.getTime() ?? Infinity)
          expect(closed.slice(-5).map(({ openTime }) => openTime.getTime())).toContain(at)
          const newer = closed.filter(({ openTime }) => openTime.getTime() > at)
          expect(newer.every((each) => each.signal.long === null)).toBe(true)
          entered.push(at)
        }
        expect(entered).toEqual([...new Set(entered)].toSorted((a, b) => a - b))
        entries += entered.length
      }),
      { numRuns: 50 },
    )
    expect(entries).toBeGreaterThan(50)
  },
)

const at = (minute: number, long: Move, short: Move = null): CandleSignal => ({
  openTime: new Date(BEGIN + minute * MINUTE),
  signal: { long, short, reason: `${minute}` },
})
const find = (signals: readonly CandleSignal[], more: { direction?: 'LONG' | 'SHORT' | 'BOTH' } = {}) =>
  findSignal({
    bot: aBot(more),
    state: aState({ startedAt: new Date(BEGIN) }),
    data: { signals, lastPrice: decimal(1), ageMs: 0 },
  })

test('what only a short position would do neither moves a long bot nor hides its own signal', () => {
  const signals = [at(1, 'ENTER', 'EXIT'), at(2, null, 'EXIT'), at(3, null)]
  expect(find(signals).found?.signal.reason).toBe('1')
  expect(find(signals, { direction: 'SHORT' }).found?.signal.reason).toBe('2')
})

test('a bot for both hears each side by itself: an exit of shorts hides no entry of longs, the newer entry wins', () => {
  const both = (...signals: CandleSignal[]) => find(signals, { direction: 'BOTH' }).found
  expect(both(at(1, 'ENTER', 'EXIT'), at(2, null, 'EXIT'))).toMatchObject({
    side: 'BUY',
    signal: { reason: '1' },
  })
  expect(both(at(1, 'ENTER'), at(2, null, 'ENTER'))).toMatchObject({ side: 'SELL', signal: { reason: '2' } })
  expect(both(at(1, null, 'ENTER'), at(2, 'EXIT'))).toMatchObject({ side: 'SELL', signal: { reason: '1' } })
  expect(both(at(1, 'ENTER'), at(2, 'EXIT')), 'the strategy has taken it back').toMatchObject({
    signal: { reason: '2' },
  })
  expect(both(at(1, 'ENTER', 'ENTER'))).toMatchObject({ side: 'BUY' })
})

test('while a position is held, only its own side is heard', () => {
  const signals = [at(1, null, 'EXIT'), at(2, 'ENTER', null), at(3, 'EXIT', 'ENTER')]
  const state = aState({ startedAt: new Date(BEGIN) })
  const data = { signals, lastPrice: decimal(1), ageMs: 0 }
  const find = (side: 'BUY' | 'SELL') =>
    findSignal({ bot: aBot({ direction: 'BOTH' }), state, data, position: held({ side }) }).found
  expect(find('BUY')).toMatchObject({ side: 'BUY', signal: { reason: '3' } })
  expect(find('SELL'), 'its entry again says nothing').toMatchObject({
    side: 'SELL',
    signal: { short: 'ENTER' },
  })
})

test('the newest candle is told, be there a signal or none; nothing of candles looked at before', () => {
  const signals = [at(1, 'ENTER'), at(2, null)]
  expect(find(signals)).toMatchObject({ latest: at(2, null), lastCandleAt: new Date(BEGIN + 2 * MINUTE) })
  const state = aState({ startedAt: new Date(BEGIN), lastCandleAt: new Date(BEGIN + 2 * MINUTE) })
  const data = { signals, lastPrice: decimal(1), ageMs: 0 }
  expect(findSignal({ bot: aBot(), state, data })).toEqual({
    found: null,
    latest: null,
    lastCandleAt: state.lastCandleAt,
  })
  expect(findSignal({ bot: aBot(), state, data: null }).found).toBeNull()
})
