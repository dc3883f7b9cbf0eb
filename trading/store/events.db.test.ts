import { expect, test } from 'vitest'
import { aSavedBot, aUser } from './bot.fixture.ts'
import { writeEvents } from './events.ts'
import { inTransaction } from './pool.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()

test('twenty transactions at once: numbers without a gap, in the order of their commits', async () => {
  const actor = await aUser(db.pool)
  const botId = await aSavedBot(db.pool, actor)
  const first = await lastSeq(actor.userId)
  // A reader that follows by its cursor, as a client does, while they commit.
  const seen: number[] = []
  let writing = true
  const reader = (async () => {
    while (writing || (await lastSeq(actor.userId)) > (seen.at(-1) ?? first)) {
      const { rows } = await db.pool.query<{ seq: string }>(
        `SELECT seq FROM bot_events WHERE user_id = $1 AND seq > $2 ORDER BY seq`,
        [actor.userId, seen.at(-1) ?? first],
      )
      seen.push(...rows.map((row) => Number(row.seq)))
    }
  })()
  const work = Array.from({ length: 20 }, (_, index) =>
    inTransaction(db.pool, async (tx) => {
      // What comes before takes a while, longer for those that began first.
      await tx.query('SELECT pg_sleep($1)', [(20 - index) / 200])
      const count = 1 + (index % 3)
      const events = Array.from({ length: count }, (_, each) => ({
        botId,
        type: 'TEST',
        message: `${index}.${each}`,
      }))
      await writeEvents(tx, actor, events)
      if (index % 5 === 4) throw new Error('rolled back')
    }).catch((error: Error) => error.message),
  )
  const outcomes = await Promise.all(work)
  writing = false
  await reader
  expect(outcomes.filter((outcome) => outcome === 'rolled back')).toHaveLength(4)
  const last = await lastSeq(actor.userId)
  expect(seen).toEqual(Array.from({ length: last - first }, (_, index) => first + 1 + index))
  const { rows } = await db.pool.query<{ message: string }>(
    `SELECT message FROM bot_events WHERE user_id = $1 AND type = 'TEST' ORDER BY seq`,
    [actor.userId],
  )
  // Events of one transaction stay together and in their order.
  const groups = rows
    .map((row) => row.message.split('.'))
    .map(([group, each]) => ({ group, each: Number(each) }))
  for (const [index, { group, each }] of groups.entries())
    if (each > 0) expect(groups[index - 1]).toEqual({ group, each: each - 1 })
})

test('each user counts alone; no events take no number', async () => {
  const [one, two] = [await aUser(db.pool), await aUser(db.pool)]
  const [botOne, botTwo] = [await aSavedBot(db.pool, one), await aSavedBot(db.pool, two)]
  await inTransaction(db.pool, (tx) => writeEvents(tx, one, [{ botId: botOne, type: 'TEST', message: 'x' }]))
  await inTransaction(db.pool, (tx) => writeEvents(tx, two, []))
  expect(await lastSeq(one.userId)).toBe(2)
  expect(await lastSeq(two.userId)).toBe(1)
  expect(botTwo).not.toBe(botOne)
})

test('an event keeps who did it, by which command, from where to where, in any words', async () => {
  const actor = await aUser(db.pool)
  const botId = await aSavedBot(db.pool, actor)
  const message = `Quotes " ' \\ and $1 and "emoji" 📈\nnew line`
  await inTransaction(db.pool, (tx) =>
    writeEvents(tx, { ...actor, label: 'token:ci' }, [
      { botId, type: 'STATUS', command: 'STOP', from: 'RUNNING', to: 'STOPPED', message },
    ]),
  )
  const { rows } = await db.pool.query(
    `SELECT * FROM bot_events WHERE bot_id = $1 ORDER BY seq DESC LIMIT 1`,
    [botId],
  )
  expect(rows[0]).toMatchObject({
    command: 'STOP',
    from_status: 'RUNNING',
    to_status: 'STOPPED',
    actor: 'token:ci',
    message,
  })
})

async function lastSeq(userId: string): Promise<number> {
  const { rows } = await db.pool.query<{ seq: string }>(
    `SELECT last_seq AS seq FROM event_counters WHERE user_id = $1`,
    [userId],
  )
  return Number(rows[0]?.seq ?? 0)
}
