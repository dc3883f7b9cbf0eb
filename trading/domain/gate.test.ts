import { expect, test } from 'vitest'
import { BOT_STATUSES } from './bot-lifecycle.ts'
import { ENTRY_FRESH_MS, gate, type GateFacts } from './gate.ts'
import type { OrderPurpose } from './order.ts'

const facts = (more: Partial<GateFacts>): GateFacts => ({
  purpose: 'ENTRY',
  status: 'RUNNING',
  halted: false,
  closing: false,
  intentAgeMs: 0,
  holds: more.purpose !== undefined && more.purpose !== 'ENTRY',
  conflicting: null,
  ...more,
})
const code = (more: Partial<GateFacts>) => gate(facts(more))?.code ?? null
const EXITS: readonly OrderPurpose[] = ['EXIT', 'STOP_LOSS', 'TAKE_PROFIT', 'PROTECTIVE_STOP']

test('an entry passes for a running bot alone', () => {
  for (const status of BOT_STATUSES)
    expect(code({ status }), status).toBe(status === 'RUNNING' ? null : 'BOT_STATUS')
})

test('an entry is refused while halted, closing or holding, and when it is old', () => {
  expect(code({ halted: true })).toBe('TRADING_HALTED')
  expect(code({ closing: true })).toBe('POSITION_CLOSING')
  expect(code({ holds: true })).toBe('POSITION_EXISTS')
  expect(code({ intentAgeMs: ENTRY_FRESH_MS })).toBeNull()
  expect(code({ intentAgeMs: ENTRY_FRESH_MS + 1 })).toBe('INTENT_STALE')
})

test.each(EXITS)('%s passes while running, paused or in error, halted or not, however old', (purpose) => {
  for (const status of BOT_STATUSES) {
    for (const halted of [false, true]) {
      const passes = status === 'RUNNING' || status === 'PAUSED' || status === 'ERROR'
      const closing = purpose !== 'PROTECTIVE_STOP'
      expect(code({ purpose, status, halted, intentAgeMs: 3_600_000, closing })).toBe(
        passes ? null : 'BOT_STATUS',
      )
    }
  }
})

test('CLOSE passes always', () => {
  for (const status of BOT_STATUSES)
    for (const halted of [false, true])
      expect(code({ purpose: 'CLOSE', status, halted, intentAgeMs: 3_600_000 })).toBeNull()
})

test('nothing is sold that is not held', () => {
  for (const purpose of [...EXITS, 'CLOSE'] as const)
    expect(code({ purpose, holds: false })).toBe('POSITION_NONE')
})

test('each refusal says why in a sentence', () => {
  for (const more of [
    { halted: true },
    { status: 'PAUSED' },
    { closing: true },
    { holds: true },
    { intentAgeMs: 60_000 },
  ] as const)
    expect(gate(facts(more))?.message).toMatch(/^[A-Z].+\.$/)
})

test('no protective stop is sent while the position is being closed', () => {
  expect(code({ purpose: 'PROTECTIVE_STOP', closing: true })).toBe('POSITION_CLOSING')
})

test('nothing is sent beside an order that it must not meet', () => {
  for (const purpose of ['ENTRY', ...EXITS, 'CLOSE'] as const)
    expect(code({ purpose, conflicting: '9' }), purpose).toBe('ORDER_UNSETTLED')
})
