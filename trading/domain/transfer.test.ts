import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decision, type Funds } from './capital.ts'
import { decimal, ZERO } from './money.ts'
import {
  gateTransfer,
  planEntryTransfer,
  profitToSweep,
  roundTransfer,
  type TransferGateFacts,
} from './transfer.ts'

const amount = fc.integer({ min: 0, max: 1_000_000_000_000 }).map((each) => decimal(each).div(1_000_000))
const signed = fc
  .integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 })
  .map((each) => decimal(each).div(1_000_000))

/** The least that the capital ledger does: an order that costs so much, impatient. */
const costing =
  (cost: ReturnType<typeof decimal>) =>
  ({ free, reserved }: Funds): Decision => {
    if (free.minus(reserved).gte(cost)) return { kind: 'RESERVE', limit: decimal(1), amount: cost }
    return reserved.gt(0)
      ? { kind: 'WAIT', message: 'short' }
      : { kind: 'DENY', denial: { code: 'BALANCE_INSUFFICIENT', message: 'short' } }
  }

test('a transfer is made exactly where the entry lacks margin and would go out after it', () => {
  fc.assert(
    fc.property(amount, amount, amount, amount, fc.boolean(), (cost, free, reserved, more, patient) => {
      const funds = { asset: 'USDT', free, reserved }
      const decide = costing(cost)
      fc.pre(decide(funds).kind !== 'RESERVE')
      const plan = planEntryTransfer(more, funds, patient, decide)
      const available = free.minus(reserved)
      if (plan.kind === 'PATIENCE') {
        expect(patient && free.gte(cost)).toBe(true)
      } else if (plan.kind === 'TRANSFER') {
        expect(plan.amount.lte(more) && plan.amount.gt(0)).toBe(true)
        expect(decide({ ...funds, free: free.plus(plan.amount) }).kind).toBe('RESERVE')
      } else {
        expect(available.plus(roundTransfer(more)).lt(cost)).toBe(true)
      }
    }),
  )
})

test('money that others reserved for a moment is waited for before any is moved', () => {
  const funds = { asset: 'USDT', free: decimal(100), reserved: decimal(60) }
  expect(planEntryTransfer(decimal(50), funds, true, costing(decimal(80)))).toEqual({ kind: 'PATIENCE' })
  expect(planEntryTransfer(decimal(50), funds, false, costing(decimal(80))).kind).toBe('TRANSFER')
  expect(
    planEntryTransfer(decimal(90), funds, true, costing(decimal(120))).kind,
    'no patience would pay',
  ).toBe('TRANSFER')
})

test('what is moved has 8 decimals and is never more than was meant', () => {
  expect(roundTransfer(decimal('10.123456789')).toFixed()).toBe('10.12345678')
  expect(roundTransfer(decimal('0.000000001')).isZero()).toBe(true)
})

test('profit: never more than was earned by the end of the day, is left now, or the wallet can spare; swept once', () => {
  fc.assert(
    fc.property(
      amount,
      signed,
      signed,
      signed,
      amount,
      amount,
      (initialCapital, realizedPnl, today, unrealized, swept, available) => {
        const facts = {
          initialCapital,
          equity: initialCapital.plus(realizedPnl).plus(unrealized),
          realizedPnl,
          realizedAtDayEnd: realizedPnl.minus(today),
          swept,
          available,
        }
        const sweep = profitToSweep(facts)
        expect(sweep.gte(0)).toBe(true)
        expect(sweep.decimalPlaces()).toBeLessThanOrEqual(8)
        if (sweep.isZero()) return
        expect(sweep.plus(swept).lte(realizedPnl)).toBe(true)
        expect(sweep.plus(swept).lte(facts.realizedAtDayEnd)).toBe(true)
        expect(facts.equity.minus(swept).minus(sweep).gte(initialCapital), 'start capital stays').toBe(true)
        expect(sweep.lte(available)).toBe(true)
        expect(profitToSweep({ ...facts, swept: swept.plus(sweep) }).lt('0.01') || sweep.eq(available)).toBe(
          true,
        )
        expect(profitToSweep({ ...facts, available: null }).gte(sweep)).toBe(true)
      },
    ),
  )
})

test('profit of a day by example: 130 earned, 20 of it since midnight, 5 lost on what is open, 60 swept before', () => {
  const facts = {
    initialCapital: decimal(1000),
    equity: decimal(1125),
    realizedPnl: decimal(130),
    realizedAtDayEnd: decimal(110),
    swept: decimal(60),
  }
  expect(profitToSweep({ ...facts, available: null }).toFixed()).toBe('50')
  expect(profitToSweep({ ...facts, available: decimal('12.345678912') }).toFixed()).toBe('12.34567891')
  expect(profitToSweep({ ...facts, equity: decimal(1080), available: null }).toFixed()).toBe('20')
  expect(profitToSweep({ ...facts, available: decimal('0.009') })).toEqual(ZERO)
  expect(profitToSweep({ ...facts, swept: decimal(200), available: null })).toEqual(ZERO)
})

const FACTS: TransferGateFacts = {
  purpose: 'ENTRY',
  halted: false,
  status: 'RUNNING',
  closing: false,
  order: { status: 'INTENDED', ageMs: 500 },
  freshMs: 10_000,
  canTransfer: true,
  offered: true,
  exchange: 'sandbox',
}

test('the gate: an entry that can still go out; profit whatever the status; never a key that may not', () => {
  const code = (more: Partial<TransferGateFacts>) => gateTransfer({ ...FACTS, ...more })?.code ?? null
  expect(code({})).toBeNull()
  expect(code({ canTransfer: null })).toBeNull()
  expect(code({ canTransfer: false })).toBe('KEY_MAY_NOT_TRANSFER')
  expect(code({ offered: false })).toBe('TRANSFER_NOT_OFFERED')
  expect(code({ halted: true })).toBe('TRADING_HALTED')
  expect(code({ status: 'PAUSED' })).toBe('BOT_STATUS')
  expect(code({ closing: true })).toBe('BOT_STATUS')
  expect(code({ order: { status: 'NOT_PLACED', ageMs: 1 } })).toBe('ENTRY_GONE')
  expect(code({ order: { status: 'INTENDED', ageMs: 10_001 } })).toBe('ENTRY_GONE')
  const dayEnd = { purpose: 'DAY_END' as const, order: null }
  for (const status of ['STOPPED', 'PENDING', 'RUNNING', 'PAUSED', 'ERROR'] as const)
    expect(code({ ...dayEnd, status, halted: true })).toBeNull()
  expect(code({ ...dayEnd, canTransfer: false })).toBe('KEY_MAY_NOT_TRANSFER')
})
