import { beforeEach, expect, test } from 'vitest'
import { addAlertChannel, deleteAlertChannel, updateAlertChannel } from '#trading/store/alert-channels.ts'
import type { AlertKind } from '#trading/domain/alerts.ts'
import type { Actor } from '#trading/domain/actor.ts'
import { aPosition, aSavedBot, aUser, lead } from '#trading/store/bot.fixture.ts'
import { writeEvents, type NewEvent } from '#trading/store/events.ts'
import { sweepDeadWorkers, writeBeats } from '#trading/store/heartbeats.ts'
import { inTransaction } from '#trading/store/pool.ts'
import { withTestDatabase } from '#trading/store/testing.ts'
import { watchForTrouble } from './watch.ts'

const db = withTestDatabase()
const masterKey = Buffer.alloc(32, 7)
let user: Actor
let botId: string

beforeEach(async () => {
  // What earlier tests left is seen by now.
  await watchForTrouble(db.pool, true)
  user = await aUser(db.pool)
  botId = await aSavedBot(db.pool, user)
})

const look = (withTables = false) => watchForTrouble(db.pool, withTables)
const happen = (...events: Omit<NewEvent, 'botId'>[]) =>
  inTransaction(db.pool, (tx) =>
    writeEvents(
      tx,
      user,
      events.map((event) => ({ botId, ...event })),
    ),
  )
const toError = { type: 'STATUS', from: 'RUNNING', to: 'ERROR', message: 'The key is refused.' } as const
const toStopped = { type: 'STATUS', from: 'ERROR', to: 'STOPPED', message: 'Stopped.' } as const

const addChannel = (kinds: AlertKind[] = []) =>
  inTransaction(db.pool, async (tx) => {
    const target = { kind: 'WEBHOOK', url: 'https://example.com/hook', secret: null } as const
    return (await addAlertChannel(tx, masterKey, user.userId, { name: 'Hook', kinds, target })).id
  })

async function alerts() {
  const { rows } = await db.pool.query<{ kind: string; message: string; ended: boolean; deliveries: number }>(
    `SELECT kind, message, ended_at IS NOT NULL AS ended,
            (SELECT count(*)::int FROM alert_deliveries d WHERE d.alert_id = a.id) AS deliveries
     FROM alerts a WHERE user_id = $1 ORDER BY id`,
    [user.userId],
  )
  return rows
}

test('a bot in ERROR is one alert with one delivery a channel, however often it is seen; after its end it is another', async () => {
  await addChannel()
  await addChannel()
  await lead(db.pool, botId, 'ERROR')
  await happen(toError)
  expect(await look()).toBe(1)
  await happen(toError, { type: 'KEY_REFUSED', message: 'Still refused.' })
  expect(await look()).toBe(0)
  expect(await alerts()).toEqual([
    { kind: 'BOT_ERROR', message: 'The key is refused.', ended: false, deliveries: 2 },
  ])
  await happen(toStopped)
  await look()
  expect(await alerts()).toMatchObject([{ ended: true }])
  await happen(toError)
  expect(await look()).toBe(1)
  expect(await alerts()).toMatchObject([{ ended: true }, { ended: false, deliveries: 2 }])
})

test('events are read once each, in order, with more of them than one look takes', async () => {
  await lead(db.pool, botId, 'ERROR')
  await happen(
    ...Array.from({ length: 450 }, () => ({ type: 'ORDER_INTENDED', message: 'An order.' })),
    toError,
  )
  expect([await look(), await look(), await look(), await look()]).toEqual([0, 0, 1, 0])
  const { rows } = await db.pool.query(
    'SELECT c.last_seq = a.seq AS read FROM event_counters c JOIN alert_cursors a USING (user_id) WHERE user_id = $1',
    [user.userId],
  )
  expect(rows).toEqual([{ read: true }])
})

test('two watchers at once raise one alert, and one of them gives way', async () => {
  await happen({ type: 'STATUS', from: 'RUNNING', to: 'PAUSED', message: 'Daily target reached: 5 of 100.' })
  const counts = await Promise.all([look(), look(), look()])
  expect(counts.filter((count) => count === 1).length).toBe(1)
  expect((await alerts()).length).toBe(1)
})

test('a watcher waits for no event that is being written, and reads it afterwards', async () => {
  await lead(db.pool, botId, 'ERROR')
  await inTransaction(db.pool, async (tx) => {
    await writeEvents(tx, user, [{ botId, ...toError }])
    const started = performance.now()
    expect(await look()).toBe(0)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
  expect(await look()).toBe(1)
})

test('a channel gets what happens after it was made, of the kinds that it wants, while it is on', async () => {
  await lead(db.pool, botId, 'ERROR')
  await happen(toError)
  const wanting = await addChannel(['ORDER_UNKNOWN'])
  await look()
  expect(await alerts()).toMatchObject([{ kind: 'BOT_ERROR', deliveries: 0 }])
  await happen({ type: 'ORDER_UNKNOWN', message: 'Order 5 is unknown.' })
  await look()
  expect((await alerts()).at(-1)).toMatchObject({ kind: 'ORDER_UNKNOWN', deliveries: 1, ended: true })
  await inTransaction(db.pool, (tx) =>
    updateAlertChannel(tx, masterKey, user.userId, wanting, { enabled: false }),
  )
  const { rows } = await db.pool.query('SELECT status, error FROM alert_deliveries WHERE channel_id = $1', [
    wanting,
  ])
  expect(rows).toEqual([{ status: 'FAILED', error: 'The channel was switched off.' }])
  await happen({ type: 'ORDER_UNKNOWN', message: 'Order 6 is unknown.' })
  await look()
  expect((await alerts()).at(-1)).toMatchObject({ message: 'Order 6 is unknown.', deliveries: 0 })
  await inTransaction(db.pool, (tx) => deleteAlertChannel(tx, user.userId, wanting))
})

test('a late bot is told of once and ends by its tick; late again soon it is not told again', async () => {
  await lead(db.pool, botId, 'RUNNING')
  const due = (seconds: number) =>
    db.pool.query(
      `UPDATE bot_states SET next_tick_at = tradebot_now() - $2 * interval '1 second' WHERE bot_id = $1`,
      [botId, seconds],
    )
  await due(30)
  expect(await look(true)).toBe(0)
  await due(120)
  expect(await look(true)).toBe(1)
  expect(await look(true)).toBe(0)
  await due(0)
  await look(true)
  expect(await alerts()).toMatchObject([{ kind: 'BOT_LATE', ended: true }])
  await due(120)
  expect(await look(true)).toBe(0)
  await due(0)
})

test('many late bots are one alert, which ends when the last of them ticks', async () => {
  const bots = [botId]
  for (let i = 0; i < 4; i++) bots.push(await aSavedBot(db.pool, user))
  const due = (ids: string[], seconds: number) =>
    db.pool.query(
      `UPDATE bot_states SET next_tick_at = tradebot_now() - $2 * interval '1 second' WHERE bot_id = ANY ($1::bigint[])`,
      [ids, seconds],
    )
  await due(bots, 200)
  expect(await look(true)).toBe(1)
  await due(bots.slice(1), 0)
  await look()
  expect(await alerts()).toMatchObject([{ message: expect.stringContaining('5 bots'), ended: false }])
  await due(bots, 0)
  await look()
  expect(await alerts()).toMatchObject([{ ended: true }])
})

test('a LIVE position of a bot in ERROR with no stop at the exchange is told of until it is closed', async () => {
  botId = await aSavedBot(db.pool, user, { mode: 'LIVE' })
  await lead(db.pool, botId, 'ERROR')
  const position = await aPosition(db.pool, botId)
  expect(await look(true)).toBe(0)
  await db.pool.query(`UPDATE positions SET opened_at = opened_at - interval '1 minute' WHERE id = $1`, [
    position,
  ])
  expect(await look(true)).toBe(1)
  expect(await alerts()).toMatchObject([{ kind: 'POSITION_UNPROTECTED', ended: false }])
  await db.pool.query(`UPDATE positions SET amount = 0, closed_at = tradebot_now() WHERE id = $1`, [position])
  await look()
  expect(await alerts()).toMatchObject([{ ended: true }])
})

test('a dead worker is told to whoever has active bots, once for all its pools; one that retires is not', async () => {
  const idle = await aUser(db.pool)
  await lead(db.pool, botId, 'RUNNING')
  const startedAt = new Date()
  const beat = { host: 'box', pid: 4242, startedAt, lastJobAgeMs: null, jobsDone: 0 }
  await writeBeats(db.pool, [
    { ...beat, workerId: 'pool-1' },
    { ...beat, workerId: 'pool-2' },
  ])
  await addChannel()
  expect(await look(true)).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await sweepDeadWorkers(db.pool, 10))?.deadWorkers.sort()).toEqual(['pool-1', 'pool-2'])
  await look(true)
  await look(true)
  const raised = await alerts()
  expect(raised).toMatchObject([{ kind: 'WORKER_DEAD', ended: true, deliveries: 1 }])
  expect(raised[0]?.message).toContain('process id 4242 on box died')
  const { rows } = await db.pool.query('SELECT 1 FROM alerts WHERE user_id = $1', [idle.userId])
  expect(rows).toEqual([])
})
