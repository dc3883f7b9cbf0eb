import { describe, expect, test } from 'vitest'
import { decimal } from '../money.ts'
import { initialise, START_PATIENCE_MS } from './initialise.ts'
import { anInput, calm, crossingUp, held, later, NOW, READY } from './tick.fixture.ts'
import { tick } from './tick.ts'
import type { StartFacts } from './types.ts'

describe('limits', () => {
  const losing = (more: Parameters<typeof anInput>[0] = {}) =>
    tick(
      anInput({
        data: calm(990),
        position: held(),
        ...more,
        bot: { maxDailyLossPerc: decimal('0.1'), ...more?.bot },
      }),
    )

  test('the daily loss pauses, names the day and the figures, and leaves the position guarded', () => {
    const plan = losing()
    expect(plan.state).toMatchObject({
      status: 'PAUSED',
      pauseReason: 'DAILY_LOSS',
      pauseDay: '2026-11-22',
      closing: false,
    })
    expect(plan.events).toEqual([
      {
        type: 'STATUS',
        from: 'RUNNING',
        to: 'PAUSED',
        message: expect.stringContaining('stays guarded by its stop') as string,
      },
    ])
    expect(plan.intent).toBeNull()
    expect(losing({ data: calm(900) }).intent).toMatchObject({ purpose: 'STOP_LOSS' })
  })

  test('with onDailyLimit CLOSE the same tick closes', () => {
    const plan = losing({ bot: { onDailyLimit: 'CLOSE' } })
    expect(plan).toMatchObject({ state: { status: 'PAUSED', closing: true }, intent: { purpose: 'CLOSE' } })
  })

  test('no entry in the tick that reaches a limit', () => {
    const day = { ...anInput().day, tradeCount: 1 }
    const plan = tick(anInput({ data: crossingUp(), day, bot: { maxDailyTrades: 1 } }))
    expect(plan).toMatchObject({ intent: null, state: { status: 'PAUSED', pauseReason: 'DAILY_TRADES' } })
  })

  test('a pause by hand keeps its reason, so that midnight does not wake it', () => {
    const plan = losing({ state: { status: 'PAUSED', pauseReason: 'MANUAL' } })
    expect(plan.state).toMatchObject({ pauseReason: 'MANUAL', pauseDay: null })
    expect(plan.events).toEqual([])
  })

  test('a target that turns into a loss is told as one, once', () => {
    const state = { status: 'PAUSED', pauseReason: 'DAILY_TARGET', pauseDay: '2026-11-22' } as const
    const plan = losing({ state })
    expect(plan.state.pauseReason).toBe('DAILY_LOSS')
    expect(losing({ state: plan.state }).events).toEqual([])
  })

  test('the drawdown pauses for good, measured from the highest equity', () => {
    const bot = { maxDrawdownPerc: decimal(10) }
    const at = (peak: string) => tick(anInput({ bot, state: { peakEquity: decimal(peak) } })).state
    expect(at('1111.11')).toMatchObject({ status: 'RUNNING' })
    expect(at('1111.12')).toMatchObject({ status: 'PAUSED', pauseReason: 'DRAWDOWN', pauseDay: null })
  })

  test('a new day ends a daily pause of an earlier one, with an event, and the same tick may enter', () => {
    const paused = { status: 'PAUSED', pauseReason: 'DAILY_LOSS', pauseDay: '2026-11-21' } as const
    const plan = tick(anInput({ data: crossingUp(), state: paused }))
    expect(plan.state).toMatchObject({ status: 'RUNNING', pauseReason: null, pauseDay: null })
    expect(plan.events[0]).toMatchObject({ type: 'STATUS', from: 'PAUSED', to: 'RUNNING' })
    expect(plan.intent).toMatchObject({ purpose: 'ENTRY' })
    expect(tick(anInput({ state: { ...paused, pauseDay: '2026-11-22' } })).state.status).toBe('PAUSED')
    expect(tick(anInput({ state: paused, bot: { resumeNextDay: false } })).state.status).toBe('PAUSED')
    expect(tick(anInput({ state: { status: 'PAUSED', pauseReason: 'MANUAL' } })).state.status).toBe('PAUSED')
  })
})

describe('the first tick', () => {
  const start = (facts: Partial<StartFacts>, more: Parameters<typeof anInput>[0] = {}) =>
    tick(
      anInput({
        data: crossingUp(),
        start: { ...READY, ...facts },
        ...more,
        state: { status: 'PENDING', startedAt: NOW, ...more?.state },
        bot: { mode: 'LIVE', ...more?.bot },
      }),
    )

  test('with all there the bot runs, and does nothing else yet', () => {
    const plan = start({})
    expect(plan.state).toMatchObject({ status: 'RUNNING', errorCode: null, nextTickAt: later(1000) })
    expect(plan.events).toMatchObject([{ type: 'STATUS', from: 'PENDING', to: 'RUNNING' }])
    expect(plan.intent).toBeNull()
  })

  test.each([
    ['KEY_MISSING', { key: 'MISSING' }],
    ['KEY_UNREADABLE', { key: 'UNREADABLE' }],
    ['KEY_REFUSED', { key: 'REFUSED', keyMessage: 'Invalid API-key' }],
    ['VENUE_NOT_LIVE', { venueLive: false }],
    ['MARKET_GONE', { marketListed: false }],
  ] as const)('%s is for a person to change: ERROR at once', (code, facts) => {
    const { state, events } = start(facts)
    expect(state).toMatchObject({ status: 'ERROR', errorCode: code, nextTickAt: null })
    expect(state.errorMessage).toMatch(/^[A-Zs].+(Stop|Replace|Duplicate).+\.$/)
    expect(events).toMatchObject([{ type: 'STATUS', from: 'PENDING', to: 'ERROR' }])
  })

  test.each([
    ['MARKETS_UNKNOWN', { marketListed: null, venueError: 'timed out' }, ['refresh_markets']],
    ['KEY_UNCHECKED', { key: 'UNCHECKED' }, ['probe_key']],
  ] as const)(
    '%s passes by itself: PENDING with the reason, said once, for five minutes',
    (code, facts, wants) => {
      const first = start(facts)
      expect(first.state).toMatchObject({ status: 'PENDING', errorCode: code, nextTickAt: later(1000) })
      expect(first.wants).toEqual(wants)
      expect(first.events.map((event) => event.type)).toEqual(['START_WAITING'])
      expect(start(facts, { state: first.state }).events).toEqual([])
      expect(start(facts, { state: { startedAt: later(-START_PATIENCE_MS) } }).state.status).toBe('PENDING')
      expect(start(facts, { state: { startedAt: later(-START_PATIENCE_MS - 1) } }).state.status).toBe('ERROR')
    },
  )

  test('an unsettled order of an earlier run is waited for', () => {
    const plan = start({}, { unsettled: { id: '9', purpose: 'ENTRY', status: 'UNKNOWN' } })
    expect(plan.state).toMatchObject({ status: 'PENDING', errorCode: 'ORDER_UNSETTLED' })
  })

  test('a PAPER bot asks for no key', () => {
    expect(start({ key: 'MISSING', venueLive: false }, { bot: { mode: 'PAPER' } }).state.status).toBe(
      'RUNNING',
    )
  })

  test('a PENDING bot without its facts is a fault of the caller', () => {
    const input = anInput({ state: { status: 'PENDING' } })
    expect(() => initialise(input, tick(anInput()))).toThrow('PENDING')
  })
})
