import { readFileSync, statSync } from 'node:fs'
import { afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import pg from 'pg'
import { makeTestDatabase, type TestDatabase, withTestDatabase } from '#trading/store/testing.ts'
import { applyMigration } from '#prisma/migrate.ts'
import { listMigrations } from '#prisma/migration-folder.ts'
import { openSession } from './copy-settings.ts'
import { booksOf, fillBooks, withPlace } from './books.fixture.ts'
import { backupResult, restoreResult } from './result-shape.ts'

vi.setConfig({ testTimeout: 120_000 })
const db = withTestDatabase()
const place = withPlace()
const targets: TestDatabase[] = []
beforeAll(async () => {
  await fillBooks(db.pool, place.masterKey)
})
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close()
})

/** What a restore changes on purpose; everything else is as it was, row for row. */
const MADE_SAFE = [
  'users',
  'sessions',
  'settings',
  'orders',
  'transfers',
  'api_keys',
  'bot_events',
  'event_counters',
]
const NOT_CARRIED = ['_prisma_migrations', 'worker_heartbeats']

test('a database with something in every table comes back, for an owner who is no superuser', async () => {
  const before = await booksOf(db.url)
  const made = await place.backup(db.url, 'all.backup')
  expect(made.code).toBe(0)
  const { path: file, bytes, rows, tables, ...rest } = backupResult.parse(made.json().result)
  expect(rest).toMatchObject({ checked: false, encryptedFor: 'passphrase', masterKeyInside: true })
  expect(statSync(file)).toMatchObject({ size: bytes, mode: 0o100600 })
  const content = readFileSync(file)
  for (const secret of [
    place.masterKey,
    Buffer.from(place.masterKey.toString('base64')),
    Buffer.from('bot_configs'),
  ])
    expect(content.includes(secret)).toBe(false)

  const checked = await place.run(undefined, [
    'backup',
    '--check',
    file,
    '--passphrase-file',
    place.at('passphrase'),
  ])
  expect(checked).toMatchObject({ code: 0, stderr: '' })
  expect(checked.stdout).toContain(`The backup is whole: ${file}`)
  expect(checked.stdout).toContain(`${rows} rows of ${tables} tables, and the master key`)

  const { target, url } = await ownedBy('NOCREATEDB')
  const args = ['restore', file, '--passphrase-file', place.at('passphrase')]
  const restored = await place.run(url, args)
  expect(restored).toMatchObject({ code: 0, stderr: '' })
  expect(restored.stdout).toContain(`Restored ${rows} rows of ${tables} tables into the database`)
  expect(restored.stdout).toContain('trading           halted for every user (1 were not before)')

  const after = await booksOf(target.url)
  expect(Object.keys(after)).toEqual(Object.keys(before))
  for (const name of Object.keys(before).filter((each) => ![...MADE_SAFE, ...NOT_CARRIED].includes(each)))
    expect(after[name], name).toEqual(
      before[name]?.map((row) => (row === 'bot_events_id_seq 3' ? `bot_events_id_seq 12` : row)),
    )
  expect(after['sessions']).toEqual([])
  for (const name of ['users', 'orders', 'transfers', 'api_keys'])
    expect(after[name], name).toHaveLength(before[name]?.length ?? -1)
  const { rows: orders } = await target.pool.query(`SELECT status, error_code FROM orders ORDER BY id`)
  expect(orders).toEqual([
    { status: 'FILLED', error_code: null },
    { status: 'UNKNOWN', error_code: 'RESTORED' },
    { status: 'UNKNOWN', error_code: 'RESTORED' },
  ])
  const { rows: off } = await target.pool.query(`SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'`)
  expect(off).toEqual([])
  const { rows: seqs } = await target.pool.query(
    `SELECT array_agg(seq ORDER BY seq)::int[] AS seqs, (SELECT last_seq::int FROM event_counters) AS last FROM bot_events`,
  )
  const { seqs: numbers, last } = seqs[0] ?? {}
  expect(numbers).toEqual(Array.from({ length: last }, (_, index) => index + 1))
  await expect(target.pool.query(`UPDATE orders SET status = 'INTENDED'`)).rejects.toThrow(
    'sent at most once',
  )

  const again = await place.run(url, [...args, '--json'])
  expect(again.json()).toMatchObject({ exitCode: 4, error: { code: 'DATABASE_NOT_EMPTY' } })
  const replace = await place.run(url, [...args, '--json', '--replace', '--yes'])
  expect(replace.json()).toMatchObject({ exitCode: 4, error: { code: 'DATABASE_RIGHTS' } })
  expect(await booksOf(target.url)).toEqual(after)
})

test('a backup of an older TradeBot is brought forward, and of a newer one refused', async () => {
  const older = await emptyOne()
  const [kept, later] = [listMigrations().slice(0, 4), listMigrations().slice(4)]
  const session = openSession(older.url)
  for (const name of kept) await applyMigration(session, name)
  await session.end()
  await older.pool.query(
    `INSERT INTO users (email, username, username_key, password_hash) VALUES ('a@b.c', 'abc', 'abc', 'x')`,
  )
  await place.backup(older.url, 'older.backup', ['--under-master-key'])
  const target = await emptyOne()
  const restored = await place.restore(target.url, 'older.backup')
  expect(restored.json().error).toBeNull()
  expect(restoreResult.parse(restored.json().result)).toMatchObject({
    migrated: later,
    masterKey: 'NONE',
  })
  expect((await target.pool.query('SELECT count(*)::int FROM worker_requests')).rows).toEqual([{ count: 0 }])

  await older.pool.query(
    `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('x', 'x', now(), '29990101_future')`,
  )
  await place.backup(older.url, 'newer.backup', ['--under-master-key'])
  const next = await emptyOne()
  const refused = await place.restore(next.url, 'newer.backup')
  expect(refused.json()).toMatchObject({ exitCode: 4, error: { code: 'BACKUP_NEWER' } })
  expect(await booksOf(next.url)).toEqual({ sequences: [] })
})

test('what is written meanwhile is in a backup whole or not at all', async () => {
  let going = true
  let written = 0
  const writing = (async () => {
    while (going) {
      // One statement, one transaction, two tables: one that is copied early and one that is copied late.
      await db.pool.query(
        `WITH a AS (INSERT INTO candle_series (exchange, symbol, timeframe) VALUES ('live', $1, '1m'))
         INSERT INTO venues (exchange, timeframes) VALUES ('live' || $1, '{}')`,
        [String(written++)],
      )
    }
  })()
  const made = await place.backup(db.url, 'live.backup', ['--under-master-key'])
  going = false
  await writing
  expect(made.code).toBe(0)
  const target = await emptyOne()
  expect((await place.restore(target.url, 'live.backup')).code).toBe(0)
  const { rows } = await target.pool.query<{ series: number; venues: number }>(
    `SELECT (SELECT count(*)::int FROM candle_series WHERE exchange = 'live') AS series,
            (SELECT count(*)::int FROM venues WHERE exchange LIKE 'live%') AS venues`,
  )
  expect(rows[0]?.series).toBeGreaterThan(0)
  expect(rows[0]?.series).toBeLessThan(written)
  expect(rows[0]?.venues).toBe(rows[0]?.series)
})

async function emptyOne(): Promise<TestDatabase> {
  const target = await makeTestDatabase({ empty: true })
  targets.push(target)
  return target
}

/** An empty database that belongs to a plain role. */
async function ownedBy(right: 'CREATEDB' | 'NOCREATEDB'): Promise<{ target: TestDatabase; url: string }> {
  const target = await emptyOne()
  const url = new URL(target.url)
  const role = `owner_${url.pathname.slice(1)}`
  const client = new pg.Client({ connectionString: inject('testServer').url })
  await client.connect()
  await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'owner' ${right}`)
  await client.query(`ALTER DATABASE ${url.pathname.slice(1)} OWNER TO ${role}`)
  await client.end()
  Object.assign(url, { username: role, password: 'owner' })
  return { target, url: url.href }
}
