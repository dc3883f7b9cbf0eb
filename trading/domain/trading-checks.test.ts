import { expect, test } from 'vitest'
import { DENIALS, isDenialCode } from './denials.ts'
import { decimal } from './money.ts'
import { firstThatBites, tradingChecks, type TradingFacts } from './trading-checks.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const before = (ms: number) => new Date(NOW.getTime() - ms)

/** A bot that lacks nothing but a signal. */
function facts(more: Partial<TradingFacts> = {}): TradingFacts {
  return {
    now: NOW,
    today: '2026-11-22',
    exchange: 'sandbox',
    symbol: 'BTC/USDT',
    mode: 'LIVE',
    status: 'RUNNING',
    errorMessage: null,
    pauseReason: null,
    pauseDay: null,
    pauseFinding: null,
    resumeNextDay: true,
    closing: false,
    notice: null,
    noticeMessage: null,
    lastSignal: 'EMA 12 is above EMA 26',
    startedAt: before(600_000),
    nextTickAt: before(-500),
    cooldownUntil: null,
    checkIntervalSeconds: 30,
    equity: decimal(1000),
    peakEquity: decimal(1000),
    positionSizeFixed: decimal(100),
    leverage: 1,
    positionType: 'SPOT',
    direction: 'LONG',
    dailyTargetPerc: decimal(5),
    maxDailyLossPerc: decimal(5),
    maxDailyTrades: 3,
    maxDrawdownPerc: decimal(10),
    maxOrderValue: decimal(100),
    maxOrdersPerMinute: 2,
    day: { startEquity: decimal(1000), tradeCount: 2 },
    haltedAt: null,
    workerAlive: true,
    venueStatus: 'OK',
    venueMessage: null,
    venueBlockedUntil: null,
    venueBlockedReason: null,
    market: { active: true, base: 'BTC', quote: 'USDT', minCost: decimal(5) },
    dataAgeMs: 60_000,
    dataError: null,
    unsettled: null,
    held: null,
    heldSide: null,
    ordersLastMinute: 1,
    wallet: 'SPOT',
    freeBalance: decimal(100),
    ...more,
  }
}

const bites = (more: Partial<TradingFacts>) => firstThatBites(tradingChecks(facts(more)))

test('a bot that lacks nothing waits for its strategy, whose sentence it shows', () => {
  const checks = tradingChecks(facts())
  expect(checks.filter((check) => check.passed !== true)).toHaveLength(1)
  expect(firstThatBites(checks)).toMatchObject({
    code: 'SIGNAL_NONE',
    message: 'Waits for a signal. EMA 12 is above EMA 26.',
  })
})

/** In the order of the ladder: each bites before all that come after it. */
const BITES: [string, Partial<TradingFacts>, RegExp][] = [
  ['WORKER_NONE', { workerAlive: false }, /No worker is alive/],
  ['BOT_STATUS', { status: 'ERROR', errorMessage: 'The key is refused.' }, /^The key is refused\.$/],
  ['TRADING_HALTED', { haltedAt: before(60_000) }, /halted since 2026-11-22 11:59 UTC/],
  ['BOT_PAUSED', { status: 'PAUSED', pauseReason: 'DAILY_LOSS' }, /daily loss limit.*00:00 UTC/],
  ['POSITION_CLOSING', { closing: true }, /being closed/],
  [
    'VENUE_MAINTENANCE',
    { venueStatus: 'MAINTENANCE', venueMessage: 'back at noon' },
    /maintenance: back at noon/,
  ],
  ['VENUE_RATE_LIMITED', { venueBlockedUntil: before(-90_000) }, /silent until 2026-11-22 12:01/],
  ['MARKET_GONE', { market: null }, /BTC\/USDT/],
  ['DATA_STALE', { dataAgeMs: 60_001, dataError: 'timed out' }, /60 s old \(timed out\)/],
  ['TICK_LATE', { nextTickAt: before(30_001) }, /due since/],
  [
    'ORDER_UNSETTLED',
    { unsettled: { id: '7', purpose: 'ENTRY', status: 'UNKNOWN' } },
    /ENTRY order 7.*looked up/,
  ],
  ['POSITION_EXISTS', { held: decimal('0.002') }, /holds 0.002 BTC/],
  ['LIMIT_DAILY_LOSS', { equity: decimal(950), peakEquity: decimal(950) }, /Daily loss/],
  ['LIMIT_DAILY_TARGET', { equity: decimal(1050), peakEquity: decimal(1050) }, /Daily target/],
  ['LIMIT_DAILY_TRADES', { day: { startEquity: decimal(1000), tradeCount: 3 } }, /3 of 3/],
  ['LIMIT_DRAWDOWN', { peakEquity: decimal('1111.12') }, /10 % or more below/],
  ['COOLDOWN_ACTIVE', { cooldownUntil: before(-60_000) }, /until 2026-11-22 12:01 UTC/],
  ['ORDER_ABOVE_MAXIMUM', { maxOrderValue: decimal(99) }, /largest order allowed, 99/],
  [
    'ORDER_BELOW_MINIMUM',
    { market: { active: true, base: 'BTC', quote: 'USDT', minCost: decimal(101) } },
    /smallest order, 101/,
  ],
  ['BALANCE_INSUFFICIENT', { freeBalance: decimal('99.99') }, /99.99 USDT free; an entry takes 100/],
  ['RATE_ORDERS_PER_MINUTE', { ordersLastMinute: 2 }, /2 are allowed/],
  ['SIGNAL_NONE', { lastSignal: null }, /next candle/],
]

test.each(BITES)('%s bites, and says why', (code, more, sentence) => {
  expect(bites(more)).toMatchObject({ code, passed: false, message: expect.stringMatching(sentence) })
})

test('the first of the ladder is the answer, whatever bites below it', () => {
  for (let first = 0; first < BITES.length; first++) {
    // Two rungs of the same fact cannot both be had: the upper one is laid over the lower.
    const all = Object.assign(
      {},
      ...BITES.slice(first)
        .map(([, more]) => more)
        .toReversed(),
    )
    expect(bites(all)?.code).toBe(BITES[first]?.[0])
  }
})

test('what is denied at the claim is remembered and shown', () => {
  const notice = { notice: 'BALANCE_INSUFFICIENT', noticeMessage: '40 USDT are free.', freeBalance: null }
  expect(bites(notice)).toMatchObject({ code: 'BALANCE_INSUFFICIENT', message: '40 USDT are free.' })
})

test('a bot that does not tick is not blamed for data and signals; the stop is the answer', () => {
  const checks = tradingChecks(facts({ status: 'STOPPED', nextTickAt: null, dataAgeMs: null }))
  expect(firstThatBites(checks)).toMatchObject({
    code: 'BOT_STATUS',
    message: expect.stringContaining('Start it'),
  })
  expect(checks.filter((check) => check.passed === null).map((check) => check.label)).toEqual([
    'Market data',
    'Ticks',
    'Signal',
  ])
})

test('a pause says when it ends', () => {
  const pause = (more: Partial<TradingFacts>) => bites({ status: 'PAUSED', ...more })?.message
  expect(pause({ pauseReason: 'DAILY_TRADES', resumeNextDay: false })).toContain(
    'A person may resume it after',
  )
  expect(pause({ pauseReason: 'DRAWDOWN' })).toContain('when a person resumes it')
  expect(pause({ pauseReason: 'RECONCILIATION' })).toContain('Compare its orders')
  expect(pause({ pauseReason: 'RECONCILIATION', pauseFinding: '0.5 BTC is missing.' })).toBe(
    'Paused: the books and the exchange do not agree. 0.5 BTC is missing. Compare its orders and its position with the exchange, then resume it.',
  )
})

test('each code is CATEGORY_CONDITION, and in the one list', () => {
  for (const code of Object.keys(DENIALS)) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/)
  for (const [code] of BITES) expect(isDenialCode(code)).toBe(true)
})

test('of a perpetual, margin and fees are looked for in the futures wallet, and the direction is said', () => {
  const futures = {
    positionType: 'FUTURES',
    direction: 'BOTH',
    leverage: 10,
    maxOrderValue: null,
    wallet: 'FUTURES',
  } as const
  const said = (more: Partial<TradingFacts>) =>
    tradingChecks(facts({ ...futures, ...more })).find(({ label }) => label === 'Balance')
  // 1,000 at 10x: 100 of margin, 0.2 % of 1,000 for fees.
  expect(said({ freeBalance: decimal(102) })).toMatchObject({
    passed: true,
    message: "The account's futures wallet has 102 USDT free.",
  })
  expect(said({ freeBalance: decimal('101.99') })).toMatchObject({
    passed: false,
    message: "The account's futures wallet has 101.99 USDT free; an entry takes 102 as margin and fees.",
  })
  const size = tradingChecks(facts(futures)).find(({ label }) => label === 'Order size')
  expect(size?.message).toBe('An entry buys or sells short for 1000 USDT, 10 times its own money.')
  expect(bites({ ...futures, held: decimal('0.02'), heldSide: 'SELL' })?.message).toContain(
    'It holds 0.02 BTC short;',
  )
})
