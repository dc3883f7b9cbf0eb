/**
 * A database of its own for a test file, cloned from a template that the migrations built (some 30 ms). In a `*.db.test.ts`:
 *
 *     import { withTestDatabase } from '#trading/store/testing.ts'
 *
 *     const db = withTestDatabase()
 *     test('…', async () => {
 *       await db.pool.query('SELECT 1')     // made before the first test of the file, dropped after its last
 *       startServer({ databaseUrl: db.url })
 *     })
 *
 * `makeTestDatabase()` is the same by hand, for a test that wants an empty one for itself. Run one file with
 * `node_modules/.bin/node node_modules/vitest/vitest.mjs run --project db trading/store/pool.db.test.ts`.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import { makePool, type Pool } from './pool.ts'

declare module 'vitest' {
  interface ProvidedContext {
    testServer: { url: string; template: string }
  }
}

export type TestDatabase = {
  url: string
  pool: Pool
  /** Ends the pool and drops the database. @throws Error when a client of the pool was never released */
  close: () => Promise<void>
}

/** The test file's database; usable inside hooks and tests only. */
export function withTestDatabase(): Pick<TestDatabase, 'url' | 'pool'> {
  let database: TestDatabase | undefined
  beforeAll(async () => {
    database = await makeTestDatabase()
  })
  afterAll(() => database?.close())
  const opened = () => {
    if (!database) throw new Error('The test database exists inside hooks and tests only.')
    return database
  }
  return {
    get url() {
      return opened().url
    },
    get pool() {
      return opened().pool
    },
  }
}

/** A new database with all migrations applied, and a pool on it. `empty: true` gives one without any. */
export async function makeTestDatabase({ max = 10, empty = false } = {}): Promise<TestDatabase> {
  const server = inject('testServer')
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(server.url, `CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : server.template}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const pool = makePool(url.href, { max, applicationName: 'tradebot-test' })
  const close = async () => {
    const leaked = pool.totalCount - pool.idleCount
    if (leaked > 0) throw new Error(`${leaked} clients of the pool were never released.`)
    await pool.end()
    await onServer(server.url, `DROP DATABASE ${name} WITH (FORCE)`)
  }
  return { url: url.href, pool, close }
}

async function onServer(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
