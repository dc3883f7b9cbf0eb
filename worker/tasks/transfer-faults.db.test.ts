import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { executeTransfer } from './execute-transfer.ts'
import { withTransfers } from './transfer.fixture.ts'

/** One transfer of an entry against an exchange that fails: sent at most once, and in the books when it moved. */
const all = withTransfers()

const CASES: {
  name: string
  kind: string
  more?: object
  sent: string
  ends: string
  moved: boolean
}[] = [
  { name: 'refused by a proxy before', kind: '5xx', sent: 'Unknown', ends: 'NOT_PLACED', moved: false },
  { name: 'answered 502 after', kind: '5xx_after', sent: 'Unknown', ends: 'DONE', moved: true },
  { name: 'answer dropped', kind: 'drop', sent: 'Unknown', ends: 'DONE', moved: true },
  { name: 'connection reset before', kind: 'reset', sent: 'Unknown', ends: 'NOT_PLACED', moved: false },
  { name: 'answer late', kind: 'delay', more: { ms: 300 }, sent: 'Moved', ends: 'DONE', moved: true },
  { name: 'answer too late', kind: 'delay', more: { ms: 5_000 }, sent: 'Unknown', ends: 'DONE', moved: true },
  {
    name: 'refused',
    kind: 'reject',
    more: { code: -5013, msg: 'Asset transfer failed: insufficient balance' },
    sent: 'Refused (BALANCE_INSUFFICIENT)',
    ends: 'REFUSED',
    moved: false,
  },
]

test.concurrent.for(CASES)('$name: $ends', async ({ kind, more, sent, ends, moved }) => {
  const owner = await all.account()
  const { id, orderId, botId } = await owner.intended()
  await owner.fault(kind, more)
  expect(await all.send(id)).toBe(sent)
  expect(await all.end(id)).toBe(ends)
  await all.expectAgreed(owner, id, moved)
  const order = await all.order(orderId)
  if (moved) {
    expect(order?.status).toBe('INTENDED')
    expect(await all.hasJob(`execute_order:${orderId}`), 'the entry is tried again at once').toBe(true)
  } else {
    expect(order).toMatchObject({ status: 'NOT_PLACED', error_code: 'BALANCE_INSUFFICIENT' })
    expect(order?.error_message).toContain(`transfer ${id}`)
  }
  const last = moved ? 'TRANSFER_DONE' : ends === 'REFUSED' ? 'TRANSFER_REFUSED' : 'TRANSFER_NOT_PLACED'
  expect(await all.engine.eventTypes(botId)).toContain(last)
  expect(await all.send(id), 'never again').toBe('Skipped (not intended)')
  expect(await owner.truth()).toHaveLength(moved ? 1 : 0)
})

test.concurrent(
  'hidden in the history for longer than it is waited for: NOT_PLACED, then found late and booked',
  async () => {
    const owner = await all.account()
    const { id, botId } = await owner.intended()
    await owner.fault('hide', { ms: 6_000 })
    await owner.fault('drop')
    expect(await all.send(id)).toBe('Unknown')
    const hiddenUntil = Date.now() + 6_100
    expect(await all.end(id)).toBe('NOT_PLACED')
    expect((await all.row(id)).next_settle_at, 'it is looked for again').not.toBeNull()
    expect(await all.look(id)).toBe('Still not made')
    await sleep(Math.max(0, hiddenUntil - Date.now()))
    expect(await all.look(id)).toBe('Moved')
    await all.expectAgreed(owner, id, true)
    expect((await all.engine.messages(botId)).at(-1)).toContain('though it was thought not to be made')
  },
)

test.concurrent(
  'a look that fails is no look; with a key that is refused a person is asked, once',
  async () => {
    const owner = await all.account()
    const { id, botId } = await owner.intended()
    await owner.fault('drop')
    await all.send(id)
    expect(await all.look(id), 'it could still arrive').toBe('Not found yet')
    await owner.fault('reject', { endpoint: 'GET /sapi/v1/asset/transfer', code: -2015, count: 5 })
    for (let turn = 0; turn < 5; turn++) expect(await all.look(id)).toBe('Could not look (KEY_REFUSED)')
    expect(await all.row(id)).toMatchObject({ status: 'UNKNOWN' })
    const asked = (await all.engine.eventTypes(botId)).filter((type) => type === 'TRANSFER_UNKNOWN')
    expect(asked).toHaveLength(1)
    expect(await all.lookAfter(id)).toBe('Moved')
    await all.expectAgreed(owner, id, true)
  },
)

test.concurrent(
  'the answer comes after somebody concluded NOT_PLACED: the evidence wins',
  async ({ expect }) => {
    const owner = await all.account()
    const { id } = await owner.intended()
    await owner.fault('delay', { ms: 2_000 })
    const sending = all.send(id)
    await expect
      .poll(async () => (await all.row(id)).status, { interval: 20, timeout: 8_000 })
      .toBe('SUBMITTING')
    await all.db.pool.query(
      `UPDATE transfers SET status = 'NOT_PLACED', next_settle_at = NULL WHERE id = $1`,
      [id],
    )
    expect(await sending).toBe('Moved')
    await all.expectAgreed(owner, id, true)
  },
)

test.concurrent('told to be silent: refused before it was done', async () => {
  const owner = await all.account()
  const { id } = await owner.intended()
  await owner.fault('429')
  // Its own venue: all that share it are silent now.
  const deps = all.engine.makeDeps()
  expect(await executeTransfer({ transferId: id }, deps)).toBe('Refused (RATE_LIMITED)')
  await all.expectAgreed(owner, id, false)
})

test.concurrent('two workers with the same job: one sends', async () => {
  const owner = await all.account()
  const { id } = await owner.intended()
  const outcomes = await Promise.all([all.send(id), all.send(id), all.send(id)])
  expect(outcomes.toSorted()).toEqual(['Moved', 'Skipped (not intended)', 'Skipped (not intended)'])
  await all.expectAgreed(owner, id, true)
})
