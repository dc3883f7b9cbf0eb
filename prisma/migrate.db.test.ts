import { readFileSync } from 'node:fs'
import pg from 'pg'
import { expect, test } from 'vitest'
import { makeTestDatabase, withTestDatabase } from '#trading/store/testing.ts'
import { asBefore, before, expanding } from './expand-only.fixture.ts'
import { judgeMigration } from './expansion-record.ts'
import { applyMigration, ContractingError, migrate, MigrationError } from './migrate.ts'
import { listMigrations, schemaFile } from './migration-folder.ts'
import { diffSchema } from './schema-drift.ts'

const db = withTestDatabase()

/** A database of an earlier time: with the migrations up to this one. */
async function applyUntil(url: string, last: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  for (const name of listMigrations()) if (name <= last) await applyMigration(pool, name)
  await pool.end()
}

test('migrations and schema.prisma agree', async () => {
  expect(await diffSchema(db.url)).toBe('')
})

test('a schema that drifted from the migrations is reported', async () => {
  const schema = readFileSync(schemaFile, 'utf8')
  const drifted = schema.replace('model User {', 'model User {\n  shoeSize Int @map("shoe_size")\n')
  expect(drifted).not.toBe(schema)
  expect(await diffSchema(db.url, drifted)).toContain('ADD COLUMN     "shoe_size" INTEGER NOT NULL')
})

test('a database that drifted from the migrations is reported', async () => {
  const other = await makeTestDatabase()
  await other.pool.query('ALTER TABLE users ADD COLUMN shoe_size int')
  expect(await diffSchema(other.url)).toContain('DROP COLUMN "shoe_size"')
  await other.close()
})

test('two at once apply each migration once, and a second run none', async () => {
  const empty = await makeTestDatabase({ empty: true })
  const applied = await Promise.all([migrate(empty.url), migrate(empty.url)])
  expect(applied.flat()).toEqual(listMigrations())
  expect(await migrate(empty.url)).toEqual([])
  const { rows } = await empty.pool.query(
    `SELECT count(*)::int AS count FROM _prisma_migrations WHERE finished_at IS NOT NULL`,
  )
  expect(rows).toEqual([{ count: listMigrations().length }])
  expect(
    (await empty.pool.query("SELECT to_regclass('graphile_worker.jobs') AS jobs")).rows[0].jobs,
  ).not.toBeNull()
  await empty.close()
})

test('a migration that fails changes nothing, says why, and can be run again', async () => {
  const empty = await makeTestDatabase({ empty: true })
  await empty.pool.query(
    'CREATE FUNCTION tradebot_now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT now() $$',
  )
  await expect(migrate(empty.url)).rejects.toThrow(
    /^Migration \w+_guards failed and changed nothing: .*function "tradebot_now" already exists/,
  )
  expect((await empty.pool.query('SELECT * FROM clock_shift')).rows).toEqual([])
  await empty.pool.query('DROP FUNCTION tradebot_now')
  expect(await migrate(empty.url)).toEqual(listMigrations().slice(1))
  await empty.close()
})

test('a database that belongs to something else is refused', async () => {
  const other = await makeTestDatabase({ empty: true })
  await other.pool.query('CREATE TABLE customers (id int)')
  await expect(migrate(other.url)).rejects.toThrow('not empty')
  await other.close()
})

test('an expanding migration is noted as such, one that contracts is not', async () => {
  const { rows } = await db.pool.query<{ key: string }>(
    `SELECT key FROM settings WHERE key LIKE 'expanding:%'`,
  )
  const noted = rows.map(({ key }) => key.replace('expanding:', ''))
  expect(noted).toContain('20261130021231_maintenance')
  for (const name of listMigrations())
    expect(noted.includes(name), name).toBe((await judgeMigration(name)).length === 0)
})

test('a database with a newer migration that only expands is run on', async () => {
  const other = await makeTestDatabase()
  await other.pool.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99991231_future', now());
     INSERT INTO settings (key, value) VALUES ('expanding:99991231_future', 'true')`,
  )
  expect(await migrate(other.url)).toEqual([])
  expect(await migrate(other.url, { expandOnly: true })).toEqual([])
  // Another one that does not, beside it.
  await other.pool.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('y', 'y', '99991231_later', now())`,
  )
  await expect(migrate(other.url)).rejects.toThrow('it has 99991231_later): update TradeBot')
  await other.close()
})

test('nothing is added to what this code does not know, expanding or not', async () => {
  const other = await makeTestDatabase()
  await other.pool.query(
    `UPDATE _prisma_migrations SET migration_name = '99991231_future' WHERE migration_name LIKE '%_maintenance';
     INSERT INTO settings (key, value) VALUES ('expanding:99991231_future', 'true')`,
  )
  await expect(migrate(other.url)).rejects.toThrow('it has 99991231_future): update TradeBot')
  await other.close()
})

test('told to expand only, it applies what does', async () => {
  const old = await makeTestDatabase({ empty: true })
  // From the first release on, migrations are to expand: what contracts would end updates without a pause.
  await applyUntil(old.url, '20261123020157_futures_and_venues')
  expect(await migrate(old.url, { expandOnly: true })).toEqual(listMigrations().slice(4))
  await old.close()
})

test('told to expand only, it applies nothing at all when one of them does more', async () => {
  const old = await makeTestDatabase({ empty: true })
  await applyUntil(old.url, '20261122225427_spot_engine')
  const refused = migrate(old.url, { expandOnly: true })
  await expect(refused).rejects.toThrow(ContractingError)
  await expect(refused).rejects.toThrow(
    'Migration 20261123020157_futures_and_venues does more than expand: no rule says that the release before survives it (DROP INDEX',
  )
  const { rows } = await old.pool.query('SELECT count(*)::int AS count FROM _prisma_migrations')
  expect(rows).toEqual([{ count: 3 }])
  await old.close()
})

test('of a database without any migration, all are applied even when told to expand only', async () => {
  const empty = await makeTestDatabase({ empty: true })
  expect(await migrate(empty.url, { expandOnly: true })).toEqual(listMigrations())
  await empty.close()
})

test("a queue's migration that its workers of before do not survive is refused", async () => {
  const other = await makeTestDatabase()
  await other.pool.query('UPDATE graphile_worker.migrations SET id = id + 1000 WHERE breaking')
  await expect(migrate(other.url, { expandOnly: true })).rejects.toThrow(
    /^Migration graphile-worker \d+ does more/,
  )
  await other.close()
})

test('what the rules call expanding leaves the release before as it was', async () => {
  const empty = await makeTestDatabase({ empty: true })
  const client = await empty.pool.connect()
  try {
    for (const [name, sql] of Object.entries(expanding)) {
      await client.query('BEGIN')
      await client.query(before)
      await client.query(sql)
      await expect(client.query(asBefore), name).resolves.toBeDefined()
      await client.query('ROLLBACK')
    }
  } finally {
    client.release()
    await empty.close()
  }
})

test('a database newer than the code is left alone', async () => {
  const other = await makeTestDatabase()
  await other.pool.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99991231_future', now())`,
  )
  await expect(migrate(other.url)).rejects.toThrow(MigrationError)
  await other.close()
})
