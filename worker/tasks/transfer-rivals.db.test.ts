import { expect, test } from 'vitest'
import { ValidationError } from '#trading/domain/errors.ts'
import { resolveTransfer } from '#trading/store/resolve-transfer.ts'
import { withTransfers } from './transfer.fixture.ts'

/** Several keys of one user, each with a transfer of 100 USDT on its way that the exchange did not answer. */
const all = withTransfers()

type Owner = Pick<Awaited<ReturnType<typeof all.account>>, 'intended' | 'fault' | 'truth'>

/** Sent, made by the exchange or not, and no answer came; it can no longer arrive. */
async function unanswered(owner: Owner, fault: 'drop' | '5xx' = 'drop', symbol = 'BTC/USDT:USDT') {
  const it = await owner.intended({ symbol })
  await owner.fault(fault)
  expect(await all.send(it.id)).toBe('Unknown')
  return it
}

const overAll = (ids: string[]) =>
  all.db.pool.query(`UPDATE transfers SET submit_deadline = tradebot_now() WHERE id = ANY($1)`, [ids])
const isDue = async (id: string) => {
  const { rows } = await all.db.pool.query<{ due: boolean }>(
    `SELECT next_settle_at <= tradebot_now() AS due FROM transfers WHERE id = $1`,
    [id],
  )
  return rows[0]?.due
}

async function twoKeys(second: 'drop' | '5xx') {
  const owner = await all.account()
  const other = await owner.again()
  const first = await unanswered(owner)
  return { owner, first, last: await unanswered(other, second, 'ETH/USDT:USDT') }
}

test.concurrent(
  'four accounts hit at once: each takes the row of its own history, nobody is asked',
  async ({ expect }) => {
    const first = await all.account()
    const owners = [first]
    for (let nth = 1; nth < 4; nth++) owners.push(await all.account({}, first.actor))
    const sent = await Promise.all(owners.map((owner) => unanswered(owner)))
    await overAll(sent.map(({ id }) => id))
    expect(await Promise.all(sent.map(({ id }) => all.look(id)))).toEqual(Array(4).fill('Moved'))
    for (const [nth, owner] of owners.entries()) await all.expectAgreed(owner, sent[nth]?.id ?? '', true)
  },
)

test.concurrent(
  'a key that cannot be read stays in the way; once its transfer has ended the other is settled',
  async ({ expect }) => {
    const owner = await all.account()
    const mute = await all.account({}, owner.actor)
    const [mine, its] = [await unanswered(owner), await unanswered(mute)]
    await overAll([mine.id, its.id])
    await mute.fault('reject', { endpoint: 'GET /sapi/v1/asset/transfer', code: -2015, count: 2 })
    expect(await all.look(mine.id)).toBe('Unknown (asked a person)')
    const [row] = await owner.truth()
    expect((await all.row(mine.id)).candidates).toEqual([
      { id: String(row?.['tranId']), at: expect.any(String) },
    ])
    expect(await all.look(its.id), 'our history shows none of its rows').toBe('Could not look (KEY_REFUSED)')
    expect(await all.look(its.id)).toBe('Moved')
    expect(await isDue(mine.id), 'the doubt is gone').toBe(true)
    expect(await all.look(mine.id)).toBe('Moved')
  },
)

test.concurrent(
  'two keys of one account and one row: a person is asked; what is said of one settles the other',
  async ({ expect }) => {
    const { owner, first, last } = await twoKeys('5xx')
    await all.db.pool.query(`UPDATE transfers SET submit_deadline = tradebot_now() WHERE id = $1`, [first.id])
    expect(await all.look(first.id), 'the other may still arrive').toBe('Waits for another')
    await overAll([last.id])
    for (const { id } of [first, last]) expect(await all.look(id)).toBe('Unknown (asked a person)')
    const number = String((await owner.truth())[0]?.['tranId'])
    expect((await all.row(last.id)).candidates).toMatchObject([{ id: number }])
    expect(await isDue(last.id), 'asked: slowly').toBe(false)

    const answer = (id: string) =>
      all.engine.in((tx) =>
        resolveTransfer(tx, owner.actor, { id, outcome: 'PLACED', exchangeTransferId: number }),
      )
    await answer(first.id)
    await expect(answer(last.id), 'one number, one transfer').rejects.toThrow(ValidationError)
    expect(await all.look(first.id)).toBe('Moved')
    expect(await all.row(first.id)).toMatchObject({ status: 'DONE', candidates: [] })
    expect(await isDue(last.id), 'the doubt is gone').toBe(true)
    expect(await all.end(last.id)).toBe('NOT_PLACED')
  },
)

test.concurrent(
  'two keys of one account and one row: the person says of one that it is not there',
  async ({ expect }) => {
    const { owner, first, last } = await twoKeys('5xx')
    await overAll([first.id, last.id])
    for (const { id } of [first, last]) expect(await all.look(id)).toBe('Unknown (asked a person)')
    await all.engine.in((tx) =>
      resolveTransfer(tx, owner.actor, { id: last.id, outcome: 'NOT_PLACED', exchangeTransferId: null }),
    )
    expect(await isDue(first.id)).toBe(true)
    expect(await all.look(first.id)).toBe('Moved')
    expect(await all.look(last.id)).toBe('Still not made')
  },
)

test.concurrent('two keys of one account and two rows: one for each', async ({ expect }) => {
  const { owner, first, last } = await twoKeys('drop')
  await overAll([first.id, last.id])
  expect(await Promise.all([last, first].map(({ id }) => all.look(id)))).toEqual(['Moved', 'Moved'])
  const numbers = (await owner.truth()).map((row) => String(row['tranId']))
  const booked = [await all.row(first.id), await all.row(last.id)].map((row) => row.exchange_transfer_id)
  expect(booked, 'in the order sent').toEqual(numbers)
})

test.concurrent('two keys of one account, two rows and one made by a person: asked', async ({ expect }) => {
  const { owner, first, last } = await twoKeys('drop')
  await owner.byHand()
  await overAll([first.id, last.id])
  expect(await all.look(first.id)).toBe('Unknown (asked a person)')
  expect((await all.row(first.id)).candidates).toHaveLength(3)
})
