import { describe, expect, test } from 'vitest'
import { aMarket, CROSSING_UP, signalsOf } from '../bot.fixture.ts'
import { BOT_STATUSES } from '../bot-lifecycle.ts'
import { decimal, plain } from '../money.ts'
import { anInput, calm, crossingDown, crossingUp, held, LAST_OPEN, later, NOW } from './tick.fixture.ts'
import { isFresh, tick } from './tick.ts'
import type { TickInput, TickPlan } from './types.ts'

const types = (plan: TickPlan) => plan.events.map((event) => event.type)
/** The next tick's input, as the store would read it after this plan. */
const after = (input: TickInput, plan: TickPlan): TickInput => ({
  ...input,
  state: plan.state,
  now: new Date(input.now.getTime() + 1000),
})

describe('entries', () => {
  test('a crossover is entered with the size that was set, on the step, with the reason and its candle', () => {
    const plan = tick(anInput({ data: crossingUp(1020) }))
    expect(plan.intent).toMatchObject({
      purpose: 'ENTRY',
      side: 'BUY',
      reason: 'EMA 2 crossed above EMA 3, RSI 95.00 < 100',
      signalCandleAt: LAST_OPEN,
    })
    // 100 / 1,020 = 0.098039…, on the step of 0.00001
    expect(plan.intent && plain(plan.intent.amount)).toBe('0.09803')
    expect(plan.state).toMatchObject({
      lastCandleAt: LAST_OPEN,
      lastSignal: 'EMA 2 crossed above EMA 3, RSI 95.00 < 100',
    })
  })

  test('a candle is looked at once: sixty ticks on it plan one entry', () => {
    let input = anInput({ data: crossingUp() })
    let entries = 0
    for (let count = 0; count < 60; count++) {
      const plan = tick(input)
      if (plan.intent !== null) entries++
      input = after(input, plan)
    }
    expect(entries).toBe(1)
  })

  test('a candle that closed before START gives no entry; one that closed after it does', () => {
    const closed = LAST_OPEN.getTime() + 60_000
    const started = (ms: number) =>
      tick(anInput({ data: crossingUp(), state: { startedAt: new Date(closed + ms) } })).intent
    expect(started(0)).toBeNull()
    expect(started(1)).toBeNull()
    expect(started(-1)).not.toBeNull()
    // It is told all the same.
    expect(tick(anInput({ data: crossingUp(), state: { startedAt: NOW } })).state.lastSignal).toContain(
      'crossed above',
    )
  })

  test('a late tick finds the newest signal among the candles that it missed, five at most', () => {
    const missed = (count: number) => {
      const closes = [...CROSSING_UP, ...Array.from({ length: count }, (_, index) => 1020 + index * 30)]
      const data = { ...crossingUp(), signals: signalsOf(closes, LAST_OPEN) }
      return tick(anInput({ data, state: { lastCandleAt: data.signals.at(-2 - count)?.openTime ?? null } }))
        .intent
    }
    expect(missed(4)?.signalCandleAt).toEqual(later(-65_000 - 4 * 60_000))
    expect(missed(5)).toBeNull()
  })

  test('no more is put in than the bot still has', () => {
    const poor = tick(anInput({ data: crossingUp(1000), state: { realizedPnl: decimal(-950) } }))
    expect(poor.intent && plain(poor.intent.amount)).toBe('0.05')
    const broke = tick(anInput({ data: crossingUp(1000), state: { realizedPnl: decimal(-1000) } }))
    expect(broke.intent).toBeNull()
    expect(broke.state.notice).toBe('BALANCE_NONE')
  })

  test.each([
    ['TRADING_HALTED', anInput({ data: crossingUp(), halted: true })],
    [
      'POSITION_CLOSING',
      anInput({
        data: crossingUp(),
        state: { closing: true },
        unsettled: { id: '9', purpose: 'CLOSE', status: 'OPEN' },
      }),
    ],
    [
      'ORDER_UNSETTLED',
      anInput({ data: crossingUp(), unsettled: { id: '9', purpose: 'ENTRY', status: 'UNKNOWN' } }),
    ],
    ['MARKET_GONE', anInput({ data: crossingUp(), market: null })],
    ['COOLDOWN_ACTIVE', anInput({ data: crossingUp(), state: { cooldownUntil: later(1) } })],
    [
      'RATE_ORDERS_PER_MINUTE',
      anInput({ data: crossingUp(), bot: { maxOrdersPerMinute: 2 }, ordersLastMinute: 2 }),
    ],
    ['ORDER_ABOVE_MAXIMUM', anInput({ data: crossingUp(), bot: { maxOrderValue: decimal('99.99') } })],
    ['ORDER_ABOVE_MAXIMUM', anInput({ data: crossingUp(), market: aMarket({ maxAmount: decimal('0.05') }) })],
    ['ORDER_BELOW_MINIMUM', anInput({ data: crossingUp(), bot: { positionSizeFixed: decimal('4.99') } })],
    ['BOT_STATUS', anInput({ data: crossingUp(), state: { status: 'PAUSED', pauseReason: 'MANUAL' } })],
  ])('%s: no entry, said once', (code, input) => {
    const plan = tick(input)
    expect(plan.intent).toBeNull()
    expect(plan.events.filter((event) => event.type === 'ENTRY_DENIED')).toEqual([
      { type: 'ENTRY_DENIED', message: expect.stringContaining(`(${code})`) as string },
    ])
    const next = { ...after(input, plan), state: { ...plan.state, lastCandleAt: null } }
    expect(types(tick(next))).not.toContain('ENTRY_DENIED')
  })

  test('a position larger than one order may be is left by several', () => {
    const market = aMarket({ maxAmount: decimal('0.0666666') })
    const plan = tick(anInput({ position: held(), state: { closing: true }, market }))
    expect(plan.intent).toMatchObject({ purpose: 'CLOSE', amount: decimal('0.06666') })
  })

  test('no second entry while a position is open', () => {
    expect(tick(anInput({ data: crossingUp(1000), position: held() })).intent).toBeNull()
  })
})

describe('exits', () => {
  const exit = (price: number, more: Parameters<typeof anInput>[0] = {}) =>
    tick(anInput({ data: calm(price), position: held(), ...more })).intent

  test('stop loss and take profit, at their very price', () => {
    expect(exit(980)).toMatchObject({
      purpose: 'STOP_LOSS',
      side: 'SELL',
      reason: 'Price 980 is at or below the stop at 980',
    })
    expect(exit(980.01)).toBeNull()
    expect(exit(1040)).toMatchObject({ purpose: 'TAKE_PROFIT' })
    expect(exit(1039.99)).toBeNull()
    expect(exit(5000, { bot: { takeProfitPerc: decimal(0) } })).toBeNull()
  })

  test('a trailing stop rises with the best price and never falls', () => {
    const bot = { trailingStopPerc: decimal(1), takeProfitPerc: decimal(0) }
    const risen = tick(anInput({ data: calm(1100), position: held(), bot }))
    expect(risen.intent).toBeNull()
    expect(risen.positionPrices?.stopLossPrice).toEqual(decimal(1089))
    const position = held({ bestPrice: decimal(1100) })
    expect(exit(1089.01, { bot, position })).toBeNull()
    expect(exit(1089, { bot, position })).toMatchObject({ purpose: 'STOP_LOSS' })
  })

  test('the strategy’s own exit', () => {
    expect(tick(anInput({ data: crossingDown(1000), position: held() })).intent).toMatchObject({
      purpose: 'EXIT',
      reason: 'EMA 2 crossed below EMA 3, RSI 5.00 > 0',
    })
  })

  test('guarded while RUNNING, PAUSED and ERROR; halted or not; not while PENDING or STOPPED', () => {
    for (const status of BOT_STATUSES.filter((each) => each !== 'PENDING')) {
      const pauseReason = status === 'PAUSED' ? 'MANUAL' : null
      for (const halted of [true, false]) {
        const intent = exit(900, { state: { status, pauseReason }, halted })
        expect(intent?.purpose ?? null, status).toBe(status === 'STOPPED' ? null : 'STOP_LOSS')
      }
    }
  })

  test('in ERROR the strategy’s exit is not followed, only the stops', () => {
    expect(
      tick(anInput({ data: crossingDown(1000), position: held(), state: { status: 'ERROR' } })).intent,
    ).toBeNull()
  })

  test('nothing while an order is unsettled, nor before a back-off is over', () => {
    expect(exit(900, { unsettled: { id: '9', purpose: 'STOP_LOSS', status: 'UNKNOWN' } })).toBeNull()
    expect(exit(900, { state: { exitRetryAt: later(1) } })).toBeNull()
    expect(exit(900, { state: { exitRetryAt: NOW } })).not.toBeNull()
  })

  test('closing comes first, in any status and without fresh data', () => {
    for (const status of BOT_STATUSES.filter((each) => each !== 'PENDING')) {
      const state = {
        status,
        pauseReason: status === 'PAUSED' ? ('MANUAL' as const) : null,
        closing: true,
        lastPrice: decimal(1000),
      }
      expect(tick(anInput({ data: null, position: held(), state })).intent, status).toMatchObject({
        purpose: 'CLOSE',
        side: 'SELL',
      })
    }
  })

  test('what is too small to be sold becomes dust, and the close has ended', () => {
    const plan = tick(
      anInput({
        data: calm(),
        position: held({ amount: decimal('0.000009') }),
        state: { status: 'STOPPED', closing: true },
      }),
    )
    expect(plan).toMatchObject({
      intent: null,
      dustAt: decimal(1000),
      state: { closing: false, nextTickAt: null },
    })
    expect(types(plan)).toEqual(['POSITION_DUST', 'CLOSED'])
  })

  test('of the amount, what lies on the step is sold', () => {
    expect(exit(900, { position: held({ amount: decimal('0.123456789') }) })?.amount).toEqual(
      decimal('0.12345'),
    )
  })
})

describe('data', () => {
  test('older than two intervals and a minute is no ground for a decision', () => {
    const fresh = (ageMs: number, checkIntervalSeconds: number) =>
      isFresh(anInput({ bot: { checkIntervalSeconds }, data: { ...calm(), ageMs } }))
    expect([fresh(60_000, 1), fresh(60_001, 1), fresh(120_000, 60), fresh(120_001, 60)]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  test('stale: neither entry nor exit nor limit, one event, and one when it is back', () => {
    const stale = { ...crossingUp(900), ageMs: 61_000 }
    let input = anInput({ data: stale, position: held(), bot: { maxDailyLossPerc: decimal('0.01') } })
    const seen: string[] = []
    for (let count = 0; count < 5; count++) {
      const plan = tick(input)
      expect(plan.intent).toBeNull()
      expect(plan.positionPrices).toBeNull()
      expect(plan.state).toMatchObject({ status: 'RUNNING', lastCandleAt: null, lastPrice: null })
      seen.push(...types(plan))
      input = after(input, plan)
    }
    expect(seen).toEqual(['DATA_STALE'])
    expect(types(tick({ ...input, data: calm() }))).toEqual(['DATA_FRESH'])
  })

  test('a bot that has just started waits a minute before it complains', () => {
    expect(types(tick(anInput({ data: null, state: { startedAt: later(-59_000) } })))).toEqual([])
    expect(types(tick(anInput({ data: null, state: { startedAt: later(-60_000) } })))).toEqual(['DATA_STALE'])
  })
})

describe('the next tick', () => {
  test('comes after the interval; sooner while closing; never for a bot at rest', () => {
    const next = (more: Parameters<typeof anInput>[0]) =>
      tick(anInput({ bot: { checkIntervalSeconds: 30 }, ...more })).state.nextTickAt
    expect(next({})).toEqual(later(30_000))
    expect(next({ state: { status: 'PAUSED', pauseReason: 'MANUAL' } })).toEqual(later(30_000))
    expect(next({ state: { closing: true }, position: held() })).toEqual(later(1_000))
    expect(next({ state: { status: 'STOPPED' } })).toBeNull()
    expect(next({ state: { status: 'ERROR' } })).toBeNull()
    expect(next({ state: { status: 'ERROR' }, position: held() })).toEqual(later(30_000))
    expect(next({ state: { status: 'STOPPED', closing: true }, position: held() })).toEqual(later(1_000))
  })

  test('a bot to be deleted goes once flat and settled; with KEEP once settled', () => {
    const removed = (more: Parameters<typeof anInput>[0]) =>
      tick(anInput({ ...more, state: { status: 'STOPPED', deleting: true, ...more?.state } })).remove
    expect(removed({})).toBe(true)
    expect(removed({ unsettled: { id: '9', purpose: 'ENTRY', status: 'OPEN' } })).toBe(false)
    expect(removed({ position: held(), state: { closing: true, closePolicy: 'CLOSE' } })).toBe(false)
    expect(removed({ position: held(), state: { closePolicy: 'KEEP' } })).toBe(true)
  })
})

test('a tick changes nothing of what it was given', () => {
  const input = anInput({ data: crossingUp(900), position: held() })
  const before = JSON.stringify(input)
  tick(input)
  expect(JSON.stringify(input)).toBe(before)
})

test('profit is marked at the current price: equity, day and total agree', () => {
  const { state, dayUnrealized } = tick(
    anInput({ data: calm(1010), position: held(), state: { realizedPnl: decimal(5) } }),
  )
  expect([state.equity, state.totalPnl, state.dailyPnl, state.peakEquity, dayUnrealized].map(plain)).toEqual([
    '1006',
    '6',
    '6',
    '1006',
    '6',
  ])
})
