import { expect, test } from 'vitest'
import {
  type AlertEvent,
  type BotFacts,
  deadWorker,
  hasEnded,
  judgeEvent,
  judgeFacts,
  MANY_LATE,
  type OpenAlert,
} from './alerts.ts'
import { retryDelayMs } from './alert-retries.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000)

const event = (more: Partial<AlertEvent>): AlertEvent => ({
  botId: '7',
  type: 'STATUS',
  fromStatus: 'RUNNING',
  toStatus: null,
  message: 'What happened.',
  pauseReason: null,
  ...more,
})

const facts = (more: Partial<BotFacts> = {}): BotFacts => ({
  botId: '7',
  status: 'RUNNING',
  mode: 'LIVE',
  pauseReason: null,
  checkIntervalSeconds: 30,
  nextTickAt: NOW,
  heldSince: null,
  stopRests: false,
  exitFailures: 0,
  unknown: false,
  transferUnknown: false,
  ...more,
})

const begins = (more: Partial<AlertEvent>) => judgeEvent(event(more)).begins

test('a bot that goes to ERROR is told of, with the sentence of the event; leaving ERROR ends it', () => {
  const trouble = begins({ toStatus: 'ERROR', message: 'The key is refused.' })
  expect(trouble).toEqual({ kind: 'BOT_ERROR', key: 'BOT_ERROR:bot:7', message: 'The key is refused.' })
  expect(judgeEvent(event({ fromStatus: 'ERROR', toStatus: 'STOPPED' }))).toEqual({
    begins: null,
    ends: expect.arrayContaining(['BOT_ERROR:bot:7']),
  })
})

test.each([
  ['DAILY_LOSS', 'DAILY_LIMIT'],
  ['DAILY_TARGET', 'DAILY_LIMIT'],
  ['DAILY_TRADES', 'DAILY_LIMIT'],
  ['DRAWDOWN', 'DRAWDOWN'],
  ['RECONCILIATION', 'RECONCILIATION'],
] as const)('a pause by %s is told of as %s', (pauseReason, kind) => {
  expect(begins({ toStatus: 'PAUSED', pauseReason })?.kind).toBe(kind)
})

test('a pause by a person is not told of, and ends what a limit had begun', () => {
  const verdict = judgeEvent(event({ fromStatus: 'PAUSED', toStatus: 'PAUSED', pauseReason: 'MANUAL' }))
  expect(verdict.begins).toBeNull()
  expect(verdict.ends).toContain('DAILY_LIMIT:bot:7')
})

test('a daily limit is told of even when the bot has resumed before the event was read', () => {
  const message = 'Daily loss limit reached: -51 of 1000 is a loss of 5 % or more.'
  expect(begins({ toStatus: 'PAUSED', pauseReason: null, message })?.kind).toBe('DAILY_LIMIT')
  expect(begins({ toStatus: 'PAUSED', pauseReason: null, message: 'Paused: no new entries.' })).toBeNull()
})

test.each([
  ['PROTECTIVE_STOP_FAILED', 'POSITION_UNPROTECTED'],
  ['POSITION_UNPROTECTED', 'POSITION_UNPROTECTED'],
  ['STOP_OVERTAKEN', 'POSITION_UNPROTECTED'],
  ['EXIT_REFUSED', 'POSITION_UNPROTECTED'],
  ['ORDER_UNKNOWN', 'ORDER_UNKNOWN'],
  ['TRANSFER_UNKNOWN', 'TRANSFER_UNKNOWN'],
  ['POSITION_LIQUIDATED', 'BOT_ERROR'],
  ['KEY_REFUSED', 'BOT_ERROR'],
  ['RECONCILIATION', 'RECONCILIATION'],
  ['BALANCE_MISMATCH', 'RECONCILIATION'],
  ['ORDER_TAKEN_OVER', 'RECONCILIATION'],
])('the event %s is told of as %s', (type, kind) => {
  expect(begins({ type })?.kind).toBe(kind)
})

test.each(['ORDER_INTENDED', 'POSITION_OPENED', 'POSITION_CLOSED', 'ENTRY_DENIED', 'CREATED', 'DATA_STALE'])(
  'the event %s is no trouble',
  (type) => {
    expect(judgeEvent(event({ type }))).toEqual({ begins: null, ends: [] })
  },
)

test('findings of reconciliation do not hide one another', () => {
  const keys = ['RECONCILIATION', 'FOREIGN_ORDER', 'BALANCE_MISMATCH'].map((type) => begins({ type })?.key)
  const pause = begins({ toStatus: 'PAUSED', pauseReason: 'RECONCILIATION' })?.key
  expect(new Set([...keys, pause]).size).toBe(4)
  const mismatch = (message: string) => begins({ type: 'BALANCE_MISMATCH', message })?.key
  expect(mismatch('0.1 BTC is missing.')).toBe(mismatch('0.1 BTC is missing.'))
  expect(mismatch('0.2 BTC is missing.')).not.toBe(mismatch('0.1 BTC is missing.'))
})

test('a bot is late from 30 s and its interval on, to the second', () => {
  expect(judgeFacts([facts({ nextTickAt: ago(60) })], NOW)).toEqual([])
  expect(judgeFacts([facts({ nextTickAt: ago(61) })], NOW)).toMatchObject([{ kind: 'BOT_LATE', botId: '7' }])
  expect(judgeFacts([facts({ nextTickAt: null })], NOW)).toEqual([])
})

test('four late bots have one cause and one alert, which lasts while any is late', () => {
  const late = ['1', '2', '3', '4'].map((botId) => facts({ botId, nextTickAt: ago(100) }))
  expect(judgeFacts(late.slice(0, 3), NOW).length).toBe(3)
  expect(judgeFacts(late, NOW)).toMatchObject([{ kind: 'BOT_LATE', botId: null, key: MANY_LATE }])
})

test('a LIVE bot in ERROR that holds a position with no stop is unprotected; PAPER, flat, guarded and new ones are not', () => {
  const error = { status: 'ERROR', nextTickAt: null, heldSince: ago(60) } as const
  expect(judgeFacts([facts(error)], NOW)).toMatchObject([{ kind: 'POSITION_UNPROTECTED', botId: '7' }])
  expect(judgeFacts([facts({ ...error, status: 'RUNNING' })], NOW)).toEqual([])
  expect(judgeFacts([facts({ ...error, mode: 'PAPER' })], NOW)).toEqual([])
  expect(judgeFacts([facts({ ...error, heldSince: null })], NOW)).toEqual([])
  expect(judgeFacts([facts({ ...error, stopRests: true })], NOW)).toEqual([])
  expect(judgeFacts([facts({ ...error, heldSince: ago(5) })], NOW)).toEqual([])
})

test('the tables end what they show to be over, and nothing else', () => {
  const open = (more: Partial<OpenAlert>): OpenAlert => ({
    kind: 'BOT_LATE',
    key: 'BOT_LATE:bot:7',
    createdAt: ago(60),
    ...more,
  })
  const ended = (alert: Partial<OpenAlert>, bot: Partial<BotFacts>) => hasEnded(open(alert), facts(bot), NOW)
  expect(ended({}, { nextTickAt: ago(90) })).toBe(false)
  expect(ended({}, {})).toBe(true)
  const unprotected = { kind: 'POSITION_UNPROTECTED', key: 'POSITION_UNPROTECTED:bot:7' } as const
  expect(ended(unprotected, { heldSince: ago(90) })).toBe(false)
  expect(ended(unprotected, { heldSince: ago(90), stopRests: true })).toBe(true)
  expect(ended(unprotected, {})).toBe(true)
  const refused = { ...unprotected, key: 'EXIT_REFUSED:bot:7' }
  expect(ended(refused, { heldSince: ago(90), exitFailures: 2, stopRests: true })).toBe(false)
  expect(ended(refused, { heldSince: ago(90), exitFailures: 0 })).toBe(true)
  expect(ended({ kind: 'ORDER_UNKNOWN' }, { unknown: true })).toBe(false)
  expect(ended({ kind: 'ORDER_UNKNOWN' }, {})).toBe(true)
  expect(ended({ kind: 'TRANSFER_UNKNOWN' }, { transferUnknown: true })).toBe(false)
  expect(ended({ kind: 'TRANSFER_UNKNOWN' }, {})).toBe(true)
  expect(ended({ kind: 'BOT_ERROR', createdAt: ago(7200) }, { status: 'ERROR' })).toBe(false)
  expect(ended({ kind: 'DAILY_LIMIT' }, { status: 'PAUSED' })).toBe(false)
  expect(ended({ kind: 'DAILY_LIMIT' }, {})).toBe(true)
  const pause = { kind: 'RECONCILIATION', key: 'RECONCILIATION_PAUSE:bot:7', createdAt: ago(7200) } as const
  expect(ended(pause, { status: 'PAUSED', pauseReason: 'RECONCILIATION' })).toBe(false)
  expect(ended(pause, {})).toBe(true)
  const finding = { kind: 'RECONCILIATION', key: 'BALANCE_MISMATCH:bot:7' } as const
  expect(ended(finding, {})).toBe(false)
  expect(ended({ ...finding, createdAt: ago(3601) }, {})).toBe(true)
})

test('the pools of one worker process are one dead worker', () => {
  const worker = { host: 'a', pid: 5, startedAt: ago(900), beatAt: ago(12) }
  expect(deadWorker({ ...worker, beatAt: ago(10) }).key).toBe(deadWorker(worker).key)
  expect(deadWorker({ ...worker, startedAt: ago(800) }).key).not.toBe(deadWorker(worker).key)
})

test('a failed delivery is tried again after 10 s, 30 s, 2 min, 10 min, then hourly, for a day', () => {
  const delays: number[] = []
  for (let attempts = 1; attempts < 100; attempts++) {
    const delay = retryDelayMs(attempts)
    if (delay === null) break
    delays.push(delay / 1000)
  }
  expect(delays.slice(0, 6)).toEqual([10, 30, 120, 600, 3600, 3600])
  const total = delays.reduce((sum, delay) => sum + delay, 0)
  expect(total).toBeLessThanOrEqual(24 * 3600)
  expect(total).toBeGreaterThan(23 * 3600)
  expect(retryDelayMs(delays.length + 2)).toBeNull()
})

test('a receiver that asks for a longer wait gets it, up to an hour', () => {
  expect(retryDelayMs(1, 5_000)).toBe(10_000)
  expect(retryDelayMs(1, 45_000)).toBe(45_000)
  expect(retryDelayMs(1, 86_400_000)).toBe(3_600_000)
})
