import { expect, test } from 'vitest'
import { inTransaction, makePool } from './pool.ts'
import { makeTestDatabase, withTestDatabase } from './testing.ts'

const db = withTestDatabase()

test('sessions are in UTC and cannot hold a row for ever', async () => {
  const { rows } = await db.pool.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name IN
      ('TimeZone', 'idle_in_transaction_session_timeout', 'statement_timeout', 'lock_timeout', 'tcp_keepalives_idle')`,
  )
  expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
    TimeZone: 'UTC',
    idle_in_transaction_session_timeout: '5000',
    statement_timeout: '15000',
    lock_timeout: '5000',
    tcp_keepalives_idle: '5',
  })
})

test('numbers come as strings, instants as Date, days as text, whatever the zone of the host', async () => {
  expect(new Date().getTimezoneOffset()).not.toBe(0)
  const { rows } = await db.pool.query(
    `SELECT 0.1::numeric AS money, 9007199254740993::int8 AS big, '2026-05-01T00:30:00Z'::timestamptz AS at, '2026-05-01'::date AS day,
      $1::timestamptz AS sent, $1::timestamptz::date AS "sentDay"`,
    [new Date('2026-05-01T23:30:00Z')],
  )
  expect(rows[0]).toEqual({
    money: '0.1',
    big: '9007199254740993',
    at: new Date('2026-05-01T00:30:00Z'),
    day: '2026-05-01',
    sent: new Date('2026-05-01T23:30:00Z'),
    sentDay: '2026-05-01',
  })
})

test('a transaction commits what it did, and rolls back all of it when it throws', async () => {
  await db.pool.query('CREATE TABLE note (text text)')
  await inTransaction(db.pool, (tx) => tx.query("INSERT INTO note VALUES ('kept')"))
  const failure = inTransaction(db.pool, async (tx) => {
    await tx.query("INSERT INTO note VALUES ('lost')")
    throw new Error('no')
  })
  await expect(failure).rejects.toThrow('no')
  expect((await db.pool.query('SELECT text FROM note')).rows).toEqual([{ text: 'kept' }])
})

test('a transaction whose failure was swallowed does not pass for committed', async () => {
  const swallowed = inTransaction(db.pool, async (tx) => {
    await tx.query('SELECT 1/0').catch(() => undefined)
  })
  await expect(swallowed).rejects.toThrow('rolled back at COMMIT')
})

test('a connection that is killed inside a transaction rejects, and the pool goes on', async () => {
  const broken = inTransaction(db.pool, (tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'))
  await expect(broken).rejects.toThrow(/terminat/i)
  expect((await db.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test("an address' own options are kept beside ours", async () => {
  const pool = makePool(`${db.url}?options=-c%20geqo%3Doff`, { max: 1, applicationName: 'tradebot-test' })
  const { rows } = await pool.query(
    "SELECT current_setting('geqo') AS geqo, current_setting('timezone') AS zone",
  )
  await pool.end()
  expect(rows).toEqual([{ geqo: 'off', zone: 'UTC' }])
})

test('closing a test database reports a client that was never released', async () => {
  const other = await makeTestDatabase()
  const client = await other.pool.connect()
  await expect(other.close()).rejects.toThrow('1 clients')
  client.release()
  await other.close()
})
