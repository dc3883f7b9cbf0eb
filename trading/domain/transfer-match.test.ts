import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { VenueTransfer } from './exchange.ts'
import { decimal, maximum, minimum } from './money.ts'
import type { TransferStatus } from './transfer.ts'
import { type MatchFacts, matchTransfer, type Rival } from './transfer-match.ts'

const SENT = Date.UTC(2026, 0, 1, 12)
const DEADLINE = SENT + 19_000
const SOUGHT = {
  status: 'UNKNOWN' as TransferStatus,
  from: 'SPOT' as const,
  to: 'FUTURES' as const,
  currency: 'USDT',
  amount: decimal(100),
  clientTransferId: 'ours',
  exchangeTransferId: null,
  submittedAt: new Date(SENT),
  submitDeadline: new Date(DEADLINE),
}
const LOOK: MatchFacts = {
  knownIds: new Set<string>(),
  rivals: [],
  skewMs: 1_000,
  lookedAt: new Date(DEADLINE),
}

function row(id: string, more: Partial<VenueTransfer> = {}): VenueTransfer {
  return {
    id,
    clientTransferId: null,
    from: 'SPOT',
    to: 'FUTURES',
    currency: 'USDT',
    amount: decimal('100.00000000'),
    status: 'DONE',
    at: new Date(SENT + 200),
    ...more,
  }
}

function rival(more: Partial<Rival> = {}): Rival {
  return {
    apiKeyId: '2',
    sameAccount: true,
    submittedAt: new Date(SENT),
    submitDeadline: new Date(DEADLINE),
    ...more,
  }
}

test('likeness: one is ours, more than one asks, none is none', () => {
  const kind = (rows: VenueTransfer[], more: Partial<MatchFacts> = {}) =>
    matchTransfer(SOUGHT, rows, { ...LOOK, ...more }).kind
  expect(kind([])).toBe('NONE')
  expect(kind([row('1')])).toBe('FOUND')
  expect(kind([row('1', { status: 'PENDING' })])).toBe('PENDING')
  expect(kind([row('1', { status: 'FAILED' })])).toBe('NONE')
  expect(kind([row('1'), row('2')])).toBe('AMBIGUOUS')
  expect(kind([row('1'), row('2')], { knownIds: new Set(['2']) })).toBe('FOUND')
  expect(kind([row('1')], { rivals: [rival({ sameAccount: false })] })).toBe('AMBIGUOUS')
  expect(kind([row('1')], { lookedAt: new Date(DEADLINE - 1) }), 'ours may still come').toBe('NONE')
  for (const other of [
    { from: 'FUTURES', to: 'SPOT' },
    { currency: 'USDC' },
    { amount: decimal('100.00000001') },
    { clientTransferId: 'of somebody else' },
    { at: new Date(SENT - 61_001) },
    { at: new Date(DEADLINE + 61_001) },
  ] as const)
    expect(kind([row('1', other)])).toBe('NONE')
})

test('one that is alike but outside of the skew of clocks is neither taken nor passed over', () => {
  expect(matchTransfer(SOUGHT, [row('1', { at: new Date(SENT - 5_000) })], LOOK).kind).toBe('AMBIGUOUS')
  expect(matchTransfer(SOUGHT, [row('1', { at: new Date(SENT - 5_000) }), row('2')], LOOK)).toMatchObject({
    kind: 'FOUND',
    row: { id: '2' },
  })
})

test('an id is worth more than likeness: our own, or the number that a person gave', () => {
  const early = { ...LOOK, lookedAt: new Date(SENT) }
  const rows = [row('1'), row('2', { clientTransferId: 'ours' }), row('3')]
  expect(matchTransfer(SOUGHT, rows, early)).toMatchObject({ kind: 'FOUND', row: { id: '2' } })
  const failed = [row('2', { clientTransferId: 'ours', status: 'FAILED' }), row('3')]
  expect(matchTransfer(SOUGHT, failed, LOOK)).toMatchObject({ kind: 'FAILED', row: { id: '2' } })
  const named = { ...SOUGHT, exchangeTransferId: '3' }
  expect(matchTransfer(named, rows, early)).toMatchObject({ kind: 'FOUND', row: { id: '3' } })
  expect(matchTransfer(named, [row('1')], LOOK).kind).toBe('NONE')
  expect(matchTransfer(named, [row('3', { amount: decimal(99) })], LOOK)).toMatchObject({
    kind: 'STRANGER',
    why: 'it is over 99 USDT, this one over 100 USDT',
  })
  expect(matchTransfer(named, rows, { ...LOOK, knownIds: new Set(['3']) }).kind).toBe('STRANGER')
})

test('whatever the history, what is found is a move like ours that the books do not know', () => {
  const rows = fc.array(
    fc
      .record({
        id: fc.integer({ min: 1, max: 6 }).map(String),
        from: fc.constantFrom('SPOT' as const, 'FUTURES' as const),
        amount: fc.constantFrom(decimal(100), decimal(50)),
        status: fc.constantFrom('DONE' as const, 'PENDING' as const, 'FAILED' as const),
        at: fc.integer({ min: SENT - 100_000, max: DEADLINE + 100_000 }).map((at) => new Date(at)),
      })
      .map(({ from, ...each }) => row(each.id, { ...each, from, to: from === 'SPOT' ? 'FUTURES' : 'SPOT' })),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(rows, fc.subarray(['1', '2', '3', '4', '5', '6']), (history, known) => {
      const match = matchTransfer(SOUGHT, history, { ...LOOK, knownIds: new Set(known) })
      if (match.kind !== 'FOUND') return
      expect(known).not.toContain(match.row.id)
      expect(match.row).toMatchObject({ from: 'SPOT', to: 'FUTURES', status: 'DONE' })
      expect(match.row.amount.eq(100)).toBe(true)
      const at = match.row.at.getTime()
      expect(at).toBe(Number(maximum(decimal(SENT - 1_000), minimum(decimal(at), decimal(DEADLINE + 1_000)))))
    }),
  )
})

const later = (ms: number, more: Partial<Rival> = {}) =>
  rival({ submittedAt: new Date(SENT + ms), submitDeadline: new Date(DEADLINE + ms), ...more })

test('several of one account: as many rows as transfers are one for each, in the order sent; else a person is asked', () => {
  const rows = [row('1'), row('2', { at: new Date(SENT + 5_200) }), row('3', { at: new Date(SENT + 9_200) })]
  const match = (
    history: VenueTransfer[],
    rivals: Rival[],
    more: Partial<MatchFacts> = {},
    sought = SOUGHT,
  ) => matchTransfer(sought, history, { ...LOOK, lookedAt: new Date(DEADLINE + 20_000), rivals, ...more })
  const two = rows.slice(0, 2)
  expect(match(two, [later(5_000)])).toMatchObject({ kind: 'FOUND', row: { id: '1' } })
  expect(match(two.toReversed(), [later(-5_000)])).toMatchObject({ kind: 'FOUND', row: { id: '2' } })
  const second = {
    ...SOUGHT,
    submittedAt: new Date(SENT + 5_000),
    submitDeadline: new Date(DEADLINE + 5_000),
  }
  expect(match(two, [rival()], {}, second)).toMatchObject({ kind: 'FOUND', row: { id: '2' } })
  expect(match(two, [], { knownIds: new Set(['1']) }, second), 'the first has taken its own').toMatchObject({
    kind: 'FOUND',
    row: { id: '2' },
  })
  expect(match(rows, [later(5_000), later(9_000)])).toMatchObject({ kind: 'FOUND', row: { id: '1' } })
  expect(match([row('1')], [later(5_000)]).kind, 'one row for two').toBe('AMBIGUOUS')
  expect(match(rows, [later(5_000)]).kind, 'three for two').toBe('AMBIGUOUS')
  expect(match(two, [later(5_000, { sameAccount: false })]).kind, 'perhaps another account').toBe('AMBIGUOUS')
  expect(match(two, [later(5_000)], { skewMs: 100 }).kind).toBe('FOUND')
  const astray = [row('1'), row('2', { at: new Date(SENT + 3_000) })]
  expect(match(astray, [later(5_000)]).kind, 'a row that no transfer made').toBe('AMBIGUOUS')
  const over = { ...SOUGHT, status: 'NOT_PLACED' as TransferStatus }
  expect(match(two, [later(5_000)], {}, over).kind, 'ended: it shares nothing').toBe('AMBIGUOUS')
  expect(match([row('1'), row('2', { status: 'FAILED' })], [later(5_000)]).kind).toBe('AMBIGUOUS')
})

test('nobody is asked while another of ours may still arrive; one of another time is in nobody’s way', () => {
  const look = { ...LOOK, rivals: [later(5_000)] }
  expect(matchTransfer(SOUGHT, [row('1')], look)).toEqual({ kind: 'WAIT', until: new Date(DEADLINE + 5_000) })
  expect(matchTransfer(SOUGHT, [], look).kind).toBe('NONE')
  const hourAgo = later(-3_600_000, { sameAccount: false })
  expect(matchTransfer(SOUGHT, [row('1')], { ...LOOK, rivals: [hourAgo] }).kind).toBe('FOUND')
})
