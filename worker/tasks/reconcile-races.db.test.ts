import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { claimOrder } from '#trading/store/orders.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { control } from '../exchange/sandbox.fixture.ts'
import { withReconciliation } from './reconcile.fixture.ts'
import { reconcileAccount } from './reconcile-account.ts'

const { live, compare, running, enter, sellByExit, sellByHand, heldBy, keyRow, byHand, plan } =
  withReconciliation()

/** An order on its way may be looked up, and may have moved before that was written. */
const HARMLESS = ['Agrees', 'SETTLE', 'SETTLE MOVED']

test('an order in flight is not misjudged, and neither is what it does to the balance', async () => {
  const botId = await running()
  await live.engine.crossUp(50_000)
  await live.engine.tick(botId)
  await live.fault('delay', { ms: 700 })
  const sent = live.engine.send(botId)
  const outcomes: string[] = []
  for (let turn = 0; turn < 5; turn++) outcomes.push(await compare())
  expect(await sent).toEqual(['Placed (FILLED)'])
  outcomes.push(await compare())
  expect(outcomes.filter((outcome) => !HARMLESS.includes(outcome))).toEqual([])
  expect(await live.engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  await live.books.expectBooksToAgree(botId)
})

test('a person who asks while an order is being sent is not told of it, but of one whose sender died', async () => {
  const botId = await running()
  const told = async () => (await plan()).differences.map(({ kind, what }) => `${kind} ${what}`)
  await live.engine.crossUp(50_000)
  await live.engine.tick(botId)
  await live.fault('delay', { ms: 700 })
  const sent = live.engine.send(botId)
  await vi.waitFor(async () => expect((await live.engine.orders(botId))[0]?.status).toBe('SUBMITTING'))
  expect(await told()).toEqual([])
  expect(await sent).toEqual(['Placed (FILLED)'])
  await live.engine.crossDown(50_100)
  expect(await live.engine.tick(botId)).toBe('Ticked, EXIT intended')
  const exit = (await live.engine.orders(botId)).at(-1)
  if (exit === undefined) throw new Error('no exit')
  await inTransaction(live.db.pool, (tx) => claimOrder(tx, exit.id, 60_000, 60_000))
  await byHand('SELL', await heldBy(botId), { type: 'MARKET' }, exit.client_order_id)
  expect(await told()).toEqual([expect.stringContaining('is SUBMITTING in the books')])
})

test('bots trade while the account is compared again and again: nobody pauses, nothing is booked twice', async () => {
  const botId = await running()
  let over = false
  const outcomes = new Set<string>()
  const comparing = (async () => {
    while (!over) {
      outcomes.add(await compare())
      await sleep(50)
    }
  })()
  for (let round = 0; round < 3; round++) {
    await enter(botId)
    await sellByExit(botId)
  }
  over = true
  await comparing
  expect([...outcomes].filter((outcome) => !HARMLESS.includes(outcome))).toEqual([])
  expect(await live.engine.state(botId)).toMatchObject({ status: 'RUNNING' })
  await live.books.expectBooksToAgree(botId)
})

test('twice at once changes nothing twice: a close by hand, and orders to take over', async () => {
  const botId = await held()
  await sellByHand(await heldBy(botId), 50_000)
  const at = () =>
    Promise.all([1, 2, 3].map(() => reconcileAccount({ apiKeyId: live.apiKeyId }, live.engine.makeDeps())))
  await at()
  expect((await live.engine.fills(botId)).map((fill) => fill.side)).toEqual(['BUY', 'SELL'])
  await live.books.expectMoneyToAddUp(botId)
  expect((await live.engine.eventTypes(botId)).filter((type) => type === 'MANUAL_CLOSE')).toHaveLength(1)
  await enter(botId)
  await live.db.pool.query(`DELETE FROM orders WHERE id = $1`, [(await detachPosition(botId)).orderId])
  await at()
  expect((await live.engine.fills(botId)).map((fill) => fill.side)).toEqual(['BUY', 'SELL', 'BUY'])
  expect(await compare()).toBe('Agrees')
})

test('an exchange that cannot be asked: why is at the key, and it is tried again', async () => {
  await running()
  await control(live.sandboxUrl, 'POST', '/sandbox/faults', { endpoint: '*', kind: '503', count: 50 })
  expect(await compare()).toBe('Failed (UNREACHABLE)')
  const key = await keyRow()
  expect(key.reconcile_error).not.toBeNull()
  expect(key.next_reconcile_at?.getTime()).toBeLessThan(Date.now() + 60_000)
  await live.noFaults()
  expect(await compare()).toBe('Agrees')
  expect((await keyRow()).reconcile_error).toBeNull()
})

async function held(): Promise<string> {
  const botId = await running()
  await enter(botId)
  return botId
}

/** As if the newest order had never been in the books, nor what it bought. */
async function detachPosition(botId: string): Promise<{ orderId: string }> {
  const { id } = await live.engine.lastOrder(botId)
  await live.db.pool.query(`UPDATE orders SET position_id = NULL WHERE id = $1`, [id])
  await live.db.pool.query(`DELETE FROM positions WHERE bot_id = $1 AND closed_at IS NULL`, [botId])
  return { orderId: id }
}
