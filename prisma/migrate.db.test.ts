import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeTestDatabase, withTestDatabase } from '#trading/store/testing.ts'
import { migrate, MigrationError } from './migrate.ts'
import { listMigrations, schemaFile } from './migration-folder.ts'
import { diffSchema } from './schema-drift.ts'

const db = withTestDatabase()

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

test('a database newer than the code is left alone', async () => {
  const other = await makeTestDatabase()
  await other.pool.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99991231_future', now())`,
  )
  await expect(migrate(other.url)).rejects.toThrow(MigrationError)
  await other.close()
})
