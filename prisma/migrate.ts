import { runMigrations } from 'graphile-worker'
import pg from 'pg'
import {
  judgeMigration,
  judgeQueue,
  noteExpanding,
  withoutExpanding,
  type ContractingMigration,
} from './expansion-record.ts'
import { listMigrations, readMigrations } from './migration-folder.ts'
import { withSchemaEngine } from './schema-engine.ts'

/** The migrations cannot be applied; the message says which one and why. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MigrationError'
  }
}

/** Only what expands was to be applied, and something that waits does more; nothing was applied. */
export class ContractingError extends MigrationError {
  readonly contracting: readonly ContractingMigration[]
  constructor(contracting: readonly ContractingMigration[]) {
    const [first] = contracting
    super(`Migration ${first?.migration} does more than expand: ${first?.reason} (${first?.statement}).`)
    this.name = 'ContractingError'
    this.contracting = contracting
  }
}

/**
 * Brings the database to what this code expects: our own migrations in Prisma's format (`prisma migrate deploy` agrees with the outcome),
 * then those of graphile-worker. Safe to run twice and by several processes at once. Answers the names of our migrations that it applied.
 * With `expandOnly` nothing is applied unless the release that runs meanwhile, and may come back, goes on as if nothing had been.
 * @throws MigrationError, ContractingError; a plain pg error when the database cannot be reached
 */
export async function migrate(
  databaseUrl: string,
  { expandOnly = false }: { expandOnly?: boolean } = {},
): Promise<string[]> {
  // One connection, for the advisory lock and the transactions below belong to its session.
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 10_000,
  })
  let lost: Error | undefined
  pool.on('error', (error) => (lost = error))
  try {
    await checkVersion(pool)
    await lock(pool)
    const missing = await findMissing(pool)
    if (expandOnly) await refuseContracting(pool, databaseUrl, missing)
    await applyMissing(pool, missing)
    await runMigrations({ connectionString: databaseUrl })
    if (lost) throw new MigrationError('The connection broke while migrating: run it again.', { cause: lost })
    return missing
  } finally {
    await pool.end()
  }
}

async function checkVersion(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ server_version: string }>('SHOW server_version')
  const version = rows[0]?.server_version ?? 'unknown'
  if (!(Number.parseInt(version) >= 14))
    throw new MigrationError(`The database is PostgreSQL ${version}; 14 or later is needed.`)
}

const lockKey = 7_210_551_348

async function lock(pool: pg.Pool): Promise<void> {
  await pool.query("SET lock_timeout = '60s'")
  try {
    await pool.query('SELECT pg_advisory_lock($1::bigint)', [lockKey])
  } catch (error) {
    throw new MigrationError(
      'Another process has been migrating this database for a minute: see what it does.',
      {
        cause: error,
      },
    )
  }
}

/** Which migrations wait. @throws MigrationError when the database has some that this release neither knows nor may run on */
async function findMissing(pool: pg.Pool): Promise<string[]> {
  const names = listMigrations()
  const known = await appliedMigrations(pool)
  const unknown = known.filter((name) => !names.includes(name))
  const missing = names.filter((name) => !known.includes(name))
  // A release that adds to what it does not know has branched off: nobody has tried the two together.
  const foreign = missing.length > 0 ? unknown : await withoutExpanding(pool, unknown)
  if (foreign.length > 0)
    throw new MigrationError(
      `The database is newer than this TradeBot (it has ${foreign.join(', ')}): update TradeBot.`,
    )
  return missing
}

async function refuseContracting(pool: pg.Pool, databaseUrl: string, missing: string[]): Promise<void> {
  // Where nothing was ever applied there is no release that could mind.
  if (missing.length === listMigrations().length) return
  const ours = await Promise.all(missing.map(judgeMigration))
  const contracting = [...ours.flat(), ...(await judgeQueue(pool, databaseUrl))]
  if (contracting.length > 0) throw new ContractingError(contracting)
}

/**
 * Each migration and its row in _prisma_migrations commit together. Prisma alone commits them one after the other, and a process killed in
 * between leaves a database that refuses every later migration until a person repairs it.
 */
async function applyMissing(pool: pg.Pool, missing: string[]): Promise<void> {
  for (const name of missing) {
    await pool.query('BEGIN')
    try {
      await applyMigration(pool, name)
      await pool.query('COMMIT')
    } catch (error) {
      await pool.query('ROLLBACK')
      throw new MigrationError(`Migration ${name} failed and changed nothing: ${reasonOf(error)}`, {
        cause: error,
      })
    }
  }
}

/** Applies one, all before it being there, and notes whether it only expands; in the transaction that the pool's one connection is in. */
export async function applyMigration(pool: pg.Pool, name: string): Promise<void> {
  const names = listMigrations()
  const migrationsList = readMigrations(names.slice(0, names.indexOf(name) + 1))
  const filters = { externalTables: [], externalEnums: [] }
  await withSchemaEngine(pool, undefined, (engine) => engine.applyMigrations({ migrationsList, filters }))
  await noteExpanding(pool, name)
}

async function appliedMigrations(pool: pg.Pool): Promise<string[]> {
  const table = await pool.query<{ name: string | null }>(
    "SELECT to_regclass('_prisma_migrations')::text AS name",
  )
  if (table.rows[0]?.name == null) return []
  const { rows } = await pool.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )
  return rows.map((row) => row.migration_name)
}

/** The engine appends a trace of its own source to the message. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/\n\s*0: [\s\S]*$/, '').replace(/\s*\n\s*/g, ' ')
}
