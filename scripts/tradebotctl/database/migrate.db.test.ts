import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { listMigrations } from '#prisma/migration-folder.ts'
import { makeTestDatabase } from '#trading/store/testing.ts'
import { tradebotctl } from '../testing/run.ts'

const dataDir = mkdtempSync(path.join(tmpdir(), 'tradebot-migrate-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const migrate = (url: string, ...args: string[]) =>
  tradebotctl(['migrate', ...args], {
    env: {
      DATABASE_URL: url,
      TRADEBOT_DATA_DIR: dataDir,
      TRADEBOT_MASTER_KEY: randomBytes(32).toString('base64'),
    },
  })

test('migrates an empty database, and says so; a second time there is nothing to do', async () => {
  const empty = await makeTestDatabase({ empty: true })
  const first = await migrate(empty.url, '--json')
  expect(first.json()).toMatchObject({
    command: 'migrate',
    exitCode: 0,
    result: { applied: listMigrations(), expandOnly: false },
    error: null,
  })
  const second = await migrate(empty.url)
  expect([second.code, second.stdout]).toEqual([0, 'The database is up to date.\n'])
  await empty.close()
})

test('told to expand only, it refuses with 4, names migration and statement, and has applied nothing', async () => {
  const old = await makeTestDatabase()
  await old.pool.query(
    `DROP TABLE worker_requests; DELETE FROM _prisma_migrations WHERE migration_name > '20261123'`,
  )
  const refused = await migrate(old.url, '--expand-only', '--json')
  expect(refused.code).toBe(4)
  expect(refused.json().error).toMatchObject({ code: 'MIGRATION_CONTRACTS' })
  expect(refused.json().error?.message).toMatch(
    /20261123020157_futures_and_venues .*DROP INDEX.*Nothing was applied/,
  )
  const { rows } = await old.pool.query(`SELECT to_regclass('worker_requests') AS made`)
  expect(rows).toEqual([{ made: null }])
  await old.close()
})

test('a database newer than the code is left alone with 3', async () => {
  const newer = await makeTestDatabase()
  await newer.pool.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99991231_future', now())`,
  )
  const ran = await migrate(newer.url, '--json')
  expect([ran.code, ran.json().error?.code]).toEqual([3, 'MIGRATION_FAILED'])
  await newer.close()
})
