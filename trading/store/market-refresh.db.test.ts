import { beforeEach, expect, test } from 'vitest'
import { dispatchDue } from './dispatch.ts'
import { noteWanted, postponeRefresh, scheduleRefresh } from './market-refresh.ts'
import { withTestDatabase } from './testing.ts'

const db = withTestDatabase()
beforeEach(async () => {
  await db.pool.query('DELETE FROM venues')
  await db.pool.query('DELETE FROM candle_series')
  await db.pool.query('DELETE FROM graphile_worker._private_jobs')
})

async function addVenue(
  exchange: string,
  more: { due?: string | null; asked?: string | null; stale?: string[] } = {},
) {
  await db.pool.query(
    `INSERT INTO venues (exchange, timeframes, refreshed_at, next_refresh_at, asked_at, stale_types)
     VALUES ($1, '{1m}', tradebot_now(), tradebot_now() + $2::interval, tradebot_now() + $3::interval, $4)`,
    [exchange, more.due ?? null, more.asked ?? null, more.stale ?? []],
  )
}

async function dueInMinutes(exchange: string): Promise<number | null> {
  const { rows } = await db.pool.query<{ minutes: number | null }>(
    `SELECT extract(epoch FROM next_refresh_at - tradebot_now())::float8 / 60 AS minutes FROM venues WHERE exchange = $1`,
    [exchange],
  )
  return rows[0]?.minutes ?? null
}

async function jobs(): Promise<string[]> {
  const { rows } = await db.pool.query<{ key: string }>('SELECT key FROM graphile_worker.jobs ORDER BY key')
  return rows.map((row) => row.key)
}

test('venues that are due are read one after another, the one that is due longest first', async () => {
  await addVenue('later', { due: '1 minute' })
  await addVenue('second', { due: '-1 second' })
  await addVenue('first', { due: '-1 minute' })
  await addVenue('unused')
  await Promise.all(Array.from({ length: 4 }, () => dispatchDue(db.pool, 100)))
  await dispatchDue(db.pool, 100)
  expect(await jobs()).toEqual(['refresh_markets:first'])
  // While it runs, and once it is done.
  await db.pool.query(
    `UPDATE graphile_worker._private_jobs SET locked_at = clock_timestamp(), locked_by = 'someone'`,
  )
  await dispatchDue(db.pool, 100)
  expect(await jobs()).toEqual(['refresh_markets:first'])
  await db.pool.query('DELETE FROM graphile_worker._private_jobs')
  await db.pool.query(`UPDATE venues SET next_refresh_at = NULL WHERE exchange = 'first'`)
  await dispatchDue(db.pool, 100)
  expect(await jobs()).toEqual(['refresh_markets:second'])
})

test('a venue is due again in a quarter of an hour while somebody uses it, sooner where something is missing', async () => {
  await addVenue('wanted', { asked: '-29 days' })
  await addVenue('forgotten', { asked: '-31 days', due: '-1 second' })
  await addVenue('charted', { due: '-1 second' })
  await addVenue('half', { asked: '-1 day', stale: ['FUTURES'] })
  await db.pool.query(
    `INSERT INTO candle_series (exchange, symbol, timeframe, wanted_until) VALUES ('charted', 'A/B', '1m', tradebot_now() + interval '1 minute')`,
  )
  for (const exchange of ['wanted', 'forgotten', 'charted', 'half'])
    await scheduleRefresh(db.pool, exchange, true)
  for (const exchange of ['wanted', 'charted']) {
    const due = await dueInMinutes(exchange)
    expect(due).toBeGreaterThan(14)
    expect(due).toBeLessThan(17.1)
  }
  expect(await dueInMinutes('forgotten')).toBeNull()
  expect(await dueInMinutes('half')).toBeLessThan(2.1)
  await scheduleRefresh(db.pool, 'wanted', false)
  expect(await dueInMinutes('wanted')).toBeNull()
})

test('who asks for a venue’s markets has them read from then on', async () => {
  await addVenue('x')
  await noteWanted(db.pool, 'x')
  expect(await dueInMinutes('x')).toBeGreaterThan(14)
  await db.pool.query(`UPDATE venues SET next_refresh_at = tradebot_now() WHERE exchange = 'x'`)
  await noteWanted(db.pool, 'x')
  expect(await dueInMinutes('x')).toBeLessThan(0.1)
})

test('a read that never ends well is not due again at once', async () => {
  await addVenue('x', { due: '-1 second' })
  await addVenue('y')
  for (const exchange of ['x', 'y']) await postponeRefresh(db.pool, exchange)
  expect(await dueInMinutes('x')).toBeGreaterThan(1)
  expect(await dueInMinutes('y')).toBeNull()
  await dispatchDue(db.pool, 100)
  expect(await jobs()).toEqual([])
})
